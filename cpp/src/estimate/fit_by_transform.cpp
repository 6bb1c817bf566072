// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The first order of the transform of a complete table. No interaction can bias it, so all errors come from noise.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "banzhaf/transform.hpp"
#include "estimate/fitting.hpp"

namespace banzhaf {
namespace {

// Noise whose size differs between coalitions is worth fewer repeats than even noise. It is worth a third, if the
// standard deviations vary like e^z for a standard normal z.
constexpr double uneven_noise = 3;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

class TransformFitting final : public Fitting {
 public:
  TransformFitting(const Sample& sample, const EstimateOptions& options) : sample_(sample), options_(options) {
    const double pairs = static_cast<double>(sample.n_rows()) / 2;
    n_spare_pairs_ = std::max(0.0, pairs - static_cast<double>(sample.n_players()));
    if (const Repeats* repeats = sample.repeats()) {
      n_spare_repeats_ = static_cast<double>(repeats->n_spare());
      all_repeated_ = *std::min_element(repeats->count.begin(), repeats->count.end()) > 1;
    }
  }

  [[nodiscard]] std::size_t rank() const noexcept override { return sample_.n_players(); }
  [[nodiscard]] double condition_number() const noexcept override { return 1; }
  [[nodiscard]] double degrees_of_freedom() const noexcept override {
    if (!options_.noisy && sample_.repeats() == nullptr) return std::numeric_limits<double>::infinity();
    if (!by_repeats() && n_spare_pairs_ > 0) return n_spare_pairs_;
    return n_spare_repeats_ > 0 ? std::max(1.0, n_spare_repeats_ / uneven_noise) : 0;
  }

  void fit(const Observations& observed, Estimate& result) const override {
    const std::size_t k = result.n_outputs, n = sample_.n_players();
    const std::vector<double>& squares = observed.moments.squares;
    std::vector<double> sorted;
    for (const std::size_t row : sample_.table_rows())
      sorted.insert(sorted.end(), observed.worths.row(row).begin(), observed.worths.row(row).end());
    const Worths table = sorted.empty() ? observed.worths : Worths{sorted, k};
    result.values = banzhaf_values(table, n, options_.num_threads);
    const std::vector<double> differences = observed.moments.differences.empty()
                                                ? squares_of_differences(table, options_.num_threads)
                                                : observed.moments.differences;
    split_variance(squares, differences, sample_.n_rows() / 2, true, result);
    result.standard_errors.assign(result.values.size(), 0);
    for (std::size_t o = 0; o < k; ++o) {
      double explained = 0;
      for (std::size_t i = 0; i < n; ++i) explained += result.values[i * k + o] * result.values[i * k + o];
      explained *= static_cast<double>(sample_.n_rows()) / 4;
      result.r2[o] = squares[o] > 0 ? std::min(1.0, explained / squares[o]) : 1;
      if (is_exact(observed, o)) continue;
      const double error = std::sqrt(variance(observed, table, differences[o], o, result));
      for (std::size_t i = 0; i < n; ++i) result.standard_errors[i * k + o] = error;
    }
    std::vector<bool> known(k);
    for (std::size_t o = 0; o < k; ++o) known[o] = !std::isnan(result.standard_errors[o]);
    split_shares(known, result);
  }

 private:
  // Whether there are enough repeats to estimate the noise from them alone. Otherwise, interactions count as noise too.
  [[nodiscard]] bool by_repeats() const noexcept {
    return n_spare_repeats_ > 0 && (all_repeated_ || n_spare_repeats_ >= convincing_contrasts);
  }

  [[nodiscard]] double total_scatter(const Observations& observed, std::size_t o) const {
    double total = 0;
    for (std::size_t i = o; i < observed.scatter.size(); i += observed.worths.n_outputs) total += observed.scatter[i];
    return total;
  }

  // A game counts as free of noise if the worths of repeated coalitions agree up to rounding.
  [[nodiscard]] bool is_exact(const Observations& observed, std::size_t o) const {
    if (options_.noisy) return false;
    const double mean = observed.moments.means[o], rows = static_cast<double>(sample_.n_rows());
    return total_scatter(observed, o) <= 1e-24 * (observed.moments.squares[o] + rows * mean * mean);
  }

  // The variance of every value, which is 2 / 2^n times a signed sum of all means.
  [[nodiscard]] double variance(const Observations& observed, Worths table, double difference_square, std::size_t o,
                                const Estimate& result) const {
    const double rows = static_cast<double>(sample_.n_rows()), pairs = rows / 2;
    const double scatter = total_scatter(observed, o);
    if ((by_repeats() && scatter > 0) || n_spare_pairs_ == 0) {
      if (n_spare_repeats_ == 0) return unknown;
      const std::vector<std::uint32_t>& count = sample_.repeats()->count;
      double sum = 0;
      for (std::size_t s = 0; s < count.size(); ++s) {
        // A coalition that occurred once has no scatter of its own, so it gets the mean of all others.
        const double own = observed.scatter[s * table.n_outputs + o] / (count[s] - 1.0);
        sum += (count[s] > 1 ? own : scatter / n_spare_repeats_) / count[s];
      }
      return 4 * sum / (rows * rows);
    }
    const double residual_square = residuals(table, o, result);
    if (fits_by_chance(residual_square, difference_square, 0)) return difference_square / pairs / pairs;
    return residual_square / n_spare_pairs_ / pairs;
  }

  // The squares of the pairs' differences that the values do not explain.
  [[nodiscard]] double residuals(Worths table, std::size_t o, const Estimate& result) const {
    const std::size_t k = table.n_outputs, n = sample_.n_players(), size = table.n_rows();
    // For each coalition without the last player: the sum of +-values, with plus for its players.
    std::vector<double> additive(size / 2);
    for (std::size_t i = 0; i < n; ++i) additive[0] -= result.values[i * k + o];
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const std::size_t bit = std::size_t{1} << i;
      for (std::size_t s = 0; s < bit; ++s) additive[s + bit] = additive[s] + 2 * result.values[i * k + o];
    }
    double sum = 0;
    for (std::size_t s = 0; s < size / 2; ++s) {
      const double left = table.row(s)[o] - table.row(size - 1 - s)[o] - additive[s];
      sum += left * left;
    }
    return sum;
  }

  const Sample& sample_;
  EstimateOptions options_;
  double n_spare_pairs_ = 0;
  double n_spare_repeats_ = 0;
  bool all_repeated_ = false;
};

}  // namespace

std::unique_ptr<const Fitting> fit_by_transform(const Sample& sample, const EstimateOptions& options) {
  return std::make_unique<TransformFitting>(sample, options);
}

}  // namespace banzhaf
