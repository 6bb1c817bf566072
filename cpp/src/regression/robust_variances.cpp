// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// HC2 variances in doubles, and from sums of 16-bit integers with a bound of their rounding.
#include "regression/robust_variances.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "kernels/kernels.hpp"
#include "regression/products.hpp"
#include "support/large_pages.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t rows_of_doubles = 512;  // rows whose influence on all players is held at a time
constexpr std::size_t rows_of_integers = 1024;
constexpr std::size_t least_players_in_integers = 32;

// Returns the columns of a square matrix in blocks of block_width, each row by row and padded with zeros.
std::vector<double> in_blocks(const std::vector<double>& matrix, std::size_t n) {
  const std::size_t blocks = ceil_div(n, block_width);
  std::vector<double> result(blocks * n * block_width);
  for (std::size_t b = 0; b < blocks; ++b)
    for (std::size_t j = 0; j < n; ++j)
      std::copy_n(&matrix[j * n + b * block_width], std::min(block_width, n - b * block_width),
                  &result[(b * n + j) * block_width]);
  return result;
}

template <typename Body>
void for_chunks(std::size_t n_rows, std::size_t step, Body&& body) {
  for (std::size_t first = 0; first < n_rows; first += step) body(first, std::min(step, n_rows - first));
}

// Writes the words of all rows one after the other: the first of each row, then the second of each, and so on.
void group_words(CoalitionsView rows, std::vector<std::uint64_t>& by_word) {
  const std::size_t words = rows.words_per_row();
  for (std::size_t r = 0; r < rows.n_rows; ++r)
    for (std::size_t w = 0; w < words; ++w) by_word[w * rows.n_rows + r] = rows.row(r)[w];
}

// Sums that one rule needs of all rows, for each output.
struct WeightTotals {
  double largest = 0;
  double sum = 0;
};

// The inverse G^-1 in integers, times a scale for each column. Its diagonal stays as it is.
class IntegerInverse {
 public:
  // Takes the diagonal, and G^-1 with zeros in its place.
  IntegerInverse(const SolvedRegression& solved, const std::vector<double>& diagonal,
                 const std::vector<double>& others);

  // Returns a bound of the rounding as a share of the standard errors, for residuals that are much alike.
  [[nodiscard]] double likely_rounding() const;

  // Returns the variances, with NaN for all of an output whose rounding may be too large.
  [[nodiscard]] std::vector<double> variances(const std::vector<double>& residuals, std::size_t n_outputs) const;

 private:
  void round_block(std::size_t b, const std::vector<double>& others);
  [[nodiscard]] double bound(std::size_t player, double variance, const WeightTotals& weights) const;

  const SolvedRegression& solved_;
  const std::vector<double>& diagonal_;
  std::size_t n_;
  std::size_t words_;
  std::size_t blocks_;
  std::vector<std::int32_t> values_;  // blocks x 64 words x influence_width
  std::vector<InfluenceColumns> columns_;
  std::vector<double> rounding_squares_;  // the sum of each column's
  double leverage_rounding_ = 0;          // at most
};

IntegerInverse::IntegerInverse(const SolvedRegression& solved, const std::vector<double>& diagonal,
                               const std::vector<double>& others)
    : solved_(solved),
      diagonal_(diagonal),
      n_(solved.n_players),
      words_(words_for(n_)),
      blocks_(ceil_div(n_, influence_width)),
      values_(large_zeros<std::int32_t>(blocks_ * words_ * 64 * influence_width)),
      columns_(blocks_),
      rounding_squares_(blocks_ * influence_width) {
  parallel_for(threads_for(solved.num_threads, n_ * n_), blocks_, [&](std::size_t b) { round_block(b, others); });
  double total = 0;
  for (std::size_t i = 0; i < n_; ++i) {
    InfluenceColumns& of = columns_[i / influence_width];
    const std::size_t c = i % influence_width;
    of.own[c] = 1;
    of.scale[c] = static_cast<float>(diagonal[i]);
    if (!solved.column_means.empty()) {
      const double shift = kernels().dot(&others[i * n_], solved.column_means.data(), n_) / diagonal[i];
      of.mean_influence[c] = static_cast<float>(shift + solved.column_means[i]);
      of.mean[c] = static_cast<float>(solved.column_means[i]);
    }
    total += rounding_squares_[i];
  }
  // With E the rounding of G^-1, a leverage changes by x^T E x, at most by |x|^2 |E|. Single precision adds a little.
  leverage_rounding_ = static_cast<double>(n_) * std::sqrt(total) + 1e-5;
}

void IntegerInverse::round_block(std::size_t b, const std::vector<double>& others) {
  constexpr std::size_t width = influence_width, quarter = 16;  // bits whose values must add up to a 16-bit number
  constexpr double largest_sum = 32'767 - quarter / 2.0;        // rounding adds at most 1/2 for each bit
  const std::size_t first = b * width, count = std::min(width, n_ - first);
  double largest[width] = {};
  for (std::size_t j0 = 0; j0 < n_; j0 += quarter) {
    double sums[width] = {};
    for (std::size_t j = j0; j < std::min(n_, j0 + quarter); ++j)
      for (std::size_t c = 0; c < count; ++c) sums[c] += std::abs(others[j * n_ + first + c]);
    for (std::size_t c = 0; c < count; ++c) largest[c] = std::max(largest[c], sums[c]);
  }
  double scale[width] = {}, unit[width] = {}, squares[width] = {};
  for (std::size_t c = 0; c < count; ++c) {
    // Numbers that are nothing beside the diagonal need no finer unit.
    unit[c] = std::max(largest[c], 1e-9 * diagonal_[first + c]) / largest_sum;
    scale[c] = 1 / unit[c];
    columns_[b].factor[c] = static_cast<float>(unit[c] / diagonal_[first + c]);
  }
  std::int32_t* out = &values_[b * words_ * 64 * width];
  for (std::size_t j = 0; j < n_; ++j, out += width) {
    const double* row = &others[j * n_ + first];
    for (std::size_t c = 0; c < count; ++c) {
      const double exact = row[c] * scale[c];
      out[c] = static_cast<std::int32_t>(exact + std::copysign(0.5, exact));
      const double rounding = out[c] * unit[c] - row[c];
      squares[c] += rounding * rounding;
    }
  }
  std::copy_n(squares, width, &rounding_squares_[b * width]);
}

// With E_i the rounding of column i and d_p the weights of the squares: by Minkowski's inequality the standard error
// changes by at most the root of the sum over p of d_p (x_p^T E_i)^2, and that sum is at most the largest d times
// |X E_i|^2. Single precision adds a little to each influence.
double IntegerInverse::bound(std::size_t player, double variance, const WeightTotals& weights) const {
  constexpr double eigenvalue_margin = 1.1, single_precision = 1e-6;
  const double rounding =
      std::sqrt(rounding_squares_[player] * eigenvalue_margin * solved_.largest_eigenvalue * weights.largest) +
      single_precision * diagonal_[player] * std::sqrt(weights.sum);
  return rounding == 0 ? 0 : rounding / std::sqrt(variance);
}

double IntegerInverse::likely_rounding() const {
  const double n_rows = static_cast<double>(solved_.n_rows), free_share = solved_.n_spare / n_rows;
  double largest = 0;
  // The variance is then the mean weight times the diagonal, and the largest weight some times the mean.
  for (std::size_t i = 0; i < n_; ++i) largest = std::max(largest, bound(i, diagonal_[i], {4, n_rows}));
  return largest + leverage_rounding_ / (2 * free_share);
}

std::vector<double> IntegerInverse::variances(const std::vector<double>& residuals, std::size_t n_outputs) const {
  const Kernels& use = kernels();
  const std::size_t most_rows = std::min(solved_.n_rows, rows_of_integers), block_size = most_rows * influence_width;
  const double constant_leverage = solved_.column_means.empty() ? 0 : 1 / static_cast<double>(solved_.n_rows);
  // Weights are shares of the largest square, which single precision can hold for any size of the residuals.
  std::vector<double> largest_square(n_outputs);
  for (std::size_t p = 0; p < solved_.n_rows; ++p)
    for (std::size_t o = 0; o < n_outputs; ++o)
      largest_square[o] = std::max(largest_square[o], residuals[p * n_outputs + o] * residuals[p * n_outputs + o]);

  const auto sums = std::make_unique_for_overwrite<std::int32_t[]>(blocks_ * block_size);
  prefer_large_pages(sums.get(), blocks_ * block_size * sizeof(std::int32_t));
  std::vector<std::uint64_t> by_word(words_ * most_rows);
  std::vector<float> leverages(blocks_ * most_rows), shares(n_outputs * most_rows);
  std::vector<WeightTotals> totals(n_outputs);
  std::vector<double> squares(n_outputs * blocks_ * influence_width);
  double least_free = 1;
  Coalitions scratch;
  for_chunks(solved_.n_rows, rows_of_integers, [&](std::size_t first, std::size_t count) {
    group_words(solved_.rows(first, count, scratch), by_word);
    const std::size_t threads = threads_for(solved_.num_threads, count * n_ * n_ / 128);
    const auto own_word = [&](std::size_t b) { return &by_word[b / 2 * count]; };
    const auto own_shift = [](std::size_t b) { return static_cast<unsigned>(b % 2 * influence_width); };
    parallel_for(threads, blocks_, [&](std::size_t b) {
      std::int32_t* of_block = &sums[b * block_size];
      std::fill_n(of_block, count * influence_width, 0);
      for (std::size_t w = 0; w < words_; ++w)
        use.add_short_sums(&by_word[w * count], count, std::min<std::size_t>(64, n_ - 64 * w),
                           &values_[(b * words_ + w) * 64 * influence_width], of_block);
      use.leverages(of_block, own_word(b), own_shift(b), count, columns_[b], &leverages[b * most_rows]);
    });
    for (std::size_t r = 0; r < count; ++r) {
      double leverage = constant_leverage;
      for (std::size_t b = 0; b < blocks_; ++b) leverage += static_cast<double>(leverages[b * most_rows + r]);
      const double free_share = 1 - leverage;
      least_free = std::min(least_free, free_share);
      for (std::size_t o = 0; o < n_outputs; ++o) {
        const double e = residuals[(first + r) * n_outputs + o];
        const double share = e == 0 ? 0 : e * e / largest_square[o] / free_share;
        totals[o].largest = std::max(totals[o].largest, share);
        totals[o].sum += share;
        shares[o * most_rows + r] = static_cast<float>(share);
      }
    }
    parallel_for(threads_for(solved_.num_threads, count * n_ * n_outputs / 8), blocks_, [&](std::size_t b) {
      for (std::size_t o = 0; o < n_outputs; ++o)
        use.add_influence_squares(&sums[b * block_size], own_word(b), own_shift(b), count, columns_[b],
                                  &shares[o * most_rows], &squares[(o * blocks_ + b) * influence_width]);
    });
  });

  std::vector<double> result(n_ * n_outputs);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    bool precise = least_free > 2 * leverage_rounding_;
    for (std::size_t i = 0; i < n_; ++i) {
      const double variance = squares[o * blocks_ * influence_width + i] * diagonal_[i] * diagonal_[i];
      precise = precise && bound(i, variance, totals[o]) + leverage_rounding_ / (2 * least_free) <= most_rounding;
      result[i * n_outputs + o] = variance * largest_square[o];
    }
    for (std::size_t i = 0; i < n_ && !precise; ++i)
      result[i * n_outputs + o] = std::numeric_limits<double>::quiet_NaN();
  }
  return result;
}

}  // namespace

std::vector<double> robust_variances_in_doubles(const SolvedRegression& solved, const std::vector<double>& inverse,
                                                const std::vector<double>& residuals, std::size_t n_outputs) {
  const Kernels& use = kernels();
  const int num_threads = solved.num_threads;
  const std::vector<double>& column_means = solved.column_means;
  const std::size_t n = solved.n_players, blocks = ceil_div(n, block_width);
  const std::size_t most_rows = std::min(solved.n_rows, rows_of_doubles);
  const bool intercept = !column_means.empty();
  std::vector<double> mean_influence(n);
  if (intercept)
    for (std::size_t i = 0; i < n; ++i) mean_influence[i] = use.dot(&inverse[i * n], column_means.data(), n);
  const double constant_leverage = intercept ? 1 / static_cast<double>(solved.n_rows) : 0;
  std::vector<double> residual_variance(n_outputs);
  for (std::size_t p = 0; p < solved.n_rows; ++p)
    for (std::size_t o = 0; o < n_outputs; ++o)
      residual_variance[o] += residuals[p * n_outputs + o] * residuals[p * n_outputs + o];
  for (double& v : residual_variance) v /= solved.n_spare;

  // Influences lie in blocks of players, and within a block row by row, so that every pass reads memory in order.
  const std::vector<double> padded = in_blocks(inverse, n);
  const std::size_t block_size = most_rows * block_width, words = words_for(n);
  const auto influence = std::make_unique_for_overwrite<double[]>(blocks * block_size);
  std::vector<double> free_share(most_rows), square(n_outputs * most_rows);
  std::vector<double> by_output(n_outputs * blocks * block_width);
  std::vector<std::uint64_t> by_word(words * most_rows);
  Coalitions scratch;
  for_chunks(solved.n_rows, rows_of_doubles, [&](std::size_t first, std::size_t count) {
    const CoalitionsView rows = solved.rows(first, count, scratch);
    group_words(rows, by_word);
    parallel_for(threads_for(num_threads, count * n * n / 32), blocks, [&](std::size_t b) {
      double* a = &influence[b * block_size];
      std::fill_n(a, count * block_width, 0.0);
      for (std::size_t w = 0; w < words; ++w)
        use.signed_sums(&by_word[w * count], count, 1, std::min<std::size_t>(64, n - 64 * w),
                        &padded[(b * n + 64 * w) * block_width], block_width, a);
    });
    constexpr std::size_t rows_per_task = 32;
    parallel_for(threads_for(num_threads, count * n), ceil_div(count, rows_per_task), [&](std::size_t task) {
      std::vector<double> signs(n);
      for (std::size_t r = task * rows_per_task; r < std::min(count, (task + 1) * rows_per_task); ++r) {
        double* a = &influence[r * block_width];
        expand_signs(rows.row(r), n, signs.data());
        if (intercept) {
          for (std::size_t i = 0; i < n; ++i) {
            a[i / block_width * block_size + i % block_width] -= mean_influence[i];
            signs[i] -= column_means[i];
          }
        }
        free_share[r] = 1 - constant_leverage - use.dot_in_blocks(a, block_size, signs.data(), n);
      }
    });
    for (std::size_t o = 0; o < n_outputs; ++o) {
      for (std::size_t r = 0; r < count; ++r) {
        const double e = residuals[(first + r) * n_outputs + o];
        // A row that determines its own fit has no residual, so it gets the mean of the others.
        square[o * most_rows + r] = free_share[r] > 1e-8 ? e * e / free_share[r] : residual_variance[o];
      }
    }
    parallel_for(threads_for(num_threads, count * n * n_outputs / 4), blocks, [&](std::size_t b) {
      for (std::size_t o = 0; o < n_outputs; ++o)
        use.add_square_rows(&influence[b * block_size], &square[o * most_rows], count,
                            &by_output[(o * blocks + b) * block_width]);
    });
  });
  std::vector<double> variances(n * n_outputs);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t o = 0; o < n_outputs; ++o) variances[i * n_outputs + o] = by_output[o * blocks * block_width + i];
  return variances;
}

std::vector<double> robust_variances(const SolvedRegression& solved, std::vector<double> inverse,
                                     const std::vector<double>& residuals, std::size_t n_outputs) {
  const std::size_t n = solved.n_players;
  std::vector<double> variances(n * n_outputs, std::numeric_limits<double>::quiet_NaN());
  if (n >= least_players_in_integers && solved.largest_eigenvalue > 0) {
    std::vector<double> diagonal(n);
    for (std::size_t i = 0; i < n; ++i) std::swap(diagonal[i], inverse[i * n + i]);
    const IntegerInverse rounded(solved, diagonal, inverse);
    if (rounded.likely_rounding() <= most_rounding) variances = rounded.variances(residuals, n_outputs);
    for (std::size_t i = 0; i < n; ++i) inverse[i * n + i] = diagonal[i];
  }
  // The result of an output must not depend on the others, so each is done again by itself.
  std::vector<std::size_t> left;
  for (std::size_t o = 0; o < n_outputs; ++o)
    if (std::isnan(variances[o])) left.push_back(o);
  if (left.empty()) return variances;
  std::vector<double> of_left(solved.n_rows * left.size());
  for (std::size_t p = 0; p < solved.n_rows; ++p)
    for (std::size_t k = 0; k < left.size(); ++k) of_left[p * left.size() + k] = residuals[p * n_outputs + left[k]];
  const std::vector<double> exact = robust_variances_in_doubles(solved, inverse, of_left, left.size());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < left.size(); ++k) variances[i * n_outputs + left[k]] = exact[i * left.size() + k];
  return variances;
}

}  // namespace banzhaf
