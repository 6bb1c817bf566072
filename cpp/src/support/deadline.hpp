// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A moment by which work should end, on a clock that tests may bring along.
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
  /// Seconds since some moment; empty: the steady clock.
  using Clock = std::function<double()>;

  /// None.
  Deadline() = default;
  /// So many seconds from now on; infinitely many are no deadline.
  explicit Deadline(double seconds, Clock clock = {})
      : clock_(std::move(clock)), seconds_(seconds), start_(std::isinf(seconds) ? 0 : now()) {}

  [[nodiscard]] bool is_set() const noexcept { return !std::isinf(seconds_); }
  /// From the start to the deadline.
  [[nodiscard]] double seconds() const noexcept { return seconds_; }
  /// Seconds left, below 0 once it has passed; infinite without a deadline.
  [[nodiscard]] double left() const { return is_set() ? seconds_ - (now() - start_) : seconds_; }
  [[nodiscard]] bool has_passed() const { return left() <= 0; }

  /// The same clock, a deadline so many seconds from now on.
  [[nodiscard]] Deadline from_now(double seconds) const { return Deadline(seconds, clock_); }

  /// How many items the next batch may have: 0 once the deadline has passed, else at least one. It is given a share of
  /// the time left, so that little is lost if the items turn out slower; without a known speed it is one item.
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
