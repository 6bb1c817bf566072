// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Parallel loops over a fixed list of tasks. Only these files know which threads run them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>

#include "banzhaf/version.hpp"
#include "support/interrupt.hpp"

namespace banzhaf {

/// Throws std::invalid_argument for a number of threads below 0.
void require_threads(int num_threads);

/// Returns the number of threads that are worth using for an amount of work, in elementary operations. num_threads 0
/// means the default. The result is at most most_threads(). Throws as require_threads does.
[[nodiscard]] std::size_t threads_for(int num_threads, std::size_t work);

/// Returns the limit of threads: four per usable CPU, and at least 16.
[[nodiscard]] std::size_t most_threads();

/// Returns the number of threads in the pool, working or idle. They stay until the process ends.
[[nodiscard]] std::size_t n_workers();

/// The tasks of a loop with any body.
struct Tasks {
  std::size_t n_tasks;
  void (*call)(void* body, std::size_t task);
  void* body;
};

/// Runs the tasks on this thread and on up to n_threads - 1 others, or fewer if no more are available.
void run_tasks(std::size_t n_threads, const Tasks& tasks);

/// Calls body(task) for each task in [0, n_tasks), and rethrows the first exception. Tasks must not write to shared
/// data. A loop inside a task runs on the thread of the task alone. Each task is a checkpoint.
template <typename Body>
void parallel_for(std::size_t n_threads, std::size_t n_tasks, Body&& body) {
  n_threads = std::min(n_threads, n_tasks);
  if (n_threads <= 1) {
    for (std::size_t task = 0; task < n_tasks; ++task) {
      checkpoint();
      body(task);
    }
    return;
  }
  using Called = std::remove_reference_t<Body>;
  const auto call = [](void* called, std::size_t task) { (*static_cast<Called*>(called))(task); };
  using Plain = std::remove_const_t<Called>;
  run_tasks(n_threads, {n_tasks, call, const_cast<Plain*>(std::addressof(body))});
}

}  // namespace banzhaf
