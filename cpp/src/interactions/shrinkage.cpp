// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/shrinkage.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

/// The share of coefficients that are not 0 before anything is learnt.
constexpr double first_share = 0.02;

// exp(x) for x <= 0 within 1e-9 of it, on every CPU with the same bits. The loop over parts can be vectorised.
inline double exp_of(double x) {
  constexpr double shift = 6755399441055744.0;  // 1.5 * 2^52 rounds to integers
  const double scaled = (x < -700 ? -700 : x) * 1.4426950408889634 + shift;
  const double whole = scaled - shift;
  const double r = (x < -700 ? -700 : x) - whole * 0.6931471805599453;
  const double power =
      1 + r * (1 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r / 5040))))));
  const std::uint64_t exponent = (std::bit_cast<std::uint64_t>(scaled) + 1023) << 52;
  return power * std::bit_cast<double>(exponent);
}

}  // namespace

Shrinkage::Shrinkage(TermSpace& space, std::span<const double> class_sizes, double floor)
    : space_(space), floor_(floor) {
  variance_ = std::max(space.square() / space.degrees_of_freedom(), floor_);
  for (std::size_t l = 1; l < n_parts; ++l)
    tau_[l] = std::ldexp(variance_ / static_cast<double>(space.n_used()), 2 * static_cast<int>(l) - 4);
  for (const double size : class_sizes) add_class(size, first_share);
}

void Shrinkage::add_class(double size, double share) {
  class_sizes_.push_back(size);
  Parts weights;
  weights.fill(share / (n_parts - 1));
  weights[0] = 1 - share;
  weights_.push_back(weights);
  counts_.emplace_back();
}

void Shrinkage::set_classes(std::span<const double> sizes, std::span<const std::uint32_t> of_columns) {
  class_sizes_.clear();
  weights_.clear();
  counts_.clear();
  for (const double size : sizes) add_class(size, first_share);
  classes_.assign(of_columns.begin(), of_columns.end());
}

void Shrinkage::add(std::span<const std::uint32_t> players, std::uint32_t of_class) {
  space_.add_column(players);
  const double level = std::nearbyint(space_.share(space_.n_columns() - 1) * n_levels);
  levels_.push_back(static_cast<std::uint8_t>(std::clamp(level, 1.0, static_cast<double>(n_levels))));
  classes_.push_back(of_class);
  coefficients_.push_back(0);
  variances_.push_back(0);
}

void Shrinkage::keep(std::span<const std::size_t> columns) {
  space_.keep_columns(columns);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::size_t from = columns[c];
    levels_[c] = levels_[from];
    classes_[c] = classes_[from];
    coefficients_[c] = coefficients_[from];
    variances_[c] = variances_[from];
  }
  levels_.resize(columns.size());
  classes_.resize(columns.size());
  coefficients_.resize(columns.size());
  variances_.resize(columns.size());
}

double Shrinkage::square_of(std::size_t column) const noexcept {
  return static_cast<double>(space_.n_used()) * levels_[column] / n_levels;
}

double Shrinkage::score(std::size_t column) const noexcept {
  return std::abs(coefficients_[column]) * std::sqrt(square_of(column) / variance_);
}

const Shrinkage::Table& Shrinkage::table_of(std::size_t column) {
  Table& table = tables_[classes_[column] * (n_levels + 1) + levels_[column]];
  if (table.filled) return table;
  const Parts& weights = weights_[classes_[column]];
  const double square = square_of(column);
  table.log_weight[0] = std::log(weights[0]);
  table.square_weight[0] = table.mean[0] = table.variance[0] = 0;
  for (std::size_t l = 1; l < n_parts; ++l) {
    const double v = 1 / (square / variance_ + 1 / tau_[l]);
    table.log_weight[l] = std::log(weights[l]) + 0.5 * std::log(v / tau_[l]);
    table.square_weight[l] = 0.5 * v / (variance_ * variance_);
    table.mean[l] = v / variance_;
    table.variance[l] = v;
  }
  table.filled = true;
  return table;
}

// Updates a coefficient given the others. Returns the change, in the residuals' unit. `counts` also updates its variance
// and adds to the counts of its class.
double Shrinkage::update(std::size_t j, bool counts) {
  const Table& table = table_of(j);
  const double square = square_of(j), old = coefficients_[j];
  const double product = space_.correlation(j) + square * old, squared = product * product;
  Parts share;
  double top = table.log_weight[0];
  for (std::size_t l = 0; l < n_parts; ++l) share[l] = table.log_weight[l] + squared * table.square_weight[l];
  for (std::size_t l = 1; l < n_parts; ++l) top = std::max(top, share[l]);
  double total = 0, mean = 0;
  for (std::size_t l = 0; l < n_parts; ++l) share[l] = exp_of(share[l] - top);
  for (std::size_t l = 0; l < n_parts; ++l) {
    total += share[l];
    mean += share[l] * table.mean[l];
  }
  const double inverse_total = 1 / total;
  mean *= product * inverse_total;
  if (counts) {
    double second = 0;
    Parts& of_class = counts_[classes_[j]];
    for (std::size_t l = 0; l < n_parts; ++l) {
      const double w = share[l] * inverse_total;
      of_class[l] += w;
      second += w * (table.mean[l] * table.mean[l] * squared + table.variance[l]);
    }
    variances_[j] = std::max(0.0, second - mean * mean);
  }
  // The whole step would be too long where the surrogate's column is longer than the true one.
  const double change = (mean - old) * std::sqrt(square);
  if (std::abs(change) <= negligible_) return 0;
  const double step = (mean - old) * (square / space_.norm());
  space_.subtract(j, step);
  coefficients_[j] = old + step;
  return std::abs(change);
}

// Updates all coefficients. Those that are not small, or change by more than `least`, are active from then on.
double Shrinkage::sweep_all(double least) {
  double largest = 0;
  active_.clear();
  for (Parts& counts : counts_) counts.fill(0);
  for (std::size_t j = 0; j < coefficients_.size(); ++j) {
    const double change = update(j, true);
    largest = std::max(largest, change);
    if (change > least || std::abs(coefficients_[j]) * std::sqrt(square_of(j)) > 10 * least) active_.push_back(j);
  }
  space_.clean();
  return largest;
}

double Shrinkage::sweep_active() {
  double largest = 0;
  for (const std::size_t j : active_) largest = std::max(largest, update(j, false));
  space_.clean();
  return largest;
}

void Shrinkage::update_weights() {
  for (std::size_t c = 0; c < weights_.size(); ++c) {
    Parts& counts = counts_[c];
    double counted = 0, total = 0;
    for (const double count : counts) counted += count;
    counts[0] += std::max(class_sizes_[c] - counted, 0.0) + 1;
    for (std::size_t l = 1; l < n_parts; ++l) counts[l] += 0.1;
    for (const double count : counts) total += count;
    for (std::size_t l = 0; l < n_parts; ++l) weights_[c][l] = counts[l] / total;
  }
}

void Shrinkage::run(std::size_t n_steps, std::size_t n_sweeps) {
  for (std::size_t step = 0; step < n_steps; ++step) {
    checkpoint();
    tables_.assign(weights_.size() * (n_levels + 1), Table{});
    const double noise = std::sqrt(variance_), tolerance = 0.02 * noise;
    negligible_ = 2e-5 * noise;
    if (sweep_all(0.01 * noise) >= tolerance)
      for (std::size_t s = 1; s < n_sweeps && sweep_active() >= tolerance; ++s) continue;
    double uncertain = 0;
    for (std::size_t j = 0; j < coefficients_.size(); ++j) uncertain += square_of(j) * variances_[j];
    const double old = variance_;
    variance_ = std::max((space_.square() + uncertain) / space_.degrees_of_freedom(), floor_);
    update_weights();
    if (step > 3 && std::abs(std::log(variance_ / old)) < 0.01) break;
  }
}

}  // namespace banzhaf
