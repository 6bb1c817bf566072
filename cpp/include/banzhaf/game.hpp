// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Defines games: functions that take a batch of coalitions and return their worths. Records their evaluations.
///
/// For example:
/// @code{.cpp}
/// const banzhaf::Game size = [](banzhaf::CoalitionsView batch, std::vector<double>& worths) {
///   for (std::size_t r = 0; r < batch.n_rows; ++r) worths.push_back(batch.contains(r, 0) ? 1 : 0);
/// };
/// banzhaf::GameEvaluation evaluation(banzhaf::Design(banzhaf::DesignKind::paired, 20, 400, 0));
/// evaluation.evaluate(size);
/// banzhaf::estimate(evaluation).values[0];    // 1
/// @endcode
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/worths.hpp"

namespace banzhaf {

class NativeGame;

/// A game: it appends one worth per coalition to worths, which is empty at the call.
///
/// With several outputs, worths is in row-major order. Every call must give the same number of outputs. An exception
/// ends the evaluation and reaches the caller unchanged. NativeGame in banzhaf/native_game.hpp makes games of C functions.
using Game = std::function<void(CoalitionsView coalitions, std::vector<double>& worths)>;

/// What happens if a worth is NaN or infinite.
enum class OnNonfinite {
  raise,  ///< The evaluation ends with std::domain_error, which names the coalition.
  drop    ///< The pair, or the coalition of a design without pairs, is left out of the estimate and counted.
};

/// The worths of a design's coalitions, as far as they have been evaluated.
///
/// If the game throws an exception, the worths before it are kept. An object must not be used by several threads at the
/// same time.
class GameEvaluation {
 public:
  /// Starts an evaluation of a design without any worths.
  explicit GameEvaluation(Design design) : design_(design) {}
  /// Continues an evaluation whose first worths are known.
  /// @param design the design
  /// @param worths the worths of the design's first coalitions, in row-major order
  /// @param n_outputs the number of outputs of the game
  /// @throws std::invalid_argument if the worths are no whole rows, or more than the design's coalitions
  GameEvaluation(Design design, std::vector<double> worths, std::size_t n_outputs);

  /// Evaluates all coalitions that are not evaluated yet.
  /// @param game the game
  /// @param batch_size the largest number of coalitions in a call, or 0 for default_batch_size()
  /// @param on_nonfinite what to do with a worth that is not finite
  /// @throws std::domain_error naming the coalition, if a worth is not finite and on_nonfinite is OnNonfinite::raise
  /// @throws std::invalid_argument if the game returns a wrong number of worths
  void evaluate(const Game& game, std::size_t batch_size = 0, OnNonfinite on_nonfinite = OnNonfinite::raise);
  /// Evaluates coalitions until n_coalitions of the design have been evaluated, or all if there are fewer.
  /// @param n_coalitions the number of coalitions, counted from the first of the design
  /// @param game the game
  /// @param batch_size the largest number of coalitions in a call, or 0 for default_batch_size()
  /// @param on_nonfinite what to do with a worth that is not finite
  /// @throws std::domain_error naming the coalition, if a worth is not finite and on_nonfinite is OnNonfinite::raise
  /// @throws std::invalid_argument if the game returns a wrong number of worths
  void evaluate_until(std::size_t n_coalitions, const Game& game, std::size_t batch_size = 0,
                      OnNonfinite on_nonfinite = OnNonfinite::raise);
  /// Takes worths that were made before as those of the next coalitions of the design, without a call of a game.
  /// @param worths the worths of the next coalitions, which may be NaN for coalitions to drop
  /// @throws std::invalid_argument if the number of outputs has changed, or there are more worths than coalitions
  void restore(Worths worths);
  /// Returns the default batch size: coalitions that take a few megabytes with one byte per player.
  [[nodiscard]] static std::size_t default_batch_size(std::size_t n_players) noexcept;

  /// Returns the design.
  [[nodiscard]] const Design& design() const noexcept { return design_; }
  /// Returns the number of coalitions that have been evaluated.
  [[nodiscard]] std::size_t n_evaluated() const noexcept { return worths().n_rows(); }
  /// Returns the number of outputs of the game, or 0 before the first call.
  [[nodiscard]] std::size_t n_outputs() const noexcept { return n_outputs_; }
  /// Returns the worths, one row per evaluated coalition.
  [[nodiscard]] Worths worths() const noexcept { return {worths_, n_outputs_}; }
  /// Moves the worths out, in row-major order. No coalition counts as evaluated then.
  [[nodiscard]] std::vector<double> take_worths() noexcept { return std::exchange(worths_, {}); }

 private:
  void evaluate_native(std::size_t n_coalitions, const NativeGame& game, std::size_t batch_size,
                       OnNonfinite on_nonfinite);

  Design design_;
  std::size_t n_outputs_ = 0;
  std::vector<double> worths_;
};

}  // namespace banzhaf
