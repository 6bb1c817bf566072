// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "support/parallel.hpp"

namespace banzhaf {
namespace {

/// Calls add(i, list) for each position of a first player, on several threads, and joins the lists in order.
template <typename Add>
std::vector<Found> join(std::size_t n_first, double work, int num_threads, Add&& add) {
  std::vector<std::vector<Found>> lists(n_first);
  const std::size_t n_threads = threads_for(num_threads, static_cast<std::size_t>(work));
  parallel_for(n_threads, n_first, [&](std::size_t i) { add(i, lists[i]); });
  std::vector<Found> joined;
  for (const std::vector<Found>& list : lists) joined.insert(joined.end(), list.begin(), list.end());
  return joined;
}

}  // namespace

std::vector<Found> search_pairs(TermSpace& space, std::span<const std::uint32_t> players, double scale,
                                double threshold, int num_threads) {
  const std::size_t n = players.size();
  if (n < 2) return {};
  space.prepare_search();
  const double work = space.additions() * static_cast<double>(n * n) / 2;
  return join(n - 1, work, num_threads, [&](std::size_t i, std::vector<Found>& list) {
    std::vector<float> found(n - i - 1);
    space.correlate_pairs(players, i, found);
    for (std::size_t k = i + 1; k < n; ++k) {
      const double score = std::abs(static_cast<double>(found[k - i - 1])) * scale;
      if (score >= threshold) list.push_back({{players[i], players[k], 0}, 0, score});
    }
  });
}

std::vector<Found> search_triples(TermSpace& space, std::span<const std::uint32_t> players, const PairClasses& classes,
                                  double scale, std::span<const double> thresholds, int num_threads) {
  const std::size_t n = players.size();
  if (n < 3) return {};
  space.prepare_search();
  const double least = *std::min_element(thresholds.begin(), thresholds.end());
  const double work = space.additions() * static_cast<double>(n * n) / 6 * static_cast<double>(n);
  return join(n - 2, work, num_threads, [&](std::size_t i, std::vector<Found>& list) {
    const std::size_t rest = n - i - 1;
    std::vector<float> found(rest * (rest - 1) / 2);
    space.correlate_triples(players, i, found);
    const float* next = found.data();
    for (std::size_t k = i + 1; k < n; ++k) {
      for (std::size_t l = k + 1; l < n; ++l) {
        const double score = std::abs(static_cast<double>(*next++)) * scale;
        if (score < least) continue;
        const std::uint32_t of_class = classes.of(i, k, l);
        if (score >= thresholds[of_class]) list.push_back({{players[i], players[k], players[l]}, of_class, score});
      }
    }
  });
}

void choose(std::vector<Found>& found, const Sets& known, std::span<const double> thresholds, std::size_t most) {
  const std::size_t order = known.order();
  const auto before = [](const Found& a, const Found& b) {
    return std::lexicographical_compare(std::begin(a.players), std::end(a.players), std::begin(b.players),
                                        std::end(b.players));
  };
  std::vector<Found> old(known.size());
  for (std::size_t s = 0; s < known.size(); ++s) {
    old[s] = {};
    std::copy_n(known[s].begin(), order, old[s].players);
  }
  std::sort(old.begin(), old.end(), before);
  std::erase_if(found, [&](const Found& set) { return std::binary_search(old.begin(), old.end(), set, before); });
  if (found.size() > most) {
    const auto excess = [&](const Found& set) { return set.score - thresholds[set.of_class]; };
    const auto better = [&](const Found& a, const Found& b) {
      const double x = excess(a), y = excess(b);
      return x != y ? x > y : before(a, b);
    };
    std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(most), found.end(), better);
    found.resize(most);
  }
  std::sort(found.begin(), found.end(),
            [&](const Found& a, const Found& b) { return a.score != b.score ? a.score > b.score : before(a, b); });
}

Sets unions_of_two(const Sets& triples, std::span<const std::size_t> chosen, std::size_t n_players) {
  using Five = std::array<std::uint32_t, 5>;
  std::vector<std::vector<std::size_t>> of_player(n_players);
  for (const std::size_t set : chosen)
    for (const std::uint32_t i : triples[set]) of_player[i].push_back(set);
  std::vector<Five> fives;
  for (const std::vector<std::size_t>& sets : of_player) {
    for (std::size_t a = 0; a < sets.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        const auto x = triples[sets[a]], y = triples[sets[b]];
        Five five;
        if (std::set_union(x.begin(), x.end(), y.begin(), y.end(), five.begin()) == five.end()) fives.push_back(five);
      }
    }
  }
  std::sort(fives.begin(), fives.end());
  fives.erase(std::unique(fives.begin(), fives.end()), fives.end());
  Sets result(5);
  for (const Five& five : fives) result.add(five);
  return result;
}

}  // namespace banzhaf
