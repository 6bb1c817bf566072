// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks that matrices and blocks are orthogonal, that coalitions are distinct, and the strength of stages.
#include <bit>
#include <set>

#include "check.hpp"
#include "designs/hadamard_pairs.hpp"

namespace {

using namespace banzhaf;

void check_matrices() {
  std::size_t n_orders = 0;
  for (std::uint32_t order = 1; order <= 250; ++order) {
    if (!HadamardMatrix::exists(order)) continue;
    ++n_orders;
    const HadamardMatrix h(order);
    bool orthogonal = true;
    for (std::uint32_t i = 0; i < order; ++i) {
      for (std::uint32_t j = 0; j <= i; ++j) {
        int product = 0;
        for (std::uint32_t k = 0; k < order; ++k) product += h.positive(i, k) == h.positive(j, k) ? 1 : -1;
        orthogonal &= product == (i == j ? static_cast<int>(order) : 0);
      }
    }
    CHECK(orthogonal);
  }
  CHECK(n_orders > 50);
  // Among the multiples of 4 up to 100, Paley's and Sylvester's constructions miss only 92.
  for (std::uint32_t order = 4; order <= 100; order += 4) CHECK(HadamardMatrix::exists(order) == (order != 92));
  CHECK(HadamardMatrix::smallest_order(241) == 244 && HadamardMatrix::smallest_order(85) == 88);
  CHECK(testing::throws<std::invalid_argument>([] { HadamardMatrix h(92); }, "92"));
}

std::vector<std::uint64_t> rows_of(const HadamardPairs& pairs) {
  std::vector<std::uint64_t> rows(pairs.n_pairs());
  for (std::size_t p = 0; p < rows.size(); ++p) pairs.fill_row(p, {&rows[p], 1});
  return rows;
}

void check_blocks() {
  for (const std::size_t n : {1, 2, 3, 5, 8, 11, 16, 17, 33}) {
    const std::size_t most = n < 14 ? std::size_t{1} << (n - 1) : 9'000;
    for (const std::size_t n_pairs : {n, n + 1, 5 * n, most}) {
      if (n_pairs > most) continue;
      const HadamardPairs pairs(n, n_pairs, 7);
      const std::vector<std::uint64_t> rows = rows_of(pairs);
      const std::uint64_t all = (std::uint64_t{1} << n) - 1;
      std::set<std::uint64_t> distinct;
      for (const std::uint64_t row : rows) {
        distinct.insert(row);
        distinct.insert(row ^ all);
      }
      // No coalition is evaluated twice, up to all of them. (Kerdock's forms may coincide for a few players.)
      const bool few = n < 11 || (n > 32 && n < 37);
      if (pairs.sylvester() && !few) CHECK(distinct.size() == 2 * n_pairs);
      bool orthogonal = true;
      for (std::size_t block = 0; block < pairs.n_blocks(); ++block) {
        for (std::size_t i = 0; i < n; ++i) {
          for (std::size_t j = 0; j < i; ++j) {
            std::size_t equal = 0;
            for (std::size_t a = 0; a < pairs.order(); ++a) {
              const std::uint64_t row = rows[block * pairs.order() + a];
              equal += ((row >> i) & 1U) == ((row >> j) & 1U) ? 1 : 0;
            }
            orthogonal &= 2 * equal == pairs.order();
          }
        }
      }
      CHECK(orthogonal);
    }
  }
}

// Among all pairs of the complete stage, every four players occur in all 16 combinations equally often. With
// complements, so do every five players in all 32.
bool is_strong(const HadamardPairs& pairs, std::size_t n) {
  const std::vector<std::uint64_t> rows = rows_of(pairs);
  bool strong = true;
  for (std::uint64_t players = 0; players < (std::uint64_t{1} << n); ++players) {
    // Even sets must be balanced over the rows. Odd sets cancel between a row and its complement.
    if (std::popcount(players) != 2 && std::popcount(players) != 4) continue;
    int sum = 0;
    for (const std::uint64_t row : rows) sum += std::popcount(row & players) % 2 == 0 ? 1 : -1;
    strong &= sum == 0;
  }
  return strong;
}

void check_strength() {
  const HadamardPairs powers(11, 256, 3);
  CHECK(powers.order() == 16 && powers.stage_blocks() == 16 && powers.n_blocks() == 16);
  CHECK(is_strong(powers, 11));
  for (const std::size_t n : {9, 11, 16}) {
    const HadamardPairs kerdock(n, 128, 3);
    CHECK(kerdock.order() == 16 && kerdock.stage_blocks() == 8 && kerdock.n_blocks() == 8);
    CHECK(HadamardPairs::least_stage_pairs(n) == 128);
    CHECK(is_strong(kerdock, n));
    CHECK(!is_strong(HadamardPairs(n, 112, 3), n));
  }
}

// Part of a block whose matrix is too large to be stored: Sylvester's, and one of the others.
void check_large_matrices() {
  for (const std::size_t n : {2045, 1138}) {
    const HadamardPairs pairs(n, 40, 7);
    const HadamardMatrix h(static_cast<std::uint32_t>(pairs.order()));
    CHECK(pairs.order() > HadamardMatrix::most_packed && std::has_single_bit(pairs.order()) == (n == 2045));
    Coalitions rows(40, n);
    for (std::size_t p = 0; p < 40; ++p) pairs.fill_row(p, rows.row(p));
    bool right = true;
    for (std::size_t p = 1; p < 40; ++p) {
      for (std::size_t i = 0; i < n; ++i) {
        // The sign of a column is the same in all rows.
        const bool differ = h.positive(pairs.row_in_block(p), pairs.columns(0)[i]) !=
                            h.positive(pairs.row_in_block(0), pairs.columns(0)[i]);
        right &= differ == (rows.view().contains(p, i) != rows.view().contains(0, i));
      }
    }
    CHECK(right);
  }
}

}  // namespace

int main() {
  check_matrices();
  check_blocks();
  check_strength();
  check_large_matrices();
  return testing::finish();
}
