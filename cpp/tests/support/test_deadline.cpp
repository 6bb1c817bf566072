// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks deadlines on a clock of the test.
#include <limits>

#include "check.hpp"
#include "support/deadline.hpp"

namespace {

using namespace banzhaf;

void check_none() {
  const Deadline none;
  CHECK(!none.is_set() && !none.has_passed() && none.left() == std::numeric_limits<double>::infinity());
  CHECK(none.fitting(70, 1e9) == 70);
  bool asked = false;
  const Deadline infinite(std::numeric_limits<double>::infinity(), [&] {
    asked = true;
    return 0.0;
  });
  CHECK(!infinite.has_passed() && infinite.fitting(70, 1) == 70 && !asked);
}

void check_time() {
  double time = 5;
  const Deadline deadline(8, [&] { return time; });
  CHECK(deadline.is_set() && deadline.seconds() == 8 && deadline.left() == 8 && !deadline.has_passed());
  // A quarter of what fits, or one item if the speed is unknown.
  CHECK(deadline.fitting(100, 0) == 1 && deadline.fitting(100, 0.5) == 4 && deadline.fitting(3, 0.5) == 3);
  CHECK(deadline.fitting(100, 0.5, 0.5) == 8 && deadline.fitting(100, 1e9) == 1);
  time = 11;
  CHECK(deadline.left() == 2);
  const Deadline later = deadline.from_now(3);
  time = 13;
  CHECK(deadline.has_passed() && deadline.fitting(100, 0.5) == 0 && !later.has_passed() && later.left() == 1);
}

void check_steady_clock() {
  const Deadline deadline(3600);
  CHECK(deadline.left() > 0 && deadline.left() <= 3600 && !deadline.has_passed());
  CHECK(deadline.from_now(-1).has_passed());
}

}  // namespace

int main() {
  check_none();
  check_time();
  check_steady_clock();
  return testing::finish();
}
