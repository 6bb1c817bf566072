// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/shrinkage.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

/// The share of coefficients that are not 0 before anything is learnt.
constexpr double first_share = 0.02;

}  // namespace

Shrinkage::Shrinkage(TermSpace& space, std::span<const double> class_sizes, double floor)
    : space_(space), kernels_(kernels()), floor_(floor) {
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
    for (std::size_t l = 0; l < n_parts; ++l) log_weights_[c][l] = std::log2(weights_[c][l]);
}

const Shrinkage::Level& Shrinkage::level_of(std::size_t column) {
  Level& level = of_levels_[levels_[column]];
  if (level.filled) return level;
  level.square = square_of(column);
  level.root = std::sqrt(level.square);
  // The whole step would be too long where the surrogate's column is longer than the true one.
  level.step = level.square / space_.norm();
  Mixture& mixture = level.unweighted;
  for (std::size_t l = 0; l < n_normal; ++l) {
    const double v = 1 / (level.square / variance_ + 1 / tau_[l + 1]);
    mixture.log_weight[l] = 0.5 * std::log2(v / tau_[l + 1]);
    mixture.square_weight[l] = 0.5 * std::numbers::log2e * v / (variance_ * variance_);
    mixture.mean[l] = v / variance_;
  }
  mixture.noise = variance_;
  level.filled = true;
  return level;
}

const Mixture& Shrinkage::mixture_of(std::size_t column, const Level& level) {
  Table& table = tables_[classes_[column] * (n_levels + 1) + levels_[column]];
  if (table.filled) return table.mixture;
  const Parts& logarithms = log_weights_[classes_[column]];
  table.mixture = level.unweighted;
  table.mixture.log_zero = logarithms[0];
  for (std::size_t l = 0; l < n_normal; ++l) table.mixture.log_weight[l] += logarithms[l + 1];
  table.filled = true;
  return table.mixture;
}

void Shrinkage::group_columns() {
  constexpr std::size_t most_compared = 32;  // with more, groups are hardly larger
  const auto kind = [&](std::size_t column) { return classes_[column] * (n_levels + 1) + levels_[column]; };
  std::vector<std::size_t> places(weights_.size() * (n_levels + 1) + 1);
  for (std::size_t c = 0; c < coefficients_.size(); ++c) ++places[kind(c) + 1];
  std::partial_sum(places.begin(), places.end(), places.begin());
  std::vector<std::uint32_t>& columns = all_.columns;
  columns.resize(coefficients_.size());
  for (std::size_t c = 0; c < coefficients_.size(); ++c) columns[places[kind(c)]++] = static_cast<std::uint32_t>(c);
  all_.ends.clear();
  for (std::size_t first = 0; first < columns.size(); first = all_.ends.back()) {
    std::size_t last = first + 1;
    while (last < columns.size() && last - first < most_compared && kind(columns[last]) == kind(columns[first])) ++last;
    all_.ends.push_back(first + space_.move_apart(std::span(columns).subspan(first, last - first), Mixture::n_lanes));
  }
}

// Updates the coefficients of a group given the others. Sets changes to the sizes of the changes, in the residuals' unit,
// and returns the largest. `counts` also updates their variances, and adds to the counts of their class.
double Shrinkage::update(std::span<const std::uint32_t> columns, bool counts, Lanes& changes) {
  const Level& level = level_of(columns[0]);
  Lanes products{}, means, variances, steps;
  space_.correlate(columns, products.data());
  for (std::size_t c = 0; c < columns.size(); ++c) products[c] += level.square * coefficients_[columns[c]];
  kernels_.weigh_mixture(mixture_of(columns[0], level), products.data(), columns.size(),
                         counts ? counts_[classes_[columns[0]]].data() : nullptr, means.data(), variances.data());
  double largest = 0;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    double& coefficient = coefficients_[columns[c]];
    const double difference = means[c] - coefficient, size = std::abs(difference) * level.root;
    const bool made = size > negligible_;
    steps[c] = made ? difference * level.step : 0;
    coefficient += steps[c];
    changes[c] = made ? size : 0;
    largest = std::max(largest, changes[c]);
    if (counts) variances_[columns[c]] = variances[c];
  }
  space_.subtract(columns, steps.data());
  return largest;
}

// Updates all coefficients. Those that are not small, or change by more than `least`, are active from then on.
double Shrinkage::sweep_all(double least) {
  double largest = 0;
  active_.columns.clear();
  active_.ends.clear();
  for (auto& counts : counts_) counts.fill(0);
  for (std::size_t g = 0; g < all_.ends.size(); ++g) {
    const std::span<const std::uint32_t> columns = all_[g];
    Lanes changes;
    largest = std::max(largest, update(columns, true, changes));
    const double root = of_levels_[levels_[columns[0]]].root;
    const std::size_t before = active_.columns.size();
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (changes[c] > least || std::abs(coefficients_[columns[c]]) * root > 10 * least)
        active_.columns.push_back(columns[c]);
    if (active_.columns.size() > before) active_.ends.push_back(active_.columns.size());
  }
  space_.clean();
  return largest;
}

double Shrinkage::sweep_active() {
  double largest = 0;
  Lanes changes;
  for (std::size_t g = 0; g < active_.ends.size(); ++g) largest = std::max(largest, update(active_[g], false, changes));
  space_.clean();
  return largest;
}

void Shrinkage::update_weights() {
  for (std::size_t c = 0; c < weights_.size(); ++c) {
    Parts counts{};
    double counted = 0, total = 0;
    for (std::size_t l = 0; l < n_parts; ++l)
      for (std::size_t lane = 0; lane < Mixture::n_lanes; ++lane)
        counts[l] += static_cast<double>(counts_[c][l * Mixture::n_lanes + lane]);
    for (const double count : counts) counted += count;
    counts[0] += std::max(class_sizes_[c] - counted, 0.0) + 1;
    for (std::size_t l = 1; l < n_parts; ++l) counts[l] += 0.1;
    for (const double count : counts) total += count;
    for (std::size_t l = 0; l < n_parts; ++l) weights_[c][l] = counts[l] / total;
  }
}

void Shrinkage::run(std::size_t n_steps, std::size_t n_sweeps) {
  group_columns();
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
