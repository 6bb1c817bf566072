// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/linear_left_out.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "regression/dense.hpp"
#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t chunk = 256;
constexpr std::array penalties{1e-9, 0.1, 1.0};
// From this many rows a player on, only the smallest penalty is tried.
constexpr std::size_t many_rows = 8;

using Numbers = std::vector<double>;

class LinearRows {
 public:
  LinearRows(const WeightedRows& given, std::span<const double> targets, std::size_t n_outputs, int num_threads)
      : given_(given),
        n_(given.rows.n_players()),
        width_(n_ <= most_players_of_model ? n_ + 1 : 1),
        size_(given.rows.n_rows()),
        n_outputs_(n_outputs),
        num_threads_(num_threads),
        root_(std::sqrt(given.p * (1 - given.p))),
        targets_(size_ * n_outputs) {
    for (std::size_t o = 0; o < n_outputs; ++o) {
      double mean = 0;
      for (std::size_t r = 0; r < size_; ++r) mean += targets[r * n_outputs + o] / static_cast<double>(size_);
      for (std::size_t r = 0; r < size_; ++r) targets_[r * n_outputs + o] = targets[r * n_outputs + o] - mean;
    }
    gram_.resize(width_ * width_);
    moments_.resize(width_ * n_outputs);
    certain_terms_.resize(n_ * width_);
    certain_values_.resize(n_ * n_outputs);
    for_chunks([&](std::size_t first, std::size_t count, const Numbers& phi, const Numbers& features) {
      multiply_add(width_, width_, count, 1, {features.data(), 1, width_}, {features.data(), width_, 1}, gram_.data(),
                   width_, false, num_threads_);
      multiply_add(width_, n_outputs_, count, 1, {features.data(), 1, width_},
                   {&targets_[first * n_outputs_], n_outputs_, 1}, moments_.data(), n_outputs_, false, num_threads_);
      for (std::size_t r = first; r < std::min(first + count, given_.n_certain()); ++r)
        for (std::size_t i = 0; i < n_; ++i) {
          const double weight = given_.weights[r] * phi[(r - first) * n_ + i] / root_;
          for (std::size_t j = 0; j < width_; ++j)
            certain_terms_[i * width_ + j] += weight * features[(r - first) * width_ + j];
          for (std::size_t o = 0; o < n_outputs_; ++o)
            certain_values_[i * n_outputs_ + o] += weight * targets_[r * n_outputs_ + o];
        }
    });
  }

  [[nodiscard]] std::vector<WeightedFit> fit(const WeightedOptions& options) {
    std::vector<WeightedFit> found(n_outputs_);
    Numbers best(n_outputs_, std::numeric_limits<double>::infinity());
    const bool many = size_ >= many_rows * n_ || width_ == 1;
    for (const double penalty : penalties) {
      if (many && penalty != penalties[0]) break;
      if (!solve(penalty)) continue;
      leave_out();
      std::vector<bool> better(n_outputs_);
      bool any = false;
      for (std::size_t o = 0; o < n_outputs_; ++o) {
        better[o] = scores_[o] < best[o];
        any = any || better[o];
        if (better[o]) best[o] = scores_[o];
      }
      if (!any) continue;
      const std::vector<WeightedFit> all = sum(options);
      for (std::size_t o = 0; o < n_outputs_; ++o)
        if (better[o]) found[o] = all[o];
    }
    return found;
  }

 private:
  using Chunk = std::function<void(std::size_t first, std::size_t count, const Numbers& phi, const Numbers& features)>;
  void for_chunks(const Chunk& use) const {
    const double in = (1 - given_.p) / root_, out = -given_.p / root_;
    const CoalitionsView view = given_.rows.view();
    Numbers phi, features;
    for (std::size_t first = 0; first < size_; first += chunk) {
      checkpoint();
      const std::size_t count = std::min(chunk, size_ - first);
      phi.resize(count * n_);
      features.resize(count * width_);
      for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t i = 0; i < n_; ++i) phi[r * n_ + i] = view.contains(first + r, i) ? in : out;
        features[r * width_] = 1;
        if (width_ > 1) std::copy_n(&phi[r * n_], n_, &features[r * width_ + 1]);
      }
      use(first, count, phi, features);
    }
  }

  // Inverts the system with a penalty, and returns whether it has an inverse.
  bool solve(double penalty) {
    Numbers system = gram_;
    for (std::size_t j = 1; j < width_; ++j) system[j * width_ + j] += penalty * static_cast<double>(n_);
    if (!(cholesky(system.data(), width_, num_threads_) > 1e-14)) return false;
    inverse_ = cholesky_inverse(system.data(), width_, num_threads_);
    coefficients_.assign(width_ * n_outputs_, 0);
    multiply_add(width_, n_outputs_, width_, 1, {inverse_.data(), width_, 1}, {moments_.data(), n_outputs_, 1},
                 coefficients_.data(), n_outputs_, false, num_threads_);
    return true;
  }

  // Finds what the model leaves at each row if it is fitted without it, and its mean square at drawn rows.
  void leave_out() {
    left_.assign(size_ * n_outputs_, 0);
    held_.assign(size_, 0);
    scores_.assign(n_outputs_, 0);
    double total = 0;
    for_chunks([&](std::size_t first, std::size_t count, const Numbers& phi, const Numbers& features) {
      Numbers image(count * width_);
      multiply_add(count, width_, width_, 1, {features.data(), width_, 1}, {inverse_.data(), width_, 1}, image.data(),
                   width_, false, num_threads_);
      for (std::size_t r = 0; r < count; ++r) {
        const std::size_t row = first + r;
        double leverage = 0, length = 0;
        for (std::size_t j = 0; j < width_; ++j) leverage += image[r * width_ + j] * features[r * width_ + j];
        for (std::size_t i = 0; i < n_; ++i) length += phi[r * n_ + i] * phi[r * n_ + i];
        held_[row] = 1 / (1 - leverage);
        const bool drawn = row >= given_.n_certain();
        const double importance = drawn ? given_.importance[row - given_.n_certain()] : 0;
        const double weight = importance * importance * length;
        total += weight;
        for (std::size_t o = 0; o < n_outputs_; ++o) {
          double predicted = 0;
          for (std::size_t j = 0; j < width_; ++j)
            predicted += features[r * width_ + j] * coefficients_[j * n_outputs_ + o];
          const double left = (targets_[row * n_outputs_ + o] - predicted) * held_[row];
          left_[row * n_outputs_ + o] = left;
          scores_[o] += weight * left * left;
        }
      }
    });
    for (double& score : scores_) score = total > 0 ? score / total : 0;
  }

  [[nodiscard]] std::vector<WeightedFit> sum(const WeightedOptions& options) const {
    const std::size_t n_certain = given_.n_certain();
    const double drawn = static_cast<double>(given_.n_drawn());
    // T, and T A^-1.
    Numbers terms(n_ * width_), image(n_ * width_);
    for (std::size_t i = 0; i < n_; ++i) {
      if (width_ > 1) terms[i * width_ + 1 + i] = 1 / root_;
      for (std::size_t j = 0; j < width_; ++j) terms[i * width_ + j] -= certain_terms_[i * width_ + j];
    }
    multiply_add(n_, width_, width_, 1, {terms.data(), width_, 1}, {inverse_.data(), width_, 1}, image.data(), width_,
                 false, num_threads_);
    const auto slopes_of = [&](std::size_t first, std::size_t count, const Numbers& phi, const Numbers& features) {
      Numbers slopes(count * n_);
      multiply_add(count, n_, width_, -1, {features.data(), width_, 1}, {image.data(), 1, width_}, slopes.data(), n_,
                   false, num_threads_);
      for (std::size_t r = 0; r < count; ++r) {
        const std::size_t row = first + r;
        for (std::size_t i = 0; i < n_; ++i) {
          double& slope = slopes[r * n_ + i];
          slope = row < n_certain ? 0 : slope + given_.importance[row - n_certain] * phi[r * n_ + i] / root_;
        }
      }
      return slopes;
    };
    Numbers firsts(n_ * n_outputs_), seconds(n_ * n_outputs_), crossed(width_ * n_);
    for_chunks([&](std::size_t first, std::size_t count, const Numbers& phi, const Numbers& features) {
      Numbers slopes = slopes_of(first, count, phi, features);
      for (std::size_t r = 0; r < count; ++r)
        for (std::size_t i = 0; i < n_; ++i) {
          const double slope = slopes[r * n_ + i];
          for (std::size_t o = 0; o < n_outputs_; ++o) {
            const double part = slope * left_[(first + r) * n_outputs_ + o];
            firsts[i * n_outputs_ + o] += part;
            seconds[i * n_outputs_ + o] += part * part;
          }
          slopes[r * n_ + i] = slope * held_[first + r];
        }
      multiply_add(width_, n_, count, 1, {features.data(), 1, width_}, {slopes.data(), n_, 1}, crossed.data(), n_,
                   false, num_threads_);
    });
    std::vector<WeightedFit> found(n_outputs_);
    for (std::size_t o = 0; o < n_outputs_; ++o) {
      found[o].values.resize(n_);
      found[o].variances.assign(n_, unknown);
      found[o].residual_square = found[o].additive_square = scores_[o];
      for (std::size_t i = 0; i < n_; ++i) {
        double value = certain_values_[i * n_outputs_ + o] + firsts[i * n_outputs_ + o] / drawn;
        for (std::size_t j = 0; j < width_; ++j) value += terms[i * width_ + j] * coefficients_[j * n_outputs_ + o];
        found[o].values[i] = value;
      }
    }
    if (!options.standard_errors || drawn < 3) return found;
    // How each value depends on each worth is linear in the features, plus its own slope.
    Numbers weights(image);
    multiply_add(n_, width_, width_, -1 / drawn, {crossed.data(), 1, n_}, {inverse_.data(), width_, 1}, weights.data(),
                 width_, false, num_threads_);
    Numbers sandwich(n_ * n_outputs_), noise(n_ * n_outputs_), fourths(n_ * n_outputs_);
    for_chunks([&](std::size_t first, std::size_t count, const Numbers& phi, const Numbers& features) {
      const Numbers slopes = slopes_of(first, count, phi, features);
      Numbers total(count * n_);
      multiply_add(count, n_, width_, 1, {features.data(), width_, 1}, {weights.data(), 1, width_}, total.data(), n_,
                   false, num_threads_);
      for (std::size_t r = 0; r < count; ++r)
        for (std::size_t i = 0; i < n_; ++i) {
          const std::size_t row = first + r;
          double weight = total[r * n_ + i] + slopes[r * n_ + i] * held_[row] / drawn;
          if (row < n_certain) weight += given_.weights[row] * phi[r * n_ + i] / root_;
          for (std::size_t o = 0; o < n_outputs_; ++o) {
            const double left = left_[row * n_outputs_ + o];
            const std::size_t k = i * n_outputs_ + o;
            if (row >= n_certain) {
              const double off = slopes[r * n_ + i] * left - firsts[k] / drawn, square = off * off;
              sandwich[k] += weight * weight * left * left;
              fourths[k] += square * square;
            } else if (options.noisy) {
              noise[k] += weight * weight * scores_[o];
            }
          }
        }
    });
    for (std::size_t o = 0; o < n_outputs_; ++o) {
      const double unseen = unseen_variance(given_, left_, n_outputs_, o);
      for (std::size_t i = 0; i < n_; ++i) {
        const std::size_t k = i * n_outputs_ + o;
        const double mean = firsts[k] / drawn;
        const double spread = std::max(0.0, seconds[k] / drawn - mean * mean) / (drawn - 1);
        const double fourth = fourths[k] / (drawn * (drawn - 1) * drawn * (drawn - 1));
        const double few = spread > 0 ? 1 + few_rows * fourth / (spread * spread) : 1;
        found[o].variances[i] = few * std::max(spread, (spread + sandwich[k]) / 2) + unseen + noise[k];
      }
    }
    return found;
  }

  const WeightedRows& given_;
  std::size_t n_;
  std::size_t width_;  // of the features
  std::size_t size_;
  std::size_t n_outputs_;
  int num_threads_;
  double root_;
  Numbers targets_;  // around their means
  Numbers gram_;
  Numbers moments_;
  Numbers certain_terms_;
  Numbers certain_values_;
  Numbers inverse_;
  Numbers coefficients_;
  Numbers left_;
  Numbers held_;  // 1 / (1 - leverage)
  Numbers scores_;
};

}  // namespace

std::vector<WeightedFit> fit_linear_left_out(const WeightedRows& rows, std::span<const double> targets,
                                             std::size_t n_outputs, const WeightedOptions& options) {
  return LinearRows(rows, targets, n_outputs, options.num_threads).fit(options);
}

}  // namespace banzhaf
