// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Calls a game's C function on one thread or several.
#include "banzhaf/native_game.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "support/native_call.hpp"
#include "support/parallel.hpp"
#include "support/parts.hpp"

namespace banzhaf {

NativeGame::NativeGame(const banzhaf_game& game, int num_threads)
    : game_(game), num_threads_(num_threads), serial_(lock_for(game.flags)) {
  require_native("game", game.version, game.flags, game.function != nullptr, game.n_outputs);
  require_threads(num_threads);
}

NativeGame NativeGame::with_threads(int num_threads) const {
  require_threads(num_threads);
  NativeGame result(*this);
  result.num_threads_ = num_threads;
  return result;
}

void NativeGame::call(CoalitionsView coalitions, double* worths) const {
  if (game_.n_players != 0 && game_.n_players != coalitions.n_players)
    throw std::invalid_argument("game is for " + std::to_string(game_.n_players) + " players, got n_players " +
                                std::to_string(coalitions.n_players));
  std::fill_n(worths, coalitions.n_rows * n_outputs(), std::numeric_limits<double>::quiet_NaN());
  const std::unique_lock<std::recursive_mutex> alone =
      serial_ ? std::unique_lock(*serial_) : std::unique_lock<std::recursive_mutex>();
  const int code =
      game_.function(coalitions.words, coalitions.n_rows, coalitions.n_players, worths, n_outputs(), game_.data);
  require_success("game", code, game_.error_text, game_.data);
}

void NativeGame::operator()(CoalitionsView coalitions, std::vector<double>& worths) const {
  const std::size_t before = worths.size(), k = n_outputs();
  worths.resize(before + coalitions.n_rows * k);
  const PartCall on_part = [&](std::size_t first, std::size_t count) {
    call(coalitions.rows(first, count), worths.data() + before + first * k);
    return count;
  };
  const Progress progress = call_in_parts(
      {.n_items = coalitions.n_rows, .most = std::max<std::size_t>(1, coalitions.n_rows), .num_threads = num_threads()},
      [&] { return on_part; });
  if (progress.error) std::rethrow_exception(progress.error);
}

}  // namespace banzhaf
