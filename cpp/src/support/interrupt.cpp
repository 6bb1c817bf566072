// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The innermost scope of each thread, and its clock.
#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

thread_local InterruptScope* innermost = nullptr;

}  // namespace

InterruptScope::InterruptScope(Hook hook, std::chrono::milliseconds interval) noexcept
    : hook_(hook), interval_(interval), outer_(innermost) {
  innermost = this;
}

InterruptScope::~InterruptScope() { innermost = outer_; }

// Without a hook, no hook is called within the scope, not even that of an outer scope.
void InterruptScope::poll() {
  if (hook_ == nullptr) return;
  const auto now = std::chrono::steady_clock::now();
  if (due_ == std::chrono::steady_clock::time_point{}) {
    due_ = now + interval_;
    return;
  }
  if (now < due_) return;
  hook_();
  due_ = std::chrono::steady_clock::now() + interval_;
}

void checkpoint() {
  if (innermost != nullptr) innermost->poll();
}

}  // namespace banzhaf
