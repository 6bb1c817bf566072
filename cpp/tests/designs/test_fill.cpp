// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks that rows are the same one by one and many at a time, from any row on.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "banzhaf/designs.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

void check(const Design& design) {
  const std::size_t n_rows = design.n_coalitions(), n_players = design.n_players();
  Coalitions single(n_rows, n_players);
  for (std::size_t r = 0; r < n_rows; ++r) design.fill_row(r, single.row(r));
  bool same = true;
  for (const std::size_t count : {1, 2, 3, 16, 1000}) {
    Coalitions rows;
    for (std::size_t first = 0; first < n_rows; first += count) {
      rows.resize(std::min(count, n_rows - first), n_players);
      design.fill(first, rows);
      for (std::size_t r = 0; r < rows.n_rows(); ++r) same &= std::ranges::equal(rows.row(r), single.row(first + r));
    }
  }
  CHECK(same);
}

}  // namespace

int main() {
  for (const DesignKind kind :
       {DesignKind::independent, DesignKind::hadamard, DesignKind::fresh, DesignKind::paired, DesignKind::walks}) {
    for (const std::size_t n_players : {2, 5, 12, 64, 70, 200})
      for (const std::size_t budget : {2 * n_players, 4 * n_players + 6, 40 * n_players + 10}) {
        const Design design(kind, n_players, std::max<std::size_t>(4, budget), 7);
        check(design);
        check(design.shuffled());
        check(design.prefix(design.n_coalitions() / 3 + 2));
      }
  }
  for (const std::size_t n_players : {1, 5, 64, 70}) {
    const Design ends(DesignKind::ends, n_players, 2 * (n_players + 1), 0);
    check(ends);
    CHECK(ends.n_coalitions() == 2 * (n_players + 1));
    std::vector<std::uint64_t> row(words_for(n_players));
    ends.fill_row(2 * n_players, row);  // the last player alone
    CHECK(row.back() == std::uint64_t{1} << ((n_players - 1) % 64));
    ends.fill_row(1, row);
    CHECK(std::ranges::all_of(row, [](std::uint64_t word) { return word == 0; }));
  }
  check(Design(DesignKind::exhaustive, 9, 0, 0));
  check(Design(DesignKind::repeated, 6, 300, 3));
  check(Design(DesignKind::repeated, 6, 300, 3).shuffled());
  return banzhaf::testing::finish();
}
