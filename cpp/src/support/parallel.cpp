// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// How many threads to use, and what a fork must do first.
#include "support/parallel.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#include <thread>

namespace banzhaf {
namespace {

int usable_cpus() {
#if defined(__linux__)
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) return std::max(1, CPU_COUNT(&cpus));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// GCC has the call since version 9, though it calls itself OpenMP 4.5 for long after.
#if defined(BANZHAF_THREADS_OPENMP) && (defined(__unix__) || defined(__APPLE__)) && \
    (_OPENMP >= 201811 || (defined(__GNUC__) && __GNUC__ >= 9))
// A forked child of a process whose OpenMP threads exist hangs at its first parallel region: end them before each fork.
[[maybe_unused]] const int fork_handler =
    pthread_atfork([] { omp_pause_resource_all(omp_pause_soft); }, nullptr, nullptr);
#endif

}  // namespace

int default_num_threads() {
  if (const char* setting = std::getenv("OMP_NUM_THREADS")) {
    const std::string_view text(setting);
    int threads = 0;
    // A list such as "4,2" is for nested regions: its first number is ours.
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (parsed.ec == std::errc() && threads > 0) return threads;
  }
  return usable_cpus();
}

}  // namespace banzhaf
