// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A Hadamard design over the players that differ. If the model is noisy, all coalitions may be repeated.
#include "explain/row_design.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "banzhaf/estimate.hpp"
#include "designs/hadamard_pairs.hpp"
#include "explain/allocation.hpp"
#include "explain/scale.hpp"
#include "regression/regression.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Nested blocks that are nearly a complete stage have smaller errors than fresh ones without the interactions found.
constexpr double nearly_complete = 0.75;

bool is_nearly_complete(std::size_t n_players, std::size_t n_pairs) {
  const auto stage = static_cast<double>(HadamardPairs::least_stage_pairs(n_players));
  return static_cast<double>(n_pairs) >= nearly_complete * stage;
}

bool may_leave_range(double square) { return !(square > 1e-200 && square < 1e200); }

}  // namespace

void RowDesign::reset(std::size_t background, std::span<const std::uint32_t> differing, std::size_t n_pairs,
                      bool noisy) {
  background_ = background;
  players_.assign(differing.begin(), differing.end());
  n_pairs_ = n_pairs;
  noisy_ = noisy;
  n_all_ = all_pairs(players_.size());
  order_ = HadamardPairs::order_of(players_.size(), std::min(n_pairs, n_all_));
  if (std::min(n_pairs, n_all_) < std::bit_ceil(players_.size())) Regression::check_size(n_pairs, players_.size());
  design_ = nullptr;
  own_.reset();
  targets.clear();
  n_asked_ = n_evaluated_ = n_used_ = 0;
  rank_ = 0;
  condition_number_ = 1;
  is_adjusted_ = false;
  wants_ends_ = false;
  n_ends_asked_ = 0;
}

void RowDesign::prepare(const DesignCache& designs, const Deadline& deadline, const Search& search) {
  if (own_ || design_ != nullptr) return;
  const std::size_t n = players_.size(), n_pairs = std::min(n_pairs_, n_all_);
  const bool fresh =
      n_pairs < n_all_ && search.covers(n, n_pairs) && fresh_blocks_suit(n, n_pairs) && !is_nearly_complete(n, n_pairs);
  const DesignKind kind = fresh ? DesignKind::fresh : DesignKind::hadamard;
  const PreparedDesign& made = designs.design(kind, background_, n, n_pairs, deadline, own_);
  if (!own_) design_ = &made;
  designs_ = &designs;
  search_ = search;
}

std::size_t RowDesign::n_whole() const {
  const std::size_t pairs = n_evaluated_ / 2;
  return pairs >= std::min(n_pairs_, n_all_) ? pairs : pairs / order_ * order_;
}

void RowDesign::estimate(std::size_t n_outputs, double ridge, bool doubts_fits, BlockScratch& scratch) {
  n_used_ = n_whole();
  is_adjusted_ = false;
  const std::span<const double> worths = std::span(worths_).first(2 * n_used_ * n_outputs);
  if (noisy_ && has_all())
    estimate_from_replicates(worths, n_outputs, ridge);
  else
    estimate_by_regression(worths, n_outputs, ridge, doubts_fits, scratch);
}

void RowDesign::estimate_by_regression(std::span<const double> worths, std::size_t n_outputs, double ridge,
                                       bool doubts_fits, BlockScratch& scratch) {
  const std::size_t n_coalitions = 2 * n_used_;
  const EstimateOptions options{
      .ridge = ridge, .standard_errors = !is_exact(), .noisy = noisy_, .doubts_fits = doubts_fits, .num_threads = 1};
  std::optional<Design> prefix;
  if (n_coalitions < design().n_coalitions()) prefix.emplace(design().prefix(n_coalitions));
  const Design& used = prefix ? *prefix : design();
  BlockEstimate whole{&found_.values, &found_.standard_errors, &found_.r2, &scratch.means};
  std::atomic<double>& known = prepared().condition_number;
  if (!prefix) whole.condition_number = known.load(std::memory_order_relaxed);
  if (estimate_from_blocks(used.hadamard(), players_.size(), {worths, n_outputs}, options, scratch, whole)) {
    rank_ = players_.size();
    condition_number_ = whole.condition_number;
    if (!prefix) known.store(condition_number_, std::memory_order_relaxed);
    found_.degrees_of_freedom = whole.degrees_of_freedom;
    finish_exact();
    return set_spread(worths, n_outputs, scratch.means);
  }
  const Estimator* const kept = prefix || own_ ? nullptr : designs_->estimator(prepared(), options);
  Estimate found = kept != nullptr ? (*kept)({worths, n_outputs}) : Estimator(used, options)({worths, n_outputs});
  rank_ = found.rank;
  condition_number_ = found.condition_number;
  found_.values = std::move(found.values);
  found_.standard_errors = std::move(found.standard_errors);
  found_.r2 = std::move(found.r2);
  found_.degrees_of_freedom = found.degrees_of_freedom;
  finish_exact();
  set_spread(worths, n_outputs, found.mean_worth);
}

bool RowDesign::has_few_pairs() const { return !show_interactions(n_used_, order_); }

bool RowDesign::may_be_adjusted() const {
  if (!is_costly() || has_all() || has_few_pairs() || is_search_costly()) return false;
  // Few nested blocks do not tell interactions apart. In complete stages, those of three players cancel.
  const HadamardPairs& pairs = *design().hadamard();
  const std::size_t n = players_.size();
  return pairs.sylvester() &&
         (pairs.fresh() || (!fresh_blocks_suit(n, n_used_) && n_used_ % (pairs.stage_blocks() * order_) != 0));
}

void RowDesign::adjust(std::span<const double> interactions, std::span<const double> deviations, double ridge,
                       BlockScratch& scratch) {
  const std::size_t k = deviations.size();
  const RowEstimate before = found_;
  std::vector<double> rest(worths(k).begin(), worths(k).end());
  for (std::size_t p = 0; p < n_used_; ++p)
    for (std::size_t o = 0; o < k; ++o) {
      if (std::isnan(deviations[o])) continue;
      const double half = interactions[p * k + o] / 2;
      rest[2 * p * k + o] -= half;
      rest[(2 * p + 1) * k + o] += half;
    }
  estimate_by_regression(rest, k, ridge, false, scratch);
  is_adjusted_ = true;
  // The share that values alone explain, and the spread of the worths, are as before.
  found_.r2 = before.r2;
  found_.spread = before.spread;
  found_.exponent = before.exponent;
  // Where X^T X is the number of pairs. A part of a block changes this by a few per cent.
  const auto n_pairs = static_cast<double>(n_used_);
  for (std::size_t o = 0; o < k; ++o) {
    const double error = deviations[o] / std::sqrt(n_pairs) / (1 + 2 * ridge / n_pairs);
    for (std::size_t i = o; i < found_.values.size(); i += k) {
      if (std::isnan(deviations[o])) {
        found_.values[i] = before.values[i];
        found_.standard_errors[i] = before.standard_errors[i];
      } else {
        // The blocks may differ more from each other than unseen pairs from their prediction.
        found_.standard_errors[i] = std::max(error, found_.standard_errors[i]);
      }
    }
  }
}

void RowDesign::finish_exact() {
  if (!is_exact()) return;
  found_.standard_errors.assign(found_.values.size(), 0);
  found_.degrees_of_freedom = std::numeric_limits<double>::infinity();
}

// The estimate from all coalitions, some or all of them several times: the values of the mean of each pair. Only noise
// makes it uncertain, and the differences between the repeats of a pair show how much.
void RowDesign::estimate_from_replicates(std::span<const double> worths, std::size_t n_outputs, double ridge) {
  const std::size_t n = players_.size(), k = n_outputs;
  const auto count = [&](std::size_t p) { return n_used_ / n_all_ + (p < n_used_ % n_all_ ? 1 : 0); };
  const auto all = static_cast<double>(n_all_);
  const double spare = static_cast<double>(n_used_ - n_all_);
  // In the regression on pairs, X^T X is the number of pairs. On coalitions with entries of one half, it is half of
  // that.
  const double shrinking = ridge > 0 ? 1 / (1 + 2 * ridge / static_cast<double>(n_used_)) : 1;
  rank_ = n;
  condition_number_ = 1;
  found_.values.assign(n * k, 0);
  found_.standard_errors.assign(n * k, unknown);
  found_.r2.assign(k, 0);
  found_.degrees_of_freedom = spare > 0 ? spare : static_cast<double>(n_all_ - std::min(n, n_all_));
  std::vector<double> means(k, 0);
  for (std::size_t s = 0; s < 2 * n_used_; ++s)
    for (std::size_t o = 0; o < k; ++o) means[o] += worths[s * k + o] / static_cast<double>(2 * n_used_);
  set_spread(worths, k, means);

  std::vector<std::uint64_t> coalition(words_for(n));
  std::vector<double> mean_difference(k), largest(k, 0);
  const auto difference = [&](std::size_t p, std::size_t o) {
    return worths[2 * p * k + o] - worths[(2 * p + 1) * k + o];
  };
  for (std::size_t p = 0; p < n_used_; ++p)
    for (std::size_t o = 0; o < k; ++o) largest[o] = std::max(largest[o], std::abs(difference(p, o)));
  std::vector<double> unit(k, 1), pure(k, 0), lack(k, 0);
  for (std::size_t o = 0; o < k; ++o) unit[o] = std::ldexp(1.0, -scale_exponent(largest[o]));
  double inverse_counts = 0;  // the mean over pairs
  for (std::size_t p = 0; p < n_all_; ++p) inverse_counts += 1 / (static_cast<double>(count(p)) * all);
  for (std::size_t p = 0; p < n_all_; ++p) {
    std::ranges::fill(mean_difference, 0);
    for (std::size_t r = 0; r < count(p); ++r)
      for (std::size_t o = 0; o < k; ++o)
        mean_difference[o] += difference(p + r * n_all_, o) * unit[o] / static_cast<double>(count(p));
    for (std::size_t o = 0; o < k; ++o) {
      for (std::size_t r = 0; r < count(p); ++r) {
        const double deviation = difference(p + r * n_all_, o) * unit[o] - mean_difference[o];
        pure[o] += deviation * deviation;
      }
      lack[o] += mean_difference[o] * mean_difference[o];
    }
    design().fill_row(2 * p, coalition);
    for (std::size_t i = 0; i < n; ++i) {
      const double sign = ((coalition[i / 64] >> (i % 64)) & 1U) != 0 ? 1 : -1;
      for (std::size_t o = 0; o < k; ++o) found_.values[i * k + o] += sign * mean_difference[o] / all;
    }
  }
  for (std::size_t o = 0; o < k; ++o) {
    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) squares += found_.values[i * k + o] * found_.values[i * k + o];
    // Without repeats, what the values do not explain is noise and interactions together.
    double variance = unknown;
    if (spare > 0)
      variance = pure[o] / spare;
    else if (n_all_ > n)
      variance = std::max(0.0, lack[o] - all * squares) / static_cast<double>(n_all_ - n);
    const double error = std::sqrt(variance * inverse_counts / all);
    // Each of the two worths of a pair explains half of their difference.
    const double scale = std::ldexp(unit[o], found_.exponent[o]);  // from the unit of spread to that of the differences
    const double spread = found_.spread[o] * scale * scale;
    found_.r2[o] = spread > 0 ? std::min(1.0, squares / 4 / spread) : 1;
    for (std::size_t i = 0; i < n; ++i) {
      found_.values[i * k + o] *= shrinking / unit[o];
      found_.standard_errors[i * k + o] = error * shrinking / unit[o];
    }
  }
}

void RowDesign::set_spread(std::span<const double> worths, std::size_t n_outputs, std::span<const double> means) {
  const std::size_t n_coalitions = 2 * n_used_;
  const auto count = static_cast<double>(n_coalitions);
  found_.spread.assign(n_outputs, 0);
  found_.exponent.assign(n_outputs, 0);
  // Dividing by a power of 2 gives the bits of multiplying by its inverse, which is faster.
  const bool is_power = std::has_single_bit(n_coalitions);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    const double mean = means[o], share = 1 / count;
    double sum = 0;
    for (std::size_t s = o; s < n_coalitions * n_outputs; s += n_outputs) {
      const double square = (worths[s] - mean) * (worths[s] - mean);
      sum += is_power ? square * share : square / count;
    }
    found_.spread[o] = sum;
  }
  for (std::size_t o = 0; o < n_outputs; ++o) {
    if (!may_leave_range(found_.spread[o])) continue;
    double largest = 0;
    for (std::size_t s = 0; s < n_coalitions; ++s)
      largest = std::max(largest, std::abs(worths[s * n_outputs + o] / 2 - means[o] / 2));
    if (largest == 0) continue;
    found_.exponent[o] = std::ilogb(largest) + 1;
    found_.spread[o] = 0;
    for (std::size_t s = 0; s < n_coalitions; ++s) {
      const double deviation = std::ldexp(worths[s * n_outputs + o] / 2 - means[o] / 2, 1 - found_.exponent[o]);
      found_.spread[o] += deviation * deviation / static_cast<double>(n_coalitions);
    }
  }
}

}  // namespace banzhaf
