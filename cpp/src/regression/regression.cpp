// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Gram matrices by bit counts, their factors, and the two passes over the rows in every fit.
#include "regression/regression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "designs/coalition_bits.hpp"
#include "kernels/kernels.hpp"
#include "regression/dense.hpp"
#include "regression/products.hpp"
#include "regression/robust_variances.hpp"
#include "support/large_pages.hpp"
#include "support/parallel.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t least_players_by_sums = 256;
constexpr std::size_t n_sums = 128;                // gives an error of 6 % of the standard errors
constexpr std::size_t most_exact_left_out = 1000;  // rows
constexpr std::size_t most_system = 46'000;        // 16 GiB of doubles
// Rounding changes a pivot or an eigenvalue by about its size times epsilon. Below this, the eigenvalues decide.
constexpr double doubtful_pivot = 1e-9;

// Up to this condition number, the normal equations lose at most a digit, so that refining gains nothing.
constexpr double well_conditioned = 4;

void add_squares(const std::vector<double>& rows, std::size_t n_outputs, std::vector<double>& out) {
  for (std::size_t first = 0; first < rows.size(); first += n_outputs)
    for (std::size_t o = 0; o < n_outputs; ++o) out[o] += rows[first + o] * rows[first + o];
}

template <typename Body>
void for_chunks(std::size_t n_rows, std::size_t step, Body&& body) {
  for (std::size_t first = 0; first < n_rows; first += step) body(first, std::min(step, n_rows - first));
}

}  // namespace

Regression::Regression(RowSource rows, std::size_t n_rows, std::size_t n_players, RegressionOptions options)
    : rows_(std::move(rows)),
      n_rows_(n_rows),
      n_players_(n_players),
      options_(options),
      dual_(n_rows < n_players + (options.intercept ? 1 : 0)),
      size_(dual_ ? n_rows : n_players) {
  check_size(n_rows, n_players);
  if (n_rows <= chunk_rows) {
    Coalitions scratch;
    transpose(rows_(0, n_rows, scratch), columns_, options_.num_threads);
  }
  if (options_.intercept) {
    column_means_.resize(n_players);
    add_transposed_product(std::vector<double>(n_rows, 1), 1, column_means_);
    for (double& mean : column_means_) mean /= static_cast<double>(n_rows);
  }
  factorise(dual_ ? gram_of_rows() : gram_of_players());
}

void Regression::check_size(std::size_t n_rows, std::size_t n_players) {
  const std::size_t size = std::min(n_rows, n_players);
  if (n_rows < 1) throw std::invalid_argument("the regression needs at least one row");
  if (n_rows > std::numeric_limits<std::uint32_t>::max())
    throw std::invalid_argument("the regression takes at most 2^32 - 1 rows, got " + std::to_string(n_rows));
  if (size > most_system)
    throw std::invalid_argument("the least-squares problem of " + std::to_string(n_players) + " players and " +
                                std::to_string(n_rows) + " rows needs a dense system of " + std::to_string(size) +
                                " unknowns, but at most " + std::to_string(most_system) +
                                " are supported: lower the budget, or use monte_carlo or msr, which solve no system");
}

double Regression::n_spare() const noexcept {
  const std::size_t fitted = rank_ + (options_.intercept ? 1 : 0);
  return n_rows_ > fitted ? static_cast<double>(n_rows_ - fitted) : 0;
}

bool Regression::by_sums() const noexcept {
  return options_.drawn && !options_.intercept && !dual_ && !pseudo_inverse_ && n_players_ >= least_players_by_sums;
}

double Regression::degrees_of_freedom() const noexcept {
  const double spare = n_spare(), rows = static_cast<double>(n_rows_);
  if (spare == 0) return 0;
  // Bell and McCaffrey (2002) for HC2 and uniform rows: the sums of squares differ, and the residuals are correlated.
  const double fitted = (rows - spare) / rows, unevenness = 1 + 4 * fitted - 2 * fitted * fitted;
  const double per_contrast = (unevenness + fitted / (1 - fitted)) / rows;
  // The relative variances of two independent causes add up.
  return 1 / (std::max(per_contrast, 1 / spare) + (by_sums() ? 1.0 / n_sums : 0));
}

// Calls the body for the bits of X by column, chunk by chunk.
void Regression::for_columns(const std::function<void(std::size_t, CoalitionsView)>& body) const {
  if (columns_.n_rows() > 0) {
    body(0, columns_.view());
    return;
  }
  Coalitions scratch, columns;
  for_chunks(n_rows_, chunk_rows, [&](std::size_t first, std::size_t count) {
    transpose(rows_(first, count, scratch), columns, options_.num_threads);
    body(first, columns.view());
  });
}

// Returns the lower triangle of X^T X, centred if there is an intercept.
std::vector<double> Regression::gram_of_players() const {
  const std::size_t n = n_players_;
  std::vector<std::uint32_t> counts = large_zeros<std::uint32_t>(n * n);
  for_columns([&](std::size_t, CoalitionsView columns) { add_differences(columns, counts, options_.num_threads); });
  const double rows = static_cast<double>(n_rows_);
  std::vector<double> gram = large_zeros<double>(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    checkpoint();
    for (std::size_t j = 0; j <= i; ++j) gram[i * n + j] = rows - 2.0 * counts[i * n + j];
    if (options_.intercept)
      for (std::size_t j = 0; j <= i; ++j) gram[i * n + j] -= rows * column_means_[i] * column_means_[j];
  }
  return gram;
}

// Returns the lower triangle of X X^T. With an intercept, it is H X X^T H + n 1 1^T / rows, where H is the centring. On
// centred targets, it gives the same as H X X^T H, and it is regular.
std::vector<double> Regression::gram_of_rows() const {
  const std::size_t m = n_rows_;
  std::vector<std::uint32_t> counts(m * m);
  Coalitions scratch;
  add_differences(rows_(0, m, scratch), counts, options_.num_threads);
  const double players = static_cast<double>(n_players_);
  std::vector<double> gram(m * m);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j <= i; ++j) gram[i * m + j] = players - 2.0 * counts[i * m + j];
  if (options_.intercept) {
    std::vector<double> means(m);
    double mean = 0;
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < m; ++j) means[i] += gram[std::max(i, j) * m + std::min(i, j)];
    for (double& x : means) mean += (x /= static_cast<double>(m));
    mean /= static_cast<double>(m);
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j <= i; ++j)
        gram[i * m + j] += mean - means[i] - means[j] + players / static_cast<double>(m);
  }
  return gram;
}

void Regression::factorise(std::vector<double> gram) {
  const std::size_t n = size_;
  const std::size_t constants = dual_ && options_.intercept ? 1 : 0;
  const double ridge = options_.ridge;
  factor_ = large_copy(gram);
  double largest = 0, least = 0;
  if (cholesky(factor_.data(), n, options_.num_threads) > doubtful_pivot) {
    rank_ = n - constants;
    if (ridge > 0) {
      for (std::size_t i = 0; i < n; ++i) gram[i * n + i] += ridge;
      factor_ = gram;
      static_cast<void>(cholesky(factor_.data(), n, options_.num_threads));
    }
    if (rank_ == n_players_ || ridge > 0) {
      const Ends ends = spectrum_ends(
          n,
          [&](const std::vector<double>& v, std::vector<double>& image) {
            symmetric_product(gram.data(), n, v.data(), image.data());
          },
          [&](const std::vector<double>& v, std::vector<double>& image) {
            image = v;
            cholesky_solve(factor_.data(), n, image.data());
          });
      largest_eigenvalue_ = largest = ends.largest;
      least = rank_ == n_players_ ? ends.least : ridge;
    }
  } else {
    const Spectrum found = spectrum(gram.data(), n);
    const double scale = static_cast<double>(std::max(n_rows_, n_players_));
    const double zero = 4 * scale * std::numeric_limits<double>::epsilon() * found.values.back();
    const std::size_t null = static_cast<std::size_t>(std::upper_bound(found.values.begin(), found.values.end(), zero) -
                                                      found.values.begin());
    rank_ = n - null - constants;
    largest = found.values.back() + ridge;
    least = (rank_ == n_players_ ? found.values.front() : 0) + ridge;
    // The pseudo-inverse, from the eigenvectors whose eigenvalues are not 0.
    std::vector<double> scaled(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = null; k < n; ++k) scaled[i * n + k] = found.vectors[i * n + k] / (found.values[k] + ridge);
    factor_.assign(n * n, 0);
    multiply_add(n, n, n, 1, {scaled.data(), n, 1}, {found.vectors.data(), 1, n}, factor_.data(), n, false,
                 options_.num_threads);
    pseudo_inverse_ = true;
    estimable_.assign(n, true);
    for (std::size_t i = 0; i < n; ++i) {
      double lost = 0;
      for (std::size_t k = 0; k < null; ++k) lost += found.vectors[i * n + k] * found.vectors[i * n + k];
      estimable_[i] = lost < 1e-8;
    }
  }
  condition_number_ = least > 0 ? std::sqrt(std::max(1.0, largest / least)) : std::numeric_limits<double>::infinity();
}

void Regression::solve(std::vector<double>& b, std::size_t n_outputs) const {
  const std::size_t n = size_;
  parallel_for(threads_for(options_.num_threads, n_outputs * n * n), n_outputs, [&](std::size_t o) {
    std::vector<double> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = b[i * n_outputs + o];
    if (pseudo_inverse_) {
      for (std::size_t i = 0; i < n; ++i) b[i * n_outputs + o] = kernels().dot(&factor_[i * n], x.data(), n);
    } else {
      cholesky_solve(factor_.data(), n, x.data());
      for (std::size_t i = 0; i < n; ++i) b[i * n_outputs + o] = x[i];
    }
  });
}

// Computes out += X^T targets.
void Regression::add_transposed_product(const std::vector<double>& targets, std::size_t n_outputs,
                                        std::vector<double>& out) const {
  for_columns([&](std::size_t first, CoalitionsView columns) {
    add_signed_sums(columns, &targets[first * n_outputs], n_outputs, out.data(), options_.num_threads);
  });
}

// Computes residuals -= X beta.
void Regression::subtract_product(const std::vector<double>& beta, std::size_t n_outputs,
                                  std::vector<double>& residuals) const {
  std::vector<double> negative(beta);
  for (double& x : negative) x = -x;
  Coalitions scratch;
  for_chunks(n_rows_, chunk_rows, [&](std::size_t first, std::size_t count) {
    add_signed_sums(rows_(first, count, scratch), negative.data(), n_outputs, &residuals[first * n_outputs],
                    options_.num_threads);
  });
}

void Regression::centre(std::vector<double>& targets, std::size_t n_outputs) const {
  if (!options_.intercept) return;
  std::vector<double> means(n_outputs);
  for (std::size_t p = 0; p < n_rows_; ++p)
    for (std::size_t o = 0; o < n_outputs; ++o) means[o] += targets[p * n_outputs + o];
  for (double& mean : means) mean /= static_cast<double>(n_rows_);
  for (std::size_t p = 0; p < n_rows_; ++p)
    for (std::size_t o = 0; o < n_outputs; ++o) targets[p * n_outputs + o] -= means[o];
}

Regression::Fit Regression::fit(const Targets& targets, bool variances) const {
  const std::size_t n_outputs = targets.n_outputs();
  if (!targets.has_rows(n_rows_)) throw std::invalid_argument("targets must hold one row for each row of X");
  std::vector<double> centred(n_rows_ * n_outputs);
  for (std::size_t p = 0; p < n_rows_; ++p)
    for (std::size_t o = 0; o < n_outputs; ++o) centred[p * n_outputs + o] = targets(p, o);
  centre(centred, n_outputs);
  std::vector<double> beta(n_players_ * n_outputs), residuals;
  // The unknowns of the system: beta, or in the dual form the weights of the rows that make beta.
  std::vector<double> unknowns(size_ * n_outputs);
  Fit result;
  result.residual_squares.assign(n_outputs, 0);
  const int passes = dual_ || condition_number_ > well_conditioned ? 2 : 1;
  // The second pass refines. Its right-hand side comes from the residuals, not from the squared system.
  for (int pass = 0; pass < passes; ++pass) {
    const std::vector<double>& remaining = pass == 0 ? centred : residuals;
    std::vector<double> step(size_ * n_outputs);
    if (dual_)
      step = remaining;
    else
      add_transposed_product(remaining, n_outputs, step);
    const std::vector<double> correlations(step);
    for (std::size_t i = 0; i < step.size(); ++i) step[i] -= options_.ridge * unknowns[i];
    const std::vector<double> right_side(step);
    solve(step, n_outputs);
    for (std::size_t i = 0; i < step.size(); ++i) unknowns[i] += step[i];
    if (dual_) {
      centre(unknowns, n_outputs);
      std::fill(beta.begin(), beta.end(), 0.0);
      add_transposed_product(unknowns, n_outputs, beta);
    } else {
      beta = unknowns;
    }
    if (pass == passes - 1 && !variances && !dual_) {
      // Because (X^T X + ridge) step = right_side, the change of the squares by X step follows without the residuals.
      add_squares(remaining, n_outputs, result.residual_squares);
      for (std::size_t i = 0; i < step.size(); ++i)
        result.residual_squares[i % n_outputs] +=
            step[i] * (right_side[i] - options_.ridge * step[i] - 2 * correlations[i]);
      for (double& square : result.residual_squares) square = std::max(0.0, square);
      break;
    }
    residuals = centred;
    subtract_product(beta, n_outputs, residuals);
    centre(residuals, n_outputs);
    if (pass == passes - 1) add_squares(residuals, n_outputs, result.residual_squares);
  }
  if (variances) {
    if (dual_ || n_spare() == 0)
      result.variances.assign(beta.size(), std::numeric_limits<double>::quiet_NaN());
    else if (by_sums())
      result.variances = variances_by_sums(residuals, n_outputs);
    else
      result.variances = robust_variances(residuals, n_outputs);
  }
  if (variances && !dual_ && n_spare() > 0) {
    std::vector<double> target_squares(n_outputs);
    add_squares(centred, n_outputs, target_squares);
    std::vector<double> diagonal;
    for (std::size_t o = 0; o < n_outputs; ++o) {
      if (!options_.doubts_fits || !fits_by_chance(result.residual_squares[o], target_squares[o], n_spare())) continue;
      if (diagonal.empty()) {
        const std::vector<double> inverted = inverse();
        for (std::size_t i = 0; i < n_players_; ++i) diagonal.push_back(inverted[i * n_players_ + i]);
      }
      for (std::size_t i = 0; i < n_players_; ++i)
        if (result.variances[i * n_outputs + o] == result.variances[i * n_outputs + o])
          result.variances[i * n_outputs + o] = diagonal[i] * target_squares[o] / static_cast<double>(n_rows_);
    }
  }
  result.coefficients = std::move(beta);
  return result;
}

// With the weights w = K^-1 y of the rows, the error of row p is w_p / (K^-1)_pp.
std::vector<double> Regression::left_out_errors(const Targets& targets) const {
  const std::size_t n_outputs = targets.n_outputs(), m = n_rows_;
  std::vector<double> weights(m * n_outputs);
  for (std::size_t p = 0; p < m; ++p)
    for (std::size_t o = 0; o < n_outputs; ++o) weights[p * n_outputs + o] = targets(p, o);
  centre(weights, n_outputs);
  solve(weights, n_outputs);
  centre(weights, n_outputs);
  std::vector<double> diagonal(m);
  if (m <= most_exact_left_out) {
    const std::vector<double> inverted = inverse();
    for (std::size_t p = 0; p < m; ++p) diagonal[p] = inverted[p * m + p];
  } else {
    std::fill(diagonal.begin(), diagonal.end(), trace_of_inverse() / static_cast<double>(m));
  }
  // The system has a term for the constant that the errors do not share: see gram_of_rows.
  if (options_.intercept)
    for (double& x : diagonal) x -= 1 / (static_cast<double>(m) * static_cast<double>(n_players_));
  for (std::size_t p = 0; p < m; ++p)
    for (std::size_t o = 0; o < n_outputs; ++o) weights[p * n_outputs + o] /= diagonal[p];
  return weights;
}

std::vector<double> Regression::inverse() const {
  return pseudo_inverse_ ? factor_ : cholesky_inverse(factor_.data(), size_, options_.num_threads);
}

// Computes the sum over k of (G^-1 s_k)_i^2 / (1 - h), where s_k is the sum over part k of the rows of +-x_p e_p. With
// random signs, its mean is the sum over p of (G^-1 x_p)_i^2 e_p^2 / (1 - h). Uniform rows have nearly the same
// leverage h.
std::vector<double> Regression::variances_by_sums(const std::vector<double>& residuals, std::size_t n_outputs) const {
  const std::size_t n = n_players_;
  const double free_share = 1 - mean_leverage();
  std::vector<double> variances(n * n_outputs);
  for (std::size_t o0 = 0; o0 < n_outputs; o0 += block_width) {
    const std::size_t width = std::min(block_width, n_outputs - o0);
    std::vector<double> sums(n_sums * n * width);
    parallel_for(threads_for(options_.num_threads, n_rows_ * n * width / 16), n_sums, [&](std::size_t k) {
      const std::size_t first = k * n_rows_ / n_sums, count = (k + 1) * n_rows_ / n_sums - first;
      if (count == 0) return;
      Coalitions scratch, columns;
      transpose(rows_(first, count, scratch), columns, 1);
      std::vector<double> terms(count * width);
      std::vector<std::uint64_t> words(count);
      random_words(0, Stream::variances, first, words);
      for (std::size_t r = 0; r < count; ++r) {
        const double sign = (words[r] & 1U) != 0 ? 1 : -1;
        for (std::size_t o = 0; o < width; ++o)
          terms[r * width + o] = sign * residuals[(first + r) * n_outputs + o0 + o];
      }
      add_signed_sums(columns.view(), terms.data(), width, &sums[k * n * width], 1);
    });
    std::vector<double> of_output(n_sums * n), squares(n);
    for (std::size_t o = 0; o < width; ++o) {
      for (std::size_t i = 0; i < of_output.size(); ++i) of_output[i] = sums[i * width + o];
      cholesky_solve_rows(factor_.data(), n, of_output.data(), n_sums, options_.num_threads);
      std::fill(squares.begin(), squares.end(), 0.0);
      for (std::size_t k = 0; k < n_sums; ++k)
        kernels().add_squares(&of_output[k * n], 1 / free_share, n, squares.data());
      for (std::size_t i = 0; i < n; ++i) variances[i * n_outputs + o0 + o] = squares[i];
    }
  }
  return variances;
}

// Returns the trace of X (X^T X + ridge)^-1 X^T divided by the number of rows. With a penalty, it comes from the mean
// of z^T (X^T X + ridge)^-1 z over random signs z.
double Regression::mean_leverage() const {
  double trace = static_cast<double>(n_players_);
  if (options_.ridge > 0) trace -= options_.ridge * trace_of_inverse();
  return trace / static_cast<double>(n_rows_);
}

// Returns the trace of the inverse of the system, as the mean of z^T (system)^-1 z over random signs z.
double Regression::trace_of_inverse() const {
  constexpr std::size_t n_probes = 32;
  std::vector<double> probes(n_probes * size_);
  std::vector<std::uint64_t> words(probes.size());
  random_words(0, Stream::variances, std::uint64_t{1} << 40, words);
  for (std::size_t i = 0; i < probes.size(); ++i) probes[i] = (words[i] & 1U) != 0 ? 1 : -1;
  std::vector<double> solved(probes);
  cholesky_solve_rows(factor_.data(), size_, solved.data(), n_probes, options_.num_threads);
  return kernels().dot(probes.data(), solved.data(), probes.size()) / n_probes;
}

std::vector<double> Regression::robust_variances(const std::vector<double>& residuals, std::size_t n_outputs) const {
  std::vector<double> variances = banzhaf::robust_variances(
      {rows_, n_rows_, n_players_, column_means_, n_spare(), largest_eigenvalue_, options_.num_threads}, inverse(),
      residuals, n_outputs);
  for (std::size_t i = 0; i < n_players_ && pseudo_inverse_; ++i)
    for (std::size_t o = 0; o < n_outputs && !estimable_[i]; ++o)
      variances[i * n_outputs + o] = std::numeric_limits<double>::quiet_NaN();
  return variances;
}

}  // namespace banzhaf
