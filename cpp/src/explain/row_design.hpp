// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// One background row and one explicand: the design, the worths so far, and the estimate.
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
  /// differing holds the players in which the two rows differ, at least one. A noisy model may have more pairs than
  /// there are.
  RowDesign(std::size_t background, std::vector<std::uint32_t> differing, std::size_t n_pairs, std::uint64_t seed,
            bool noisy);

  [[nodiscard]] std::size_t background() const noexcept { return background_; }
  [[nodiscard]] const std::vector<std::uint32_t>& players() const noexcept { return players_; }
  [[nodiscard]] bool noisy() const noexcept { return noisy_; }
  /// Whether it needs model evaluations. The value of a single player follows from two known outputs, unless these are
  /// noisy.
  [[nodiscard]] bool is_costly() const noexcept { return noisy_ || players_.size() > 1; }
  [[nodiscard]] std::size_t n_pairs() const noexcept { return n_pairs_; }
  /// The pairs in all coalitions.
  [[nodiscard]] std::size_t n_all() const noexcept { return n_all_; }
  /// The pairs in a block.
  [[nodiscard]] std::size_t order() const noexcept { return order_; }
  /// Whether all coalitions are evaluated, so that nothing is uncertain.
  [[nodiscard]] bool is_exact() const noexcept { return !noisy_ && n_used_ == n_all_; }
  [[nodiscard]] bool has_all() const noexcept { return n_used_ >= n_all_; }

  /// The pairs at each check.
  std::vector<std::size_t> targets{};

  /// Makes the design, which is postponed until it is needed. After the deadline, it does not search for the best one.
  void prepare(const Deadline& deadline);
  /// Writes the next coalition over players(), and returns where its worth goes.
  double* next(std::span<std::uint64_t> coalition, std::size_t n_outputs);
  [[nodiscard]] bool has_asked(std::size_t n_pairs) const noexcept { return n_asked_ >= 2 * n_pairs; }
  /// Makes room for this many pairs.
  void reserve(std::size_t n_pairs, std::size_t n_outputs) { worths_.resize(2 * n_pairs * n_outputs); }
  /// Returns whether everything that was requested has arrived.
  void answered() noexcept { n_evaluated_ = n_asked_; }
  /// Frees what only further evaluations need.
  void forget() {
    worths_ = {};
    design_.reset();
  }

  [[nodiscard]] bool is_evaluated(std::size_t n_pairs) const noexcept { return n_evaluated_ >= 2 * n_pairs; }
  /// The evaluated pairs in whole blocks, or in the whole design.
  [[nodiscard]] std::size_t n_whole() const;
  /// Whether there are more of these than in the estimate.
  [[nodiscard]] bool is_new() const { return n_whole() > n_used_; }
  /// Whether there are fewer of these than in all coalitions.
  [[nodiscard]] bool is_sampled() const { return n_whole() < n_all_; }
  [[nodiscard]] std::size_t n_used() const noexcept { return n_used_; }

  /// Estimates from the whole blocks. doubts_fits says whether a fit with few spare contrasts may be perfect by chance.
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
  std::optional<Design> design_{};  // at most all coalitions, which may be repeated for a noisy model
  std::vector<double> worths_{};    // coalitions x outputs
  std::size_t n_asked_ = 0;         // coalitions that were requested from the model
  std::size_t n_evaluated_ = 0;     // coalitions whose worths have arrived
  std::size_t n_used_ = 0;          // pairs in the estimate
  RowEstimate found_{};
  std::size_t rank_ = 0;
  double condition_number_ = 1;
};

}  // namespace banzhaf
