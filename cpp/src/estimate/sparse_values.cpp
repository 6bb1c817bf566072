// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "estimate/sparse_values.hpp"

#include <chrono>

#include "designs/coalition_bits.hpp"
#include "regression/sparse_regression.hpp"

namespace banzhaf {

SparseValues::SparseValues(const Sample& sample, const Regression& regression, const EstimateOptions& options)
    : regression_(regression), options_(options), intercept_(!sample.in_twos()) {
  if (options.interactions == Interactions::none || !regression.interpolates() || sample.clustering() > 1) return;
  Coalitions scratch;
  transpose(sample.rows(0, sample.n_units(), scratch), columns_, options.num_threads);
}

void SparseValues::operator()(const Targets& targets, LeastSquares::Fit& fit,
                              std::vector<AdjustmentRecord>& records) const {
  const std::size_t n = columns_.n_rows(), n_rows = targets.n_rows(), n_outputs = targets.n_outputs();
  if (n == 0) return;
  if (!SparseRegression::suits(n_rows, n, options_.interactions == Interactions::always ? 1 : n_outputs)) return;
  const Deadline deadline(options_.interaction_seconds);
  const SparseRegression regression(
      columns_.view(), {.intercept = intercept_, .num_threads = options_.num_threads, .deadline = deadline});
  const std::vector<double> least_norm = regression_.left_out_errors(targets);
  std::vector<double> numbers(n_rows), errors(n_rows);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t p = 0; p < n_rows; ++p) {
      numbers[p] = targets(p, o);
      errors[p] = least_norm[p * n_outputs + o];
    }
    const SparseFit found = regression.fit(numbers);
    AdjustmentRecord& record = records[o];
    record.reason =
        intercept_ ? "too few coalitions to determine every value" : "too few pairs to determine every value";
    record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (found.coefficients.places.empty() && deadline.has_passed())
      record.reason += ", and the time was not enough for a sparse regression";
    if (found.coefficients.places.empty() || !clearly_smaller(found.held_out, errors, n)) continue;
    record.n_selected = found.coefficients.places.size();
    for (std::size_t i = 0; i < n; ++i) fit.coefficients[i * n_outputs + o] = 0;
    for (std::size_t k = 0; k < record.n_selected; ++k)
      fit.coefficients[found.coefficients.places[k] * n_outputs + o] = found.coefficients.numbers[k];
    fit.residual_squares[o] = 0;
    for (const double rest : found.rest) fit.residual_squares[o] += rest * rest;
  }
}

}  // namespace banzhaf
