// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Coordinate exchange (Meyer and Nachtsheim, Technometrics 37, 1995) for the trace of (X^T X)^-1.
#include "designs/weighing.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "designs/hadamard_matrices.hpp"
#include "support/interrupt.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

constexpr double ridge = 1.0 / 64;        // keeps the inverse finite at first; too small to matter later
constexpr double least_gain = 1e-9;       // relative
constexpr double most_work = 4e7;         // multiplications, over all starts
constexpr std::size_t most_starts = 16;   // half of them from rows of a Hadamard matrix, half at random
constexpr std::size_t most_sweeps = 24;   // over all rows; a start ends earlier if nothing changes
constexpr std::uint64_t fixed_seed = 15;  // the rows are a fixed table that is computed when needed

class Exchange {
 public:
  Exchange(std::size_t n_players, std::size_t n_rows, std::vector<double> entries)
      : n_(n_players), n_rows_(n_rows), entries_(std::move(entries)), inverse_(n_ * n_), product_(n_), squares_(n_) {
    for (std::size_t j = 0; j < n_; ++j) inverse_[j * n_ + j] = 1 / ridge;
    for (std::size_t p = 0; p < n_rows_; ++p) add(&entries_[p * n_], 1);
  }

  /// Improves each row once, or until a deadline, and returns whether any row changed.
  bool sweep(const Deadline& deadline) {
    bool changed = false;
    for (std::size_t p = 0; p < n_rows_ && !deadline.has_passed(); ++p) {
      checkpoint();
      double* row = &entries_[p * n_];
      add(row, -1);
      changed |= improve(row);
      add(row, 1);
    }
    return changed;
  }

  [[nodiscard]] double trace() const {
    double sum = 0;
    for (std::size_t j = 0; j < n_; ++j) sum += inverse_[j * n_ + j];
    return sum;
  }

  [[nodiscard]] Coalitions packed() const {
    Coalitions rows(n_rows_, n_);
    for (std::size_t p = 0; p < n_rows_; ++p)
      for (std::size_t j = 0; j < n_; ++j)
        rows.row(p)[j / 64] |= std::uint64_t{entries_[p * n_ + j] > 0 ? 1U : 0U} << (j % 64);
    return rows;
  }

 private:
  /// Computes inverse v column by column, so that the order of the sums is the same on every machine.
  void multiply(const double* v, std::vector<double>& out) const {
    std::fill(out.begin(), out.end(), 0.0);
    for (std::size_t j = 0; j < n_; ++j) {
      const double* column = &inverse_[j * n_];
      for (std::size_t i = 0; i < n_; ++i) out[i] += v[j] * column[i];
    }
  }

  [[nodiscard]] double dot(const double* a, const double* b) const {
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i) sum += a[i] * b[i];
    return sum;
  }

  /// Adds a row to X^T X (sign 1) or removes one (sign -1), by the formula of Sherman and Morrison.
  void add(const double* row, double sign) {
    multiply(row, product_);
    const double scale = -sign / (1 + sign * dot(row, product_.data()));
    for (std::size_t j = 0; j < n_; ++j) {
      const double factor = scale * product_[j];
      double* column = &inverse_[j * n_];
      for (std::size_t i = 0; i < n_; ++i) column[i] += factor * product_[i];
    }
  }

  /// Flips the entry of the row that lowers the trace most, until no flip does. The row is not part of the inverse.
  bool improve(double* row) {
    std::vector<double> twice(n_);  // inverse^2 row
    for (std::size_t j = 0; j < n_; ++j) squares_[j] = dot(&inverse_[j * n_], &inverse_[j * n_]);
    bool changed = false;
    for (std::size_t flips = 0; flips < n_; ++flips) {
      multiply(row, product_);
      multiply(product_.data(), twice);
      // Adding a row y lowers the trace by |C y|^2 / (1 + y^T C y).
      const double length = dot(product_.data(), product_.data()), form = 1 + dot(row, product_.data());
      double best = length / form * (1 + least_gain);
      std::size_t chosen = n_;
      for (std::size_t j = 0; j < n_; ++j) {
        const double gain = (length - 4 * row[j] * twice[j] + 4 * squares_[j]) /
                            (form - 4 * row[j] * product_[j] + 4 * inverse_[j * n_ + j]);
        if (gain <= best) continue;
        best = gain;
        chosen = j;
      }
      if (chosen == n_) break;
      row[chosen] = -row[chosen];
      changed = true;
    }
    return changed;
  }

  std::size_t n_, n_rows_;
  std::vector<double> entries_, inverse_, product_, squares_;
};

std::vector<double> random_start(std::size_t n_players, std::size_t n_rows, std::uint64_t start) {
  std::vector<std::uint64_t> words(words_for(n_players) * n_rows);
  random_words(fixed_seed, Stream::signs, start * words.size(), words);
  std::vector<double> entries(n_players * n_rows);
  for (std::size_t p = 0; p < n_rows; ++p)
    for (std::size_t j = 0; j < n_players; ++j)
      entries[p * n_players + j] = ((words[p * words_for(n_players) + j / 64] >> (j % 64)) & 1U) != 0 ? 1 : -1;
  return entries;
}

std::vector<double> hadamard_start(std::size_t n_players, std::size_t n_rows, std::uint64_t start) {
  const auto matrix = HadamardMatrix::shared(HadamardMatrix::smallest_order(static_cast<std::uint32_t>(n_rows)));
  const std::uint64_t first = 2 * start * matrix->order();
  const auto rows = random_order(matrix->order(), n_rows, fixed_seed, Stream::orders, first);
  const auto columns = random_order(matrix->order(), n_players, fixed_seed, Stream::orders, first + matrix->order());
  std::vector<double> entries;
  for (const std::uint32_t row : rows)
    for (const std::uint32_t column : columns) entries.push_back(matrix->positive(row, column) ? 1 : -1);
  return entries;
}

}  // namespace

std::optional<Coalitions> weighing_rows(std::size_t n_players, std::size_t n_rows, const Deadline& deadline) {
  // A row takes about six products of the inverse and a vector.
  const double sweep = 6.0 * static_cast<double>(n_rows) * static_cast<double>(n_players * n_players);
  double least = 0, work = 0;
  Coalitions best;
  for (std::size_t start = 0; start < most_starts && (start == 0 || work < most_work); ++start) {
    if (deadline.has_passed()) return std::nullopt;
    Exchange exchange(
        n_players, n_rows,
        start % 2 == 0 ? hadamard_start(n_players, n_rows, start) : random_start(n_players, n_rows, start));
    for (std::size_t s = 0; s < most_sweeps && (s == 0 || work < most_work); ++s, work += sweep)
      if (!exchange.sweep(deadline)) break;
    if (start > 0 && exchange.trace() >= least) continue;
    least = exchange.trace();
    best = exchange.packed();
  }
  if (deadline.has_passed()) return std::nullopt;
  return best;
}

std::shared_ptr<const Coalitions> shared_weighing_rows(std::size_t n_players, std::size_t n_rows,
                                                       const Deadline& deadline) {
  static std::mutex lock;
  static std::map<std::pair<std::size_t, std::size_t>, std::shared_ptr<const Coalitions>> made;
  const auto kept = [&](std::shared_ptr<const Coalitions> rows) {
    const std::lock_guard<std::mutex> guard(lock);
    std::shared_ptr<const Coalitions>& known = made[{n_players, n_rows}];
    if (!known) known = std::move(rows);
    return known;
  };
  if (std::shared_ptr<const Coalitions> known = kept(nullptr)) return known;
  // Nobody waits for a search. Two callers at the same time both search, and find the same rows.
  std::optional<Coalitions> found = weighing_rows(n_players, n_rows, deadline);
  return found ? kept(std::make_shared<const Coalitions>(std::move(*found))) : nullptr;
}

}  // namespace banzhaf
