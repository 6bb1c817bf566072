// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/lasso.hpp"

#include <algorithm>
#include <cmath>

#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t most_active = 2048;  // columns whose products are held: 32 MiB
constexpr int most_passes = 2000;
// A pass without a larger step ends the descent: this share of the norm of the numbers.
constexpr double least_step = 1e-7;

double norm(const std::vector<double>& numbers) {
  double square = 0;
  for (const double x : numbers) square += x * x;
  return std::sqrt(square);
}

}  // namespace

Lasso::Lasso(const SignColumns& x, std::vector<double> numbers)
    : x_(&x),
      numbers_(std::move(numbers)),
      constant_(x.prepare(numbers_)),
      size_(norm(numbers_)),
      active_(x),
      image_(x.n_rows()) {
  all_products_ = x.products(numbers_);
  before_ = 0;
  for (const double product : all_products_) before_ = std::max(before_, std::abs(product));
  largest_ = before_ / static_cast<double>(x.n_used());
}

bool Lasso::solve(double penalty) {
  const double threshold = penalty * static_cast<double>(x_->n_used());
  // The sequential strong rule of Tibshirani and others (2012): the other columns hardly ever enter.
  if (!add(2 * threshold - before_)) return false;
  do {
    checkpoint();
    descend(threshold);
    refresh();
    const std::size_t size = active_.size();
    if (!add(threshold * (1 + 1e-9))) return false;
    if (active_.size() == size) break;
  } while (true);
  before_ = threshold;
  return true;
}

// Adds the columns whose product with the residuals is at least this large.
bool Lasso::add(double least) {
  std::vector<std::uint32_t> players;
  for (std::size_t i = 0; i < all_products_.size(); ++i)
    if (!active_.has(i) && std::abs(all_products_[i]) >= least && x_->square(i) > 0)
      players.push_back(static_cast<std::uint32_t>(i));
  if (active_.size() + players.size() > most_active) return false;
  if (players.empty()) return true;
  active_.add(players);
  b_.resize(active_.size());
  for (const std::uint32_t player : players) products_.push_back(all_products_[player]);
  return true;
}

void Lasso::descend(double threshold) {
  const double enough = least_step * size_;
  bool all = true;
  for (int i = 0; i < most_passes; ++i) {
    const bool settled = pass(threshold, all) <= enough;
    if (settled && all) return;
    all = settled;
  }
}

// Minimises over each coefficient in turn, or over those that are not 0. Returns the largest change of the predictions.
double Lasso::pass(double threshold, bool all) {
  double largest = 0;
  for (std::size_t k = 0; k < b_.size(); ++k) {
    if (!all && b_[k] == 0) continue;
    const double square = active_.square(k), product = products_[k] + square * b_[k];
    const double shrunk = std::max(0.0, std::abs(product) - threshold) / square;
    const double next = product < 0 ? -shrunk : shrunk, step = next - b_[k];
    if (step == 0) continue;
    active_.subtract(k, step, products_);
    b_[k] = next;
    largest = std::max(largest, std::abs(step) * std::sqrt(square));
  }
  return largest;
}

// Computes the products from the residuals, so that rounding does not add up.
void Lasso::refresh() {
  image_ = x_->image(coefficients());
  all_products_ = x_->products(x_->residuals(numbers_, image_));
  for (std::size_t k = 0; k < b_.size(); ++k) products_[k] = all_products_[active_.player(k)];
}

std::vector<double> Lasso::predictions() const {
  std::vector<double> found(image_);
  for (double& x : found) x += constant_;
  return found;
}

}  // namespace banzhaf
