// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Systematic samples of the background rows, in an order that is random within parts.
#include "explain/row_sample.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "support/random.hpp"

namespace banzhaf {
namespace {

// The words before these are the seeds of the designs of the rows.
constexpr std::uint64_t first_word = std::uint64_t{1} << 40;

// Returns how many of n places a budget may cover, judged by the mean price.
std::size_t guess_of(std::span<const std::size_t> costs, std::size_t budget) {
  const auto all = static_cast<double>(std::accumulate(costs.begin(), costs.end(), std::size_t{0}));
  const double affordable = static_cast<double>(budget) / all * static_cast<double>(costs.size());
  return std::clamp<std::size_t>(static_cast<std::size_t>(affordable), 1, costs.size() - 1);
}

// Returns places 0, ..., n - 1 in an order that is random within parts. There are as many parts as places to draw, or
// to leave out.
std::vector<std::size_t> order_in_parts(std::size_t n, std::size_t guess, std::uint64_t seed) {
  const std::size_t n_parts = std::min(guess, n - guess);
  std::vector<std::size_t> order;
  order.reserve(n);
  for (std::size_t part = 0; part < n_parts; ++part) {
    const std::size_t begin = part * n / n_parts, size = (part + 1) * n / n_parts - begin;
    for (const std::uint32_t place :
         random_order(static_cast<std::uint32_t>(size), size, seed, Stream::background, first_word + 1 + begin))
      order.push_back(begin + place);
  }
  return order;
}

// Returns the probability with which each of count places is drawn: in proportion to its weight, but at most 1.
std::vector<double> inclusion_of(std::span<const double> weights, std::size_t count) {
  std::vector<double> result(weights.begin(), weights.end());
  std::vector<std::size_t> falling(weights.size());
  std::iota(falling.begin(), falling.end(), std::size_t{0});
  std::ranges::stable_sort(falling, std::greater<>{}, [&](std::size_t j) { return weights[j]; });
  double rest = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::size_t n_certain = 0;
  for (; n_certain < count; ++n_certain) {
    const double weight = weights[falling[n_certain]];
    if (weight * static_cast<double>(count - n_certain) < rest) break;
    rest -= weight;
    result[falling[n_certain]] = 1;
  }
  for (std::size_t c = n_certain; c < falling.size(); ++c)
    result[falling[c]] = std::min(1.0, weights[falling[c]] * static_cast<double>(count - n_certain) / rest);
  return result;
}

}  // namespace

std::vector<std::size_t> systematic_sample(std::span<const std::size_t> costs, std::size_t budget, std::uint64_t seed) {
  const std::size_t n = costs.size();
  if (n == 1) return {0};
  const std::size_t guess = guess_of(costs, budget);
  const std::vector<std::size_t> order = order_in_parts(n, guess, seed);

  // With count places and the start s, place j of the order is drawn if (s + j count) mod n is at least n - count.
  std::vector<std::int64_t> steps(n + 1);
  const auto most = [&](std::size_t count) {
    std::ranges::fill(steps, 0);
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t first = (2 * n - count - j * count % n) % n, last = first + count;
      const auto price = static_cast<std::int64_t>(costs[order[j]]);
      steps[first] += price;
      steps[std::min(last, n)] -= price;
      if (last > n) {
        steps[0] += price;
        steps[last - n] -= price;
      }
    }
    std::int64_t sum = 0, largest = 0;
    for (const std::int64_t step : steps) largest = std::max(largest, sum += step);
    return static_cast<std::size_t>(largest);
  };
  // The most expensive start costs at least as much as the mean start, so that the guess is an upper bound.
  std::size_t count = 1;
  for (std::size_t too_many = guess + 1; count + 1 < too_many;) {
    const std::size_t middle = too_many == guess + 1 ? guess : count + (too_many - count) / 2;
    (most(middle) > budget ? too_many : count) = middle;
  }

  std::uint64_t word = 0;
  random_words(seed, Stream::background, first_word, {&word, 1});
  const auto start = static_cast<std::size_t>((word >> 32) * n >> 32);
  std::vector<std::size_t> result;
  for (std::size_t j = 0; j < n; ++j)
    if ((start + j * count) % n >= n - count) result.push_back(order[j]);
  return result;
}

std::vector<std::size_t> weighted_sample(std::span<const std::size_t> costs, std::span<const double> weights,
                                         std::size_t budget, std::uint64_t seed, std::vector<double>& inclusion) {
  const std::size_t n = costs.size();
  inclusion = {1};
  if (n == 1) return {0};
  const std::vector<std::size_t> order = order_in_parts(n, guess_of(costs, budget), seed);
  // A place is drawn if an integer, shifted by the start in [0, 1), falls on its part of the line of probabilities.
  const auto ends = [&](const std::vector<double>& probabilities) {
    std::vector<double> result{0};
    for (const std::size_t place : order)
      result.push_back(result.back() + (probabilities[place] < 1 ? probabilities[place] : 0));
    return result;
  };
  std::vector<std::pair<double, std::int64_t>> steps;  // a start, and its extra cost compared with starts just below it
  const auto most = [&](std::size_t count) {
    const std::vector<double> probabilities = inclusion_of(weights, count);
    const std::vector<double> line = ends(probabilities);
    steps.clear();
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const auto price = static_cast<std::int64_t>(costs[order[j]]);
      if (probabilities[order[j]] == 1) {
        sum += price;
        continue;
      }
      const double first = line[j] - std::floor(line[j]), last = line[j + 1] - std::floor(line[j + 1]);
      if (std::floor(line[j]) < std::floor(line[j + 1])) sum += price;
      steps.emplace_back(first, price);
      steps.emplace_back(last, -price);
    }
    std::ranges::sort(steps, {}, [](const auto& step) { return step.first; });
    std::int64_t largest = sum;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      sum += steps[s].second;
      // Rounding may move the edge of a place beyond that of its neighbour. Both then count.
      largest = std::max(largest, sum + std::max<std::int64_t>(0, -steps[s].second));
    }
    return static_cast<std::size_t>(largest);
  };
  std::size_t count = 1;
  for (std::size_t too_many = n; count + 1 < too_many;) {
    const std::size_t middle = count + (too_many - count) / 2;
    (most(middle) > budget ? too_many : count) = middle;
  }

  const std::vector<double> probabilities = inclusion_of(weights, count);
  const std::vector<double> line = ends(probabilities);
  std::uint64_t word = 0;
  random_words(seed, Stream::background, first_word, {&word, 1});
  const double start = static_cast<double>(word >> 11) * 0x1p-53;
  std::vector<std::size_t> result;
  for (std::size_t j = 0; j < n; ++j) {
    const std::size_t place = order[j];
    if (probabilities[place] == 1 || std::ceil(line[j] - start) < std::ceil(line[j + 1] - start))
      result.push_back(place);
  }
  if (result.empty()) result.push_back(order.back());  // rounding has moved the end of the line below the start
  if (result.size() > count) result.pop_back();        // or above it
  inclusion.clear();
  for (const std::size_t place : result) inclusion.push_back(probabilities[place]);
  return result;
}

RowSample sample_of_rows(const MaskedRows& masked, const DrawnRows& from, std::span<AveragedRow> rows) {
  const std::size_t n_background = masked.table().n_background;
  const std::size_t n_drawn = from.kept != nullptr ? from.kept->size() : from.drawn.size();
  RowSample sample{.total_weight = masked.total_weight(),
                   .effective_background = masked.effective_background(),
                   .n_costly = static_cast<double>(from.n_costly),
                   .n_drawn = static_cast<double>(n_drawn)};
  const bool alike = masked.table().weights.empty() || (from.kept == nullptr && from.inclusion.empty());
  if (alike) sample.left_out = sample.n_costly > 0 ? 1 - sample.n_drawn / sample.n_costly : 0;
  if (alike && !(sample.left_out > 0)) return sample;

  std::vector<std::size_t> place_of(n_background);
  for (std::size_t r = 0; r < rows.size(); ++r) place_of[rows[r].background] = r;
  const std::span<const std::size_t> drawn =
      from.kept != nullptr ? std::span<const std::size_t>(*from.kept) : from.drawn;
  if (alike) {
    for (const std::size_t b : drawn) sample.neighbours.push_back(place_of[b]);
    return sample;
  }

  // Among costly rows of equal weight, each was equally likely to be drawn.
  const double probability = static_cast<double>(from.drawn.size()) / sample.n_costly;
  std::vector<double> inclusion(n_background, from.inclusion.empty() ? probability : 1);
  sample.has_factors = true;
  sample.n_costly = sample.n_drawn;
  for (std::size_t d = 0; d < from.inclusion.size(); ++d) inclusion[from.drawn[d]] = from.inclusion[d];
  // The rows that a deadline left represent all drawn rows, each of which was equally likely to be left.
  double of_drawn = 0, of_kept = 0, likely = 0;
  for (const std::size_t b : from.drawn) of_drawn += masked.weight(b) / inclusion[b];
  for (const std::size_t b : drawn) of_kept += masked.weight(b) / inclusion[b];
  const double part = sample.n_drawn / static_cast<double>(from.drawn.size());
  for (const std::size_t b : drawn) {
    rows[place_of[b]].factor = masked.weight(b) / inclusion[b] * (from.kept != nullptr ? of_drawn / of_kept : 1);
    if (part * inclusion[b] >= 1) continue;
    likely += part * inclusion[b];
    sample.neighbours.push_back(place_of[b]);
  }
  if (!sample.neighbours.empty()) sample.left_out = 1 - likely / static_cast<double>(sample.neighbours.size());
  return sample;
}

}  // namespace banzhaf
