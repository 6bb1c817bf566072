// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// How a caller ends long work: a function of its own is asked now and then, on its own thread, and may throw.
#pragma once

#include <chrono>

namespace banzhaf {

/// While it lives, long work on this thread asks the hook, first after one interval and at most once in each. What the
/// hook throws ends the work and reaches the caller. The innermost scope of a thread counts.
///
///     const InterruptScope scope(&throw_if_cancelled, std::chrono::milliseconds(100));
///     const Estimate found = estimator(worths);
class InterruptScope {
 public:
  using Hook = void (*)();

  InterruptScope(Hook hook, std::chrono::milliseconds interval) noexcept;
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  friend void checkpoint();
  void poll();

  Hook hook_;
  std::chrono::milliseconds interval_;
  std::chrono::steady_clock::time_point due_{};  // unset until the first checkpoint: short work reads no clock
  InterruptScope* outer_;
};

/// Where long work may be ended: cheap enough for every task of a loop. Costs a few nanoseconds without a scope.
void checkpoint();

}  // namespace banzhaf
