// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/kernel_left_out.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "regression/dense.hpp"
#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::array strengths{0.0, 0.5, 1.0, 2.0, 4.0, 8.0};
constexpr std::array penalties{1e-6, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0};
// Covariances above this would lose the others to rounding.
constexpr double largest_covariance = 1e30;

using Numbers = std::vector<double>;

Strided rows_of(const Numbers& matrix, std::size_t n_columns) { return {matrix.data(), n_columns, 1}; }
Strided transposed(const Numbers& matrix, std::size_t n_columns) { return {matrix.data(), 1, n_columns}; }

// The covariance matrix of one strength, decomposed. The inverse with penalty l is Q diag(1 / (d + l)) Q^T. Without the
// constant it is B = A - a a^T / s with A that inverse, a = A 1 and s = 1^T A 1.
class Covariance {
 public:
  Covariance(const WeightedRows& given, double strength) : strength_(strength) {
    const CoalitionsView rows = given.rows.view();
    size_ = rows.n_rows;
    const double n = static_cast<double>(rows.n_players), odds = given.p / (1 - given.p);
    numbers_.resize(size_ * size_);
    step_ = strength == 0 ? 1 / n : strength / n;
    const double both = strength == 0 ? 1 / odds : std::log1p(step_ / odds);
    const double one = strength == 0 ? -1 : std::log1p(-step_), none = strength == 0 ? odds : std::log1p(step_ * odds);
    if (strength > 0) step_ /= std::expm1(n * std::log1p(step_));
    const double unit = strength == 0 ? 1 / n : 1 / std::expm1(n * std::log1p(strength / n));
    if (strength >= n) return;
    std::vector<double> sizes(size_);
    for (std::size_t r = 0; r < size_; ++r)
      sizes[r] = static_cast<double>(count_players({rows.row(r), rows.words_per_row()}));
    for (std::size_t r = 0; r < size_; ++r) {
      for (std::size_t s = 0; s <= r; ++s) {
        std::size_t shared = 0;
        for (std::size_t w = 0; w < rows.words_per_row(); ++w)
          shared += static_cast<std::size_t>(std::popcount(rows.row(r)[w] & rows.row(s)[w]));
        const double in_both = static_cast<double>(shared), in_one = sizes[r] + sizes[s] - 2 * in_both;
        const double sum = in_both * both + in_one * one + (n - in_both - in_one) * none;
        const double found = unit * (strength == 0 ? sum : std::expm1(std::min(sum, 700.0)));
        if (!(std::abs(found) < largest_covariance)) return;
        numbers_[r * size_ + s] = numbers_[s * size_ + r] = found;
      }
    }
    spectrum_ = spectrum(numbers_.data(), size_);
    sums_.assign(size_, 0);
    for (std::size_t r = 0; r < size_; ++r)
      for (std::size_t j = 0; j < size_; ++j) sums_[j] += spectrum_.vectors[r * size_ + j];
  }

  [[nodiscard]] double strength() const noexcept { return strength_; }
  /// Whether the matrix could be decomposed.
  [[nodiscard]] bool usable() const noexcept { return !sums_.empty(); }
  /// The factor of phi_i(S_r) in the linear part of the covariance with row r.
  [[nodiscard]] double step() const noexcept { return step_; }
  [[nodiscard]] const Numbers& numbers() const noexcept { return numbers_; }

  /// Q^T x for each of n_columns columns of x.
  [[nodiscard]] Numbers turned(const double* x, std::size_t n_columns, int num_threads) const {
    Numbers out(size_ * n_columns);
    multiply_add(size_, n_columns, size_, 1, transposed(spectrum_.vectors, size_), {x, n_columns, 1}, out.data(),
                 n_columns, false, num_threads);
    return out;
  }

  /// B of one penalty, ready for products.
  struct Inverse {
    Numbers scales;    // 1 / (d + l)
    Numbers ones;      // a
    double total = 0;  // s
    Numbers diagonal;  // of B
  };
  [[nodiscard]] Inverse inverse(double penalty) const {
    Inverse found{Numbers(size_), Numbers(size_), 0, Numbers(size_)};
    for (std::size_t j = 0; j < size_; ++j) found.scales[j] = 1 / (std::max(spectrum_.values[j], 0.0) + penalty);
    for (std::size_t r = 0; r < size_; ++r) {
      const double* q = &spectrum_.vectors[r * size_];
      double one = 0, square = 0;
      for (std::size_t j = 0; j < size_; ++j) {
        one += q[j] * found.scales[j] * sums_[j];
        square += q[j] * q[j] * found.scales[j];
      }
      found.ones[r] = one;
      found.diagonal[r] = square;
      found.total += one;
    }
    for (std::size_t r = 0; r < size_; ++r) found.diagonal[r] -= found.ones[r] * found.ones[r] / found.total;
    return found;
  }

  /// Rows of x (n_rows x size) times B.
  [[nodiscard]] Numbers times(const Inverse& inverse, const Numbers& x, std::size_t n_rows, int num_threads) const {
    Numbers turned(n_rows * size_), out(n_rows * size_);
    multiply_add(n_rows, size_, size_, 1, rows_of(x, size_), rows_of(spectrum_.vectors, size_), turned.data(), size_,
                 false, num_threads);
    for (std::size_t i = 0; i < n_rows; ++i)
      for (std::size_t j = 0; j < size_; ++j) turned[i * size_ + j] *= inverse.scales[j];
    multiply_add(n_rows, size_, size_, 1, rows_of(turned, size_), transposed(spectrum_.vectors, size_), out.data(),
                 size_, false, num_threads);
    for (std::size_t i = 0; i < n_rows; ++i) {
      double along = 0;
      for (std::size_t r = 0; r < size_; ++r) along += x[i * size_ + r] * inverse.ones[r];
      for (std::size_t r = 0; r < size_; ++r) out[i * size_ + r] -= along / inverse.total * inverse.ones[r];
    }
    return out;
  }

  /// What the model leaves at each row if it is fitted without it: (B y)_r / B_rr. turned holds Q^T y of this output.
  [[nodiscard]] Numbers left_out(const Inverse& inverse, std::span<const double> turned, std::size_t n_outputs,
                                 std::size_t output, const Numbers& y) const {
    double along = 0;
    for (std::size_t r = 0; r < size_; ++r) along += inverse.ones[r] * y[r];
    Numbers found(size_);
    for (std::size_t r = 0; r < size_; ++r) {
      const double* q = &spectrum_.vectors[r * size_];
      double sum = 0;
      for (std::size_t j = 0; j < size_; ++j) sum += q[j] * inverse.scales[j] * turned[j * n_outputs + output];
      found[r] = (sum - along / inverse.total * inverse.ones[r]) / inverse.diagonal[r];
    }
    return found;
  }

 private:
  double strength_;
  std::size_t size_ = 0;
  double step_ = 0;
  Numbers numbers_;
  Spectrum spectrum_;
  Numbers sums_;  // Q^T 1
};

// The rows as numbers phi, and what follows from them.
class Rows {
 public:
  explicit Rows(const WeightedRows& given)
      : given_(given), n_(given.rows.n_players()), size_(given.rows.n_rows()), phi_(size_ * n_) {
    const double root = std::sqrt(given.p * (1 - given.p)), in = (1 - given.p) / root, out = -given.p / root;
    const CoalitionsView view = given.rows.view();
    lengths_.resize(size_);
    for (std::size_t r = 0; r < size_; ++r)
      for (std::size_t i = 0; i < n_; ++i) {
        const double phi = view.contains(r, i) ? in : out;
        phi_[r * n_ + i] = phi;
        lengths_[r] += phi * phi;
      }
    root_ = root;
  }

  // The mean square of what is left at drawn rows, weighted as the variance of the values is.
  [[nodiscard]] double score(const Numbers& left) const {
    double sum = 0, total = 0;
    for (std::size_t r = given_.n_certain(); r < size_; ++r) {
      const double importance = given_.importance[r - given_.n_certain()];
      const double weight = importance * importance * lengths_[r];
      sum += weight * left[r] * left[r];
      total += weight;
    }
    return total > 0 ? sum / total : 0;
  }

  [[nodiscard]] WeightedFit fit(const Covariance& covariance, double penalty, const Numbers& y, const Numbers& left,
                                const WeightedOptions& options) const {
    const std::size_t n_certain = given_.n_certain(), n_drawn = given_.n_drawn();
    const Covariance::Inverse inverse = covariance.inverse(penalty);
    // T: the values of a model's terms, less the part of certain coalitions.
    Numbers terms(n_ * size_), constant(n_), certain(n_ * n_certain);
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t r = 0; r < size_; ++r) terms[i * size_ + r] = covariance.step() * phi_[r * n_ + i] / root_;
      for (std::size_t c = 0; c < n_certain; ++c) {
        certain[i * n_certain + c] = given_.weights[c] * phi_[c * n_ + i] / root_;
        constant[i] -= certain[i * n_certain + c];
      }
    }
    if (n_certain > 0)
      multiply_add(n_, size_, n_certain, -1, rows_of(certain, n_certain), rows_of(covariance.numbers(), size_),
                   terms.data(), size_, false, options.num_threads);
    // How each value depends on each worth. First through the model of all rows, then through what is left.
    Numbers total = covariance.times(inverse, terms, n_, options.num_threads);
    Numbers slopes(n_ * size_), scaled(n_ * size_);
    const double share = 1 / static_cast<double>(n_drawn);
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t r = 0; r < size_; ++r) {
        const double of_constant = inverse.ones[r] / inverse.total;
        if (r >= n_certain) {
          const double direct = given_.importance[r - n_certain] * phi_[r * n_ + i] / root_;
          slopes[i * size_ + r] = direct - total[i * size_ + r] - constant[i] * of_constant;
          scaled[i * size_ + r] = share * slopes[i * size_ + r] / inverse.diagonal[r];
        }
      }
      for (std::size_t r = 0; r < size_; ++r) total[i * size_ + r] += constant[i] * inverse.ones[r] / inverse.total;
      for (std::size_t c = 0; c < n_certain; ++c) total[i * size_ + c] += certain[i * n_certain + c];
    }
    const Numbers through = covariance.times(inverse, scaled, n_, options.num_threads);
    for (std::size_t k = 0; k < total.size(); ++k) total[k] += through[k];
    return summed(total, slopes, y, left, options);
  }

 private:
  [[nodiscard]] WeightedFit summed(const Numbers& total, const Numbers& slopes, const Numbers& y, const Numbers& left,
                                   const WeightedOptions& options) const {
    const std::size_t n_certain = given_.n_certain(), n_drawn = given_.n_drawn();
    const double drawn = static_cast<double>(n_drawn);
    WeightedFit found;
    found.values.resize(n_);
    found.variances.assign(n_, unknown);
    double square = 0;
    for (std::size_t r = n_certain; r < size_; ++r) square += left[r] * left[r] / drawn;
    for (std::size_t i = 0; i < n_; ++i) {
      const double* weights = &total[i * size_];
      for (std::size_t r = 0; r < size_; ++r) found.values[i] += weights[r] * y[r];
      if (!options.standard_errors || n_drawn < 3) continue;
      double mean = 0, spread = 0, sandwich = 0, noise = 0;
      for (std::size_t r = n_certain; r < size_; ++r) mean += slopes[i * size_ + r] * left[r] / drawn;
      for (std::size_t r = n_certain; r < size_; ++r) {
        const double off = slopes[i * size_ + r] * left[r] - mean;
        spread += off * off / (drawn * (drawn - 1));
        sandwich += weights[r] * weights[r] * left[r] * left[r];
      }
      if (options.noisy)
        for (std::size_t c = 0; c < n_certain; ++c) noise += weights[c] * weights[c] * square;
      found.variances[i] = std::max(spread, (spread + sandwich) / 2) + noise;
    }
    return found;
  }

  const WeightedRows& given_;
  std::size_t n_;
  std::size_t size_;
  Numbers phi_;
  Numbers lengths_;  // |phi|^2 of each row
  double root_ = 1;
};

}  // namespace

std::vector<WeightedFit> fit_kernel_left_out(const WeightedRows& given, std::span<const double> targets,
                                             std::size_t n_outputs, const WeightedOptions& options,
                                             std::vector<KernelChoice>& choices) {
  const Rows rows(given);
  const std::size_t size = given.rows.n_rows();
  // Outputs in columns of their own, around their means, because a constant changes no value.
  std::vector<Numbers> outputs(n_outputs, Numbers(size));
  Numbers centred(size * n_outputs);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    double mean = 0;
    for (std::size_t r = 0; r < size; ++r) mean += targets[r * n_outputs + o] / static_cast<double>(size);
    for (std::size_t r = 0; r < size; ++r)
      centred[r * n_outputs + o] = outputs[o][r] = targets[r * n_outputs + o] - mean;
  }
  const bool choosing = choices.empty();
  if (choosing) choices.resize(n_outputs);
  std::vector<WeightedFit> found(n_outputs);
  std::vector<double> best(n_outputs, std::numeric_limits<double>::infinity()), additive(best);
  for (const double strength : strengths) {
    if (strength > 0 && !options.interactions) break;
    checkpoint();
    if (!choosing && std::ranges::none_of(choices, [&](const KernelChoice& c) { return c.strength == strength; }))
      continue;
    const Covariance covariance(given, strength);
    if (!covariance.usable()) continue;
    const Numbers turned = covariance.turned(centred.data(), n_outputs, options.num_threads);
    std::vector<KernelChoice> chosen(n_outputs, {-1, 0});
    for (const double penalty : penalties) {
      const Covariance::Inverse inverse = covariance.inverse(penalty);
      for (std::size_t o = 0; o < n_outputs; ++o) {
        if (!choosing && (choices[o].strength != strength || choices[o].penalty != penalty)) continue;
        const Numbers left = covariance.left_out(inverse, turned, n_outputs, o, outputs[o]);
        const double score = rows.score(left);
        if (strength == 0 && score < additive[o]) additive[o] = score;
        if (!(score < best[o])) continue;
        best[o] = score;
        chosen[o] = {strength, penalty};
      }
    }
    for (std::size_t o = 0; o < n_outputs; ++o) {
      if (chosen[o].strength < 0) continue;
      choices[o] = chosen[o];
      const Covariance::Inverse inverse = covariance.inverse(chosen[o].penalty);
      const Numbers left = covariance.left_out(inverse, turned, n_outputs, o, outputs[o]);
      found[o] = rows.fit(covariance, chosen[o].penalty, outputs[o], left, options);
      found[o].residual_square = best[o];
      found[o].smooth = strength > 0;
    }
  }
  for (std::size_t o = 0; o < n_outputs; ++o) {
    found[o].additive_square = additive[o];
    if (!found[o].values.empty()) continue;
    // The choice of other rows suits none of these, or the numbers are too large.
    const Covariance covariance(given, 0);
    if (!covariance.usable()) throw std::domain_error("the worths are too large, or p is too close to 0 or 1");
    const Numbers turned = covariance.turned(centred.data(), n_outputs, options.num_threads);
    const Numbers left = covariance.left_out(covariance.inverse(1), turned, n_outputs, o, outputs[o]);
    found[o] = rows.fit(covariance, 1, outputs[o], left, options);
    found[o].residual_square = found[o].additive_square = rows.score(left);
  }
  return found;
}

}  // namespace banzhaf
