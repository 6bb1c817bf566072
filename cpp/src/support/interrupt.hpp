// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Lets a caller end long work: its own function is called now and then on its own thread, and may throw.
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
  std::chrono::steady_clock::time_point due_{};  // unset until the first checkpoint, so that short work reads no clock
  InterruptScope* outer_;
};

/// A place where long work may be ended. It is cheap enough for every task of a loop, and takes a few nanoseconds
/// without a scope.
void checkpoint();

}  // namespace banzhaf
