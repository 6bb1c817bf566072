// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Keeps the evaluations of explained rows, from which interactions follow without the model.
///
/// For example, with a table, a buffer and a model as in banzhaf/explain.hpp:
/// @code{.cpp}
/// banzhaf::CrossedExplanations crossed(table, {.budget = 1000, .most_kept = 1000000, .seed = 7});
/// crossed.run(sums, buffer);
/// banzhaf::pair_interactions(crossed.take_kept()).values[0];     // 0
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// The design of one background row for one explained row. It has at least two players.
struct KeptDesign {
  std::size_t background = 0;  ///< The background row, counted among those of positive weight.
  bool fresh = false;          ///< Whether it is of DesignKind::fresh, and not of DesignKind::hadamard.
  std::size_t n_pairs = 0;     ///< The pairs of the design.
  std::size_t n_used = 0;      ///< The pairs that were evaluated and used: the first of the design.
  double factor = 0;           ///< Its factor in the mean over the background rows.
};

/// One explained row.
struct KeptRow {
  std::vector<KeptDesign> designs{};     ///< Those with evaluations.
  std::vector<std::uint64_t> players{};  ///< The players of each design as bits, words_for(n_players) words for each.
  /// The worths of each design, one after another: coalitions x outputs, where 2p and 2p + 1 are pair p.
  std::vector<double> worths{};
  /// If background rows were drawn at random: how many. Otherwise 0.
  std::size_t n_drawn = 0;
  bool has_values = false;  ///< Whether the row has values. A deadline may end a run before.
};

/// Why a run has kept its evaluations, or has not.
enum class Keeping {
  off,     ///< They were not to be kept.
  kept,    ///< They are there.
  large,   ///< They would take more than CrossedOptions::most_kept.
  timed,   ///< A deadline has ended the search for a design, so its seed does not give the coalitions again.
  running  ///< The run has not ended.
};

/// The evaluations of a run.
struct KeptRows {
  Keeping keeping = Keeping::off;  ///< Whether they are there.
  std::size_t n_players = 0;       ///< The number of players.
  std::size_t n_outputs = 0;       ///< The number of outputs.
  std::uint64_t seed = 0;          ///< That of the run.
  bool noisy = false;              ///< Whether the model was noisy.
  std::vector<KeptRow> rows{};     ///< One for each explained row.
};

/// Banzhaf interaction indices of all pairs of players, for each explained row.
///
/// Arrays are rows x pairs x outputs, where pairs are in lexicographic order, or rows x outputs.
struct PairInteractions {
  std::vector<double> values{};               ///< The indices. NaN if no drawn background row shows the pair.
  std::vector<double> standard_errors{};      ///< Their standard errors: 0 if exact, NaN if unknown.
  std::vector<double> degrees_of_freedom{};   ///< Those of the standard errors, for each row and output.
  std::vector<double> unresolved_variance{};  ///< What the pairs leave of the variance of the even halves of worths.
};

/// Estimates the interactions of all pairs of players in the mean over the background rows.
///
/// Each background row has its own estimate, from v(S) + v(S^c). It is unbiased, so that errors average out over the
/// rows. Where all coalitions were evaluated, it is exact. It is exact as well if the design is complete and no more than
/// three players interact.
/// @param kept the evaluations, which must be there
/// @param num_threads the number of threads, or 0 for default_num_threads(). It does not change the result.
/// @return the interactions
/// @throws std::invalid_argument if the evaluations are not there, or not consistent
[[nodiscard]] PairInteractions pair_interactions(const KeptRows& kept, int num_threads = 0);

}  // namespace banzhaf
