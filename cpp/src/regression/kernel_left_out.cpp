// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/kernel_left_out.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>

#include "designs/weighted.hpp"
#include "regression/dense.hpp"
#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::array forms{KernelForm{0, false}, KernelForm{0.5, false}, KernelForm{1, false},
                           KernelForm{2, false}, KernelForm{4, false},   KernelForm{8, false},
                           KernelForm{0, true},  KernelForm{1, true},    KernelForm{4, true}};
constexpr std::array penalties{1e-6, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0};
// Covariances above this would lose the others to rounding.
constexpr double largest_covariance = 1e30;
// The covariance of sizes falls by exp(-1) over so many players.
constexpr double reach_of_sizes = 2;
// A row counts with this power of its importance in the fit. Rows of sizes that are drawn more often than they are
// wanted then steer the model less. A function of sizes needs them.
constexpr double power_of_importance = 1, power_with_sizes = 0.5, least_importance = 1e-12;

using Numbers = std::vector<double>;

Strided rows_of(const Numbers& matrix, std::size_t n_columns) { return {matrix.data(), n_columns, 1}; }
Strided transposed(const Numbers& matrix, std::size_t n_columns) { return {matrix.data(), 1, n_columns}; }

// The covariance matrix of one form, decomposed. With row weights W, the inverse with penalty l is
// A = (K + l W^-1)^-1 = Q diag(1 / (d + l)) Q^T. Without the constant it is B = A - a a^T / s, a = A 1 and s = 1^T A 1.
class Covariance {
 public:
  Covariance(const WeightedRows& given, const KernelForm& form) {
    const double strength = form.strength;
    const CoalitionsView rows = given.rows.view();
    size_ = rows.n_rows;
    const double n = static_cast<double>(rows.n_players), odds = given.p / (1 - given.p);
    numbers_.resize(size_ * size_);
    step_ = strength == 0 ? 1 / n : strength / n;
    const double whole = strength == 0 ? n : std::expm1(n * std::log1p(step_)), unit = 1 / whole;
    const double both = strength == 0 ? 1 / odds : std::log1p(step_ / odds);
    const double one = strength == 0 ? -1 : std::log1p(-step_), none = strength == 0 ? odds : std::log1p(step_ * odds);
    if (strength > 0) step_ /= whole;
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
    of_sizes_.assign(size_, 0);
    if (form.sizes) add_sizes(given.p, rows.n_players, sizes);
    // W holds the weights of rows. (K + l W^-1)^-1 = W^(1/2) (W^(1/2) K W^(1/2) + l)^-1 W^(1/2).
    Numbers roots(size_, 1), weighted(numbers_);
    const double power = form.sizes ? power_with_sizes : power_of_importance;
    for (std::size_t r = given.n_certain(); r < size_; ++r)
      roots[r] = std::pow(std::max(given.importance[r - given.n_certain()], least_importance), power / 2);
    for (std::size_t r = 0; r < size_; ++r)
      for (std::size_t s = 0; s < size_; ++s) weighted[r * size_ + s] *= roots[r] * roots[s];
    spectrum_ = spectrum(weighted.data(), size_);
    sums_.assign(size_, 0);
    for (std::size_t r = 0; r < size_; ++r)
      for (std::size_t j = 0; j < size_; ++j) {
        spectrum_.vectors[r * size_ + j] *= roots[r];
        sums_[j] += spectrum_.vectors[r * size_ + j];
      }
  }

  /// Whether the matrix could be decomposed.
  [[nodiscard]] bool usable() const noexcept { return !sums_.empty(); }
  /// The factor of phi_i(S_r) in the linear part of the covariance with row r.
  [[nodiscard]] double step() const noexcept { return step_; }
  /// The value, the same for each player, of the covariance of sizes with each row.
  [[nodiscard]] const Numbers& of_sizes() const noexcept { return of_sizes_; }
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
  // Adds the covariance of a function of the number of players. The value of each player in such a function h is the sum
  // over sizes k of W(k) h(k) (k / n - p) / (p (1 - p)).
  void add_sizes(double p, std::size_t n_players, const Numbers& sizes) {
    const double n = static_cast<double>(n_players);
    const auto covariance = [](double one, double other) { return std::exp(-std::abs(one - other) / reach_of_sizes); };
    for (std::size_t r = 0; r < size_; ++r)
      for (std::size_t s = 0; s < size_; ++s) numbers_[r * size_ + s] += covariance(sizes[r], sizes[s]);
    const Numbers chances = binomial(n_players, p);
    Numbers values(n_players + 1, unknown);
    for (std::size_t r = 0; r < size_; ++r) {
      double& value = values[static_cast<std::size_t>(sizes[r])];
      if (std::isnan(value)) {
        value = 0;
        for (std::size_t k = 0; k <= n_players; ++k) {
          const double count = static_cast<double>(k);
          value += chances[k] * covariance(count, sizes[r]) * (count / n - p) / (p * (1 - p));
        }
      }
      of_sizes_[r] = value;
    }
  }

  std::size_t size_ = 0;
  double step_ = 0;
  Numbers numbers_;
  Numbers of_sizes_;
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

  // How the values depend on the worths (total), and on what is left at drawn rows (slopes), players x rows.
  struct Weights {
    Numbers total;
    Numbers slopes;
  };

  // Adds the part of the estimate in which the drawn rows [first, last) are left out, of n_drawn in all.
  void add(const Covariance& covariance, double penalty, std::size_t first, std::size_t last, Weights& weights,
           const WeightedOptions& options) const {
    const std::size_t n_certain = given_.n_certain(), n_drawn = given_.n_drawn();
    const Covariance::Inverse inverse = covariance.inverse(penalty);
    // T: the values of a model's terms, less the part of certain coalitions.
    Numbers terms(n_ * size_), constant(n_), certain(n_ * n_certain);
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t r = 0; r < size_; ++r)
        terms[i * size_ + r] = covariance.step() * phi_[r * n_ + i] / root_ + covariance.of_sizes()[r];
      for (std::size_t c = 0; c < n_certain; ++c) {
        certain[i * n_certain + c] = given_.weights[c] * phi_[c * n_ + i] / root_;
        constant[i] -= certain[i * n_certain + c];
      }
    }
    if (n_certain > 0)
      multiply_add(n_, size_, n_certain, -1, rows_of(certain, n_certain), rows_of(covariance.numbers(), size_),
                   terms.data(), size_, false, options.num_threads);
    // First through the model of all rows, then through what is left.
    Numbers total = covariance.times(inverse, terms, n_, options.num_threads);
    Numbers scaled(n_ * size_);
    const double share = 1 / static_cast<double>(n_drawn), part = static_cast<double>(last - first) * share;
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t r = 0; r < size_; ++r) {
        double& through_model = total[i * size_ + r];
        through_model += constant[i] * inverse.ones[r] / inverse.total;
        if (r >= n_certain + first && r < n_certain + last) {
          const double direct = given_.importance[r - n_certain] * phi_[r * n_ + i] / root_;
          weights.slopes[i * size_ + r] = direct - through_model;
          scaled[i * size_ + r] = share * weights.slopes[i * size_ + r] / inverse.diagonal[r];
        }
        through_model *= part;
        if (r < n_certain) through_model += part * certain[i * n_certain + r];
      }
    const Numbers through = covariance.times(inverse, scaled, n_, options.num_threads);
    for (std::size_t k = 0; k < total.size(); ++k) weights.total[k] += total[k] + through[k];
  }

  [[nodiscard]] Weights no_weights() const { return {Numbers(n_ * size_), Numbers(n_ * size_)}; }

  [[nodiscard]] WeightedFit summed(const Weights& of_worths, const Numbers& y, const Numbers& left,
                                   const WeightedOptions& options) const {
    const Numbers &total = of_worths.total, &slopes = of_worths.slopes;
    const std::size_t n_certain = given_.n_certain(), n_drawn = given_.n_drawn();
    const double drawn = static_cast<double>(n_drawn);
    WeightedFit found;
    found.values.resize(n_);
    found.variances.assign(n_, unknown);
    double square = 0;
    for (std::size_t r = n_certain; r < size_; ++r) square += left[r] * left[r] / drawn;
    const double unseen = unseen_variance(given_, left, 1, 0);
    for (std::size_t i = 0; i < n_; ++i) {
      const double* weights = &total[i * size_];
      for (std::size_t r = 0; r < size_; ++r) found.values[i] += weights[r] * y[r];
      if (!options.standard_errors || n_drawn < 3) continue;
      double mean = 0, spread = 0, fourth = 0, sandwich = 0, noise = 0;
      for (std::size_t r = n_certain; r < size_; ++r) mean += slopes[i * size_ + r] * left[r] / drawn;
      for (std::size_t r = n_certain; r < size_; ++r) {
        const double off = slopes[i * size_ + r] * left[r] - mean;
        spread += off * off / (drawn * (drawn - 1));
        fourth += off * off * off * off / (drawn * (drawn - 1) * drawn * (drawn - 1));
        sandwich += weights[r] * weights[r] * left[r] * left[r];
      }
      if (options.noisy)
        for (std::size_t c = 0; c < n_certain; ++c) noise += weights[c] * weights[c] * square;
      const double few = spread > 0 ? 1 + few_rows * fourth / (spread * spread) : 1;
      found.variances[i] = few * std::max(spread, (spread + sandwich) / 2) + unseen + noise;
    }
    return found;
  }

 private:
  const WeightedRows& given_;
  std::size_t n_;
  std::size_t size_;
  Numbers phi_;
  Numbers lengths_;  // |phi|^2 of each row
  double root_ = 1;
};

// Outputs in columns of their own, around their means, because a constant changes no value.
struct Outputs {
  Outputs(std::span<const double> targets, std::size_t n_outputs) : columns(n_outputs), rows(targets.size()) {
    const std::size_t size = targets.size() / n_outputs;
    for (std::size_t o = 0; o < n_outputs; ++o) {
      double mean = 0;
      for (std::size_t r = 0; r < size; ++r) mean += targets[r * n_outputs + o] / static_cast<double>(size);
      columns[o].resize(size);
      for (std::size_t r = 0; r < size; ++r)
        rows[r * n_outputs + o] = columns[o][r] = targets[r * n_outputs + o] - mean;
    }
  }

  std::vector<Numbers> columns;
  Numbers rows;
};

// The choice of each output that predicts left out rows best, and the best one that is additive.
struct Choices {
  std::vector<KernelChoice> best;
  std::vector<KernelChoice> additive;
};

Choices choose(const WeightedRows& given, std::span<const double> targets, std::size_t n_outputs,
               const WeightedOptions& options) {
  Choices chosen{std::vector<KernelChoice>(n_outputs), std::vector<KernelChoice>(n_outputs)};
  if (given.n_drawn() < 2) return chosen;
  const Rows rows(given);
  const Outputs outputs(targets, n_outputs);
  Numbers least(n_outputs, std::numeric_limits<double>::infinity());
  for (const KernelForm& form : forms) {
    if (form.has_interactions() && !options.interactions) break;
    checkpoint();
    const Covariance covariance(given, form);
    if (!covariance.usable()) continue;
    const Numbers turned = covariance.turned(outputs.rows.data(), n_outputs, options.num_threads);
    for (const double penalty : penalties) {
      const Covariance::Inverse inverse = covariance.inverse(penalty);
      for (std::size_t o = 0; o < n_outputs; ++o) {
        // Equal worths suit every model, and say nothing about other rows.
        if (std::ranges::adjacent_find(outputs.columns[o], std::ranges::not_equal_to()) == outputs.columns[o].end())
          continue;
        const double score = rows.score(covariance.left_out(inverse, turned, n_outputs, o, outputs.columns[o]));
        if (!(score < least[o])) continue;
        least[o] = score;
        chosen.best[o] = {form, penalty};
        if (!form.has_interactions()) chosen.additive[o] = chosen.best[o];
      }
    }
  }
  return chosen;
}

}  // namespace

std::vector<WeightedFit> fit_kernel_left_out(const WeightedRows& given, std::span<const double> targets,
                                             std::size_t n_outputs, const WeightedOptions& options,
                                             std::vector<KernelChoice>& choices) {
  const std::size_t n_drawn = given.n_drawn(), half = n_drawn / 2;
  // The rows of one half are left out of models that the other half chose, so that no row has a say in its own model.
  std::array<Choices, 2> chosen;
  if (choices.empty()) {
    const auto chosen_by = [&](std::size_t first, std::size_t last) {
      return choose(part_of(given, first, last), worths_of(given, targets, n_outputs, first, last), n_outputs, options);
    };
    chosen = {chosen_by(half, n_drawn), chosen_by(0, half)};
    choices = chosen[0].best;
  } else {
    chosen[0] = chosen[1] = {choices, std::vector<KernelChoice>(n_outputs)};
  }
  const Rows rows(given);
  const Outputs outputs(targets, n_outputs);
  const std::size_t n_certain = given.n_certain();
  // One decomposition for each form that any output needs.
  std::array<std::optional<Covariance>, forms.size()> covariances;
  std::array<Numbers, forms.size()> turned;
  const auto covariance_of = [&](const KernelForm& form) {
    std::size_t place = static_cast<std::size_t>(std::ranges::find(forms, form) - forms.begin());
    while (true) {
      if (!covariances[place]) {
        checkpoint();
        covariances[place].emplace(given, forms[place]);
        if (covariances[place]->usable())
          turned[place] = covariances[place]->turned(outputs.rows.data(), n_outputs, options.num_threads);
      }
      if (covariances[place]->usable()) return place;
      if (place == 0) throw std::domain_error("p is too close to 0 or 1 for so many players");
      place = 0;
    }
  };
  std::vector<WeightedFit> found(n_outputs);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    const Numbers& y = outputs.columns[o];
    const auto left_out = [&](const KernelChoice& choice) {
      const std::size_t place = covariance_of(choice.form);
      const Covariance& covariance = *covariances[place];
      return covariance.left_out(covariance.inverse(choice.penalty), turned[place], n_outputs, o, y);
    };
    Rows::Weights weights = rows.no_weights();
    Numbers left(y.size());
    for (std::size_t k = 0; k < 2; ++k) {
      const KernelChoice& choice = chosen[k].best[o];
      const std::size_t first = k == 0 ? 0 : half, last = k == 0 ? half : n_drawn;
      if (first == last) continue;
      const Numbers own = left_out(choice);
      std::copy(own.begin() + static_cast<std::ptrdiff_t>(n_certain + first),
                own.begin() + static_cast<std::ptrdiff_t>(n_certain + last),
                left.begin() + static_cast<std::ptrdiff_t>(n_certain + first));
      rows.add(*covariances[covariance_of(choice.form)], choice.penalty, first, last, weights, options);
      found[o].smooth = found[o].smooth || choice.form.has_interactions();
    }
    const bool smooth = found[o].smooth;
    found[o] = rows.summed(weights, y, left, options);
    found[o].smooth = smooth;
    found[o].residual_square = rows.score(left);
    found[o].additive_square = smooth ? rows.score(left_out(chosen[0].additive[o])) : found[o].residual_square;
  }
  return found;
}

}  // namespace banzhaf
