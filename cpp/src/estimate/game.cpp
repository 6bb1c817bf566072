// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Calls a game batch by batch.
#include "banzhaf/game.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace banzhaf {
namespace {

constexpr std::size_t batch_bytes = std::size_t{1} << 22;  // of coalitions with one byte per player

}  // namespace

std::size_t GameEvaluation::default_batch_size(std::size_t n_players) noexcept {
  return std::clamp<std::size_t>(batch_bytes / n_players, 16, 65'536);
}

void GameEvaluation::evaluate(const Game& game, std::size_t batch_size, OnNonfinite on_nonfinite) {
  evaluate_until(design_.n_coalitions(), game, batch_size, on_nonfinite);
}

void GameEvaluation::evaluate_until(std::size_t n_coalitions, const Game& game, std::size_t batch_size,
                                    OnNonfinite on_nonfinite) {
  const std::size_t n_players = design_.n_players();
  n_coalitions = std::min(n_coalitions, design_.n_coalitions());
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
      const auto bad = std::find_if_not(found.begin(), found.end(), [](double x) { return std::isfinite(x); });
      if (bad != found.end()) {
        const std::size_t row = static_cast<std::size_t>(bad - found.begin()) / n_outputs;
        worths_.insert(worths_.end(), found.begin(), found.begin() + static_cast<std::ptrdiff_t>(row * n_outputs));
        throw std::domain_error("the worth of coalition " + to_string(batch.view(), row) +
                                " is not finite: return a finite worth, or drop such coalitions with on_nonfinite"
                                " (not in exact)");
      }
    }
    worths_.insert(worths_.end(), found.begin(), found.end());
  }
}

}  // namespace banzhaf
