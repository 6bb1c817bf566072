// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Estimates values from worths: chooses the sample, the way of fitting, and a scale for each output.
#include "banzhaf/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "estimate/fitting.hpp"
#include "estimate/moments.hpp"
#include "estimate/sample.hpp"
#include "estimate/unevenness.hpp"
#include "estimate/weighted_sample.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::unique_ptr<const Fitting> fitting_for(const Sample& sample, const EstimateOptions& options) {
  if (sample.is_complete())
    return options.p == 0.5 ? fit_by_transform(sample, options) : fit_weighted_table(sample, options);
  if (options.method == Method::msr) return fit_by_reuse(sample, options);
  if (options.p != 0.5 || (sample.design() != nullptr && sample.design()->draws_weighted())) {
    if (options.ridge != 0) throw std::invalid_argument("ridge must be 0 for values with a probability p");
    return fit_weighted(sample, options);
  }
  if (sample.is(DesignKind::walks)) return fit_by_walks(sample, options);
  return fit_by_regression(sample, options);
}

// Returns the exponents of all outputs, or nothing if none needs one.
std::vector<int> exponents_of(Worths worths, const std::vector<double>& squares) {
  std::vector<int> exponents;
  for (std::size_t o = 0; o < worths.n_outputs; ++o) {
    const int exponent = exponent_of(worths, o, squares[o]);
    if (exponent == 0) continue;
    exponents.resize(worths.n_outputs);
    exponents[o] = exponent;
  }
  return exponents;
}

// Where values come from no regression, there is nothing to adjust.
AdjustmentRecord not_adjusted(const Sample& sample) {
  AdjustmentRecord record;
  record.reason = sample.is_complete() ? "all coalitions were evaluated" : "the method fits no regression";
  record.plain_variance = record.adjusted_variance = unknown;
  return record;
}

}  // namespace

int exponent_of(Worths worths, std::size_t output, double square) {
  // Sums of fourth and sixth powers, which some fits take, stay in the range of doubles as well.
  if (square > 1e-100 && square < 1e100) return 0;
  double largest = 0;
  for (std::size_t r = 0; r < worths.n_rows(); ++r) {
    const double size = std::abs(worths.row(r)[output]);
    if (std::isfinite(size)) largest = std::max(largest, size);
  }
  return largest == 0 || (largest > 1e-50 && largest < 1e50) ? 0 : std::ilogb(largest);
}

void scale(std::vector<double>& rows, const std::vector<int>& exponents) {
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = std::ldexp(rows[i], exponents[i % exponents.size()]);
}

// The options for a design, whose probability counts if it has one.
EstimateOptions suited(EstimateOptions options, const Design& design) {
  if (design.draws_weighted()) {
    options.p = design.p();
  } else if (options.p != 0.5 && design.kind() != DesignKind::exhaustive) {
    throw std::invalid_argument("this design suits p = 0.5 only: use Design::weighted for other probabilities");
  }
  return options;
}

struct Estimator::State {
  State(Sample given, EstimateOptions chosen)
      : options(chosen),
        sample(std::move(given)),
        n_distinct(sample.n_distinct()),
        fitting(fitting_for(sample, options)) {}

  EstimateOptions options;
  Sample sample;
  std::size_t n_distinct;
  std::unique_ptr<const Fitting> fitting;  // refers to the sample
};

void Estimator::check_size(const Design& design) { check_regression(design); }

Estimator::Estimator(const Design& design, EstimateOptions options)
    : state_(std::make_unique<const State>(Sample(design), suited(options, design))) {}

Estimator::Estimator(const Design& design, EstimateOptions options, Worths worths)
    : state_(std::make_unique<const State>(Sample(design, worths), suited(options, design))) {}

Estimator::Estimator(Coalitions coalitions, EstimateOptions options)
    : state_(std::make_unique<const State>(Sample(std::move(coalitions), options.p == 0.5), options)) {}

Estimator::~Estimator() = default;
Estimator::Estimator(Estimator&&) noexcept = default;
Estimator& Estimator::operator=(Estimator&&) noexcept = default;

std::size_t Estimator::rank() const noexcept { return state_->fitting->rank(); }
double Estimator::condition_number() const noexcept { return state_->fitting->condition_number(); }
double Estimator::degrees_of_freedom() const noexcept { return state_->fitting->degrees_of_freedom(); }

Unevenness Estimator::unevenness() const {
  const Sample& sample = state_->sample;
  if (state_->options.p == 0.5) return unevenness_of(sample);
  return sample.is_complete() ? Unevenness{} : weighted_sample(sample, state_->options.p).seen;
}

Estimate Estimator::operator()(Worths worths) const {
  const Sample& sample = state_->sample;
  if (!worths.has_rows(sample.n_given()))
    throw std::invalid_argument("worths must hold one row for each of " + std::to_string(sample.n_given()) +
                                " coalitions, got " + std::to_string(worths.values.size()) + " numbers for " +
                                std::to_string(worths.n_outputs) + " outputs");
  // Repeated coalitions count as one coalition with their mean worth.
  Averages averages;
  Worths fitted = worths;
  if (sample.repeats() != nullptr) {
    averages = average(*sample.repeats(), worths);
    fitted.values = averages.means;
  }
  const Moments found = moments(sample, fitted, state_->options.num_threads);
  if (const std::vector<int> exponents = exponents_of(worths, found.squares); !exponents.empty())
    return scaled(worths, exponents);
  Estimate result;
  result.n_players = sample.n_players();
  result.n_outputs = worths.n_outputs;
  result.n_evaluations = sample.n_given();
  result.n_dropped = sample.n_dropped();
  result.n_distinct = state_->n_distinct;
  result.mean_worth = found.means;
  result.r2.assign(worths.n_outputs, 0);
  for (std::vector<double>* part :
       {&result.even_variance, &result.odd_variance, &result.even_share, &result.linear_share, &result.higher_share})
    part->assign(worths.n_outputs, unknown);
  state_->fitting->fit({fitted, found, averages.squares}, result);
  if (state_->options.interactions != Interactions::none && result.adjustments.empty())
    result.adjustments.assign(worths.n_outputs, not_adjusted(sample));
  if (result.standard_errors.empty()) result.standard_errors.assign(result.values.size(), unknown);
  result.rank = rank();
  result.condition_number = condition_number();
  result.degrees_of_freedom = degrees_of_freedom();
  return result;
}

// If powers of an output would be infinite or 0, it is divided by its own power of 2 first.
Estimate Estimator::scaled(Worths worths, std::vector<int> exponents) const {
  std::vector<double> divided(worths.values.begin(), worths.values.end());
  for (int& exponent : exponents) exponent = -exponent;
  scale(divided, exponents);
  Estimate result = (*this)({divided, worths.n_outputs});
  for (int& exponent : exponents) exponent = -exponent;
  for (std::vector<double>* linear : {&result.values, &result.standard_errors, &result.mean_worth})
    scale(*linear, exponents);
  for (std::vector<double>* square : {&result.even_variance, &result.odd_variance}) {
    scale(*square, exponents);
    scale(*square, exponents);
  }
  for (std::size_t o = 0; o < result.adjustments.size(); ++o) {
    AdjustmentRecord& record = result.adjustments[o];
    record.plain_variance = std::ldexp(record.plain_variance, 2 * exponents[o]);
    record.adjusted_variance = std::ldexp(record.adjusted_variance, 2 * exponents[o]);
    for (Interaction& each : record.leading) each.coefficient = std::ldexp(each.coefficient, exponents[o]);
  }
  return result;
}

Estimate estimate(const GameEvaluation& evaluation, const EstimateOptions& options, OnNonfinite on_nonfinite) {
  const Worths worths = evaluation.worths();
  const bool holes = on_nonfinite == OnNonfinite::drop && !all_finite(worths.values);
  const Estimator estimator =
      holes ? Estimator(evaluation.design(), options, worths) : Estimator(evaluation.design(), options);
  return estimator(worths);
}

Estimate estimate(const Game& game, const Design& design, const EstimateOptions& options, std::size_t batch_size,
                  OnNonfinite on_nonfinite) {
  if (options.method == Method::regression) Estimator::check_size(design);
  GameEvaluation evaluation(design);
  evaluation.evaluate(game, batch_size, on_nonfinite);
  return estimate(evaluation, options, on_nonfinite);
}

}  // namespace banzhaf
