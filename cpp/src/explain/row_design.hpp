// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// One background row and one explicand: the design, the worths so far, and the estimate.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "banzhaf/designs.hpp"
#include "estimate/fit_blocks.hpp"
#include "explain/allocation.hpp"
#include "explain/average.hpp"
#include "explain/design_cache.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

class RowDesign {
 public:
  RowDesign() = default;
  /// differing holds the players in which the two rows differ, at least one. A noisy model may have more pairs than
  /// there are.
  RowDesign(std::size_t background, std::span<const std::uint32_t> differing, std::size_t n_pairs, bool noisy) {
    reset(background, differing, n_pairs, noisy);
  }
  /// Starts again, as the constructor does, in the same memory.
  void reset(std::size_t background, std::span<const std::uint32_t> differing, std::size_t n_pairs, bool noisy);

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

  /// Takes the design from the cache, which must outlive this object. After the deadline, it may not be the best one.
  /// Where interactions are sought, fresh blocks take the place of nested ones if they suit.
  void prepare(const DesignCache& designs, const Deadline& deadline, const Search& search = {});
  [[nodiscard]] const Design& design() const noexcept { return prepared().design; }
  /// Whether its blocks have columns of their own.
  [[nodiscard]] bool is_fresh() const noexcept { return is_prepared() && design().kind() == DesignKind::fresh; }
  /// Whether it has a design.
  [[nodiscard]] bool is_prepared() const noexcept { return own_ || design_ != nullptr; }
  /// The number of coalitions that were requested.
  [[nodiscard]] std::size_t n_asked() const noexcept { return n_asked_; }
  /// Requests more coalitions, and returns the number of the first.
  std::size_t ask(std::size_t n_coalitions) noexcept { return std::exchange(n_asked_, n_asked_ + n_coalitions); }
  [[nodiscard]] bool has_asked(std::size_t n_pairs) const noexcept { return n_asked_ >= 2 * n_pairs; }
  /// Makes room for this many pairs.
  void reserve(std::size_t n_pairs, std::size_t n_outputs) { worths_.resize(2 * n_pairs * n_outputs); }
  /// Sets the worths from coalition first on, or from an end on.
  void answer(std::size_t first, std::span<const double> worths, std::size_t n_outputs) {
    std::vector<double>& all = first < first_end ? worths_ : ends_;
    const std::size_t place = first < first_end ? first : first - first_end;
    std::ranges::copy(worths, all.begin() + static_cast<std::ptrdiff_t>(place * n_outputs));
  }

  /// Has the coalitions at both ends evaluated as well: each player alone, then all others. They are not in the estimate.
  void want_ends() noexcept { wants_ends_ = true; }
  /// The number of these coalitions that are still to be requested.
  [[nodiscard]] std::size_t n_ends_left() const noexcept {
    return wants_ends_ ? 2 * players_.size() - n_ends_asked_ : 0;
  }
  /// Requests more of them, and returns the number of the first, for answer().
  std::size_t ask_ends(std::size_t n_coalitions, std::size_t n_outputs) {
    ends_.resize(2 * players_.size() * n_outputs);
    return first_end + std::exchange(n_ends_asked_, n_ends_asked_ + n_coalitions);
  }
  [[nodiscard]] bool has_ends() const noexcept { return wants_ends_ && n_ends_asked_ == 2 * players_.size(); }
  /// Their worths: 2i is player i alone, and 2i + 1 all others.
  [[nodiscard]] std::span<const double> ends() const noexcept { return ends_; }
  /// Returns whether everything that was requested has arrived.
  void answered() noexcept { n_evaluated_ = n_asked_; }
  /// Frees what only further evaluations need.
  void forget() {
    worths_ = {};
    own_.reset();
    design_ = nullptr;
  }
  /// Returns about how much memory the object would keep.
  [[nodiscard]] std::size_t n_bytes() const noexcept {
    return sizeof(*this) +
           (worths_.capacity() + found_.values.capacity() + found_.standard_errors.capacity()) * sizeof(double) +
           players_.capacity() * sizeof(std::uint32_t);
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
  void estimate(std::size_t n_outputs, double ridge, bool doubts_fits, BlockScratch& scratch);
  [[nodiscard]] const RowEstimate& found() const noexcept { return found_; }
  /// The worths in the estimate: coalitions x outputs, where 2p and 2p + 1 are a pair.
  [[nodiscard]] std::span<const double> worths(std::size_t n_outputs) const {
    return std::span(worths_).first(2 * n_used_ * n_outputs);
  }

  /// Estimates again, after an estimate, without the interactions in the difference of each pair (pairs x outputs).
  /// deviations has a number for each output: the standard deviation of what values and interactions leave of such a
  /// difference, in pairs that their fit has not seen. It determines the standard errors. An output with NaN keeps its
  /// estimate.
  void adjust(std::span<const double> interactions, std::span<const double> deviations, double ridge,
              BlockScratch& scratch);
  /// Whether the estimate has too few pairs to find interactions.
  [[nodiscard]] bool has_few_pairs() const;
  /// Whether a search takes too long for the number of evaluations.
  [[nodiscard]] bool is_search_costly() const { return search_.is_costly(players_.size(), n_used_); }
  /// Whether interactions may be found, and taking them out of the estimate helps.
  [[nodiscard]] bool may_be_adjusted() const;
  /// Whether the estimate is without interactions.
  [[nodiscard]] bool is_adjusted() const noexcept { return is_adjusted_; }
  [[nodiscard]] std::size_t rank() const noexcept { return rank_; }
  [[nodiscard]] double condition_number() const noexcept { return condition_number_; }

 private:
  static constexpr std::size_t first_end = std::size_t{1} << 62;

  [[nodiscard]] const PreparedDesign& prepared() const noexcept { return own_ ? *own_ : *design_; }
  void estimate_by_regression(std::span<const double> worths, std::size_t n_outputs, double ridge, bool doubts_fits,
                              BlockScratch& scratch);
  void finish_exact();
  void estimate_from_replicates(std::span<const double> worths, std::size_t n_outputs, double ridge);
  void set_spread(std::span<const double> worths, std::size_t n_outputs, std::span<const double> means);

  std::size_t background_ = 0;
  std::vector<std::uint32_t> players_{};
  std::size_t n_pairs_ = 0;
  bool noisy_ = false;
  std::size_t n_all_ = 0;
  std::size_t order_ = 1;
  // At most all coalitions, which may be repeated for a noisy model. It is in the cache, or here if there was no room.
  const PreparedDesign* design_ = nullptr;
  std::optional<PreparedDesign> own_{};
  const DesignCache* designs_ = nullptr;
  std::vector<double> worths_{};  // coalitions x outputs
  bool wants_ends_ = false;
  std::size_t n_ends_asked_ = 0;
  std::vector<double> ends_{};   // coalitions x outputs
  std::size_t n_asked_ = 0;      // coalitions that were requested from the model
  std::size_t n_evaluated_ = 0;  // coalitions whose worths have arrived
  std::size_t n_used_ = 0;       // pairs in the estimate
  RowEstimate found_{};
  std::size_t rank_ = 0;
  double condition_number_ = 1;
  bool is_adjusted_ = false;
  Search search_{};
};

}  // namespace banzhaf
