// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks that a range is divided without gaps, and that what comes before a failure is done.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "check.hpp"
#include "support/interrupt.hpp"
#include "support/parts.hpp"

namespace {

using namespace banzhaf;

void wait_for(std::chrono::microseconds time) { std::this_thread::sleep_for(time); }

void check_division() {
  for (const std::size_t n_items : {0, 1, 2, 17, 1000}) {
    for (const std::size_t least : {1, 2}) {
      for (const std::size_t most : {1, 2, 7, 64}) {
        for (const int threads : {1, 3}) {
          std::vector<std::atomic<int>> seen(n_items);
          std::atomic<std::size_t> largest{0};
          std::atomic<bool> aligned{true};
          const PartCall call = [&](std::size_t first, std::size_t count) {
            for (std::size_t i = first; i < first + count; ++i) ++seen[i];
            if (count > largest.load()) largest = count;
            if (first % least != 0 && most >= least) aligned = false;
            if (n_items == 17) wait_for(std::chrono::microseconds(300));
            return count;
          };
          const Progress progress = call_in_parts(
              {.n_items = n_items, .least = least, .most = most, .num_threads = threads}, [&] { return call; });
          CHECK(progress.n_done == n_items && !progress.error && largest.load() <= most && aligned.load());
          CHECK(std::all_of(seen.begin(), seen.end(), [](const std::atomic<int>& times) { return times.load() == 1; }));
        }
      }
    }
  }
}

void check_growth() {
  std::size_t n_calls = 0;
  const PartCall call = [&](std::size_t, std::size_t count) {
    ++n_calls;
    return count;
  };
  CHECK(call_in_parts({.n_items = 100'000, .most = 100'000, .num_threads = 1}, [&] { return call; }).n_done == 100'000);
  CHECK(n_calls < 1000);
}

// The first failure counts, whatever the threads do, and all before it is done.
void check_failures() {
  for (const int threads : {1, 4}) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      std::vector<std::atomic<int>> seen(500);
      const PartCall call = [&](std::size_t first, std::size_t count) -> std::size_t {
        wait_for(std::chrono::microseconds(20));
        for (std::size_t i = first; i < first + count; ++i)
          if (i % 150 == 149) throw std::runtime_error("failed at " + std::to_string(i));
        for (std::size_t i = first; i < first + count; ++i) ++seen[i];
        return count;
      };
      const Progress progress =
          call_in_parts({.n_items = 500, .most = 10, .num_threads = threads}, [&] { return call; });
      CHECK(progress.error && progress.n_done <= 149 && progress.n_done + 10 > 149);
      CHECK(testing::throws<std::runtime_error>([&] { std::rethrow_exception(progress.error); }, "failed at 149"));
      CHECK(std::all_of(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(progress.n_done),
                        [](const std::atomic<int>& times) { return times.load() == 1; }));
    }
    const PartCall stops = [](std::size_t first, std::size_t count) {
      return first + count <= 321 ? count : std::min(count, 321 - std::min<std::size_t>(first, 321));
    };
    const Progress progress =
        call_in_parts({.n_items = 500, .most = 50, .num_threads = threads}, [&] { return stops; });
    CHECK(progress.n_done == 321 && !progress.error);
  }
}

struct Interrupted {};

void check_interrupts() {
  for (const int threads : {1, 3}) {
    std::atomic<std::size_t> n_calls{0};
    const PartCall call = [&](std::size_t, std::size_t count) {
      wait_for(std::chrono::milliseconds(1));
      ++n_calls;
      return count;
    };
    const InterruptScope scope([] { throw Interrupted(); }, std::chrono::milliseconds(20));
    const Progress progress =
        call_in_parts({.n_items = 1'000'000, .most = 1, .num_threads = threads}, [&] { return call; });
    CHECK(progress.n_done == n_calls.load() && progress.n_done < 1'000'000);
    CHECK(testing::throws<std::runtime_error>(
        [&] {
          try {
            std::rethrow_exception(progress.error);
          } catch (const Interrupted&) {
            throw std::runtime_error("interrupted");
          }
        },
        "interrupted"));
  }
}

}  // namespace

int main() {
  check_division();
  check_growth();
  check_failures();
  check_interrupts();
  return banzhaf::testing::finish();
}
