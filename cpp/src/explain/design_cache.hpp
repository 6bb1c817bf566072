// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The designs of background rows, which depend on no explained row. They are made when needed, and then kept.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "banzhaf/designs.hpp"
#include "banzhaf/estimate.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

/// Returns the seed of a background row's designs, which is the same for all explicands.
[[nodiscard]] std::uint64_t seed_of_background(std::uint64_t seed, std::size_t background);

/// A design, with what its estimates have found out about it.
struct PreparedDesign {
  explicit PreparedDesign(Design made) : design(std::move(made)) {}
  /// Moves a design that has no estimators yet.
  PreparedDesign(PreparedDesign&& other) noexcept
      : design(std::move(other.design)), condition_number(other.condition_number.load()) {}
  ~PreparedDesign() {
    for (const std::atomic<const Estimator*>& each : estimators) delete each.load();
  }

  Design design;
  mutable std::atomic<double> condition_number{0};  ///< of the regression on all pairs, or 0 before the first estimate
  /// Those that do not doubt a perfect fit, and those that do, or null. They belong to this object.
  mutable std::array<std::atomic<const Estimator*>, 2> estimators{};
};

/// Threads share it without locks: a design that is there never changes and never moves. The memory is bounded.
class DesignCache {
 public:
  DesignCache(std::size_t n_background, std::uint64_t seed);
  ~DesignCache();
  DesignCache(const DesignCache&) = delete;
  DesignCache& operator=(const DesignCache&) = delete;

  /// Returns the Hadamard design of a background row for a number of differing players, of nested or fresh blocks. It
  /// lies in the cache, or in own if there is no room for it. After the deadline, the design is not the best one, and is
  /// not kept.
  [[nodiscard]] const PreparedDesign& design(DesignKind kind, std::size_t background, std::size_t n_players,
                                             std::size_t n_pairs, const Deadline& deadline,
                                             std::optional<PreparedDesign>& own) const;

  /// Returns the estimator of a design that lies in the cache, or null if there is no room for it. Its other options are
  /// those of all estimators for the design.
  [[nodiscard]] const Estimator* estimator(const PreparedDesign& prepared, const EstimateOptions& options) const;

 private:
  struct Kept;

  std::uint64_t seed_;
  // For each background row, its designs as a list. Only its start changes.
  mutable std::vector<std::atomic<const Kept*>> first_;
  mutable std::atomic<std::size_t> n_bytes_{0};
};

}  // namespace banzhaf
