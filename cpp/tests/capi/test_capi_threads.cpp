// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Threads that share a handle get the same bits, and a call with one row allocates nothing. The argument is the file of
// examples/c.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "allocations.hpp"
#include "banzhaf.h"
#include "check.hpp"

int main(int n_arguments, char** arguments) {
  constexpr std::size_t n = 10, n_rows = 100;
  banzhaf_explainer* explainer = nullptr;
  char error[100];
  const std::size_t at_start = n_allocations;
  CHECK(n_arguments == 2 && banzhaf_open(arguments[1], &explainer, error, sizeof error) == BANZHAF_OK);
  if (explainer == nullptr) return 1;
#if defined(__linux__)
  CHECK(n_allocations > at_start);  // so the count includes those of the shared library
#else
  CHECK(n_allocations >= at_start);
#endif
  const double patient[n] = {65, 2, 27.9, 103, 159, 96.8, 42, 4, 4.6151, 86};
  std::vector<double> rows(n_rows * n), expected(n_rows * n);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = patient[i % n] * (0.5 + 0.01 * static_cast<double>(i / n));
  CHECK(banzhaf_explain(explainer, rows.data(), rows.size(), expected.data(), expected.size(), 1, nullptr, 0) == 0);

  std::atomic<int> n_same{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      bool same = true;
      double values[n], output = 0;
      char reason[60];
      for (std::size_t i = 0; i < 300; ++i) {
        const std::size_t r = (7 * i + 13 * t) % n_rows;
        same &= banzhaf_explain(explainer, &rows[r * n], n, values, n, 0, reason, sizeof reason) == BANZHAF_OK;
        same &= std::equal(values, values + n, &expected[r * n]);
        same &= banzhaf_predict(explainer, &rows[r * n], n, &output, 1, 0, reason, sizeof reason) == BANZHAF_OK;
        // A thread's failure is not another thread's.
        same &= banzhaf_explain(explainer, &rows[r * n], t + 1, values, n, 0, reason, sizeof reason) != BANZHAF_OK;
        same &= std::string(reason).find("got " + std::to_string(t + 1) + " cells") != std::string::npos;
      }
      n_same += same ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(n_same == 4);

  double values[n], output = 0;
  CHECK(banzhaf_explain(explainer, rows.data(), n, values, n, 1, error, sizeof error) == BANZHAF_OK);
  const std::size_t before = n_allocations;
  int status = 0;
  for (std::size_t r = 0; r < n_rows; ++r) {
    status |= banzhaf_explain(explainer, &rows[r * n], n, values, n, 0, error, sizeof error);
    status |= banzhaf_predict(explainer, &rows[r * n], n, &output, 1, 0, error, sizeof error);
  }
  CHECK(status == BANZHAF_OK);
  CHECK(n_allocations == before);
  banzhaf_close(explainer);
  return banzhaf::testing::finish();
}
