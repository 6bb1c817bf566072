// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "estimate/weighted_sample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "designs/weighted.hpp"
#include "estimate/repeats.hpp"

namespace banzhaf {
namespace {

// If the logarithms of two likelihoods differ by less, it is not clear how coalitions were drawn.
constexpr double clear_margin = 3;
// The logarithm of the largest probability, for each of two tests, that drawn coalitions fail it.
const double most_chance = std::log(3e-6);

// Returns the rows of the certain coalitions, or nothing unless each of them occurs exactly once.
std::vector<std::size_t> certain_rows(const std::vector<std::size_t>& sizes, CoalitionsView rows,
                                      const WeightedCoalitions& distribution) {
  std::vector<std::size_t> found;
  for (std::size_t r = 0; r < sizes.size(); ++r)
    if (distribution.is_certain(sizes[r])) found.push_back(r);
  if (found.size() != distribution.n_certain()) return {};
  Coalitions chosen(found.size(), rows.n_players);
  for (std::size_t c = 0; c < found.size(); ++c)
    std::copy_n(rows.row(found[c]), rows.words_per_row(), chosen.row(c).begin());
  if (find_repeats(chosen.view()).count.size() != found.size()) return {};
  return found;
}

// The logarithm of the probability of these sizes, and of the certain coalitions if draws are independent.
double log_likelihood(const std::vector<std::size_t>& sizes, const WeightedCoalitions& distribution,
                      const WeightedCoalitions& certain) {
  double sum = 0, n_certain = 0;
  for (const std::size_t size : sizes) {
    if (!certain.is_certain(size)) {
      sum += std::log(distribution.drawn(size));
    } else if (distribution.n_certain() == 0) {
      sum += std::log(certain.weight(size)) + std::log(static_cast<double>(sizes.size()) - n_certain);
      ++n_certain;
    }
  }
  return sum;
}

void arrange(const Sample& sample, const Coalitions& all, const std::vector<std::size_t>& sizes,
             const std::vector<std::size_t>& certain, const WeightedCoalitions& distribution, WeightedSample& found) {
  const std::size_t n_rows = sizes.size();
  std::vector<bool> is_certain(n_rows);
  for (const std::size_t r : certain) is_certain[r] = true;
  std::vector<std::size_t> order(certain);
  for (std::size_t r = 0; r < n_rows; ++r)
    if (!is_certain[r]) order.push_back(r);
  found.rows.p = distribution.p();
  found.rows.rows.resize(n_rows, sample.n_players());
  for (std::size_t k = 0; k < n_rows; ++k) {
    const std::size_t r = order[k];
    std::copy_n(all.view().row(r), all.view().words_per_row(), found.rows.rows.row(k).begin());
    found.places.push_back(sample.unit(r).first);
    if (k < certain.size())
      found.rows.weights.push_back(distribution.weight(sizes[r]));
    else
      found.rows.importance.push_back(distribution.importance(sizes[r]));
  }
}

// Bounds the logarithm of P(share of m draws >= seen), or <= seen if it is below the probability of each draw (Chernoff).
double share_tail(double m, double probability, double seen) {
  const auto term = [](double of, double to) { return of > 0 ? of * std::log(of / to) : 0; };
  return -m * (term(seen, probability) + term(1 - seen, 1 - probability));
}

// Bounds the logarithm of P(mean size of m draws >= seen), or <= seen if it is below the expected one. Uses Chernoff's
// bound with the best of several exponents. chances has the probability of each size.
double size_tail(double m, const std::vector<double>& chances, double expected, double seen) {
  const double range = static_cast<double>(chances.size());
  const auto log_mean_exp = [&](double t) {  // of t (size - expected)
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    const auto power = [&](std::size_t size) {
      return std::log(chances[size]) + t * (static_cast<double>(size) - expected);
    };
    for (std::size_t size = 0; size < chances.size(); ++size) largest = std::max(largest, power(size));
    for (std::size_t size = 0; size < chances.size(); ++size) sum += std::exp(power(size) - largest);
    return largest + std::log(sum);
  };
  double best = 0;
  for (double t = 1e-4 / range; t < 30; t *= 1.5) {
    const double exponent = seen < expected ? -t : t;
    best = std::min(best, m * (log_mean_exp(exponent) - exponent * (seen - expected)));
  }
  return best;
}

// Compares the sizes of drawn coalitions, and the shares that players are in, with what their distribution gives. The
// bounds also hold for players who are rarely in, whose numbers are far from normal.
void judge(WeightedSample& found, const WeightedCoalitions& distribution) {
  const CoalitionsView rows = found.rows.rows.view();
  const double n = static_cast<double>(rows.n_players), m = static_cast<double>(found.rows.n_drawn());
  if (m == 0) return;
  std::vector<double> chances(rows.n_players + 1);
  for (std::size_t size = 0; size < chances.size(); ++size) chances[size] = distribution.drawn(size);
  const double total = std::accumulate(chances.begin(), chances.end(), 0.0);
  double expected = 0, square = 0;
  for (std::size_t size = 0; size < chances.size(); ++size) {
    chances[size] /= total;
    expected += chances[size] * static_cast<double>(size);
    square += chances[size] * static_cast<double>(size) * static_cast<double>(size);
  }
  const double spread = std::sqrt(std::max(0.0, square - expected * expected) / m);
  std::vector<double> counts(rows.n_players);
  for (std::size_t r = found.rows.n_certain(); r < rows.n_rows; ++r)
    for (std::size_t i = 0; i < rows.n_players; ++i) counts[i] += rows.contains(r, i) ? 1 : 0;
  const double seen = std::accumulate(counts.begin(), counts.end(), 0.0) / m;
  // Within four standard errors, the bound is hardly ever below most_chance.
  if (std::abs(seen - expected) > 4 * spread && size_tail(m, chances, expected, seen) < most_chance) {
    found.seen = {.kind = Unevenness::Kind::inclusion, .player = 0, .share = seen / n};
    return;
  }
  for (std::size_t i = 0; i < rows.n_players; ++i) {
    if (std::log(2 * n) + share_tail(m, expected / n, counts[i] / m) >= most_chance) continue;
    found.seen = {.kind = Unevenness::Kind::player, .player = i, .share = counts[i] / m};
    return;
  }
}

}  // namespace

WeightedSample weighted_sample(const Sample& sample, double p) {
  const std::size_t n_rows = sample.n_units();
  Coalitions all(n_rows, sample.n_players()), scratch;
  std::vector<std::size_t> sizes(n_rows);
  for (std::size_t r = 0; r < n_rows; ++r) {
    const CoalitionsView one = sample.rows(r, 1, scratch);
    std::copy_n(one.row(0), one.words_per_row(), all.row(r).begin());
    sizes[r] = count_players(all.row(r));
  }
  WeightedSample found;
  if (const Design* design = sample.design()) {
    if (!design->weights())
      throw std::domain_error(
          "values with a probability p other than 0.5 need the worths of all coalitions of an exhaustive design");
    // Certain coalitions whose worths were dropped are left to the model.
    std::vector<std::size_t> certain;
    for (std::size_t r = 0; r < n_rows; ++r)
      if (sample.unit(r).first < design->weights()->n_certain()) certain.push_back(r);
    arrange(sample, all, sizes, certain, *design->weights(), found);
    return found;
  }
  const WeightedCoalitions complete(sample.n_players(), n_rows, p, Draws::complete);
  const WeightedCoalitions flat(sample.n_players(), n_rows, p, Draws::flat);
  const WeightedCoalitions plain(sample.n_players(), n_rows, p, Draws::plain);
  const std::vector<std::size_t> certain = certain_rows(sizes, all.view(), complete);
  const bool possible = complete.n_certain() == 0 || !certain.empty();
  constexpr double never = -std::numeric_limits<double>::infinity();
  // Without certain coalitions, a complete and a flat design draw the same.
  const WeightedCoalitions& reference = possible ? complete : plain;
  const std::array likelihoods{
      log_likelihood(sizes, plain, reference), log_likelihood(sizes, flat, reference),
      possible && complete.n_certain() > 0 ? log_likelihood(sizes, complete, reference) : never};
  const auto best = std::max_element(likelihoods.begin(), likelihoods.end());
  for (auto other = likelihoods.begin(); other != likelihoods.end(); ++other)
    if (other != best && *best - *other < clear_margin) found.seen.kind = Unevenness::Kind::draws;
  const std::array distributions{&plain, &flat, &complete};
  const WeightedCoalitions& likeliest = *distributions[static_cast<std::size_t>(best - likelihoods.begin())];
  arrange(sample, all, sizes, &likeliest == &complete ? certain : std::vector<std::size_t>{}, likeliest, found);
  judge(found, likeliest);
  return found;
}

}  // namespace banzhaf
