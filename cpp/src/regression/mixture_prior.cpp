// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/mixture_prior.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t n_scales = 12;    // the first is 0, and each other is half of the one before
constexpr std::size_t all_below = 512;  // players: with fewer, every column takes part
constexpr std::size_t most_active = 2048;
constexpr double least_score = 2.5;  // of a column's product with the residuals, in standard deviations
constexpr int most_rounds = 4, most_passes = 200;
constexpr double negligible = 0.05;    // effect of a column on the products, in standard deviations
constexpr double least_noise = 1e-20;  // as a share of the mean square

using Shares = std::array<double, n_scales>;

double mean_square(const SignColumns& x, const std::vector<double>& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number * number;
  return sum / static_cast<double>(x.n_used());
}

class MixtureFit {
 public:
  MixtureFit(const SignColumns& x, const std::vector<double>& numbers, const SparseVector& start)
      : x_(x), numbers_(numbers), active_(x), b_(start.numbers) {
    active_.add(start.places);
    const double square = mean_square(x, numbers);
    least_noise_ = least_noise * square;
    variances_[0] = 0;
    for (std::size_t l = 1; l < n_scales; ++l) variances_[l] = square * std::pow(4.0, 1 - static_cast<double>(l));
    // The first shares are those of the scales nearest to the coefficients of the start.
    shares_.fill(1e-3);
    for (const double coefficient : b_) shares_[scale_of(coefficient)] += 1;
    shares_[0] += static_cast<double>(x.n_players() - b_.size());
    normalise(shares_);
    refresh();
    noise_ = std::max(mean_square(x, residuals_), 1e-3 * square);
  }

  SparseVector operator()() {
    for (int round = 0; round < most_rounds; ++round) {
      if (!join() && round > 0) break;
      for (int i = 0; i < most_passes; ++i)
        if (pass()) break;
      refresh();
    }
    // Means of columns that hardly take part are tiny, but never exactly 0.
    for (std::size_t k = 0; k < b_.size(); ++k)
      if (std::abs(b_[k]) * std::sqrt(active_.square(k)) < negligible * std::sqrt(noise_)) b_[k] = 0;
    return active_.nonzero(b_);
  }

 private:
  [[nodiscard]] std::size_t scale_of(double coefficient) const {
    std::size_t nearest = 1;
    for (std::size_t l = 2; l < n_scales; ++l)
      if (std::abs(std::log(variances_[l] / (coefficient * coefficient))) <
          std::abs(std::log(variances_[nearest] / (coefficient * coefficient))))
        nearest = l;
    return nearest;
  }

  static void normalise(Shares& shares) {
    double sum = 0;
    for (const double share : shares) sum += share;
    for (double& share : shares) share /= sum;
  }

  // Computes the residuals and their products, so that rounding does not add up.
  void refresh() {
    residuals_ = x_.residuals(numbers_, x_.image(active_.nonzero(b_)));
    all_products_ = x_.products(residuals_);
    products_.resize(b_.size());
    for (std::size_t k = 0; k < b_.size(); ++k) products_[k] = all_products_[active_.player(k)];
    residual_square_ = 0;
    for (const double x : residuals_) residual_square_ += x * x;
  }

  // Lets columns take part that fit the residuals, the best first. Returns whether there are any.
  bool join() {
    std::vector<std::uint32_t> players;
    const double least = x_.n_players() < all_below ? 0 : least_score * std::sqrt(noise_);
    for (std::size_t i = 0; i < all_products_.size(); ++i) {
      const double square = x_.square(i);
      if (square > 0 && !active_.has(i) && std::abs(all_products_[i]) >= least * std::sqrt(square))
        players.push_back(static_cast<std::uint32_t>(i));
    }
    const std::size_t most = active_.size() < most_active ? most_active - active_.size() : 0;
    if (players.size() > most) {
      std::ranges::stable_sort(players, [&](std::uint32_t i, std::uint32_t j) {
        return std::abs(all_products_[i]) > std::abs(all_products_[j]);
      });
      players.resize(most);
    }
    if (players.empty()) return false;
    active_.add(players);
    b_.resize(active_.size());
    for (const std::uint32_t player : players) products_.push_back(all_products_[player]);
    return true;
  }

  // Replaces each coefficient by its posterior mean given the others, then the shares and the noise. Returns whether
  // nothing changes any more.
  bool pass() {
    checkpoint();
    Shares log_shares, found{};
    for (std::size_t l = 0; l < n_scales; ++l) log_shares[l] = std::log(shares_[l]);
    double largest = 0, spread = 0;
    for (std::size_t k = 0; k < b_.size(); ++k) {
      const double square = active_.square(k), product = products_[k] + square * b_[k];
      Shares weights, means{}, within{};
      double highest = weights[0] = log_shares[0];
      for (std::size_t l = 1; l < n_scales; ++l) {
        within[l] = 1 / (square / noise_ + 1 / variances_[l]);
        means[l] = within[l] * product / noise_;
        weights[l] = log_shares[l] + 0.5 * (std::log(within[l] / variances_[l]) + means[l] * means[l] / within[l]);
        highest = std::max(highest, weights[l]);
      }
      for (double& weight : weights) weight = std::exp(weight - highest);
      normalise(weights);
      double mean = 0, second = 0;
      for (std::size_t l = 0; l < n_scales; ++l) {
        found[l] += weights[l];
        mean += weights[l] * means[l];
        second += weights[l] * (means[l] * means[l] + within[l]);
      }
      spread += square * (second - mean * mean);
      const double step = mean - b_[k];
      if (step == 0) continue;
      // The square of the residuals changes with the step.
      residual_square_ += step * (square * step - 2 * products_[k]);
      active_.subtract(k, step, products_);
      b_[k] = mean;
      largest = std::max(largest, std::abs(step) * std::sqrt(square));
    }
    const double before = noise_, rows = static_cast<double>(x_.n_used());
    noise_ = std::max((std::max(residual_square_, 0.0) + spread) / rows, least_noise_);
    found[0] += static_cast<double>(x_.n_players() - b_.size());
    for (double& share : found) share += 1e-6;
    normalise(found);
    shares_ = found;
    return std::abs(std::log(noise_ / before)) < 1e-4 && largest < 1e-3 * std::sqrt(noise_);
  }

  const SignColumns& x_;
  const std::vector<double>& numbers_;
  ActiveColumns active_;
  std::vector<double> b_, products_, all_products_, residuals_;
  Shares variances_, shares_;
  double noise_ = 0, least_noise_ = 0, residual_square_ = 0;
};

}  // namespace

SparseVector fit_mixture(const SignColumns& x, const std::vector<double>& numbers, const SparseVector& start) {
  if (!(mean_square(x, numbers) > 0)) return {};
  return MixtureFit(x, numbers, start)();
}

}  // namespace banzhaf
