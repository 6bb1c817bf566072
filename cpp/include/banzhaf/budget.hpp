// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What a budget buys, and how large one must be. For example
//   banzhaf::describe(banzhaf::DesignKind::hadamard, 20, 100, 0).one_block;   // 40
//   banzhaf::describe(banzhaf::DesignKind::hadamard, 20, 256, 0).next_block;  // 320
//   banzhaf::required_budget(8, 0.5, 0.1);                                    // 256
#pragma once

#include <cstddef>
#include <cstdint>

#include "banzhaf/designs.hpp"

namespace banzhaf {

/// All numbers are of coalitions unless they say otherwise; what a design does not have is 0.
struct BudgetDescription {
  std::size_t n_coalitions = 0;  ///< that are evaluated: the budget at most
  std::size_t n_pairs = 0;       ///< pairs among them
  std::size_t order = 0;         ///< pairs in one of a Hadamard design's blocks
  std::size_t n_blocks = 0;      ///< its complete blocks
  bool weighing = false;         ///< whether a weighing design takes the place of a block
  bool part_of_block = false;    ///< whether the last pairs are a random part of a block
  std::size_t one_block = 0;     ///< the least budget that makes a complete block
  std::size_t next_block = 0;    ///< the least larger budget that completes one more
  std::size_t next_stage = 0;    ///< the least that completes a stage, after which low orders bias nothing
  std::size_t everything = 0;    ///< 2^n_players; 0 if that is beyond the largest number
};

/// Plans without searching: a weighing design is named, but not made. Throws as the constructor of Design does.
[[nodiscard]] BudgetDescription describe(DesignKind kind, std::size_t n_players, std::size_t budget,
                                         std::uint64_t seed = 0);

/// The pairs of coalitions with which Kernel Banzhaf's error bound holds for every game: see required_budget. Infinite if
/// delta times epsilon is too small. Throws std::invalid_argument unless 0 < epsilon and 0 < delta < 1.
[[nodiscard]] double required_pairs(std::size_t n_players, double epsilon, double delta);

/// An even number of coalitions, at most 2^n_players, with which design paired gives, with probability at least
/// 1 - delta, values x with |A x - b|^2 <= (1 + epsilon) min |A x - b|^2 over all 2^n coalitions, whatever the game.
/// Throws std::invalid_argument as required_pairs does, and if the number is beyond the largest one.
[[nodiscard]] std::size_t required_budget(std::size_t n_players, double epsilon, double delta);

}  // namespace banzhaf
