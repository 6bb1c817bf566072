// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The numbers of blocks and stages, and the sampling bound with the best choice of its two free parameters.
#include "banzhaf/budget.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "designs/hadamard_matrices.hpp"
#include "designs/hadamard_pairs.hpp"
#include "designs/weighing.hpp"

namespace banzhaf {
namespace {

// t + (1 - t) log(1 - t), without cancellation for small t
double chernoff_exponent(double t) {
  if (t < 1e-4) return t * t / 2 + std::pow(t, 3) / 6;
  return t + (1 - t) * std::log1p(-t);
}

// Balances two conditions on t, the allowance for the smallest eigenvalue: one falls with t, and the other rises.
double pairs_per_player(double n_players, double epsilon, double delta, double share) {
  const double rank = std::log(n_players / (share * delta)), noise = 1 / ((1 - share) * delta) / epsilon;
  double low = 0, high = 1;
  for (int step = 0; step < 60; ++step) {
    const double t = (low + high) / 2;
    (rank / chernoff_exponent(t) > noise / ((1 - t) * (1 - t)) ? low : high) = t;
  }
  // At the upper end, the first condition holds whenever the second does, except in the last of 60 bisections.
  if (high == 1) return std::numeric_limits<double>::infinity();
  return std::max(rank / chernoff_exponent(high), noise / ((1 - high) * (1 - high)));
}

}  // namespace

BudgetDescription describe(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed) {
  BudgetDescription result;
  result.n_coalitions = count_coalitions(kind, n_players, budget);
  if (n_players < 64) result.everything = std::size_t{1} << n_players;
  const bool in_pairs = kind != DesignKind::independent && kind != DesignKind::walks && kind != DesignKind::weighted &&
                        kind != DesignKind::drawn && kind != DesignKind::biased;
  result.n_pairs = in_pairs ? result.n_coalitions / 2 : 0;
  if (!in_blocks(kind)) return result;

  const std::size_t sylvester = std::bit_ceil(n_players);
  result.order = HadamardPairs::order_of(n_players, result.n_pairs);
  result.n_blocks = result.n_pairs / result.order;
  result.weighing = result.n_blocks == 0 && result.n_pairs >= n_players && n_players <= max_weighing_players;
  result.part_of_block = !result.weighing && result.n_pairs % result.order != 0;
  result.one_block = 2 * HadamardMatrix::smallest_order(static_cast<std::uint32_t>(n_players));
  if (result.n_coalitions < result.one_block) {
    result.next_block = result.one_block;
    return result;
  }
  const std::size_t next = result.n_coalitions / (2 * sylvester) + 1;
  result.next_block = 2 * sylvester * next;
  // Fresh blocks have no stages.
  if (kind == DesignKind::hadamard && (result.everything == 0 || result.next_block < result.everything))
    // Two blocks at least, because one block alone belongs to no stage yet.
    result.next_stage =
        2 * sylvester * HadamardPairs(n_players, std::max<std::size_t>(next, 2) * sylvester, seed).complete_blocks();
  return result;
}

double required_pairs(std::size_t n_players, double epsilon, double delta) {
  if (n_players < 1 || n_players > max_players) throw std::invalid_argument("n_players must be between 1 and 2^20");
  if (!(epsilon > 0 && std::isfinite(epsilon))) throw std::invalid_argument("epsilon must be finite and positive");
  if (!(delta > 0 && delta < 1)) throw std::invalid_argument("delta must lie strictly between 0 and 1");
  const double players = static_cast<double>(n_players);
  double least = std::numeric_limits<double>::infinity();
  // Tries shares of delta for the rank of the pairs. The rest is for their noise, which needs far more pairs.
  for (int k = 1; k <= 40; ++k) least = std::min(least, pairs_per_player(players, epsilon, delta, std::ldexp(1.0, -k)));
  return std::ceil(players * least);
}

std::size_t required_budget(std::size_t n_players, double epsilon, double delta) {
  const double pairs = required_pairs(n_players, epsilon, delta);
  const double all = std::ldexp(1.0, static_cast<int>(std::min<std::size_t>(n_players, 1000)));
  const double budget = std::min(2 * pairs, all);
  if (!(budget < 0x1p63))
    throw std::invalid_argument("epsilon and delta must be larger: the budget is beyond the largest number");
  return static_cast<std::size_t>(budget);
}

}  // namespace banzhaf
