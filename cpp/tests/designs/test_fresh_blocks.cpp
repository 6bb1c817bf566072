// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks that fresh blocks are orthogonal, follow from the seed and their number, and begin as nested blocks do.
#include <algorithm>
#include <bit>
#include <set>
#include <vector>

#include "banzhaf/designs.hpp"
#include "check.hpp"
#include "designs/fresh_blocks.hpp"
#include "designs/hadamard_pairs.hpp"

namespace {

using namespace banzhaf;
using Rows = std::vector<std::vector<std::uint64_t>>;

Rows rows_of(const Design& design) {
  Rows rows(design.n_coalitions(), std::vector<std::uint64_t>(words_for(design.n_players())));
  for (std::size_t r = 0; r < rows.size(); ++r) design.fill_row(r, rows[r]);
  return rows;
}

bool contains(const std::vector<std::uint64_t>& row, std::size_t player) {
  return ((row[player / 64] >> (player % 64)) & 1U) != 0;
}

void check_blocks() {
  for (const std::size_t n : {5, 8, 11, 16, 33, 70}) {
    const std::size_t order = std::bit_ceil(n), n_pairs = (n == 5 ? 1 : 3) * order + order / 2 - 1;
    const Design design(DesignKind::fresh, n, 2 * n_pairs, 7);
    const HadamardPairs& pairs = *design.hadamard();
    CHECK(pairs.fresh() && pairs.sylvester() && pairs.order() == order && pairs.n_pairs() == n_pairs);
    const Rows rows = rows_of(design);
    bool orthogonal = true, differ = true;
    for (std::size_t block = 0; block <= pairs.n_blocks(); ++block) {
      const std::span<const std::uint32_t> columns = pairs.columns(block);
      CHECK(std::set(columns.begin(), columns.end()).size() == n && std::ranges::max(columns) < order);
      if (block > 0) differ &= !std::ranges::equal(columns, pairs.columns(block - 1));
      if (block == pairs.n_blocks()) break;
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          std::size_t equal = 0;
          for (std::size_t a = 0; a < order; ++a) {
            const auto& row = rows[2 * (block * order + a)];
            equal += contains(row, i) == contains(row, j) ? 1 : 0;
          }
          orthogonal &= 2 * equal == order;
        }
      }
    }
    CHECK(orthogonal && differ);
    CHECK(pairs.n_bytes() > HadamardPairs(n, n_pairs, 7).n_bytes());
  }
}

// Any number of pairs is the start of more. Up to one block, the coalitions are those of the nested design.
void check_prefixes() {
  for (const std::size_t n : {7, 20, 40, 70}) {
    const std::size_t order = std::bit_ceil(n), most = n < 8 ? 126 : 14 * order + 6;
    const Design whole(DesignKind::fresh, n, most, 3);
    const Rows rows = rows_of(whole), shuffled = rows_of(whole.shuffled());
    CHECK(rows_of(whole.shuffled().unshuffled()) == rows && rows != shuffled);
    for (const std::size_t budget : {2 * order, 2 * order + 6, 6 * order, 7 * order, most - 2}) {
      const Design shorter(DesignKind::fresh, n, budget, 3);
      const Rows expected = rows_of(shorter);
      CHECK(whole.prefix(budget).kind() == DesignKind::fresh && rows_of(whole.prefix(budget)) == expected);
      const std::size_t whole_blocks = budget / (2 * order) * 2 * order;
      CHECK(std::equal(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(whole_blocks), rows.begin()));
      CHECK(std::set(shuffled.begin(), shuffled.begin() + static_cast<std::ptrdiff_t>(budget)) ==
            std::set(expected.begin(), expected.end()));
    }
    for (const std::size_t budget : {n / 2 * 2, 2 * n + 2, 2 * order}) {
      const Design fresh(DesignKind::fresh, n, budget, 3), nested(DesignKind::hadamard, n, budget, 3);
      CHECK(rows_of(fresh) == rows_of(nested) && !fresh.hadamard()->fresh());
    }
  }
  const Design all(DesignKind::fresh, 6, 1000, 1);
  CHECK(all.kind() == DesignKind::hadamard && all.n_coalitions() == 64);
  const Rows rows = rows_of(all);
  CHECK(std::set(rows.begin(), rows.end()).size() == 64);
}

void check_choice() {
  CHECK(!fresh_blocks_suit(40, 64) && fresh_blocks_suit(40, 128) && fresh_blocks_suit(40, 64 * 31));
  CHECK(!fresh_blocks_suit(40, 64 * 32) && fresh_blocks_suit(40, 64 * 33) && !fresh_blocks_suit(40, 64 * 64));
  CHECK(fresh_blocks_suit(30, 32 * 16) && !fresh_blocks_suit(30, 32 * 32) && !fresh_blocks_suit(30, 32 * 64));
  CHECK(!fresh_blocks_suit(20, 63) && fresh_blocks_suit(20, 64) && fresh_blocks_suit(20, 204));
  CHECK(!fresh_blocks_suit(20, 205) && !fresh_blocks_suit(16, 32) && !fresh_blocks_suit(8, 64));
}

// A million players: two blocks take less than a second and far less memory than a matrix.
void check_large() {
  const std::size_t n = 1'000'000, order = std::size_t{1} << 20;
  const HadamardPairs pairs(n, 2 * order, 1, {}, Blocks::fresh);
  CHECK(pairs.n_bytes() < 20 * n);
  Coalitions rows(2, n);
  pairs.fill_row(order + 5, rows.row(0));
  pairs.fill_row(order + 6, rows.row(1));
  std::vector<std::uint64_t> after(words_for(n));
  pairs.fill_row_after(order + 6, rows.row(0), after);
  CHECK(std::ranges::equal(after, rows.row(1)));
}

}  // namespace

int main() {
  check_blocks();
  check_prefixes();
  check_choice();
  check_large();
  return banzhaf::testing::finish();
}
