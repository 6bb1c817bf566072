// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/folds.hpp"

#include <algorithm>
#include <bit>

#include "regression/dense.hpp"
#include "support/parallel.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

// Pivots below this share of their diagonal entries mean that the pairs do not determine the values.
constexpr double least_pivot = 1e-9;

// Returns X^T X over the pairs whose bits are set.
std::vector<double> gram(const PairSigns& signs, const std::vector<std::uint64_t>& mask, std::size_t count) {
  const std::size_t n = signs.n_players(), words = signs.n_words();
  std::vector<double> out(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t* a = signs.column(i);
    for (std::size_t j = 0; j <= i; ++j) {
      const std::uint64_t* b = signs.column(j);
      std::size_t differ = 0;
      for (std::size_t w = 0; w < words; ++w)
        differ += static_cast<std::size_t>(std::popcount((a[w] ^ b[w]) & mask[w]));
      out[i * n + j] = static_cast<double>(count) - 2 * static_cast<double>(differ);
    }
  }
  return out;
}

// Returns the sum of the numbers whose bits are set, each with the sign of its bit in column.
double signed_sum(const std::uint64_t* column, std::span<const std::uint64_t> mask, std::span<const double> y) {
  double sum = 0;
  for (std::size_t w = 0; w < mask.size(); ++w) {
    const std::uint64_t signs = column[w];
    for (std::uint64_t left = mask[w]; left != 0; left &= left - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(left));
      const double value = y[w * 64 + bit];
      sum += ((signs >> bit) & 1U) != 0 ? value : -value;
    }
  }
  return sum;
}

double at_pair(const PairSigns& signs, const std::vector<double>& values, std::size_t pair) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += signs.contains(pair, i) ? values[i] : -values[i];
  return sum;
}

}  // namespace

ColumnFit fit_columns(const PairSigns& columns, std::span<const double> y, int num_threads) {
  const std::size_t n_pairs = columns.n_pairs(), n = columns.n_players();
  std::vector<std::uint64_t> all(columns.n_words(), ~std::uint64_t{0});
  if (n_pairs % 64 != 0) all.back() = ~std::uint64_t{0} >> (64 - n_pairs % 64);
  std::vector<double> factor = gram(columns, all, n_pairs);
  if (n_pairs <= n || !(cholesky(factor.data(), n, num_threads) > least_pivot)) return {};
  ColumnFit fit{std::vector<double>(n), std::vector<double>(n)};
  for (std::size_t i = 0; i < n; ++i) fit.values[i] = signed_sum(columns.column(i), all, y);
  cholesky_solve(factor.data(), n, fit.values.data());
  double squares = 0;
  for (std::size_t p = 0; p < n_pairs; ++p) {
    const double rest = y[p] - at_pair(columns, fit.values, p);
    squares += rest * rest;
  }
  const std::vector<double> inverse = cholesky_inverse(factor.data(), n, num_threads);
  for (std::size_t i = 0; i < n; ++i)
    fit.variances[i] = squares / static_cast<double>(n_pairs - n) * inverse[i * n + i];
  return fit;
}

FoldedPairs::FoldedPairs(const PairSigns& signs, std::size_t n_folds, std::uint64_t seed, int num_threads,
                         std::size_t block_size, bool with_fits)
    : signs_(&signs), training_(n_folds), held_out_(n_folds), masks_(n_folds), factors_(n_folds) {
  const std::size_t n_pairs = signs.n_pairs(), n = signs.n_players(), words = signs.n_words();
  std::vector<std::size_t> fold(n_pairs);
  if (block_size > 0) {
    for (std::size_t p = 0; p < n_pairs; ++p) fold[p] = p / block_size % n_folds;
  } else {
    const std::vector<std::uint32_t> order =
        random_order(static_cast<std::uint32_t>(n_pairs), n_pairs, seed, Stream::folds, 0);
    for (std::size_t i = 0; i < n_pairs; ++i) fold[order[i]] = i % n_folds;
  }
  all_.assign(words, 0);
  for (auto& mask : masks_) mask.assign(words, 0);
  for (std::size_t p = 0; p < n_pairs; ++p) {
    const std::uint64_t bit = std::uint64_t{1} << (p % 64);
    all_[p / 64] |= bit;
    for (std::size_t k = 0; k < n_folds; ++k) {
      if (fold[p] == k) {
        held_out_[k].push_back(static_cast<std::uint32_t>(p));
      } else {
        training_[k].push_back(static_cast<std::uint32_t>(p));
        masks_[k][p / 64] |= bit;
      }
    }
  }
  determined_ = n_pairs > 0;
  if (!with_fits) return;
  std::vector<double> pivots(n_folds + 1);
  const std::size_t work = n * n * (words + n / 3);
  parallel_for(threads_for(num_threads, work * (n_folds + 1)), n_folds + 1, [&](std::size_t k) {
    const bool whole = k == n_folds;
    std::vector<double> factor = whole ? gram(signs, all_, n_pairs) : gram(signs, masks_[k], training_[k].size());
    pivots[k] = cholesky(factor.data(), n, 1);
    (whole ? factor_ : factors_[k]) = std::move(factor);
  });
  determined_ = n_pairs > 0 && *std::min_element(pivots.begin(), pivots.end()) > least_pivot;
  if (!determined_) return;
  leverages_.resize(n_pairs);
  parallel_for(threads_for(num_threads, n_pairs * n * n), n_folds, [&](std::size_t k) {
    std::vector<double> row(n);
    for (const std::uint32_t p : held_out_[k]) {
      for (std::size_t i = 0; i < n; ++i) row[i] = signs.contains(p, i) ? 1 : -1;
      // With L L^T = X^T X, the leverage is the square of L^-1 x.
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double* l = factors_[k].data() + i * n;
        double rest = row[i];
        for (std::size_t j = 0; j < i; ++j) rest -= l[j] * row[j];
        row[i] = rest / l[i];
        sum += row[i] * row[i];
      }
      leverages_[p] = sum;
    }
  });
}

std::vector<double> FoldedPairs::training_part(std::size_t k, std::span<const double> y) const {
  std::vector<double> found;
  found.reserve(training_[k].size());
  for (const std::uint32_t p : training_[k]) found.push_back(y[p]);
  return found;
}

std::vector<std::uint8_t> FoldedPairs::flags(std::size_t k) const {
  std::vector<std::uint8_t> found(signs_->n_pairs());
  for (const std::uint32_t p : held_out_[k]) found[p] = 1;
  return found;
}

std::vector<double> FoldedPairs::solve(const std::vector<double>& factor, std::span<const double> y,
                                       std::span<const std::uint64_t> mask) const {
  std::vector<double> sums(signs_->n_players());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = signed_sum(signs_->column(i), mask, y);
  cholesky_solve(factor.data(), sums.size(), sums.data());
  return sums;
}

std::vector<double> FoldedPairs::values(std::span<const double> y) const { return solve(factor_, y, all_); }

std::vector<double> FoldedPairs::residuals(std::span<const double> y) const {
  const std::vector<double> found = values(y);
  std::vector<double> out(y.size());
  for (std::size_t p = 0; p < y.size(); ++p) out[p] = y[p] - at_pair(*signs_, found, p);
  return out;
}

void FoldedPairs::leave_out(std::size_t k, std::span<const double> y, std::span<double> out) const {
  const std::vector<double> found = solve(factors_[k], y, masks_[k]);
  for (const std::uint32_t p : held_out_[k]) out[p] = y[p] - at_pair(*signs_, found, p);
}

}  // namespace banzhaf
