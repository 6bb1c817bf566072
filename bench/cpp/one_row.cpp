// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Times a saved tree explainer on one row at a time, and prints one line of JSON.
//
//     one_row income.trees rows.bin values.bin 20000
//
// The rows are doubles. The values of all rows are written, so that they can be compared.
#include <algorithm>
#include <atomic>
#include <banzhaf/tree_file.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "timing.hpp"

namespace {

std::atomic<std::size_t> n_allocations{0};

}  // namespace

// Not inlined, because GCC treats malloc and free specially.
[[gnu::noinline]] void* operator new(std::size_t size) {
  n_allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

class Bench {
 public:
  Bench(const banzhaf::TreeExplainer& explainer, const std::vector<double>& rows)
      : explainer_(explainer),
        rows_(rows),
        n_features_(explainer.n_features()),
        n_values_(explainer.n_players() * explainer.n_outputs()),
        n_rows_(rows.size() / n_features_) {}

  [[nodiscard]] std::size_t n_values() const { return n_values_; }
  [[nodiscard]] std::size_t n_rows() const { return n_rows_; }

  void explain(std::size_t i, std::span<double> values) const {
    explainer_.explain(std::span(rows_).subspan(i % n_rows_ * n_features_, n_features_), values, 1);
  }
  void predict(std::size_t i, std::span<double> outputs) const {
    explainer_.predict(std::span(rows_).subspan(i % n_rows_ * n_features_, n_features_), outputs, 1);
  }

  // Returns the rows per second of some threads, which share the explainer.
  [[nodiscard]] double throughput(std::size_t n_threads, double seconds) const {
    std::atomic<std::size_t> n_done{0};
    std::atomic<bool> started{false}, stopped{false};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < n_threads; ++t) {
      threads.emplace_back([&, t] {
        std::vector<double> values(n_values_);
        explain(t, values);
        while (!started) std::this_thread::yield();
        std::size_t done = 0;
        for (; !stopped.load(std::memory_order_relaxed); ++done) explain(done * 7 + t * n_rows_ / 2, values);
        n_done += done;
      });
    }
    started = true;
    const Clock::time_point start = Clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stopped = true;
    const double taken = since(start);
    for (std::thread& thread : threads) thread.join();
    return static_cast<double>(n_done) / taken;
  }

 private:
  const banzhaf::TreeExplainer& explainer_;
  const std::vector<double>& rows_;
  std::size_t n_features_, n_values_, n_rows_;
};

}  // namespace

int main(int n_arguments, char** arguments) {
  if (n_arguments != 5) {
    std::fprintf(stderr, "usage: one_row <explainer> <rows> <values> <calls>\n");
    return 1;
  }
  std::ifstream file(arguments[2], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<double> rows(bytes.size() / sizeof(double));
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(rows.data()));
  const auto n_calls = static_cast<std::size_t>(std::stoull(arguments[4]));

  std::vector<double> opened;
  for (int i = 0; i < 5; ++i) {
    const Clock::time_point start = Clock::now();
    const banzhaf::TreeExplainer once = banzhaf::load_tree_explainer(arguments[1]);
    opened.push_back(since(start));
  }
  std::sort(opened.begin(), opened.end());
  const banzhaf::TreeExplainer explainer = banzhaf::load_tree_explainer(arguments[1]);
  const Bench bench(explainer, rows);
  std::vector<double> values(bench.n_values()), outputs(explainer.n_outputs());

  const Times explaining = time_calls(n_calls, [&](std::size_t i) { bench.explain(i, values); });
  const std::size_t before = n_allocations;
  for (std::size_t i = 0; i < bench.n_rows(); ++i) bench.explain(i, values);
  const std::size_t allocated = n_allocations - before;
  const Times predicting = time_calls(n_calls, [&](std::size_t i) { bench.predict(i, outputs); });
  std::vector<double> ratios;
  for (int i = 0; i < 9; ++i) {
    const double one = bench.throughput(1, 0.1), two = bench.throughput(2, 0.1);
    ratios.push_back(two / one);
  }
  std::sort(ratios.begin(), ratios.end());

  std::vector<double> all(bench.n_rows() * bench.n_values());
  for (std::size_t i = 0; i < bench.n_rows(); ++i)
    bench.explain(i, std::span(all).subspan(i * bench.n_values(), bench.n_values()));
  std::ofstream(arguments[3], std::ios::binary)
      .write(reinterpret_cast<const char*>(all.data()), static_cast<std::streamsize>(all.size() * sizeof(double)));
  std::printf(
      "{\"p50\": %.9f, \"p99\": %.9f, \"predict\": %.9f, \"allocations\": %zu, \"two_threads\": %.4f, \"opened\": "
      "%.9f}\n",
      explaining.median, explaining.slow, predicting.median, allocated, ratios[4], opened[2]);
  return 0;
}
