// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks loops on several threads: each task runs once; exceptions; nested loops; many callers; no threads available.
#include <atomic>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/parallel.hpp"

#if defined(__linux__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "check.hpp"

namespace {

using banzhaf::parallel_for;

bool all_once(std::size_t n_threads, std::size_t n_tasks) {
  std::vector<int> done(n_tasks);
  parallel_for(n_threads, n_tasks, [&](std::size_t task) { ++done[task]; });
  for (const int times : done)
    if (times != 1) return false;
  return true;
}

}  // namespace

int main() {
  using namespace banzhaf;
  using namespace banzhaf::testing;

  for (const std::size_t n_threads : {0, 1, 2, 3, 16})
    for (const std::size_t n_tasks : {0, 1, 2, 7, 1000}) CHECK(all_once(n_threads, n_tasks));
  bool all = true;
  for (int i = 0; i < 2000; ++i) all = all && all_once(4, 5);
  CHECK(all);

  // The first exception arrives unchanged, whichever task threw it. Later loops are not affected.
  for (const std::size_t n_threads : {1, 2, 8}) {
    CHECK(throws<std::domain_error>(
        [&] {
          parallel_for(n_threads, 1000, [](std::size_t task) {
            if (task == 500) throw std::domain_error("task 500");
          });
        },
        "task 500"));
    CHECK(
        throws<std::bad_alloc>([&] { parallel_for(n_threads, 10, [](std::size_t) { throw std::bad_alloc(); }); }, ""));
    CHECK(all_once(n_threads, 100));
  }

  // A loop inside a task runs on the thread of the task.
  std::vector<int> cells(40 * 50);
  std::atomic<bool> elsewhere{false};
  parallel_for(4, 40, [&](std::size_t i) {
    const auto here = std::this_thread::get_id();
    parallel_for(4, 50, [&](std::size_t j) {
      if (std::this_thread::get_id() != here) elsewhere = true;
      ++cells[i * 50 + j];
    });
  });
  CHECK(!elsewhere && cells == std::vector<int>(40 * 50, 1));

  // Simultaneous callers share the workers.
  std::atomic<int> n_right{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 6; ++c)
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) n_right += all_once(3, 20) ? 1 : 0;
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(n_right == 1200);

  // If asked for, several threads run at once: each of three tasks waits for the others.
  if (build_info().threads == "std") {
    std::atomic<int> n_here{0};
    parallel_for(3, 3, [&](std::size_t) {
      ++n_here;
      while (n_here < 3) std::this_thread::yield();
    });
    CHECK(n_here == 3 && n_workers() >= 2);
  }

  CHECK(threads_for(3, 0) == 1 && threads_for(3, 2'000'000) == 2 && threads_for(3, 1'000'000'000) == 3);
  CHECK(threads_for(1, 1'000'000'000) == 1);
  CHECK(most_threads() >= 16 && threads_for(1'000'000, std::size_t{1} << 50) == most_threads());
  CHECK(throws<std::invalid_argument>([] { static_cast<void>(threads_for(-3, 0)); }, "num_threads"));
  CHECK(throws<std::invalid_argument>([] { static_cast<void>(threads_for(-3, 0)); }, "got -3"));

#if defined(__linux__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
  // A child process without more memory makes no threads, and does all the work itself.
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{1, 1};
    if (setrlimit(RLIMIT_AS, &none) != 0) _exit(2);
    std::size_t done[64] = {};
    parallel_for(8, 64, [&](std::size_t task) { done[task] = 1; });
    std::size_t sum = 0;
    for (const std::size_t one : done) sum += one;
    _exit(sum == 64 && n_workers() == 0 ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
  return finish();
}
