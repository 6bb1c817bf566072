// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/half_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "designs/coalition_bits.hpp"
#include "interactions/kernel_fit.hpp"
#include "interactions/stack.hpp"
#include "support/interrupt.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

// A kernel of more pairs takes too long.
constexpr std::size_t most_kernel_pairs = 600, most_learning_pairs = 400, kernel_steps = 20;

// In one Hadamard block of random columns, four of N columns cancel with probability 1 / (N - 3), where independent rows
// would give 1 / N.
double block_factor(const BlockLayout* layout) {
  if (layout == nullptr || layout->order() <= 4) return 1;
  const auto order = static_cast<double>(layout->order());
  return order / (order - 3);
}

using Key = std::array<std::uint32_t, Term::most_players>;

Key key_of(std::span<const std::uint32_t> players) {
  Key key{};
  std::copy(players.begin(), players.end(), key.begin());
  return key;
}

}  // namespace

PairSigns products_of_two(const PairSigns& signs) {
  const std::size_t n = signs.n_players(), n_pairs = signs.n_pairs();
  Coalitions by_product(n * (n - 1) / 2 + 1, n_pairs);
  std::size_t column = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) {
      const std::span<std::uint64_t> row = by_product.row(column++);
      for (std::size_t w = 0; w < row.size(); ++w) row[w] = ~(signs.column(i)[w] ^ signs.column(j)[w]);
      clear_beyond(row, n_pairs);
    }
  const std::span<std::uint64_t> ones = by_product.row(column);
  std::fill(ones.begin(), ones.end(), ~std::uint64_t{0});
  clear_beyond(ones, n_pairs);
  Coalitions rows;
  transpose(by_product.view(), rows, 1);
  return PairSigns(rows.view());
}

HalfSpectrum::HalfSpectrum(const HalvedPairs& pairs, Half half, std::span<const double> odd,
                           std::span<const double> even, int num_threads)
    : pairs_(pairs), half_(half), target_(odd.size()) {
  const std::size_t n_pairs = odd.size();
  for (std::size_t k = 0; k < pairs.folds.n_folds(); ++k) leave_out(k, half == Half::odd ? odd : even, target_);
  add_terms(odd, even, num_threads);
  if (n_pairs <= most_kernel_pairs) add_kernel(odd, even, num_threads);
  if (half == Half::even && pairs.products != nullptr) add_products(even);
  std::vector<std::vector<double>> predictions;
  for (Model& model : models_) predictions.push_back(std::move(model.held_out));
  const Stack stack = stack_weights(target_, predictions, 1);
  std::vector<double> residuals(target_);
  for (std::size_t l = 0; l < models_.size(); ++l) {
    models_[l].weight = stack.weights[l];
    for (std::size_t p = 0; p < n_pairs; ++p) residuals[p] -= stack.weights[l] * predictions[l][p];
  }
  const auto count = static_cast<double>(n_pairs);
  double squares = 0, most = 0, size = 0;
  for (std::size_t p = 0; p < n_pairs; ++p) {
    squares += residuals[p] * residuals[p];
    most = std::max(most, residuals[p] * residuals[p]);
    size = std::max(size, std::abs(odd[p]) + std::abs(even[p]));
  }
  unresolved_ = squares / count;
  // Interactions that few pairs show may be missing in all of them, so errors allow for one more pair like the worst.
  variance_ = block_factor(pairs.layout) * (squares + most) / (count * count);
  least_ = std::numeric_limits<double>::epsilon() * size;
  if (pairs.layout == nullptr) {
    residuals_ = std::move(residuals);
    return;
  }
  residuals_.assign(pairs.layout->n_blocks() * pairs.layout->order(), 0);
  for (std::size_t p = 0; p < n_pairs; ++p) residuals_[pairs.layout->place(p)] = residuals[p];
  transform_blocks(residuals_, pairs.layout->order());
}

void HalfSpectrum::leave_out(std::size_t k, std::span<const double> y, std::span<double> out) const {
  const FoldedPairs& folds = pairs_.folds;
  if (half_ == Half::odd) return folds.leave_out(k, y, out);
  double sum = 0;
  for (const std::uint32_t p : folds.training(k)) sum += y[p];
  const double mean = sum / static_cast<double>(folds.training(k).size());
  for (const std::uint32_t p : folds.held_out(k)) out[p] = y[p] - mean;
}

void HalfSpectrum::add_terms(std::span<const double> odd, std::span<const double> even, int num_threads) {
  const FoldedPairs& folds = pairs_.folds;
  const std::size_t n_folds = folds.n_folds(), n = pairs_.signs.n_players();
  Model model;
  model.of_folds.resize(n_folds + 1);
  model.held_out.resize(odd.size());
  parallel_for(threads_for(num_threads, odd.size() * n * n), n_folds + 1, [&](std::size_t k) {
    TermsOptions options;
    options.num_threads = num_threads;
    const std::vector<std::uint8_t> held = k < n_folds ? folds.flags(k) : std::vector<std::uint8_t>{};
    std::vector<Term> found = half_ == Half::odd ? pairs_.fitter.fit(odd, even, options, held).terms
                                                 : pairs_.fitter.fit_even(odd, even, options, held).terms;
    auto known = std::make_shared<std::map<Key, double>>();
    for (const Term& term : found) (*known)[term.players] = term.coefficient;
    model.of_folds[k] = [known = std::move(known)](std::span<const std::uint32_t> players) {
      const auto place = known->find(key_of(players));
      return place == known->end() ? 0.0 : place->second;
    };
    if (k == n_folds) {
      terms_ = std::move(found);
      return;
    }
    std::vector<double> predicted(odd.size());
    pairs_.fitter.predict(found, predicted);
    leave_out(k, predicted, model.held_out);
  });
  models_.push_back(std::move(model));
}

void HalfSpectrum::add_kernel(std::span<const double> odd, std::span<const double> even, int num_threads) {
  const FoldedPairs& folds = pairs_.folds;
  const std::size_t n_folds = folds.n_folds(), n_pairs = odd.size();
  const KernelPairs all{&pairs_.signs, odd, even, {}};
  KernelOptions options;
  options.most_pairs = most_learning_pairs;
  options.most_steps = kernel_steps;
  options.seed = pairs_.seed;
  options.num_threads = num_threads;
  const KernelShape shape = learn_kernel(pairs_.signs.n_players(), std::span(&all, 1), options);
  if (shape.strengths.empty()) return;
  Model model;
  model.of_folds.resize(n_folds + 1);
  model.held_out.resize(n_pairs);
  parallel_for(threads_for(num_threads, n_pairs * n_pairs * n_pairs), n_folds + 1, [&](std::size_t k) {
    std::shared_ptr<const KernelModel> fitted;
    if (k == n_folds) {
      fitted = std::make_shared<const KernelModel>(shape, all, half_);
    } else {
      const PairSigns training = pairs_.signs.subset(folds.training(k));
      const std::vector<double> d = folds.training_part(k, odd), s = folds.training_part(k, even);
      fitted = std::make_shared<const KernelModel>(shape, KernelPairs{&training, d, s, {}}, half_);
      std::vector<double> predicted(n_pairs);
      fitted->predict(pairs_.signs, predicted);
      leave_out(k, predicted, model.held_out);
    }
    model.of_folds[k] = [fitted](std::span<const std::uint32_t> players) { return fitted->coefficient(players); };
  });
  models_.push_back(std::move(model));
}

void HalfSpectrum::add_products(std::span<const double> even) {
  const FoldedPairs& products = *pairs_.products;
  const std::size_t n_folds = products.n_folds(), n = pairs_.signs.n_players();
  Model model;
  model.held_out = target_;
  std::vector<double> left(even.size());
  for (std::size_t k = 0; k <= n_folds; ++k) {
    auto values = std::make_shared<const std::vector<double>>(k < n_folds ? products.values_without(k, even)
                                                                          : products.values(even));
    model.of_folds.emplace_back([values, n](std::span<const std::uint32_t> players) {
      const std::size_t i = players[0], j = players[1];
      return (*values)[i * (2 * n - i - 1) / 2 + j - i - 1];
    });
    if (k < n_folds) products.leave_out(k, even, left);
  }
  for (std::size_t p = 0; p < even.size(); ++p) model.held_out[p] -= left[p];
  models_.push_back(std::move(model));
}

double HalfSpectrum::correlation(std::span<const std::uint32_t> players) const {
  const BlockLayout* const layout = pairs_.layout;
  return layout == nullptr ? sum_of_products(pairs_.signs, players, residuals_)
                           : layout->sum_of_products(players, residuals_);
}

HalfSpectrum::Estimates HalfSpectrum::estimates_of(std::span<const std::uint32_t> players) const {
  const std::size_t n_folds = pairs_.folds.n_folds();
  const auto count = static_cast<double>(pairs_.signs.n_pairs());
  Estimates found{0, correlation(players) / count};
  for (const Model& model : models_) {
    if (model.weight == 0) continue;
    found.full += model.weight * model.of_folds[n_folds](players);
    for (std::size_t k = 0; k < n_folds; ++k) {
      const double share = static_cast<double>(pairs_.folds.held_out(k).size()) / count;
      found.one_step += share * model.weight * model.of_folds[k](players);
    }
  }
  return found;
}

std::vector<OneStep> HalfSpectrum::estimate(const Sets& sets, int num_threads) const {
  std::vector<OneStep> found(sets.size());
  constexpr std::size_t chunk = 256;
  const std::size_t n_chunks = (sets.size() + chunk - 1) / chunk;
  parallel_for(threads_for(num_threads, sets.size() * pairs_.signs.n_pairs()), n_chunks, [&](std::size_t c) {
    checkpoint();
    for (std::size_t s = c * chunk; s < std::min(sets.size(), (c + 1) * chunk); ++s) {
      const Estimates each = estimates_of(sets[s]);
      Term& term = found[s].term;
      term.order = static_cast<std::uint8_t>(sets.order());
      std::copy(sets[s].begin(), sets[s].end(), term.players.begin());
      term.coefficient = each.full;
      term.error = error(each.one_step - each.full, variance_);
      found[s].unbiased = each.one_step;
    }
  });
  return found;
}

}  // namespace banzhaf
