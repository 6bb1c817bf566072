// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Transforms of a game that is known on all its 2^n coalitions. For example, of a majority of three,
//   std::vector<double> worths{0, 0, 0, 1, 0, 1, 1, 1};
//   banzhaf::banzhaf_values({worths, 1}, 3)[0];                    // 0.5
//   banzhaf::walsh_hadamard(worths);
//   worths[0];                                                     // 4
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "banzhaf/worths.hpp"

namespace banzhaf {

/// The fast Walsh-Hadamard transform in place: out[T] = sum over S of (-1)^|S and T| in[S], unnormalised.
/// values holds 2^n numbers; throws std::invalid_argument for any other size.
void walsh_hadamard(std::span<double> values, int num_threads = 0);

/// The Banzhaf values, players x outputs, of 2^n_players rows of worths, S at row sum of 2^i over its players.
/// The transform's n first-order terms alone, by n foldings: 2^(n+1) additions in place of n 2^n.
[[nodiscard]] std::vector<double> banzhaf_values(Worths worths, std::size_t n_players, int num_threads = 0);

}  // namespace banzhaf
