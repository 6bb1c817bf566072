// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The designs of background rows, which depend on no explained row. They are made when needed, and then kept.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "banzhaf/designs.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

/// A design, with what its estimates have found out about it.
struct PreparedDesign {
  explicit PreparedDesign(Design made) : design(std::move(made)) {}
  PreparedDesign(PreparedDesign&& other) noexcept
      : design(std::move(other.design)), condition_number(other.condition_number.load()) {}

  Design design;
  mutable std::atomic<double> condition_number{0};  ///< of the regression on all pairs, or 0 before the first estimate
};

/// Threads share it without locks: a design that is there never changes and never moves. The memory is bounded.
class DesignCache {
 public:
  DesignCache(std::size_t n_background, std::uint64_t seed);
  ~DesignCache();
  DesignCache(const DesignCache&) = delete;
  DesignCache& operator=(const DesignCache&) = delete;

  /// Returns the Hadamard design of a background row for a number of differing players. It lies in the cache, or in
  /// own if there is no room for it. After the deadline, the design is not the best one, and is not kept.
  [[nodiscard]] const PreparedDesign& design(std::size_t background, std::size_t n_players, std::size_t n_pairs,
                                             const Deadline& deadline, std::optional<PreparedDesign>& own) const;

 private:
  struct Kept;

  std::uint64_t seed_;
  // For each background row, its designs as a list. Only its start changes.
  mutable std::vector<std::atomic<const Kept*>> first_;
  mutable std::atomic<std::size_t> n_bytes_{0};
};

}  // namespace banzhaf
