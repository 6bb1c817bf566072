// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The spectrum of complete stages, and the size of an interaction that a player's value may hide.
#include "regression/spread.hpp"

#include <algorithm>
#include <functional>
#include <span>

#include "banzhaf/transform.hpp"

namespace banzhaf {
namespace {

// See BlockSpread::hidden.
constexpr double hidden_chance = 0.02;
constexpr double hidden_errors = 7;

}  // namespace

void BlockSpread::reset(const HadamardPairs& pairs, std::size_t n_players, bool with_hidden, int num_threads) {
  pairs_ = &pairs;
  n_players_ = n_players;
  num_threads_ = num_threads;
  looks_for_hidden_ = with_hidden && pairs.has_labels() &&
                      pairs.n_blocks() * pairs.order() >= 2 * HadamardPairs::least_stage_pairs(n_players);
  n_blocks_ = 0;
  for (std::vector<double>* each : {&squares_, &stage_, &stages_, &squares_of_stages_}) each->assign(n_players, 0);
  const std::size_t size = looks_for_hidden_ ? pairs.order() * pairs.stage_blocks() : 0;
  columns_of_stage_.assign(size, 0);
  spectrum_.assign(size, 0);
}

void BlockSpread::add(std::span<const double> columns, std::span<const double> players) {
  for (std::size_t i = 0; i < n_players_; ++i) {
    squares_[i] += players[i] * players[i];
    stage_[i] += players[i];
  }
  if (looks_for_hidden_) {
    const std::size_t label = pairs_->label(n_blocks_), n_labels = pairs_->stage_blocks();
    for (std::size_t y = 0; y < columns.size(); ++y) columns_of_stage_[y * n_labels + label] = columns[y];
  }
  ++n_blocks_;
  if (n_blocks_ % pairs_->stage_blocks() == 0) end_stage();
}

void BlockSpread::end_stage() {
  for (std::size_t i = 0; i < n_players_; ++i) {
    stages_[i] += stage_[i];
    squares_of_stages_[i] += stage_[i] * stage_[i];
    stage_[i] = 0;
  }
  if (!looks_for_hidden_) return;
  const std::size_t n_labels = pairs_->stage_blocks();
  for (std::size_t y = 0; y < pairs_->order(); ++y)
    walsh_hadamard(std::span(columns_of_stage_).subspan(y * n_labels, n_labels), num_threads_);
  for (std::size_t t = 0; t < spectrum_.size(); ++t) spectrum_[t] += columns_of_stage_[t] * columns_of_stage_[t];
}

// The usual variance of a mean of k stages has k - 1 degrees of freedom. If there is only one interaction, it is 0 or
// large. The divisor is about its 99 % quantile under even noise, so it ignores players whose stages differ by chance.
double BlockSpread::between_stages(std::size_t player) const {
  const std::size_t n_stages = n_blocks_ / pairs_->stage_blocks();
  if (n_stages < 2) return 0;
  const double k = static_cast<double>(n_stages), rows = static_cast<double>(pairs_->stage_blocks() * pairs_->order());
  const double square = std::max(0.0, squares_of_stages_[player] - stages_[player] * stages_[player] / k);
  return square / (rows * rows) / (k * (k - 1)) / (1 + 9 / (k - 1));
}

double BlockSpread::hidden() const {
  if (!looks_for_hidden_) return 0;
  const std::size_t stage_rows = pairs_->stage_blocks() * pairs_->order();
  // An interaction may fall on any column. Here it must be a player's, and its signs must not change.
  const double of_each =
      static_cast<double>(n_players_) / static_cast<double>(pairs_->order()) * pairs_->stuck_probability();
  const double n_larger = hidden_chance / of_each;  // the number of interactions that may be larger
  if (n_larger >= static_cast<double>(spectrum_.size())) return 0;
  std::vector<double> squares(spectrum_);
  const auto place = squares.begin() + static_cast<std::ptrdiff_t>(std::max(1.0, n_larger)) - 1;
  std::nth_element(squares.begin(), place, squares.end(), std::greater<>());
  const double rows = static_cast<double>(stage_rows),
               n_stages = static_cast<double>(n_blocks_ / pairs_->stage_blocks());
  return *place / n_stages / (rows * rows) / (hidden_errors * hidden_errors);
}

}  // namespace banzhaf
