// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/sparse_regression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "regression/best_pair.hpp"
#include "regression/lasso.hpp"
#include "regression/mixture_prior.hpp"
#include "support/parallel.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t n_penalties = 60;
constexpr double least_penalty = 1e-3;  // as a share of the largest
// A fold's path ends after so many penalties without a smaller error on the rows held out.
constexpr std::size_t patience = 12;
constexpr std::size_t least_rows = 10;
// Up to so many rows, and half as many as players, a fifth of them is missed by a fit, and the lasso misses pairs of
// columns. With more rows for the players, the errors of the minimum-norm solution without a row are far above its own.
constexpr std::size_t few_rows = 64;
// With 2, up to 8 % of games in which every player matters would get a sparse fit that is worse.
constexpr double convincing = 3;  // standard errors of the gain
// Few rows seldom show so many standard errors. A fit that leaves a small share of the squares is then hardly ever worse.
struct Proof {
  double share, errors;
};
constexpr Proof proofs_of_few[] = {{0.25, 2}, {0.36, 1.5}, {0.5, convincing}};
constexpr double rounding = 1e-13;
constexpr std::size_t most_work = std::size_t{1} << 27;  // rows x players x outputs
constexpr std::uint64_t first_word_of_folds = std::uint64_t{1} << 42;

[[nodiscard]] bool are_few(std::size_t n_rows, std::size_t n_players) {
  return n_rows <= few_rows && n_rows <= n_players / 2;
}

// Returns the fold of each row, at random and equal in size.
std::vector<std::size_t> folds_of(std::size_t n_rows, std::size_t n_folds) {
  const auto count = static_cast<std::uint32_t>(n_rows);
  const std::vector<std::uint32_t> order = random_order(count, n_rows, 0, Stream::orders, first_word_of_folds);
  std::vector<std::size_t> folds(n_rows);
  for (std::size_t i = 0; i < n_rows; ++i) folds[order[i]] = i % n_folds;
  return folds;
}

}  // namespace

// The rows outside one fold, and the lasso on them for the penalties so far.
struct SparseRegression::Fold {
  Fold(CoalitionsView columns, const std::vector<std::uint8_t>& used, bool intercept) : x(columns, used, intercept) {}

  SignColumns x;
  std::vector<SparseVector> path;  // one for each penalty
  std::vector<double> squares;     // of the errors in the fold, for each penalty
  // Predictions for all rows, the first two with the chosen penalty.
  std::vector<double> by_lasso, by_mixture, by_pair;
};

SparseRegression::SparseRegression(CoalitionsView columns, SparseOptions options)
    : columns_(columns), options_(options) {}

bool SparseRegression::suits(std::size_t n_rows, std::size_t n_players, std::size_t n_outputs) noexcept {
  return n_rows >= least_rows && n_players <= most_work / n_rows / std::max<std::size_t>(1, n_outputs);
}

SparseFit SparseRegression::fit(const std::vector<double>& numbers) const {
  const std::size_t rows = numbers.size();
  const SignColumns all(columns_, std::vector<std::uint8_t>(rows, 1), options_.intercept);
  Lasso whole(all, numbers);
  double size = 0;
  for (const double number : numbers) size = std::max(size, std::abs(number));
  if (!(whole.largest_penalty() > rounding * size)) {  // no column explains anything
    std::vector<double> rest(numbers);
    all.prepare(rest);
    return {.coefficients = {}, .held_out = rest, .rest = rest};
  }
  std::vector<double> penalties(n_penalties);
  for (std::size_t l = 0; l < n_penalties; ++l)
    penalties[l] = whole.largest_penalty() *
                   std::pow(least_penalty, static_cast<double>(l) / static_cast<double>(n_penalties - 1));

  const bool few = are_few(rows, columns_.n_rows);
  const std::size_t n_folds = few ? std::min<std::size_t>(rows, 16) : 5;
  const std::vector<std::size_t> fold_of = folds_of(rows, n_folds);
  std::vector<std::unique_ptr<Fold>> folds;
  for (std::size_t f = 0; f < n_folds; ++f) {
    std::vector<std::uint8_t> used(rows);
    for (std::size_t p = 0; p < rows; ++p) used[p] = fold_of[p] != f;
    folds.push_back(std::make_unique<Fold>(columns_, used, options_.intercept));
  }
  const std::size_t threads = threads_for(options_.num_threads, rows * columns_.n_rows * n_penalties / 8);
  parallel_for(threads, n_folds, [&](std::size_t f) {
    Fold& fold = *folds[f];
    Lasso lasso(fold.x, numbers);
    std::size_t best = 0;
    for (std::size_t l = 0; l < n_penalties && l <= best + patience && !options_.deadline.has_passed(); ++l) {
      if (!lasso.solve(penalties[l])) break;
      const std::vector<double> predicted = lasso.predictions();
      double square = 0;
      for (std::size_t p = 0; p < rows; ++p)
        if (fold_of[p] == f) square += (numbers[p] - predicted[p]) * (numbers[p] - predicted[p]);
      fold.path.push_back(lasso.coefficients());
      fold.squares.push_back(square);
      if (square < fold.squares[best]) best = l;
    }
  });

  // The penalty with the least error, among those that all folds have reached.
  std::size_t chosen = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t l = 0; l < n_penalties; ++l) {
    double square = 0;
    for (const auto& fold : folds)
      square += l < fold->squares.size() ? fold->squares[l] : std::numeric_limits<double>::infinity();
    if (square < least) {
      least = square;
      chosen = l;
    }
  }

  if (options_.deadline.has_passed() || std::isinf(least)) return {};
  SparseVector by_lasso, by_mixture, by_pair;
  parallel_for(threads, n_folds + 1, [&](std::size_t f) {
    std::vector<double> prepared(numbers);
    if (f == 0) {  // the longest task
      for (std::size_t l = 0; l <= chosen; ++l) {
        if (!whole.solve(penalties[l])) break;
        by_lasso = whole.coefficients();
      }
      all.prepare(prepared);
      by_mixture = fit_mixture(all, prepared, by_lasso);
      if (few) by_pair = fit_mixture(all, prepared, best_pair(all, prepared));
      return;
    }
    Fold& fold = *folds[f - 1];
    const double constant = fold.x.prepare(prepared);
    const SparseVector& start = fold.path[chosen];
    fold.by_lasso = fold.x.image(start);
    fold.by_mixture = fold.x.image(fit_mixture(fold.x, prepared, start));
    if (few) fold.by_pair = fold.x.image(fit_mixture(fold.x, prepared, best_pair(fold.x, prepared)));
    for (auto* predictions : {&fold.by_lasso, &fold.by_mixture, &fold.by_pair})
      for (double& x : *predictions) x += constant;
  });

  if (options_.deadline.has_passed()) return {};
  if (few) {
    // The mixture prior's fit from the better of two starts, by the rows held out.
    double gain = 0;
    for (std::size_t p = 0; p < rows; ++p) {
      const Fold& fold = *folds[fold_of[p]];
      gain += std::pow(numbers[p] - fold.by_mixture[p], 2) - std::pow(numbers[p] - fold.by_pair[p], 2);
    }
    if (gain > 0) {
      std::swap(by_mixture, by_pair);
      for (auto& fold : folds) fold->by_mixture.swap(fold->by_pair);
    }
  }
  // The combination of both with the least error on the rows held out.
  SparseFit found;
  double product = 0, square = 0;
  for (std::size_t p = 0; p < rows; ++p) {
    const Fold& fold = *folds[fold_of[p]];
    const double step = fold.by_mixture[p] - fold.by_lasso[p];
    product += step * (numbers[p] - fold.by_lasso[p]);
    square += step * step;
  }
  found.penalty = penalties[chosen];
  found.mixture = square > 0 ? std::clamp(product / square, 0.0, 1.0) : 0;
  found.held_out.resize(rows);
  for (std::size_t p = 0; p < rows; ++p) {
    const Fold& fold = *folds[fold_of[p]];
    found.held_out[p] = numbers[p] - fold.by_lasso[p] - found.mixture * (fold.by_mixture[p] - fold.by_lasso[p]);
  }
  std::vector<double> b(columns_.n_rows);
  for (std::size_t k = 0; k < by_lasso.places.size(); ++k)
    b[by_lasso.places[k]] += (1 - found.mixture) * by_lasso.numbers[k];
  for (std::size_t k = 0; k < by_mixture.places.size(); ++k)
    b[by_mixture.places[k]] += found.mixture * by_mixture.numbers[k];
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (b[i] == 0) continue;
    found.coefficients.places.push_back(static_cast<std::uint32_t>(i));
    found.coefficients.numbers.push_back(b[i]);
  }
  std::vector<double> prepared(numbers);
  all.prepare(prepared);
  found.rest = all.residuals(prepared, all.image(found.coefficients));
  return found;
}

bool clearly_smaller(std::span<const double> errors, std::span<const double> others, std::size_t n_players) {
  double sum = 0, square = 0, left = 0, whole = 0;
  const double count = static_cast<double>(errors.size());
  for (std::size_t p = 0; p < errors.size(); ++p) {
    const double gain = others[p] * others[p] - errors[p] * errors[p];
    sum += gain;
    square += gain * gain;
    left += errors[p] * errors[p];
    whole += others[p] * others[p];
  }
  const double variance = square / count - sum / count * (sum / count);
  const auto exceeds = [&](double wanted) { return sum > 0 && sum * sum > wanted * wanted * count * variance; };
  if (!are_few(errors.size(), n_players)) return exceeds(convincing);
  return std::ranges::any_of(proofs_of_few,
                             [&](const Proof& proof) { return left < proof.share * whole && exceeds(proof.errors); });
}

}  // namespace banzhaf
