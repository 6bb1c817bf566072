// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Describes what a budget is large enough for, and computes how large one must be.
///
/// For example:
/// @code{.cpp}
/// banzhaf::describe(banzhaf::DesignKind::hadamard, 20, 100, 0).one_block;   // 40
/// banzhaf::describe(banzhaf::DesignKind::hadamard, 20, 256, 0).next_block;  // 320
/// banzhaf::required_budget(8, 0.5, 0.1);                                    // 256
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>

#include "banzhaf/designs.hpp"

namespace banzhaf {

/// What a budget is large enough for. All numbers are coalitions unless they say otherwise.
///
/// A block is a full Hadamard design: as many pairs as the order of its Hadamard matrix, so twice as many coalitions.
/// A stage is a complete nested design, after which interactions of low orders cause no bias. A number that does not
/// apply to a design is 0.
struct BudgetDescription {
  std::size_t n_coalitions = 0;  ///< The coalitions that are evaluated, at most the budget.
  std::size_t n_pairs = 0;       ///< The pairs among them.
  std::size_t order = 0;         ///< The pairs in each block of a Hadamard design.
  std::size_t n_blocks = 0;      ///< The number of complete blocks.
  bool weighing = false;         ///< Whether a weighing design takes the place of a block.
  bool part_of_block = false;    ///< Whether the last pairs are a random part of a block.
  std::size_t one_block = 0;     ///< The smallest budget that makes a complete block.
  std::size_t next_block = 0;    ///< The smallest larger budget that completes one more block.
  std::size_t next_stage = 0;    ///< The smallest larger budget that completes a stage.
  std::size_t everything = 0;    ///< 2^n_players, or 0 if it is too large for an integer.
};

/// Describes a budget without making its design. A weighing design is named, but not searched for.
/// @param kind the design
/// @param n_players the number of players
/// @param budget the largest number of coalitions to evaluate
/// @param seed the seed of the design
/// @return the description
/// @throws std::invalid_argument as the constructor of Design does
[[nodiscard]] BudgetDescription describe(DesignKind kind, std::size_t n_players, std::size_t budget,
                                         std::uint64_t seed = 0);

/// Returns the number of pairs with which the error bound of Kernel Banzhaf holds for every game.
///
/// required_budget() states the bound.
/// @param n_players the number of players
/// @param epsilon the allowed relative excess, above 0
/// @param delta the allowed probability that the bound fails, between 0 and 1
/// @return the number of pairs, or infinity if delta times epsilon is too small
/// @throws std::invalid_argument unless epsilon is finite and above 0, and 0 < delta < 1
[[nodiscard]] double required_pairs(std::size_t n_players, double epsilon, double delta);

/// Returns a number of coalitions with which the error bound of Kernel Banzhaf holds for every game.
///
/// With this many coalitions, DesignKind::paired gives values x with |A x - b|^2 <= (1 + epsilon) min |A x - b|^2 over
/// all 2^n coalitions, with probability at least 1 - delta. Here b holds the worths, and A has a row of entries +-1/2
/// for each coalition.
/// @param n_players the number of players
/// @param epsilon the allowed relative excess, above 0
/// @param delta the allowed probability that the bound fails, between 0 and 1
/// @return an even number, at most 2^n_players
/// @throws std::invalid_argument as required_pairs() does, or if the number is too large for an integer
[[nodiscard]] std::size_t required_budget(std::size_t n_players, double epsilon, double delta);

}  // namespace banzhaf
