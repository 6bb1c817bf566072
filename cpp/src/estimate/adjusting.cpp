// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Decides whether a sample can be adjusted, and puts the fitted interactions into values and errors.
#include "estimate/adjusting.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "designs/hadamard_pairs.hpp"
#include "estimate/rules.hpp"
#include "estimate/unevenness.hpp"
#include "interactions/adjust.hpp"
#include "regression/products.hpp"
#include "support/deadline.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
// Interactions of three players are the first that make errors.
constexpr std::size_t least_players = 3;
// Fewer nested Hadamard designs show too little.
constexpr std::size_t least_nested = 3;
// Complete nested designs whose values differ by less, relative to the differences, agree up to rounding.
constexpr double rounding = 1e-10;
constexpr std::size_t most_leading = 10;
// If more than this share of the plain variance is left, chance may explain the gain.
constexpr double most_left = 0.9;
// Before a deadline, nothing is begun that may take this many times as long as estimated, and then would be too late.
constexpr double caution = 2;

// The work that automatic adjustment may take for all outputs, in operations of about a nanosecond on one thread.
struct Allowance {
  double least, per_pair, most;
};
// Games may be cheap, so this is about what the evaluations saved would take at 50 microseconds each.
constexpr Allowance of_designs = {0.5e9, 1.5e6, 8e9};
// Worths that were computed elsewhere cost more than that as a rule.
constexpr Allowance of_given = {5e9, 4e6, 2e10};

// The complete Hadamard designs of a sample, or null.
const HadamardPairs* blocks_of(const Sample& sample) {
  const HadamardPairs* pairs = sample.design() != nullptr ? sample.design()->hadamard().get() : nullptr;
  return pairs != nullptr && pairs->sylvester() ? pairs : nullptr;
}

std::string text_of(AdjustOutcome outcome) {
  switch (outcome) {
    case AdjustOutcome::used:
      return {};
    case AdjustOutcome::one_block:
      return "one full Hadamard design does not show interactions";
    case AdjustOutcome::two_nested:
      return "two nested Hadamard designs show too little of the interactions";
    case AdjustOutcome::few_pairs:
      return "too few pairs of coalitions";
    case AdjustOutcome::costly:
      return "finding interactions would take too much work; interactions='always' does it anyway";
    case AdjustOutcome::nothing_left:
      return "the values explain all differences";
    case AdjustOutcome::no_gain:
      return "the interactions that were found do not predict other pairs";
    case AdjustOutcome::late:
      return "the time was not enough to find interactions";
  }
  return {};
}

std::string refusal_of(const Sample& sample, const LeastSquares& regression, Interactions interactions) {
  if (!sample.in_pairs()) return "the coalitions are no pairs of complements";
  if (sample.n_players() < least_players) return "fewer than three players";
  if (regression.rank() < sample.n_players()) return "too few pairs to determine every value";
  // A caller's pairs may be nested Hadamard designs.
  if (sample.design() == nullptr && sample.n_units() < least_nested * std::bit_ceil(sample.n_players()))
    return text_of(AdjustOutcome::few_pairs);
  if (sample.repeats() != nullptr || sample.clustering() > 1) return "coalitions are repeated on purpose";
  const HadamardPairs* blocks = blocks_of(sample);
  if (sample.design() != nullptr && in_blocks(sample.design()->kind()) && blocks == nullptr)
    return "fewer than two Hadamard designs";
  if (blocks != nullptr && !blocks->fresh() && fresh_blocks_suit(sample.n_players(), sample.n_units())) {
    // Then the default design was nested only because of the work.
    if (interactions == Interactions::automatic && search_is_costly(sample.n_players(), sample.n_units()))
      return text_of(AdjustOutcome::costly);
    return "too few nested Hadamard designs to tell interactions apart";
  }
  if (const std::size_t stages = complete_stages(sample); stages == 1)
    return "the nested design is complete, so interactions of three players cancel";
  if ((sample.design() == nullptr || sample.n_dropped() > 0) && unevenness_of(sample).kind != Unevenness::Kind::none)
    return "the coalitions do not look uniformly drawn";
  return {};
}

// Whether the columns of all pairs, or of as many as a Hadamard design has, are orthogonal. Random ones hardly ever are.
bool begins_with_block(const PairSigns& signs) {
  const std::size_t order = std::bit_ceil(signs.n_players());
  for (const std::size_t count : {order, signs.n_pairs()}) {
    if (count > signs.n_pairs()) continue;
    const std::size_t words = words_for(count);
    const std::uint64_t last = ~std::uint64_t{0} >> (64 * words - count);
    bool orthogonal = true;
    for (std::size_t i = 0; i < signs.n_players() && orthogonal; ++i) {
      for (std::size_t j = 0; j < i && orthogonal; ++j) {
        std::size_t differ = 0;
        for (std::size_t w = 0; w < words; ++w) {
          const std::uint64_t bits = signs.column(i)[w] ^ signs.column(j)[w];
          differ += static_cast<std::size_t>(std::popcount(w + 1 < words ? bits : bits & last));
        }
        orthogonal = 2 * differ == count;
      }
    }
    if (orthogonal) return true;
  }
  return false;
}

// The probability that an interaction of three players on the column of a fourth has the same sign in all nested blocks.
// Its sign in block j is that of <b_j, z> with z != 0, because any four players have independent columns and cubes. If
// the b_j - b_0 span a space of d dimensions, this is constant for 2^(r - d) - 1 of the 2^r - 1 possible z. Kerdock's
// forms have no such z, but half of the signs in a stage are equal.
double hidden_of_three(const HadamardPairs& pairs) {
  const std::size_t n_blocks = pairs.n_blocks(), n_labels = pairs.stage_blocks();
  if (2 * n_blocks > n_labels) return 0;
  if (!pairs.has_labels()) return hidden_probability(n_blocks);
  std::vector<std::uint32_t> basis;
  for (std::size_t j = 1; j < n_blocks; ++j) {
    std::uint32_t rest = pairs.label(j) ^ pairs.label(0);
    for (const std::uint32_t each : basis) rest = std::min(rest, rest ^ each);
    if (rest != 0) basis.push_back(rest);
  }
  const double all = static_cast<double>(n_labels), constant = std::ldexp(all, -static_cast<int>(basis.size()));
  return (constant - 1) / (all - 1);
}

// Whether all numbers are 0 or of the same size, like the differences of a vote.
bool are_votes(std::span<const double> numbers) {
  double size = 0;
  for (const double number : numbers) {
    if (number == 0) continue;
    if (size == 0) size = std::abs(number);
    if (std::abs(std::abs(number) - size) > 1e-12 * size) return false;
  }
  return true;
}

// How long an output may take.
double seconds_to_expect(const Sample& sample) {
  return caution * 1e-9 * estimated_operations(sample.n_players(), sample.n_units(), blocks_of(sample) != nullptr);
}

double most_operations(const Allowance& allowed, std::size_t n_pairs) {
  return std::min(allowed.least + allowed.per_pair * static_cast<double>(n_pairs), allowed.most);
}

// The operations that automatic adjustment may take for each output.
double most_operations(const Sample& sample, std::size_t n_outputs) {
  return most_operations(sample.design() == nullptr ? of_given : of_designs, sample.n_units()) /
         static_cast<double>(n_outputs);
}

}  // namespace

std::size_t complete_stages(const Sample& sample) {
  const HadamardPairs* pairs = blocks_of(sample);
  if (pairs == nullptr || !sample.in_order() || pairs->stage_blocks() < 2) return 0;
  const std::size_t stage = pairs->stage_blocks() * pairs->order();
  return pairs->n_pairs() % stage == 0 ? pairs->n_pairs() / stage : 0;
}

std::vector<std::uint32_t> places_of(const Sample& sample) {
  std::vector<std::uint32_t> places;
  if (const HadamardPairs* pairs = blocks_of(sample); pairs != nullptr) {
    for (std::size_t u = 0; u < sample.n_units(); ++u) {
      const std::size_t p = sample.unit(u).first / 2;
      places.push_back(static_cast<std::uint32_t>(p / pairs->order() * pairs->order() + pairs->row_in_block(p)));
    }
  }
  return places;
}

Halves halves_of(const Sample& sample, Worths worths, std::size_t output) {
  Halves halves{std::vector<double>(sample.n_units()), std::vector<double>(sample.n_units())};
  for (std::size_t p = 0; p < sample.n_units(); ++p) {
    const Unit pair = sample.unit(p);
    const double first = worths.row(pair.first)[output], second = worths.row(pair.second)[output];
    halves.odd[p] = first - second;
    halves.even[p] = first + second;
  }
  return halves;
}

bool search_is_costly(std::size_t n_players, std::size_t n_pairs) {
  return estimated_operations(n_players, n_pairs, true) > most_operations(of_designs, n_pairs);
}

Adjusting::Adjusting(const Sample& sample, const LeastSquares& regression, const EstimateOptions& options)
    : sample_(sample), regression_(regression), options_(options) {
  if (options.interactions == Interactions::none) return;
  refusal_ = refusal_of(sample, regression, options.interactions);
  // What follows takes memory for each pair.
  if (refusal_.empty() && options.interactions == Interactions::automatic &&
      estimated_operations(sample.n_players(), sample.n_units(), blocks_of(sample) != nullptr) >
          most_operations(sample, 1))
    refusal_ = text_of(AdjustOutcome::costly);
  if (!refusal_.empty()) return;
  Coalitions scratch;
  signs_ = PairSigns(sample.rows(0, sample.n_units(), scratch));
  if (const HadamardPairs* pairs = blocks_of(sample); pairs != nullptr) {
    hidden_ = hidden_of_three(*pairs);
    one_parity_ = pairs->order() == sample.n_players() && pairs->n_blocks() < pairs->stage_blocks();
    places_ = places_of(sample);
  } else if (sample.design() == nullptr && begins_with_block(signs_)) {
    const std::size_t order = std::bit_ceil(sample.n_players()), n_blocks = sample.n_units() / order;
    hidden_ = n_blocks > order / 2 ? 0 : hidden_probability(n_blocks);
  }
}

// Whether complete nested designs within the sample give the same values up to rounding, as they do if no interaction of
// five players or more is there. Nothing is left to adjust then.
bool Adjusting::stages_agree(std::span<const double> odd) const {
  const std::size_t n_stages = complete_stages(sample_);
  if (n_stages < 2) return false;
  const std::size_t rows = odd.size() / n_stages, n = sample_.n_players();
  double squares = 0;
  for (const double difference : odd) squares += difference * difference;
  const double least = rounding * std::sqrt(squares / static_cast<double>(odd.size()));
  std::vector<double> column(odd.size());
  for (std::size_t i = 0; i < n; ++i) {
    signs_.expand(i, column);
    double first = 0;
    for (std::size_t stage = 0; stage < n_stages; ++stage) {
      double sum = 0;
      for (std::size_t p = stage * rows; p < (stage + 1) * rows; ++p) sum += column[p] * odd[p];
      const double value = sum / static_cast<double>(rows);
      if (stage == 0) first = value;
      if (std::abs(value - first) > least) return false;
    }
  }
  return true;
}

// The residuals of a fold come from a fit to the pairs outside it. This turns them into those of one fit to all pairs,
// as the formulas for standard errors need them: (I - X_k (X^T X)^-1 X_k^T) q_k, where k is the fold.
std::vector<double> Adjusting::as_of_one_fit(const FoldedPairs& folds, std::vector<double> held_out) const {
  const std::size_t n_folds = folds.n_folds();
  std::vector<double> of_folds(held_out.size() * n_folds);
  for (std::size_t k = 0; k < n_folds; ++k) {
    for (const std::uint32_t p : folds.held_out(k)) {
      held_out[p] *= std::sqrt(1 + folds.leverages()[p]);
      of_folds[p * n_folds + k] = held_out[p];
    }
  }
  const std::vector<double> linear = products(regression_.fit(Worths{of_folds, n_folds}, false).coefficients, n_folds);
  for (std::size_t k = 0; k < n_folds; ++k)
    for (const std::uint32_t p : folds.held_out(k)) held_out[p] -= linear[p * n_folds + k];
  return held_out;
}

// X beta, pairs x outputs.
std::vector<double> Adjusting::products(const std::vector<double>& beta, std::size_t n_outputs) const {
  std::vector<double> result(sample_.n_units() * n_outputs);
  Coalitions scratch;
  for (std::size_t first = 0; first < sample_.n_units(); first += chunk_rows)
    add_signed_sums(sample_.rows(first, std::min(chunk_rows, sample_.n_units() - first), scratch), beta.data(),
                    n_outputs, &result[first * n_outputs], options_.num_threads);
  return result;
}

// Replaces the values, variances and residual square of one output, if interactions predict pairs that were held out.
AdjustmentRecord Adjusting::adjust(Worths worths, std::size_t output, const Adjuster& adjuster,
                                   const Deadline& deadline, LeastSquares::Fit& fit) const {
  const auto start = std::chrono::steady_clock::now();
  const std::size_t n_pairs = sample_.n_units(), n = sample_.n_players(), n_outputs = worths.n_outputs;
  const double spare = static_cast<double>(n_pairs) - static_cast<double>(n);
  AdjustmentRecord record;
  record.plain_variance = spare > 0 ? fit.residual_squares[output] / spare / 4 : unknown;
  record.adjusted_variance = unknown;
  const auto [odd, even] = halves_of(sample_, worths, output);
  const auto finish = [&](std::string reason) {
    record.reason = std::move(reason);
    record.adjusted = record.reason.empty();
    record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return record;
  };
  if (stages_agree(odd)) return finish("complete nested designs agree, so no interaction is left in the values");
  if (one_parity_ && are_votes(odd))
    return finish("all coalitions are even or all are odd, so a vote may look simpler than it is");
  if (seconds_to_expect(sample_) > deadline.left()) return finish(text_of(AdjustOutcome::late));
  const Adjustment found = adjuster(odd, even);
  if (!found.used()) return finish(text_of(found.outcome));
  const std::vector<double> residuals = as_of_one_fit(adjuster.folds(), found.held_out);
  double square = 0;
  for (const double residual : residuals) square += residual * residual;
  record.adjusted_variance = square / spare / 4;
  if (!(record.adjusted_variance < most_left * record.plain_variance)) return finish(text_of(AdjustOutcome::no_gain));
  record.terms_weight = found.weights[0];
  record.kernel_weight = found.weights[1];
  record.n_terms = found.n_terms;
  for (const Term& term : std::span(found.terms).first(std::min(most_leading, found.terms.size()))) {
    // A product of signs with the coefficient c in the worths has 2 c in the differences.
    record.leading.push_back({{term.players.begin(), term.players.begin() + term.order}, term.coefficient / 2});
  }

  std::vector<double> targets(odd);
  for (std::size_t p = 0; p < n_pairs; ++p) targets[p] -= found.explained[p];
  const std::vector<double> values = regression_.fit(Worths{targets, 1}, false).coefficients;
  const std::vector<double> linear = products(values, 1);
  double left = 0;
  for (std::size_t p = 0; p < n_pairs; ++p) left += (odd[p] - linear[p]) * (odd[p] - linear[p]);
  fit.residual_squares[output] = left;
  for (std::size_t i = 0; i < n; ++i) fit.coefficients[i * n_outputs + output] = values[i];

  if (options_.standard_errors) {
    const std::vector<double> variances = regression_.fit(Worths{residuals, 1}, true).variances;
    // A hidden interaction is a part of a value that no residual shows. Others of its size are among the plain residuals,
    // but they are taken out of these. So this adds the variance to expect.
    const double taken_out = std::max(0.0, 4 * (record.plain_variance - record.adjusted_variance));
    const double hidden = taken_out * hidden_ / static_cast<double>(std::bit_ceil(n));
    // Nor do the fits find an interaction that keeps its sign, so the plain fit's allowance for it stays.
    const double least = fit.unseen_variances.empty() ? 0 : fit.unseen_variances[output];
    for (std::size_t i = 0; i < n; ++i) fit.variances[i * n_outputs + output] = std::max(variances[i] + hidden, least);
  }
  return finish({});
}

std::vector<AdjustmentRecord> Adjusting::operator()(Worths worths, LeastSquares::Fit& fit) const {
  if (options_.interactions == Interactions::none) return {};
  AdjustmentRecord refused;
  refused.reason = refusal_;
  refused.plain_variance = refused.adjusted_variance = unknown;
  std::vector<AdjustmentRecord> records(worths.n_outputs, refused);
  if (!refusal_.empty()) return records;
  AdjustOptions options;
  if (const HadamardPairs* pairs = blocks_of(sample_)) {
    options.n_blocks = ceil_div(pairs->n_pairs(), pairs->order());
    options.nested = !pairs->fresh();
    options.places = places_;
  }
  options.num_threads = options_.num_threads;
  options.deadline = Deadline(options_.interaction_seconds);
  if (options_.interactions == Interactions::automatic)
    options.most_operations = most_operations(sample_, worths.n_outputs);
  if (seconds_to_expect(sample_) > options.deadline.left()) {
    for (AdjustmentRecord& record : records) record.reason = text_of(AdjustOutcome::late);
    return records;
  }
  const Adjuster adjuster(signs_, options);
  for (std::size_t o = 0; o < records.size(); ++o) records[o] = adjust(worths, o, adjuster, options.deadline, fit);
  return records;
}

}  // namespace banzhaf
