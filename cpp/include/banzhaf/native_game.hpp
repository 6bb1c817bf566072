// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Makes a game of a C function, as banzhaf/native.h describes it.
///
/// The function gets packed coalitions on several threads at the same time, and writes the worths where they are kept.
/// For example:
/// @code{.cpp}
/// const banzhaf_game dictator{
///     .version = BANZHAF_NATIVE_VERSION, .flags = 0,
///     .function = [](const std::uint64_t* coalitions, std::size_t n_coalitions, std::size_t n_players, double* worths,
///                    std::size_t, void*) {
///       for (std::size_t r = 0; r < n_coalitions; ++r)
///         worths[r] = banzhaf_contains(coalitions + r * banzhaf_words(n_players), 0);
///       return 0;
///     },
///     .data = nullptr, .n_players = 0, .n_outputs = 1, .error_text = nullptr};
/// const banzhaf::Design design(banzhaf::DesignKind::hadamard, 20, 400, 0);
/// banzhaf::estimate(banzhaf::NativeGame(dictator), design).values[0];         // 1
/// @endcode
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/native.h"

namespace banzhaf {

/// A game that is a C function. It is a Game, and copies of it share the function.
///
/// GameEvaluation knows this kind of game: it makes the coalitions on all threads and calls the function on them there,
/// without a batch in between. A batch size is then the largest number of coalitions in a call of the function.
class NativeGame {
 public:
  /// Takes a game.
  /// @param game the function and what belongs to it, which must outlive this object and its copies
  /// @param num_threads the largest number of threads that call the function, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the game has a later version than this library, no function or no outputs, or
  ///   num_threads is negative
  explicit NativeGame(const banzhaf_game& game, int num_threads = 0);

  /// Returns the same game for another number of threads. Both count as one for BANZHAF_SERIAL.
  /// @throws std::invalid_argument if num_threads is negative
  [[nodiscard]] NativeGame with_threads(int num_threads) const;

  /// Returns the number of outputs.
  [[nodiscard]] std::size_t n_outputs() const noexcept { return game_.n_outputs; }
  /// Returns the number of threads that may call the function at the same time, or 0 for default_num_threads().
  [[nodiscard]] int num_threads() const noexcept { return serial_ ? 1 : num_threads_; }

  /// Calls the function once, on the calling thread. Worths that it does not write are NaN.
  /// @param coalitions the coalitions
  /// @param worths gets one row of worths for each coalition
  /// @throws std::runtime_error naming the number that the function returned, if that is not 0
  /// @throws std::invalid_argument if the game is for another number of players
  void call(CoalitionsView coalitions, double* worths) const;

  /// Appends the worths of coalitions to worths, as every Game does. Several threads call the function on parts of the
  /// batch.
  /// @throws std::runtime_error naming the number that the function returned, if that is not 0
  /// @throws std::invalid_argument if the game is for another number of players
  void operator()(CoalitionsView coalitions, std::vector<double>& worths) const;

 private:
  banzhaf_game game_;
  int num_threads_;
  std::shared_ptr<std::recursive_mutex> serial_;  // null if threads may call the function at the same time
};

}  // namespace banzhaf
