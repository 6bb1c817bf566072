// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// One background row against one explicand: its design, the worths so far, and the estimate from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "banzhaf/designs.hpp"
#include "explain/average.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

class RowDesign {
 public:
  /// differing: the players in which the two rows differ, at least one. The pairs of a noisy model may be more than all.
  RowDesign(std::size_t background, std::vector<std::uint32_t> differing, std::size_t n_pairs, std::uint64_t seed,
            bool noisy);

  [[nodiscard]] std::size_t background() const noexcept { return background_; }
  [[nodiscard]] const std::vector<std::uint32_t>& players() const noexcept { return players_; }
  [[nodiscard]] bool noisy() const noexcept { return noisy_; }
  /// Whether it costs model rows: one player's value follows from two outputs that are known, unless they are noisy.
  [[nodiscard]] bool is_costly() const noexcept { return noisy_ || players_.size() > 1; }
  [[nodiscard]] std::size_t n_pairs() const noexcept { return n_pairs_; }
  /// Pairs that make all coalitions.
  [[nodiscard]] std::size_t n_all() const noexcept { return n_all_; }
  /// Pairs of a block.
  [[nodiscard]] std::size_t order() const noexcept { return order_; }
  /// Whether all coalitions are evaluated, and nothing is left uncertain.
  [[nodiscard]] bool is_exact() const noexcept { return !noisy_ && n_used_ == n_all_; }
  [[nodiscard]] bool has_all() const noexcept { return n_used_ >= n_all_; }

  /// Pairs at each check.
  std::vector<std::size_t> targets{};

  /// Makes the design, which is left until it is needed; past the deadline without searching for the best.
  void prepare(const Deadline& deadline);
  /// Writes the next coalition, over players(), and gives the place of its worth.
  double* next(std::span<std::uint64_t> coalition, std::size_t n_outputs);
  [[nodiscard]] bool has_asked(std::size_t n_pairs) const noexcept { return n_asked_ >= 2 * n_pairs; }
  /// Makes room for so many pairs.
  void reserve(std::size_t n_pairs, std::size_t n_outputs) { worths_.resize(2 * n_pairs * n_outputs); }
  /// All that was asked for has been answered.
  void answered() noexcept { n_evaluated_ = n_asked_; }
  /// Frees what further evaluation would need.
  void forget() {
    worths_ = {};
    design_.reset();
  }

  [[nodiscard]] bool is_evaluated(std::size_t n_pairs) const noexcept { return n_evaluated_ >= 2 * n_pairs; }
  /// Pairs of whole blocks, or of the whole design, among those evaluated.
  [[nodiscard]] std::size_t n_whole() const;
  /// Whether these are more than the estimate is from.
  [[nodiscard]] bool is_new() const { return n_whole() > n_used_; }
  /// Whether they are fewer than all coalitions' pairs.
  [[nodiscard]] bool is_sampled() const { return n_whole() < n_all_; }
  [[nodiscard]] std::size_t n_used() const noexcept { return n_used_; }

  /// Estimates from the whole blocks. doubts_fits: whether a fit on few spare contrasts may be exact by chance.
  void estimate(std::size_t n_outputs, double ridge, bool doubts_fits);
  [[nodiscard]] const RowEstimate& found() const noexcept { return found_; }
  [[nodiscard]] std::size_t rank() const noexcept { return rank_; }
  [[nodiscard]] double condition_number() const noexcept { return condition_number_; }

 private:
  void estimate_by_regression(std::span<const double> worths, std::size_t n_outputs, double ridge, bool doubts_fits);
  void estimate_from_replicates(std::span<const double> worths, std::size_t n_outputs, double ridge);
  void set_spread(std::span<const double> worths, std::size_t n_outputs, std::span<const double> means);

  std::size_t background_;
  std::vector<std::uint32_t> players_;
  std::size_t n_pairs_;
  std::uint64_t seed_;
  bool noisy_;
  std::size_t n_all_;
  std::size_t order_;
  std::optional<Design> design_{};  // of at most all coalitions; a noisy model is asked for them again
  std::vector<double> worths_{};    // coalitions x outputs
  std::size_t n_asked_ = 0;         // coalitions, of which the model has been asked for
  std::size_t n_evaluated_ = 0;     // and has answered
  std::size_t n_used_ = 0;          // pairs that the estimate is from
  RowEstimate found_{};
  std::size_t rank_ = 0;
  double condition_number_ = 1;
};

}  // namespace banzhaf
