// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Values with a probability p from coalitions of which some are certain and the others are drawn. A model of the worths
// is fitted by penalised least squares, in which drawn rows count by their importance. The value of player i is
//     sum over certain S of w(S) phi_i(S) v(S) + mean over drawn rows r of [T_i(f_r) + o_r phi_i(S_r) (v_r - f_r(S_r))],
// over sqrt(p (1 - p)), with phi_i = (z_i - p) / sqrt(p (1 - p)). Here f_r is the model without row r, T_i is its value
// less the part of the certain coalitions, and o_r is the importance of a draw. As f_r does not depend on row r, the
// estimate is unbiased for every model (theorem 36).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// The rows of one estimate.
struct WeightedRows {
  double p = 0.5;
  Coalitions rows;                 ///< the certain ones first
  std::vector<double> weights;     ///< of the certain coalitions
  std::vector<double> importance;  ///< of the drawn coalitions

  [[nodiscard]] std::size_t n_certain() const noexcept { return weights.size(); }
  [[nodiscard]] std::size_t n_drawn() const noexcept { return importance.size(); }
};

/// Returns the certain rows and the drawn rows [first, last).
[[nodiscard]] WeightedRows part_of(const WeightedRows& whole, std::size_t first, std::size_t last);

/// Returns the worths of the same rows. worths has those of all rows, rows x n_outputs.
[[nodiscard]] std::vector<double> worths_of(const WeightedRows& whole, std::span<const double> worths,
                                            std::size_t n_outputs, std::size_t first, std::size_t last);

/// The estimate for one game. Arrays have one entry for each player.
struct WeightedFit {
  std::vector<double> values;
  std::vector<double> variances;  ///< NaN if they are unknown
  double residual_square = 0;     ///< the mean square of what the model leaves at rows that it has not seen
  double additive_square = 0;     ///< the same for the additive model
  bool smooth = false;            ///< whether the model has interactions
};

/// What the model may be.
struct WeightedOptions {
  bool interactions = false;     ///< whether it may have interactions, if it predicts better with them
  bool noisy = false;            ///< whether the worths of certain coalitions have errors too
  bool standard_errors = true;   ///< whether to compute variances
  std::size_t most_smooth = 20;  ///< the most groups of rows for a model with interactions
  int num_threads = 0;           ///< 0 means default_num_threads()
};

/// The largest number of rows that a model with interactions is fitted to at once.
inline constexpr std::size_t rows_of_smooth_model = 512;
/// The largest number of players of an additive model of more rows than that. With more, the model is a constant.
inline constexpr std::size_t most_players_of_model = 4096;

/// A quantile of Student's t with k degrees of freedom is larger than a normal one by about this over 2 k.
inline constexpr double few_rows = 2.4;

/// Returns the variance that an event which no row shows may add. It matters if the model misses few rows only: the share
/// of such rows in the error stands for how likely it is that there are others. left holds what the model leaves of an
/// output at each row, with n_outputs numbers from one row to the next.
[[nodiscard]] double unseen_variance(const WeightedRows& rows, std::span<const double> left, std::size_t n_outputs,
                                     std::size_t output);

/// Fits each output. targets holds the worths of the rows, rows x n_outputs.
[[nodiscard]] std::vector<WeightedFit> fit_left_out(const WeightedRows& rows, std::span<const double> targets,
                                                    std::size_t n_outputs, const WeightedOptions& options);

}  // namespace banzhaf
