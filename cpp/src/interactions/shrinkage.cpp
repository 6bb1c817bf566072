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
/// Parts with less weight than its exponential, relative to the largest one, count as this.
constexpr double least_logarithm = -87;

// exp(x) for x in [-87, 0] with a relative error of 1e-7, on every CPU with the same bits.
inline float exp_of(float x) {
  constexpr float shift = 12582912;  // 1.5 * 2^23 rounds to integers
  const float scaled = x * 1.44269504F + shift, whole = scaled - shift;
  // log(2) in two parts, the first of which has few bits, so that its product with a whole number is exact
  const float r = (x - whole * 0.693359375F) + whole * 2.12194440e-4F;
  const float power =
      1 + r * (1 + r * (1.0F / 2 + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720))))));
  const std::uint32_t exponent = (std::bit_cast<std::uint32_t>(scaled) + 127) << 23;
  return power * std::bit_cast<float>(exponent);
}

// Sums and the largest of eight numbers, by halves. The compiler may vectorise them.
inline double sum_of(const double* x) {
  double half[4], quarter[2];
  for (std::size_t l = 0; l < 4; ++l) half[l] = x[l] + x[l + 4];
  for (std::size_t l = 0; l < 2; ++l) quarter[l] = half[l] + half[l + 2];
  return quarter[0] + quarter[1];
}

inline double largest_of(const double* x) {
  double half[4], quarter[2];
  for (std::size_t l = 0; l < 4; ++l) half[l] = x[l] > x[l + 4] ? x[l] : x[l + 4];
  for (std::size_t l = 0; l < 2; ++l) quarter[l] = half[l] > half[l + 2] ? half[l] : half[l + 2];
  return quarter[0] > quarter[1] ? quarter[0] : quarter[1];
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

void Shrinkage::renew_tables() {
  tables_.resize(weights_.size() * (n_levels + 1));
  for (Table& table : tables_) table.filled = false;
  for (Level& level : of_levels_) level.filled = false;
  log_weights_.resize(weights_.size());
  for (std::size_t c = 0; c < weights_.size(); ++c)
    for (std::size_t l = 0; l < n_parts; ++l) log_weights_[c][l] = std::log(weights_[c][l]);
}

const Shrinkage::Level& Shrinkage::level_of(std::size_t column) {
  Level& level = of_levels_[levels_[column]];
  if (level.filled) return level;
  level.square = square_of(column);
  level.root = std::sqrt(level.square);
  for (std::size_t l = 0; l < n_normal; ++l) {
    const double v = 1 / (level.square / variance_ + 1 / tau_[l + 1]);
    level.log_density[l] = 0.5 * std::log(v / tau_[l + 1]);
    level.square_weight[l] = 0.5 * v / (variance_ * variance_);
    level.mean[l] = v / variance_;
    level.variance[l] = v;
  }
  level.filled = true;
  return level;
}

const Shrinkage::Table& Shrinkage::table_of(std::size_t column, const Level& level) {
  Table& table = tables_[classes_[column] * (n_levels + 1) + levels_[column]];
  if (table.filled) return table;
  const Parts& logarithms = log_weights_[classes_[column]];
  table.log_zero = logarithms[0];
  for (std::size_t l = 0; l < n_normal; ++l) table.log_weight[l] = logarithms[l + 1] + level.log_density[l];
  table.filled = true;
  return table;
}

// Updates a coefficient given the others. Returns the change, in the residuals' unit. `counts` also updates its variance
// and adds to the counts of its class.
double Shrinkage::update(std::size_t j, bool counts) {
  const Level& level = level_of(j);
  const Table& table = table_of(j, level);
  const double old = coefficients_[j];
  const double product = space_.correlation(j) + level.square * old, squared = product * product;
  // Weights of the parts as shares of the largest one, which single precision serves.
  double logarithm[n_normal], share[n_normal], term[n_normal];
  float single[n_normal];
  for (std::size_t l = 0; l < n_normal; ++l) logarithm[l] = table.log_weight[l] + squared * level.square_weight[l];
  const double top = std::max(table.log_zero, largest_of(logarithm));
  for (std::size_t l = 0; l < n_normal; ++l) {
    const double below = logarithm[l] - top;
    logarithm[l] = below > least_logarithm ? below : least_logarithm;
  }
  for (std::size_t l = 0; l < n_normal; ++l) single[l] = static_cast<float>(logarithm[l]);
  for (std::size_t l = 0; l < n_normal; ++l) single[l] = exp_of(single[l]);
  for (std::size_t l = 0; l < n_normal; ++l) share[l] = single[l];
  const double zero = exp_of(static_cast<float>(std::max(table.log_zero - top, least_logarithm)));
  for (std::size_t l = 0; l < n_normal; ++l) term[l] = share[l] * level.mean[l];
  const double inverse_total = 1 / (zero + sum_of(share));
  const double mean = sum_of(term) * product * inverse_total;
  if (counts) {
    Parts& of_class = counts_[classes_[j]];
    of_class[0] += zero * inverse_total;
    for (std::size_t l = 0; l < n_normal; ++l) of_class[l + 1] += share[l] * inverse_total;
    for (std::size_t l = 0; l < n_normal; ++l)
      term[l] = share[l] * (level.mean[l] * level.mean[l] * squared + level.variance[l]);
    variances_[j] = std::max(0.0, sum_of(term) * inverse_total - mean * mean);
  }
  // The whole step would be too long where the surrogate's column is longer than the true one.
  const double change = (mean - old) * level.root;
  if (std::abs(change) <= negligible_) return 0;
  const double step = (mean - old) * (level.square / space_.norm());
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
    renew_tables();
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
