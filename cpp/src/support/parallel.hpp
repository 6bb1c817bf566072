// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Parallel loops over fixed tasks: the only file that knows which threads run them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>

#include "banzhaf/version.hpp"

#if defined(BANZHAF_THREADS_OPENMP)
#include <omp.h>
#elif defined(BANZHAF_THREADS_STD)
#include <system_error>
#include <thread>
#include <vector>
#endif

namespace banzhaf {

/// Throws std::invalid_argument for a number of threads below 0.
inline void require_threads(int num_threads) {
  if (num_threads < 0)
    throw std::invalid_argument("num_threads must be positive, or 0 for the default, got " +
                                std::to_string(num_threads));
}

/// Threads worth starting for this much work, in elementary operations; num_threads 0 means the default.
[[nodiscard]] inline std::size_t threads_for(int num_threads, std::size_t work) {
  // About half a millisecond: where a core is busy elsewhere, waiting for a second thread costs many times that.
  constexpr std::size_t work_per_thread = 1'000'000;
  const std::size_t useful = work / work_per_thread;
  if (useful <= 1) return 1;
  return std::min(useful, static_cast<std::size_t>(num_threads > 0 ? num_threads : default_num_threads()));
}

#if defined(BANZHAF_THREADS_STD)
inline thread_local bool inside_parallel_for = false;
#endif

/// Calls body(task) for each task in [0, n_tasks); rethrows the first exception. Tasks share nothing that they write.
template <typename Body>
void parallel_for(std::size_t n_threads, std::size_t n_tasks, Body&& body) {
  n_threads = std::min(n_threads, n_tasks);
#if defined(BANZHAF_THREADS_STD)
  if (inside_parallel_for) n_threads = 1;  // as OpenMP does
#endif
  if (n_threads <= 1) {
    for (std::size_t task = 0; task < n_tasks; ++task) body(task);
    return;
  }
#if defined(BANZHAF_THREADS_OPENMP) || defined(BANZHAF_THREADS_STD)
  std::atomic<std::size_t> next{0};
  std::exception_ptr error;
  std::mutex error_lock;
  // An exception may not leave a parallel region: it is carried out by hand.
  const auto work = [&]() noexcept {
    try {
      for (std::size_t task = next++; task < n_tasks; task = next++) body(task);
    } catch (...) {
      next = n_tasks;
      const std::lock_guard<std::mutex> guard(error_lock);
      if (!error) error = std::current_exception();
    }
  };
#if defined(BANZHAF_THREADS_OPENMP)
#pragma omp parallel num_threads(static_cast<int>(n_threads))
  work();
#else
  const auto work_inside = [&]() noexcept {
    inside_parallel_for = true;
    work();
    inside_parallel_for = false;
  };
  std::vector<std::thread> threads;
  threads.reserve(n_threads - 1);
  try {
    while (threads.size() + 1 < n_threads) threads.emplace_back(work_inside);
  } catch (const std::system_error&) {
    // No more threads are to be had: those that are there do it all.
  }
  work_inside();
  for (std::thread& thread : threads) thread.join();
#endif
  if (error) std::rethrow_exception(error);
#else
  for (std::size_t task = 0; task < n_tasks; ++task) body(task);
#endif
}

}  // namespace banzhaf
