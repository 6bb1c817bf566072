// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Sums over rows for each player, then their variances: within rows, between the drawn rows, and between all rows.
#include "explain/average.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "explain/scale.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// The degrees of freedom of the mean square of successive differences, for each difference of many normal draws.
constexpr double freedom_of_differences = 2.0 / 3;

// Rows without known errors take their residual variance from the others only if these are this many times as many.
constexpr double least_ratio = 3;

// One output of all rows, scaled by a power of 2 so that fourth powers stay in the range of doubles.
class OutputAverage {
 public:
  OutputAverage(std::span<const AveragedRow> rows, const RowSample& sample, std::size_t n_players,
                std::size_t n_outputs, std::size_t output)
      : rows_(rows), sample_(sample), n_(n_players), k_(n_outputs), o_(output), sums_(n_players) {
    double largest = 0;
    int most = std::numeric_limits<int>::min();
    for (const AveragedRow& row : rows_) {
      for (std::size_t i = 0; i < row.players.size(); ++i) {
        largest = std::max(largest, std::abs(row.estimate->values[i * k_ + o_]));
        const double error = row.estimate->standard_errors[i * k_ + o_];
        if (error > largest) largest = error;
      }
      if (row.estimate->spread[o_] > 0) most = std::max(most, row.estimate->exponent[o_]);
    }
    exponent_ = scale_exponent(largest);
    unit_ = std::ldexp(1.0, -exponent_);
    if (most > std::numeric_limits<int>::min()) spread_exponent_ = most;
  }

  void operator()(Average& result) {
    pool_residuals();
    for (const AveragedRow& row : rows_) add(row);
    // The errors of everything that the others suggest are correlated.
    if (suggested_ > 0) freedom_ += suggested_ * suggested_ * known_freedom_ / (known_ * known_);
    result.r2[o_] = spread_ > 0 ? explained_ / spread_ : 1;
    const double subset_variance = write(result);
    // Differences of neighbours count for fewer degrees of freedom than as many independent ones.
    if (subset_variance > 0)
      freedom_ += subset_variance * subset_variance / std::max(1.0, (n_neighbours() - 1) * freedom_of_differences);
    const double total = total_variance_ + subset_variance;
    result.degrees_of_freedom[o_] = freedom_ > 0 ? total * total / freedom_ : std::numeric_limits<double>::infinity();
  }

 private:
  // For each player: sums over the costly rows, with their variances, and sums over all other rows.
  struct Sums {
    double value = 0, square = 0, other_value = 0, other_square = 0;
    double variance = 0, bias = 0, drawn_variance = 0;  // times squared factors; times factors; of rows drawn by chance
  };

  [[nodiscard]] double value(const AveragedRow& row, std::size_t i) const {
    return row.estimate->values[i * k_ + o_] * unit_;
  }
  [[nodiscard]] double error(const AveragedRow& row, std::size_t i) const {
    return row.estimate->standard_errors[i * k_ + o_] * unit_;
  }
  [[nodiscard]] double share(const AveragedRow& row) const {
    return row.is_costly && sample_.n_costly > 0 ? sample_.n_costly / sample_.n_drawn : 1;
  }
  [[nodiscard]] double n_neighbours() const { return static_cast<double>(sample_.neighbours.size()); }

  // The squares of a row's standard errors, summed over players, or NaN if they are unknown.
  [[nodiscard]] double mean_variance(const AveragedRow& row) const {
    double sum = 0;
    for (std::size_t i = 0; i < row.players.size(); ++i) sum += error(row, i) * error(row, i);
    return sum / static_cast<double>(row.players.size());
  }

  // A design without spare columns does not show its residual variance. The other rows suggest one, if they are three
  // times as many. Their weights are larger, but still a guess, so a smaller variance reduces nothing.
  void pool_residuals() {
    for (const AveragedRow& row : rows_) {
      const double variance = mean_variance(row);
      if (!row.is_exact && std::isnan(variance)) ++n_unknown_;
      if (row.is_exact || std::isnan(variance)) continue;
      const double residual = variance * static_cast<double>(row.n_pairs);
      known_ += residual;
      known_freedom_ += residual * residual / std::max(1.0, row.estimate->degrees_of_freedom);
      known_weight_ += row.expected_variance;
      ++n_known_;
    }
  }

  [[nodiscard]] double suggested_variance(const AveragedRow& row) const {
    if (!(n_known_ > 0 && n_known_ >= least_ratio * n_unknown_)) return unknown;
    const double relative = row.expected_variance * n_known_ / known_weight_;
    return known_ / n_known_ * std::max(1.0, relative) / static_cast<double>(row.n_pairs);
  }

  void add(const AveragedRow& row) {
    const double all = sample_.total_weight, factor = row.factor, part = share(row);
    double pooled = mean_variance(row), of_row = 0;
    const bool own = !std::isnan(pooled);
    if (!own) pooled = suggested_variance(row);
    for (std::size_t i = 0; i < row.players.size(); ++i) {
      const double found = value(row, i);
      const double variance = own ? error(row, i) * error(row, i) : pooled;
      Sums& sum = sums_[row.players[i]];
      (row.is_costly ? sum.value : sum.other_value) += factor * found;
      (row.is_costly ? sum.square : sum.other_square) += factor * found * found;
      sum.variance += factor * factor * variance;
      sum.bias += factor * variance;
      of_row += factor * factor * variance * part * part / (all * all);
    }
    const int shift = row.estimate->exponent[o_] - spread_exponent_;
    const double spread = shift == 0 ? row.estimate->spread[o_] : std::ldexp(row.estimate->spread[o_], 2 * shift);
    explained_ += part * factor * row.estimate->r2[o_] * spread;
    spread_ += part * factor * spread;
    if (!(of_row > 0)) return;
    total_variance_ += of_row;
    if (own)
      freedom_ += of_row * of_row / std::max(1.0, row.estimate->degrees_of_freedom);
    else
      suggested_ += of_row;
  }

  // Returns half the mean square of the changes of each player's values between neighbouring drawn rows, in the order
  // of their gaps. This is the variance of rows with similar gaps, as in a systematic sample, including that of their
  // estimates.
  [[nodiscard]] std::vector<double> differences_of_neighbours() {
    std::vector<double> before(n_), after(n_), result(n_, 0), centre(n_, 0);
    if (sample_.has_factors) {
      double weight = 0;
      for (const std::size_t place : sample_.neighbours) {
        const AveragedRow& row = rows_[place];
        weight += row.factor;
        for (std::size_t i = 0; i < row.players.size(); ++i) centre[row.players[i]] += row.factor * value(row, i);
      }
      for (double& each : centre) each /= weight;
    }
    bool is_first = true;
    for (const std::size_t place : sample_.neighbours) {
      const AveragedRow& row = rows_[place];
      for (std::size_t i = 0; i < n_; ++i) after[i] = -row.factor * centre[i];
      for (std::size_t i = 0; i < row.players.size(); ++i) {
        after[row.players[i]] += row.factor * value(row, i);
        const double own = error(row, i);
        if (!std::isnan(own)) sums_[row.players[i]].drawn_variance += row.factor * row.factor * own * own;
      }
      if (!is_first)
        for (std::size_t i = 0; i < n_; ++i) result[i] += (after[i] - before[i]) * (after[i] - before[i]);
      is_first = false;
      after.swap(before);
    }
    for (double& each : result) each /= 2 * (n_neighbours() - 1);
    return result;
  }

  // Returns the variance that the draw of rows adds, summed over players.
  double write(Average& result) {
    const double all = sample_.total_weight, effective = sample_.effective_background;
    const double part = sample_.n_costly > 0 ? sample_.n_costly / sample_.n_drawn : 1;
    const double drawn = n_neighbours(), left_out = sample_.left_out;
    // With factors, the drawn rows add up to all rows.
    const double costly = sample_.has_factors ? drawn : sample_.n_costly;
    const std::vector<double> between_rows =
        left_out > 0 && drawn > 1 ? differences_of_neighbours() : std::vector<double>(n_, unknown);
    const double back = std::ldexp(1.0, exponent_);
    double subset_variance = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      const Sums& sum = sums_[i];
      const double mean = (part * sum.value + sum.other_value) / all;
      // If no design shows its errors, the spread of the drawn rows' values includes them too.
      const bool unjudged = left_out > 0 && drawn > 1 && std::isnan(sum.variance);
      const double own = unjudged ? 0 : sum.variance;
      double variance = own * part * part / (all * all);
      if (left_out > 0) {
        const double drawn_variance = sample_.has_factors ? (unjudged ? 0 : sum.drawn_variance) : own;
        const double between = between_rows[i] - drawn_variance / drawn;
        const double of_subset =
            costly * costly / (all * all) * (unjudged ? 1 : left_out) * std::max(between, 0.0) / drawn;
        variance += drawn > 1 ? of_subset : unknown;
        subset_variance += of_subset;
      }
      const std::size_t at = i * k_ + o_;
      result.values[at] = mean * back;
      result.standard_errors[at] = std::sqrt(variance) * back;
      // Subtracts what the errors of the estimates add to the spread of the rows' values.
      const double mean_square = (part * (sum.square - (unjudged ? 0 : sum.bias)) + sum.other_square) / all;
      const double between = std::max(0.0, mean_square - mean * mean + variance) * effective / (effective - 1);
      result.background_errors[at] =
          effective > 1 && std::isfinite(variance) ? std::sqrt(between / effective) * back : unknown;
    }
    // Their values are 0 only because no drawn row shows them.
    for (const std::uint32_t i : sample_.unseen)
      result.standard_errors[i * k_ + o_] = result.background_errors[i * k_ + o_] = unknown;
    return subset_variance;
  }

  std::span<const AveragedRow> rows_;
  const RowSample& sample_;
  std::size_t n_, k_, o_;
  std::vector<Sums> sums_;
  int exponent_ = 0, spread_exponent_ = 0;
  double unit_ = 1;
  double known_ = 0, known_weight_ = 0, known_freedom_ = 0, n_known_ = 0, n_unknown_ = 0;
  double explained_ = 0, spread_ = 0, freedom_ = 0, total_variance_ = 0, suggested_ = 0;
};

}  // namespace

Average average(std::span<const AveragedRow> rows, const RowSample& sample, std::size_t n_players,
                std::size_t n_outputs) {
  Average result;
  for (std::vector<double>* each : {&result.values, &result.standard_errors, &result.background_errors})
    each->assign(n_players * n_outputs, 0);
  result.r2.assign(n_outputs, 0);
  result.degrees_of_freedom.assign(n_outputs, 0);
  for (std::size_t o = 0; o < n_outputs; ++o) OutputAverage(rows, sample, n_players, n_outputs, o)(result);
  return result;
}

}  // namespace banzhaf
