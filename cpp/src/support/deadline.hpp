// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A deadline for work, on a clock that tests can replace.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <utility>

namespace banzhaf {

class Deadline {
 public:
  /// Returns seconds. If empty, the steady clock is used.
  using Clock = std::function<double()>;

  /// No deadline.
  Deadline() = default;
  /// A deadline in the given seconds from now. Infinity means no deadline.
  explicit Deadline(double seconds, Clock clock = {})
      : clock_(std::move(clock)), seconds_(seconds), start_(std::isinf(seconds) ? 0 : now()) {}

  [[nodiscard]] bool is_set() const noexcept { return !std::isinf(seconds_); }
  /// Returns the seconds from the start to the deadline.
  [[nodiscard]] double seconds() const noexcept { return seconds_; }
  /// Returns the seconds left: below 0 after the deadline, infinite without one.
  [[nodiscard]] double left() const { return is_set() ? seconds_ - (now() - start_) : seconds_; }
  [[nodiscard]] bool has_passed() const { return left() <= 0; }

  /// Returns a deadline on the same clock, in the given seconds from now.
  [[nodiscard]] Deadline from_now(double seconds) const { return Deadline(seconds, clock_); }

  /// Returns how many items the next batch may have: 0 after the deadline, otherwise at least one. A batch gets only a
  /// share of the time left, so that little is lost if items turn out slower. Without a known speed, it is one item.
  [[nodiscard]] std::size_t fitting(std::size_t most, double seconds_per_item, double share = 0.25) const {
    if (!is_set()) return most;
    const double rest = left();
    if (rest <= 0) return 0;
    const double fits = seconds_per_item > 0 ? share * rest / seconds_per_item : 1;
    return fits < static_cast<double>(most) ? std::max<std::size_t>(1, static_cast<std::size_t>(fits)) : most;
  }

  [[nodiscard]] double now() const {
    if (clock_) return clock_();
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

 private:
  Clock clock_{};
  double seconds_ = std::numeric_limits<double>::infinity();
  double start_ = 0;
};

}  // namespace banzhaf
