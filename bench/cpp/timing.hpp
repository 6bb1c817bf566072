// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Times single calls.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

using Clock = std::chrono::steady_clock;

inline double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Times {
  double median, slow;  // slow is the 99th percentile
};

// Times single calls, one row after the other.
template <typename Call>
Times time_calls(std::size_t n_calls, Call&& call) {
  for (std::size_t i = 0; i < n_calls / 10; ++i) call(i);
  std::vector<double> seconds(n_calls);
  for (std::size_t i = 0; i < n_calls; ++i) {
    const Clock::time_point start = Clock::now();
    call(i);
    seconds[i] = since(start);
  }
  std::sort(seconds.begin(), seconds.end());
  return {seconds[n_calls / 2], seconds[n_calls * 99 / 100]};
}
