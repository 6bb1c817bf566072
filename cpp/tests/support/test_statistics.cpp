// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares quantiles with tables.
#include <limits>

#include "check.hpp"
#include "support/statistics.hpp"

int main() {
  using banzhaf::student_t_quantile;
  using namespace banzhaf::testing;
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(close(student_t_quantile(0.975, 1), 12.706204736174694, 1e-12));
  CHECK(close(student_t_quantile(0.975, 2), 4.302652729749462, 1e-12));
  CHECK(close(student_t_quantile(0.975, 10), 2.228138851986274, 1e-12));
  CHECK(close(student_t_quantile(0.995, 100), 2.6258905214380173, 1e-11));
  CHECK(close(student_t_quantile(0.975, infinity), 1.959963984540054, 1e-12));
  CHECK(student_t_quantile(0.5, 3) == 0 && student_t_quantile(0.1, 3) == -student_t_quantile(0.9, 3));
  CHECK(throws<std::invalid_argument>([] { static_cast<void>(student_t_quantile(1, 3)); }, "probability"));
  CHECK(throws<std::invalid_argument>([] { static_cast<void>(student_t_quantile(0.9, 0)); }, "degrees_of_freedom"));
  return finish();
}
