// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Calls a game batch by batch.
#include "banzhaf/game.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "banzhaf/native_game.hpp"
#include "support/parts.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t batch_bytes = std::size_t{1} << 22;  // of coalitions with one byte per player
constexpr std::size_t part_bytes = std::size_t{1} << 18;   // of packed coalitions, which stay in a core's own cache
constexpr std::size_t least_part = 16;                     // coalitions, because each makes the next one faster to make

// Returns the first row with a worth that is not finite, or n_rows.
std::size_t first_nonfinite(const double* worths, std::size_t n_rows, std::size_t n_outputs) {
  const double* const end = worths + n_rows * n_outputs;
  const double* const bad = std::find_if_not(worths, end, [](double x) { return std::isfinite(x); });
  return static_cast<std::size_t>(bad - worths) / n_outputs;
}

[[noreturn]] void refuse(CoalitionsView coalitions, std::size_t row) {
  throw std::domain_error("the worth of coalition " + to_string(coalitions, row) +
                          " is not finite: return a finite worth, or drop such coalitions with on_nonfinite"
                          " (not in exact)");
}

}  // namespace

std::size_t GameEvaluation::default_batch_size(std::size_t n_players) noexcept {
  return std::clamp<std::size_t>(batch_bytes / n_players, 16, 65'536);
}

GameEvaluation::GameEvaluation(Design design, std::vector<double> worths, std::size_t n_outputs)
    : design_(std::move(design)), n_outputs_(n_outputs), worths_(std::move(worths)) {
  const std::size_t n_rows = n_outputs == 0 ? 0 : worths_.size() / n_outputs;
  if (n_rows * n_outputs != worths_.size() || n_rows > design_.n_coalitions())
    throw std::invalid_argument("worths must hold whole rows of " + std::to_string(n_outputs) +
                                " outputs, at most one for each of " + std::to_string(design_.n_coalitions()) +
                                " coalitions, got " + std::to_string(worths_.size()) + " numbers");
}

void GameEvaluation::evaluate(const Game& game, std::size_t batch_size, OnNonfinite on_nonfinite) {
  evaluate_until(design_.n_coalitions(), game, batch_size, on_nonfinite);
}

void GameEvaluation::evaluate_until(std::size_t n_coalitions, const Game& game, std::size_t batch_size,
                                    OnNonfinite on_nonfinite) {
  const std::size_t n_players = design_.n_players();
  n_coalitions = std::min(n_coalitions, design_.n_coalitions());
  if (const auto* native = game.target<NativeGame>())
    return evaluate_native(n_coalitions, *native, batch_size, on_nonfinite);
  if (batch_size == 0) batch_size = default_batch_size(n_players);
  Coalitions batch;
  std::vector<double> found;
  for (std::size_t first = n_evaluated(); first < n_coalitions; first = n_evaluated()) {
    batch.resize(std::min(batch_size, n_coalitions - first), n_players);
    design_.fill(first, batch);
    found.clear();
    game(batch.view(), found);
    const std::size_t n_rows = batch.n_rows();
    const std::size_t n_outputs = n_outputs_ == 0 ? found.size() / n_rows : n_outputs_;
    if (!Worths{found, n_outputs}.has_rows(n_rows))
      throw std::invalid_argument("the game must return one row of worths for each coalition: it returned " +
                                  std::to_string(found.size()) + " worths for " + std::to_string(n_rows) +
                                  " coalitions" +
                                  (n_outputs_ > 1 ? " of " + std::to_string(n_outputs_) + " outputs" : ""));
    if (n_outputs_ == 0) worths_.reserve(n_coalitions * n_outputs);
    n_outputs_ = n_outputs;
    if (on_nonfinite == OnNonfinite::raise) {
      // The worths before the first row that is not finite are kept.
      if (const std::size_t row = first_nonfinite(found.data(), n_rows, n_outputs); row < n_rows) {
        worths_.insert(worths_.end(), found.begin(), found.begin() + static_cast<std::ptrdiff_t>(row * n_outputs));
        refuse(batch.view(), row);
      }
    }
    worths_.insert(worths_.end(), found.begin(), found.end());
  }
}

void GameEvaluation::restore(Worths worths) {
  if (worths.values.empty()) return;
  if (n_outputs_ != 0 && n_outputs_ != worths.n_outputs)
    throw std::invalid_argument("worths must have " + std::to_string(n_outputs_) + " outputs as before, got " +
                                std::to_string(worths.n_outputs));
  if (worths.n_rows() > design_.n_coalitions() - n_evaluated())
    throw std::invalid_argument("there must be at most one worth for each coalition of the design");
  n_outputs_ = worths.n_outputs;
  worths_.insert(worths_.end(), worths.values.begin(), worths.values.end());
}

// Each thread makes coalitions in a buffer of its own, and the game writes their worths where they are kept.
void GameEvaluation::evaluate_native(std::size_t n_coalitions, const NativeGame& game, std::size_t batch_size,
                                     OnNonfinite on_nonfinite) {
  const std::size_t n_players = design_.n_players(), start = n_evaluated(), k = game.n_outputs();
  if (start >= n_coalitions) return;
  if (n_outputs_ != 0 && n_outputs_ != k)
    throw std::invalid_argument("the game must keep its number of outputs: it has " + std::to_string(k) +
                                " outputs after " + std::to_string(n_outputs_));
  if (n_outputs_ == 0) worths_.reserve(n_coalitions * k);
  n_outputs_ = k;
  worths_.resize(n_coalitions * k);
  const std::size_t fit = std::max(least_part, part_bytes / (8 * words_for(n_players)));
  const Parts parts{.n_items = n_coalitions - start,
                    .least = design_.in_twos() ? std::size_t{2} : std::size_t{1},
                    .most = batch_size == 0 ? fit : std::min(batch_size, fit),
                    .num_threads = game.num_threads()};
  const Progress progress = call_in_parts(parts, [&]() -> PartCall {
    return [&, buffer = Coalitions()](std::size_t first, std::size_t count) mutable {
      buffer.resize(count, n_players);
      design_.fill(start + first, buffer);
      double* const worths = worths_.data() + (start + first) * k;
      game.call(buffer.view(), worths);
      return on_nonfinite == OnNonfinite::drop ? count : first_nonfinite(worths, count, k);
    };
  });
  const std::size_t n_done = start + progress.n_done;
  worths_.resize(n_done * k);
  if (progress.error) std::rethrow_exception(progress.error);
  if (n_done == n_coalitions) return;
  Coalitions bad(1, n_players);
  design_.fill(n_done, bad);
  refuse(bad.view(), 0);
}

}  // namespace banzhaf
