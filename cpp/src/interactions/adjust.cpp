// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/adjust.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <utility>

#include "interactions/kernel_fit.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t most_folds = 5;
constexpr std::size_t least_pairs = 64;
constexpr std::size_t least_judging_blocks = 4, most_judging_folds = 10;
// Beyond this number of pairs, the kernel takes long, and for tree models the terms are as good.
constexpr std::size_t most_kernel_pairs = 400;
// More pairs and steps for the kernel's strengths take longer and hardly change the errors of the values.
constexpr std::size_t most_learning_pairs = 200;
constexpr std::size_t kernel_steps = 12;
// Residuals below this share of the odd halves are rounding.
constexpr double rounding = 1e-12;

constexpr std::array<const char*, 2> names = {"terms", "kernel"};

bool has_kernel(const PairSigns& signs) { return signs.n_pairs() <= most_kernel_pairs; }

AdjustOutcome refuse(std::size_t n_players, std::size_t n_pairs, const AdjustOptions& options) {
  if (options.n_blocks == 1) return AdjustOutcome::one_block;
  // A fifth of the pairs is held out, and the rest must determine the values well.
  if (n_pairs < least_pairs || 2 * n_pairs < 3 * n_players) return AdjustOutcome::few_pairs;
  if (options.nested && options.n_blocks == 2) return AdjustOutcome::two_nested;
  if (estimated_operations(n_players, n_pairs, options.n_blocks > 0) > options.most_operations)
    return AdjustOutcome::costly;
  return AdjustOutcome::used;
}

// The pairs of a Hadamard block, or 0 if they are unknown.
std::size_t block_size(std::size_t n_players, std::size_t n_pairs, std::size_t n_blocks) {
  if (n_blocks == 0) return 0;
  if (n_pairs % n_blocks == 0 && std::has_single_bit(n_pairs / n_blocks)) return n_pairs / n_blocks;
  const std::size_t size = std::bit_ceil(n_players);
  return (n_pairs + size - 1) / size == n_blocks ? size : 0;
}

// By how many standard errors of the gain the weights are made smaller. With few pairs, the standard error is itself
// uncertain. Few nested blocks have small errors without any model, so what predicts pairs may still harm the values.
double caution(std::size_t n_players, std::size_t n_pairs, const AdjustOptions& options) {
  if (options.nested && 2 * options.n_blocks < std::bit_ceil(n_players)) return n_pairs < 256 ? 4 : 2;
  return n_pairs < 128 ? 3 : n_pairs < 256 ? 2 : 1;
}

Adjustment without(AdjustOutcome outcome) {
  Adjustment found;
  found.outcome = outcome;
  return found;
}

double largest(std::span<const double> y) {
  double most = 0;
  for (const double x : y) most = std::max(most, std::abs(x));
  return most;
}

}  // namespace

std::span<const char* const> model_names() { return names; }

double estimated_operations_of_terms(std::size_t n_players, std::size_t n_pairs) {
  const auto n = static_cast<double>(n_players), pairs = static_cast<double>(n_pairs);
  // Least squares with and without each fold.
  const double operations = (most_folds + 1) * (n * n * (pairs / 64 + n / 3) + 2 * n * pairs) + pairs * n * n / 2;
  // All correlations of three players, by blocks, and the sweeps over those that stand out.
  const double triples = n * (n - 1) * (n - 2) / 6;
  return operations +
         (most_folds + 1) * (std::min(triples * pairs / n, 4e8) + 4 * std::min(triples, 5 * pairs) * pairs);
}

double estimated_operations(std::size_t n_players, std::size_t n_pairs, bool in_blocks) {
  const auto n = static_cast<double>(n_players), pairs = static_cast<double>(n_pairs);
  constexpr double fits = most_folds + 1;
  // Least squares with and without each fold.
  double operations = fits * (1.5e6 + n * n * (pairs / 64 + n / 3) + 2 * n * pairs) + pairs * n * n / 2;
  // Terms. A column has an entry for each pair, or in blocks for each block. With few players all triples are columns, and
  // then the sweeps over them take longest. Otherwise those columns that stand out are found first.
  const double triples = n * (n - 1) * (n - 2) / 6;
  const double entries = in_blocks ? std::ceil(pairs / static_cast<double>(std::bit_ceil(n_players))) : pairs;
  if (triples <= 2500) {
    operations += fits * triples * (in_blocks ? 4000 + 500 * entries : 240 * entries);
  } else {
    const double columns = std::min(triples, 1e4) + std::min(n * (n - 1) / 2, 1e4);
    operations += fits * columns * (in_blocks ? 3500 + 100 * entries : 30 * entries);
    operations += fits * (in_blocks ? 7.5 : 2) * std::min(triples * entries, 4e8);
  }
  if (n_pairs <= most_kernel_pairs) {
    const double used = std::min(pairs, static_cast<double>(most_learning_pairs));
    operations +=
        0.3 * kernel_steps * used * used * (2 * used + 5 * n) + 0.3 * fits * pairs * pairs * (pairs / 3 + 2 * n);
  }
  return operations;
}

CrossFit::CrossFit(const FoldedPairs& folds, std::span<const double> odd) : folds_(&folds), target_(odd.size()) {
  for (std::size_t k = 0; k < folds.n_folds(); ++k) folds.leave_out(k, odd, target_);
}

std::size_t CrossFit::add_model() {
  full_.emplace_back(target_.size());
  held_out_.emplace_back(target_.size());
  return full_.size() - 1;
}

void CrossFit::set_full(std::size_t model, std::vector<double> predicted) { full_[model] = std::move(predicted); }

void CrossFit::set_fold(std::size_t model, std::size_t k, std::span<const double> predicted) {
  folds_->leave_out(k, predicted, held_out_[model]);
}

void CrossFit::set_full(std::size_t model, const OddModel& fitted) { fitted.predict(folds_->signs(), full_[model]); }

void CrossFit::set_fold(std::size_t model, std::size_t k, const OddModel& fitted) {
  std::vector<double> predicted(target_.size());
  fitted.predict(folds_->signs(), predicted);
  set_fold(model, k, predicted);
}

Adjustment CrossFit::weigh(const std::vector<double>& weights) const {
  Adjustment found;
  found.weights = weights;
  if (std::none_of(weights.begin(), weights.end(), [](double w) { return w > 0; })) return found;
  found.outcome = AdjustOutcome::used;
  found.explained.assign(target_.size(), 0);
  found.held_out = target_;
  for (std::size_t l = 0; l < weights.size(); ++l) {
    for (std::size_t p = 0; p < target_.size(); ++p) {
      found.explained[p] += weights[l] * full_[l][p];
      found.held_out[p] -= weights[l] * held_out_[l][p];
    }
  }
  double before = 0, after = 0, squares = 0;
  const auto pairs = static_cast<double>(target_.size()), players = static_cast<double>(folds_->signs().n_players());
  // The weights and the kernel's strengths have seen the held-out pairs. This margin allows as many numbers learnt as
  // there are players.
  const double margin = std::sqrt(pairs / (pairs - players));
  for (std::size_t p = 0; p < target_.size(); ++p) {
    before += target_[p] * target_[p];
    after += found.held_out[p] * found.held_out[p];
    found.held_out[p] *= margin / std::sqrt(1 + folds_->leverages()[p]);
    squares += found.held_out[p] * found.held_out[p];
  }
  found.explained_share = before > 0 ? 1 - after / before : 0;
  // Interactions that few pairs show may be missing in all of them. So errors allow for one more pair, in which the models
  // do not help, and which is as far off as the plain fit ever was.
  const double most = largest(target_), unseen = most * most;
  if (squares > unseen) {
    const double factor = std::sqrt(1 + unseen / squares);
    for (double& residual : found.held_out) residual *= factor;
  } else {
    const double factor = std::sqrt((unseen + squares) / before);
    for (std::size_t p = 0; p < target_.size(); ++p) found.held_out[p] = factor * target_[p];
  }
  found.residual_variance = (squares + unseen) / pairs;
  found.degrees_of_freedom = pairs - players;
  return found;
}

Adjuster::Adjuster(const PairSigns& signs, const AdjustOptions& options)
    : signs_(&signs), options_(options), refusal_(refuse(signs.n_players(), signs.n_pairs(), options)) {
  if (refusal_ != AdjustOutcome::used) return;
  const std::size_t size = block_size(signs.n_players(), signs.n_pairs(), options.n_blocks);
  const std::size_t n_block_folds = std::min(most_folds, options.n_blocks);
  // With fewer than five blocks, or three nested ones, too many pairs would be held out at once.
  const bool whole = size > 0 && options.n_blocks >= (options.nested ? 3U : most_folds);
  if (whole && options.places.empty()) {
    add_split(n_block_folds, size);
  } else {
    add_split(most_folds, 0);
    // Nested blocks may give several interactions the same signs. Only a block that a fit has not seen shows whether it took
    // the right one. But fits to few blocks take the wrong one more often than the fit to all, so the weights come from
    // random folds.
    if (!splits_.empty() && options.nested && size > 0 && options.n_blocks >= least_judging_blocks)
      add_split(std::min(most_judging_folds, options.n_blocks), size);
  }
  if (splits_.empty()) {
    refusal_ = AdjustOutcome::few_pairs;
    return;
  }
  terms_ = std::make_unique<const TermsFitter>(signs, options.places);
}

void Adjuster::add_split(std::size_t n_folds, std::size_t block_size) {
  Split split;
  split.folds = std::make_unique<const FoldedPairs>(*signs_, n_folds, options_.seed, options_.num_threads, block_size);
  if (!split.folds->determined()) return;
  for (std::size_t k = 0; k < n_folds; ++k) {
    split.held.push_back(split.folds->flags(k));
    if (has_kernel(*signs_)) split.training.push_back(signs_->subset(split.folds->training(k)));
  }
  splits_.push_back(std::move(split));
}

Adjustment Adjuster::operator()(std::span<const double> odd, std::span<const double> even) const {
  if (refusal_ != AdjustOutcome::used) return without(refusal_);
  const auto start = std::chrono::steady_clock::now();
  if (!(largest(folds().residuals(odd)) > rounding * std::max(largest(odd), largest(even))))
    return without(AdjustOutcome::nothing_left);
  const std::size_t n = signs_->n_players(), n_pairs = signs_->n_pairs();
  const bool with_kernel = has_kernel(*signs_);
  constexpr std::size_t by_terms = 0, by_kernel = 1;
  std::vector<CrossFit> fits;
  std::vector<std::pair<std::size_t, std::size_t>> of_folds;  // the split and the fold
  for (std::size_t s = 0; s < splits_.size(); ++s) {
    fits.emplace_back(*splits_[s].folds, odd);
    for (std::size_t model = 0; model < names.size(); ++model) (void)fits[s].add_model();
    for (std::size_t k = 0; k < splits_[s].folds->n_folds(); ++k) of_folds.emplace_back(s, k);
  }
  const std::size_t n_folds = of_folds.size();
  const KernelPairs all{signs_, odd, even, {}};
  KernelShape shape;
  TermsModel terms;
  // Tasks 0 to n_folds - 1 hold out a fold, the next one holds out none, and the last one learns the kernel.
  const auto work = static_cast<std::size_t>(std::min(estimated_operations(n, n_pairs, options_.n_blocks > 0), 1e18));
  parallel_for(threads_for(options_.num_threads, work), n_folds + 1 + (with_kernel ? 1 : 0), [&](std::size_t task) {
    if (task > n_folds) {
      KernelOptions options;
      options.most_pairs = most_learning_pairs;
      options.most_steps = kernel_steps;
      options.seed = options_.seed;
      shape = learn_kernel(n, std::span(&all, 1), options);
      return;
    }
    TermsOptions options;
    options.num_threads = options_.num_threads;
    options.deadline = options_.deadline;
    std::vector<double> predicted(n_pairs);
    if (task == n_folds) {
      terms = terms_->fit(odd, even, options);
      terms_->predict(terms.terms, predicted);
      for (CrossFit& each : fits) each.set_full(by_terms, predicted);
      return;
    }
    const auto [s, k] = of_folds[task];
    terms_->predict(terms_->fit(odd, even, options, splits_[s].held[k]).terms, predicted);
    fits[s].set_fold(by_terms, k, predicted);
  });
  if (options_.deadline.has_passed()) return without(AdjustOutcome::late);
  // The kernel's strengths come from all pairs, also where a fold is held out.
  if (with_kernel && !shape.strengths.empty()) {
    parallel_for(threads_for(options_.num_threads, n_pairs * n_pairs * n_pairs), n_folds + 1, [&](std::size_t task) {
      if (task == n_folds) {
        const KernelModel fitted(shape, all);
        for (CrossFit& each : fits) each.set_full(by_kernel, fitted);
        return;
      }
      const auto [s, k] = of_folds[task];
      const std::vector<double> part = splits_[s].folds->training_part(k, odd);
      fits[s].set_fold(by_kernel, k, KernelModel(shape, {&splits_[s].training[k], part, {}, {}}));
    });
  }
  const double n_errors = caution(n, n_pairs, options_);
  const Stack stack = stack_weights(fits.front().target(), fits.front().held_out(), n_errors);
  Adjustment found = fits.back().weigh(stack.weights);
  if (found.used() && found.weights[by_terms] > 0) {
    found.n_terms = terms.terms.size();
    terms.terms.resize(std::min(terms.terms.size(), Adjustment::most_terms));
    for (Term& term : terms.terms) {
      term.coefficient *= found.weights[by_terms];
      term.error *= found.weights[by_terms];
    }
    found.terms = std::move(terms.terms);
  }
  found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return found;
}

Adjustment adjust(const PairSigns& signs, std::span<const double> odd, std::span<const double> even,
                  const AdjustOptions& options) {
  return Adjuster(signs, options)(odd, even);
}

}  // namespace banzhaf
