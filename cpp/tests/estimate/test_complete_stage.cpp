// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks that a complete stage of Hadamard blocks is exact for games up to order 4.
#include <bit>

#include "banzhaf/estimate.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

// A game of order 4 without its constant: products of +-1 over some sets of players.
void check_complete_stage() {
  const std::size_t n = 16;
  const std::vector<double> weights = testing::normals(40, 2);
  std::vector<std::uint64_t> sets;
  for (std::uint64_t k = 0; k < weights.size(); ++k) {
    std::uint64_t set = 0;
    for (std::uint64_t i = 0; i <= k % 4; ++i) set |= std::uint64_t{1} << ((7 * k + 5 * i) % n);
    sets.push_back(set);
  }
  const Game game = [&](CoalitionsView batch, std::vector<double>& worths) {
    for (std::size_t r = 0; r < batch.n_rows; ++r) {
      double worth = 0;
      for (std::size_t k = 0; k < sets.size(); ++k)
        worth += std::popcount(~*batch.row(r) & sets[k]) % 2 == 0 ? weights[k] : -weights[k];
      worths.push_back(worth);
    }
  };
  std::vector<double> truth(n);
  for (std::size_t k = 0; k < sets.size(); ++k)
    if (std::popcount(sets[k]) == 1) truth[static_cast<std::size_t>(std::countr_zero(sets[k]))] += 2 * weights[k];
  const Estimate complete = estimate(game, Design(DesignKind::hadamard, n, 2 * 16 * 16, 9));
  const Estimate partial = estimate(game, Design(DesignKind::hadamard, n, 2 * 16 * 10, 9));
  double error = 0, partial_error = 0;
  for (std::size_t i = 0; i < n; ++i) {
    error = std::max(error, std::abs(complete.values[i] - truth[i]));
    partial_error = std::max(partial_error, std::abs(partial.values[i] - truth[i]));
  }
  CHECK(error < 1e-13);
  CHECK(partial_error > 1e-6);  // so that the check above is able to fail
}

}  // namespace

int main() {
  check_complete_stage();
  return testing::finish();
}
