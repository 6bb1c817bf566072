// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks that callers can end work: where the hook is called, and that its exception arrives.
#include <functional>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "check.hpp"
#include "support/interrupt.hpp"
#include "support/parallel.hpp"

namespace {

using std::chrono::milliseconds;

struct Ended : std::runtime_error {
  using std::runtime_error::runtime_error;
};

thread_local int n_asked = 0;
void count() { ++n_asked; }
void end() {
  ++n_asked;
  throw Ended("ended");
}

int asked_in(const std::function<void()>& body) {
  n_asked = 0;
  body();
  return n_asked;
}

}  // namespace

int main() {
  using namespace banzhaf;
  using namespace banzhaf::testing;
  const auto five = [] {
    for (int i = 0; i < 5; ++i) checkpoint();
  };
  CHECK(asked_in(five) == 0);  // there is no hook
  CHECK(asked_in([&] {
          const InterruptScope scope(&count, milliseconds(0));
          five();
        }) == 4);  // the first checkpoint starts the clock
  CHECK(asked_in([&] {
          const InterruptScope scope(&count, milliseconds(3'600'000));
          five();
        }) == 0);
  CHECK(asked_in([&] {
          const InterruptScope outer(&end, milliseconds(0));
          const InterruptScope inner(&count, milliseconds(0));
          five();
        }) == 4);
  CHECK(asked_in([&] {
          const InterruptScope outer(&count, milliseconds(0));
          {
            const InterruptScope inner(&end, milliseconds(0));
          }
          five();
        }) == 4);
  CHECK(asked_in([&] {
          const InterruptScope scope(&count, milliseconds(0));
          std::thread(five).join();  // the hook is not for work on another thread
        }) == 0);

  CHECK(asked_in([&] {
          const InterruptScope outer(&end, milliseconds(0));
          const InterruptScope quiet(nullptr, milliseconds(0));
          five();
        }) == 0);

  // Loops end with the hook's exception, on one thread and on several, and leave nothing behind.
  for (const std::size_t n_threads : {1, 2, 5}) {
    std::size_t n_done = 0;
    std::mutex lock;
    CHECK(throws<Ended>(
        [&] {
          const InterruptScope scope(&end, milliseconds(0));
          parallel_for(n_threads, 100'000, [&](std::size_t) {
            std::this_thread::sleep_for(std::chrono::microseconds(10));
            const std::lock_guard<std::mutex> guard(lock);
            ++n_done;
          });
        },
        "ended"));
    CHECK(n_done < 100'000);
    std::vector<int> done(1000);
    parallel_for(n_threads, done.size(), [&](std::size_t task) { ++done[task]; });
    CHECK(std::accumulate(done.begin(), done.end(), 0) == 1000);
  }
  return finish();
}
