// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Computes exact transforms of a game whose worths are known for all 2^n coalitions.
///
/// For example, for a majority of three players:
/// @code{.cpp}
/// std::vector<double> worths{0, 0, 0, 1, 0, 1, 1, 1};
/// banzhaf::banzhaf_values({worths, 1}, 3)[0];                    // 0.5
/// banzhaf::walsh_hadamard(worths);
/// worths[0];                                                     // 4
/// @endcode
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "banzhaf/worths.hpp"

namespace banzhaf {

/// Computes the fast Walsh-Hadamard transform in place: out[T] is the sum over S of (-1)^|S and T| in[S].
///
/// The transform is not normalised.
/// @param values the 2^n numbers, where coalition S is at the index that has bit i set for each player i in S
/// @param num_threads the number of threads, or 0 for default_num_threads()
/// @throws std::invalid_argument if the number of values is not a power of two
void walsh_hadamard(std::span<double> values, int num_threads = 0);

/// Computes the exact Banzhaf values of a game.
///
/// It computes only the first-order terms of the transform, which takes 2^(n+1) additions instead of n 2^n.
/// @param worths 2^n_players rows, where coalition S is in the row whose number has bit i set for each player i in S
/// @param n_players the number of players
/// @param num_threads the number of threads, or 0 for default_num_threads()
/// @return the values, players x outputs, in row-major order
/// @throws std::invalid_argument if the number of worths is wrong
[[nodiscard]] std::vector<double> banzhaf_values(Worths worths, std::size_t n_players, int num_threads = 0);

/// The values of a game with a probability p, and the moments of its worths.
struct WeightedValues {
  std::vector<double> values;    ///< Players x outputs, in row-major order.
  std::vector<double> means;     ///< Outputs: the mean worth, where each player is in with probability p.
  std::vector<double> variance;  ///< Outputs: the variance of the worths with the same weights.
};

/// Computes the exact values of a game with a probability p.
///
/// The value of a player is the mean of what it adds to a coalition of the others, each of whom is in with probability p.
/// With p = 0.5 it is the Banzhaf value.
/// @param worths 2^n_players rows, where coalition S is in the row whose number has bit i set for each player i in S
/// @param n_players the number of players
/// @param p the probability, strictly between 0 and 1
/// @param num_threads the number of threads, or 0 for default_num_threads()
/// @return the values
/// @throws std::invalid_argument if the number of worths is wrong, or p is out of range
[[nodiscard]] WeightedValues weighted_values(Worths worths, std::size_t n_players, double p, int num_threads = 0);

}  // namespace banzhaf
