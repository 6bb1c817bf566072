// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// From a sample and its worths to the coefficients of products of several players.
#include "banzhaf/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "designs/hadamard_pairs.hpp"
#include "estimate/adjusting.hpp"
#include "estimate/fitting.hpp"
#include "estimate/repeats.hpp"
#include "estimate/sample.hpp"
#include "interactions/half_spectrum.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t n_folds = 5;
// A fit without a fold needs two pairs for each player.
constexpr double pairs_per_player = 2.5;
constexpr std::size_t least_pairs = 40;
// Least squares on all pairs of players takes at most so many columns, and so many pairs of coalitions for each.
constexpr double most_products = 500, least_spare = 1.4;
// Nested designs may give interactions of four players the signs of two, in all folds alike. A fit then takes one for the
// other, and no held-out pair shows it. Errors come from plain least squares there, if it has so many columns and pairs.
constexpr double most_nested_products = 1300, least_nested_spare = 1.05;

double count_sets(std::size_t n_players, std::size_t order) {
  double count = 1;
  for (std::size_t k = 0; k < order; ++k) count *= static_cast<double>(n_players - k) / static_cast<double>(k + 1);
  return count;
}

Sets all_sets(std::size_t n_players, std::size_t order) {
  Sets sets(order);
  std::vector<std::uint32_t> players(order);
  for (std::size_t k = 0; k < order; ++k) players[k] = static_cast<std::uint32_t>(k);
  while (true) {
    sets.add(players);
    std::size_t k = order;
    while (k > 0 && players[k - 1] == n_players - order + k - 1) --k;
    if (k == 0) return sets;
    ++players[k - 1];
    for (; k < order; ++k) players[k] = players[k - 1] + 1;
  }
}

// The sets that the fit of any output has found.
Sets found_sets(const std::vector<HalfSpectrum>& halves, std::size_t order) {
  std::vector<std::vector<std::uint32_t>> found;
  for (const HalfSpectrum& half : halves)
    for (const Term& term : half.terms())
      if (term.order == order) found.emplace_back(term.players.begin(), term.players.begin() + term.order);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  Sets sets(order);
  for (const auto& each : found) sets.add(each);
  return sets;
}

// In complete nested designs the products of two players are orthogonal, so each coefficient is a mean. The residuals
// of all of them give the error.
void fit_orthogonal(const TermsFitter& fitter, const BlockLayout& layout, const Sets& sets,
                    std::span<const double> even, std::size_t output, Spectrum& result) {
  const std::size_t n_pairs = even.size(), order = layout.order(), n_outputs = result.n_outputs;
  const auto count = static_cast<double>(n_pairs);
  double mean = 0;
  for (const double each : even) mean += each / count;
  std::vector<double> table(layout.n_blocks() * order);
  for (std::size_t p = 0; p < n_pairs; ++p) table[layout.place(p)] = even[p] - mean;
  transform_blocks(table, order);
  std::vector<Term> terms(sets.size());
  for (std::size_t s = 0; s < sets.size(); ++s) {
    terms[s].order = 2;
    std::copy(sets[s].begin(), sets[s].end(), terms[s].players.begin());
    terms[s].coefficient = layout.sum_of_products(sets[s], table) / count;
  }
  std::vector<double> explained(n_pairs);
  fitter.predict(terms, explained);
  double squares = 0, size = 0;
  for (std::size_t p = 0; p < n_pairs; ++p) {
    const double rest = even[p] - mean - explained[p];
    squares += rest * rest;
    size = std::max(size, std::abs(even[p]));
  }
  const double variance = squares / result.degrees_of_freedom;
  const double error = std::max(std::numeric_limits<double>::epsilon() * size, std::sqrt(variance / count));
  for (std::size_t s = 0; s < sets.size(); ++s) {
    result.coefficients[s * n_outputs + output] = terms[s].coefficient / 2;
    result.unbiased[s * n_outputs + output] = terms[s].coefficient / 2;
    result.errors[s * n_outputs + output] = error / 2;
  }
  result.unresolved_variance[output] = variance / 4;
}

// Whether blocks share their columns.
bool is_nested(const BlockLayout* layout) {
  if (layout == nullptr || layout->n_blocks() < 2) return false;
  for (std::size_t i = 0; i < layout->n_players(); ++i)
    if (((layout->codes(0)[i] ^ layout->codes(1)[i]) & ~BlockLayout::sign_bit) != 0) return false;
  return true;
}

void require_rows(Worths worths, std::size_t n_coalitions) {
  if (!worths.has_rows(n_coalitions))
    throw std::invalid_argument("worths must hold one row for each of " + std::to_string(n_coalitions) + " coalitions");
}

void require_pairs(const Sample& sample, std::size_t order) {
  const std::size_t n = sample.n_players();
  if (order != 2 && order != 3)
    throw std::invalid_argument("order must be 2 or 3 for evaluations of a part of the coalitions, got " +
                                std::to_string(order));
  if (n < 3 || order > n)
    throw std::invalid_argument("order must be at most the number of players, " + std::to_string(n) +
                                ", of which there must be 3, got " + std::to_string(order));
  if (!sample.in_pairs())
    throw std::invalid_argument(
        "interactions need each coalition and its complement: evaluate a design of pairs, such as 'hadamard' or "
        "'paired'");
  const auto least =
      std::max(least_pairs, static_cast<std::size_t>(std::ceil(pairs_per_player * static_cast<double>(n))));
  if (sample.n_units() < least)
    throw std::invalid_argument("interactions of " + std::to_string(n) + " players need at least " +
                                std::to_string(2 * least) + " evaluations in pairs of complements, got " +
                                std::to_string(2 * sample.n_units()) + ": raise the budget");
}

Spectrum estimate_from(const Sample& sample, Worths worths, std::size_t order, const SpectrumOptions& options) {
  require_pairs(sample, order);
  Averages averages;
  if (sample.repeats() != nullptr) {
    averages = average(*sample.repeats(), worths);
    worths.values = averages.means;
  }
  const std::size_t n = sample.n_players(), n_pairs = sample.n_units(), n_outputs = worths.n_outputs;
  Coalitions scratch;
  const PairSigns signs(sample.rows(0, n_pairs, scratch));
  const std::vector<std::uint32_t> places = places_of(sample);
  const TermsFitter fitter(signs, places);
  const std::unique_ptr<const BlockLayout> layout = BlockLayout::find(signs, places);
  Spectrum result;
  result.order = order;
  result.n_players = n;
  result.n_outputs = n_outputs;
  result.unresolved_variance.resize(n_outputs);
  result.complete = count_sets(n, order) <= static_cast<double>(options.most_sets);
  const auto store = [&](const Sets& sets) {
    for (std::size_t s = 0; s < sets.size(); ++s)
      result.players.insert(result.players.end(), sets[s].begin(), sets[s].end());
    result.coefficients.resize(sets.size() * n_outputs);
    result.unbiased.resize(sets.size() * n_outputs);
    result.errors.resize(sets.size() * n_outputs);
  };
  const double spare = static_cast<double>(n_pairs) - 1 - count_sets(n, 2);
  if (order == 2 && result.complete && layout && complete_stages(sample) > 0 && spare >= 1) {
    const Sets sets = all_sets(n, order);
    store(sets);
    result.degrees_of_freedom = spare;
    for (std::size_t o = 0; o < n_outputs; ++o)
      fit_orthogonal(fitter, *layout, sets, halves_of(sample, worths, o).even, o, result);
    return result;
  }
  const double n_products = count_sets(n, 2) + 1;
  const bool nested = is_nested(layout.get());
  const bool plain_errors = order == 2 && nested && result.complete && n_products <= most_nested_products &&
                            least_nested_spare * n_products <= static_cast<double>(n_pairs);
  if (nested && (order == 3 || (!plain_errors && n_pairs > HadamardPairs::least_stage_pairs(n))))
    throw std::invalid_argument(std::string("these nested Hadamard designs do not separate the interactions of ") +
                                (order == 3 ? "three" : "two") +
                                " players from others: evaluate with design='fresh' or design='paired'");
  // Folds are whole blocks if there are enough of them.
  const bool whole = layout && sample.in_order() && n_pairs >= n_folds * layout->order();
  // Only odd halves have values of the players.
  const FoldedPairs folds(signs, n_folds, options.seed, options.num_threads, whole ? layout->order() : 0, order == 3);
  if (!folds.determined())
    throw std::invalid_argument(
        "the coalitions do not determine every value without a fifth of them: raise the budget");
  // Plain least squares on all pairs of players joins the models if there are enough pairs of coalitions.
  PairSigns product_signs;
  std::unique_ptr<const FoldedPairs> products;
  if (order == 2 && n_products <= most_products && least_spare * n_products <= static_cast<double>(n_pairs)) {
    product_signs = products_of_two(signs);
    products = std::make_unique<const FoldedPairs>(product_signs, n_folds, options.seed, options.num_threads,
                                                   whole ? layout->order() : 0);
    if (!products->determined()) products.reset();
  }
  const HalvedPairs pairs{signs, fitter, folds, products.get(), layout.get(), options.seed};
  std::vector<HalfSpectrum> halves;
  for (std::size_t o = 0; o < n_outputs; ++o) {
    const Halves found = halves_of(sample, worths, o);
    halves.emplace_back(pairs, order % 2 == 0 ? Half::even : Half::odd, found.odd, found.even, options.num_threads);
    result.unresolved_variance[o] = halves.back().unresolved() / 4;
  }
  const Sets sets = result.complete ? all_sets(n, order) : found_sets(halves, order);
  store(sets);
  if (plain_errors && product_signs.n_players() == 0) product_signs = products_of_two(signs);
  result.degrees_of_freedom = static_cast<double>(n_pairs) - (plain_errors ? n_products : static_cast<double>(n));
  const double repeated = std::sqrt(sample.clustering());
  for (std::size_t o = 0; o < n_outputs; ++o) {
    std::vector<OneStep> found = halves[o].estimate(sets, options.num_threads);
    if (plain_errors) {
      const ColumnFit plain = fit_columns(product_signs, halves_of(sample, worths, o).even, options.num_threads);
      for (std::size_t s = 0; s < found.size() && !plain.values.empty(); ++s) {
        found[s].unbiased = plain.values[s];
        found[s].term.error = halves[o].error(plain.values[s] - found[s].term.coefficient, plain.variances[s]);
      }
    }
    for (std::size_t s = 0; s < found.size(); ++s) {
      // A product with the coefficient c in the worths has 2 c in a half.
      result.coefficients[s * n_outputs + o] = found[s].term.coefficient / 2;
      result.unbiased[s * n_outputs + o] = found[s].unbiased / 2;
      result.errors[s * n_outputs + o] = repeated * found[s].term.error / 2;
    }
  }
  return result;
}

// Divides each output by a power of 2 of its own if its powers would leave the range of doubles.
Spectrum in_range(const Sample& sample, Worths worths, std::size_t order, const SpectrumOptions& options) {
  std::vector<int> exponents(worths.n_outputs), divisors(worths.n_outputs);
  for (std::size_t o = 0; o < worths.n_outputs; ++o) divisors[o] = -(exponents[o] = exponent_of(worths, o, 0));
  if (std::all_of(exponents.begin(), exponents.end(), [](int exponent) { return exponent == 0; }))
    return estimate_from(sample, worths, order, options);
  std::vector<double> divided(worths.values.begin(), worths.values.end());
  scale(divided, divisors);
  Spectrum result = estimate_from(sample, {divided, worths.n_outputs}, order, options);
  for (std::vector<double>* linear : {&result.coefficients, &result.unbiased, &result.errors})
    scale(*linear, exponents);
  for (int half = 0; half < 2; ++half) scale(result.unresolved_variance, exponents);
  return result;
}

}  // namespace

Spectrum estimate_spectrum(const Design& design, Worths worths, std::size_t order, const SpectrumOptions& options) {
  require_rows(worths, design.n_coalitions());
  return in_range(all_finite(worths.values) ? Sample(design) : Sample(design, worths), worths, order, options);
}

Spectrum estimate_spectrum(Coalitions coalitions, Worths worths, std::size_t order, const SpectrumOptions& options) {
  require_rows(worths, coalitions.n_rows());
  return in_range(Sample(std::move(coalitions)), worths, order, options);
}

}  // namespace banzhaf
