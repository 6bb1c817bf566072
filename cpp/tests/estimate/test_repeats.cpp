// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Tests the count of different coalitions, in one part and in many.
#include <set>

#include "banzhaf/designs.hpp"
#include "check.hpp"
#include "estimate/repeats.hpp"

using namespace banzhaf;

int main() {
  for (const std::size_t n_players : {5, 12, 20, 70}) {
    const Design drawn(DesignKind::independent, n_players, 30'000, 3);
    const auto rows = [&](std::size_t first, std::size_t count, Coalitions& scratch) {
      scratch.resize(count, n_players);
      drawn.fill(first, scratch);
      return scratch.view();
    };
    std::set<std::vector<std::uint64_t>> seen;
    Coalitions row(1, n_players);
    for (std::size_t r = 0; r < drawn.n_coalitions(); ++r) {
      drawn.fill_row(r, row.row(0));
      seen.emplace(row.row(0).begin(), row.row(0).end());
    }
    for (const std::size_t bytes : {std::size_t{1} << 26, std::size_t{200'000}, std::size_t{10'000}})
      CHECK(count_distinct(rows, drawn.n_coalitions(), n_players, bytes) == seen.size());
  }
  return testing::finish();
}
