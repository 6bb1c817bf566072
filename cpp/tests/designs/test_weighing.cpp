// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares the traces of the found rows with the smallest possible, and with those of parts of Hadamard matrices.
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "check.hpp"
#include "designs/hadamard_pairs.hpp"
#include "designs/weighing.hpp"

namespace {

using namespace banzhaf;

// Returns the trace of (X^T X)^-1, by elimination.
template <typename Sign>
double trace(std::size_t n_rows, std::size_t n, Sign is_positive) {
  std::vector<std::vector<double>> gram(n, std::vector<double>(2 * n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t p = 0; p < n_rows; ++p) gram[i][j] += is_positive(p, i) == is_positive(p, j) ? 1 : -1;
    gram[i][n + i] = 1;
  }
  double sum = 0;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i)
      if (std::abs(gram[i][k]) > std::abs(gram[pivot][k])) pivot = i;
    std::swap(gram[k], gram[pivot]);
    for (std::size_t i = 0; i < n; ++i) {
      const double factor = gram[i][k] / gram[k][k];
      for (std::size_t j = 0; i != k && j < 2 * n; ++j) gram[i][j] -= factor * gram[k][j];
    }
  }
  for (std::size_t k = 0; k < n; ++k) sum += gram[k][n + k] / gram[k][k];
  return sum;
}

void check_traces() {
  for (std::size_t n = 1; n <= 60; ++n) {
    for (std::size_t n_rows = n; n_rows < HadamardMatrix::smallest_order(static_cast<std::uint32_t>(n)); ++n_rows) {
      const auto rows = shared_weighing_rows(n, n_rows);
      CHECK(rows->n_rows() == n_rows && rows->n_players() == n);
      CHECK(shared_weighing_rows(n, n_rows) == rows);
      const double found = trace(n_rows, n, [&](std::size_t p, std::size_t j) { return rows->view().contains(p, j); });
      const double least = static_cast<double>(n) / static_cast<double>(n_rows);
      CHECK(found >= least * (1 - 1e-12));
      CHECK(found <= least * (n < 8 ? 1.5 : 1.25));
    }
  }
}

void check_against_a_row_left_out() {
  const auto matrix = HadamardMatrix::shared(16);
  const double left_out = trace(15, 14, [&](std::size_t p, std::size_t j) {
    return matrix->positive(static_cast<std::uint32_t>(p), static_cast<std::uint32_t>(j));
  });
  const Coalitions rows = weighing_rows(14, 15).value();
  CHECK(trace(15, 14, [&](auto p, auto j) { return rows.view().contains(p, j); }) < 0.85 * left_out);
}

// Random signs and orders of the same rows.
void check_pairs() {
  std::set<std::vector<std::uint64_t>> different;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const HadamardPairs pairs(14, 15, seed);
    std::vector<std::uint64_t> rows(15);
    for (std::size_t p = 0; p < 15; ++p) pairs.fill_row(p, {&rows[p], 1});
    CHECK(trace(15, 14, [&](auto p, auto j) { return ((rows[p] >> j) & 1U) != 0; }) < 1.1);
    different.insert(rows);
    // A part of them is the start of the whole.
    const HadamardPairs part = pairs.prefix(9);
    for (std::size_t p = 0; p < 9; ++p) {
      std::uint64_t row = 0;
      part.fill_row(p, {&row, 1});
      CHECK(row == rows[p]);
    }
  }
  CHECK(different.size() == 20);
}

// A search that a deadline ends leaves nothing behind, so the next search finds the usual rows.
void check_deadlines() {
  const Coalitions whole = weighing_rows(45, 46).value();
  for (const double seconds : {1.0, 3.0, 20.0, 200.0}) {
    double ticks = 0;
    const Deadline deadline(seconds, [&] { return ticks += 1; });
    CHECK(shared_weighing_rows(45, 46, deadline) == nullptr && ticks < seconds + 4);
    ticks = 0;
    const HadamardPairs random(45, 46, 3, Deadline(seconds, [&] { return ticks += 1; }));
    CHECK(random.order() == 48 && random.n_pairs() == 46);
    std::set<std::vector<std::uint64_t>> different;
    std::vector<std::uint64_t> row(1);
    for (std::size_t p = 0; p < 46; ++p) {
      random.fill_row(p, row);
      different.insert(row);
    }
    CHECK(different.size() == 46);
  }
  const auto rows = shared_weighing_rows(45, 46);
  for (std::size_t p = 0; p < 46; ++p) CHECK(*rows->view().row(p) == *whole.view().row(p));
}

}  // namespace

int main() {
  check_deadlines();
  check_traces();
  check_against_a_row_left_out();
  check_pairs();
  return testing::finish();
}
