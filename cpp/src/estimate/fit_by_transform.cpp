// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The first order of a complete table's transform: exact values.
#include <algorithm>
#include <limits>
#include <vector>

#include "banzhaf/transform.hpp"
#include "estimate/fitting.hpp"

namespace banzhaf {
namespace {

class TransformFitting final : public Fitting {
 public:
  TransformFitting(const Sample& sample, const EstimateOptions& options) : sample_(sample), options_(options) {}

  [[nodiscard]] std::size_t rank() const noexcept override { return sample_.n_players(); }
  [[nodiscard]] double condition_number() const noexcept override { return 1; }
  [[nodiscard]] double degrees_of_freedom() const noexcept override { return std::numeric_limits<double>::infinity(); }

  void fit(Worths worths, const Moments& moments, Estimate& result) const override {
    std::vector<double> sorted;
    for (const std::size_t row : sample_.table_rows())
      sorted.insert(sorted.end(), worths.row(row).begin(), worths.row(row).end());
    const Worths table = sorted.empty() ? worths : Worths{sorted, worths.n_outputs};
    result.values = banzhaf_values(table, sample_.n_players(), options_.num_threads);
    result.standard_errors.assign(result.values.size(), 0);
    const bool made = !moments.differences.empty();
    split_variance(moments.squares, made ? moments.differences : squares_of_differences(table, options_.num_threads),
                   sample_.n_coalitions() / 2, true, result);
    for (std::size_t o = 0; o < result.n_outputs; ++o) {
      double explained = 0;
      for (std::size_t i = 0; i < sample_.n_players(); ++i)
        explained += result.values[i * result.n_outputs + o] * result.values[i * result.n_outputs + o];
      explained *= static_cast<double>(sample_.n_coalitions()) / 4;
      result.r2[o] = moments.squares[o] > 0 ? std::min(1.0, explained / moments.squares[o]) : 1;
    }
  }

 private:
  const Sample& sample_;
  EstimateOptions options_;
};

}  // namespace

std::unique_ptr<const Fitting> fit_by_transform(const Sample& sample, const EstimateOptions& options) {
  return std::make_unique<TransformFitting>(sample, options);
}

}  // namespace banzhaf
