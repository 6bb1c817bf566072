// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares interactions, values for other probabilities and Shapley values with the definition over all coalitions.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "banzhaf/tree_file.hpp"
#include "banzhaf/trees.hpp"
#include "check.hpp"
#include "trees/measure.hpp"
#include "trees/random_forests.hpp"
#include "trees/saved.hpp"
#include "trees/sets.hpp"
#include "trees/tree_worths.hpp"

namespace {

using banzhaf::Forest;
using banzhaf::TreeExplainer;
using banzhaf::TreeLimits;
using banzhaf::TreeValues;
using banzhaf::testing::close;
using banzhaf::testing::make_linear;
using banzhaf::testing::random_forest;
using banzhaf::testing::random_rows;
using banzhaf::testing::throws;
using banzhaf::testing::worth;

// A forest whose features belong to players, with rows to explain and perhaps a weighted background.
struct Case {
  Forest forest;
  std::vector<std::uint32_t> player;
  std::size_t n_players = 0;
  std::vector<double> rows, background, weights;

  Case(unsigned seed, bool linear) : forest(random_forest(1 + seed % 6, 1 + seed % 3, seed % 7, seed)) {
    if (linear) make_linear(forest, seed);
    const std::size_t n = forest.n_features;
    n_players = seed % 4 == 3 ? (n + 1) / 2 : n;
    for (std::size_t f = 0; f < n; ++f) player.push_back(static_cast<std::uint32_t>(f % n_players));
    rows = random_rows(n_rows, n, seed);
    background = random_rows(4, n, seed + 100);
    weights = {1, 0.5, 0, 2};
  }

  [[nodiscard]] TreeValues values(bool interventional, double p, const TreeLimits& limits = {}) const {
    return interventional ? TreeValues(forest, player, n_players, background, weights, 1, limits, p)
                          : TreeValues(forest, player, n_players, 1, limits, p);
  }

  // The worths of all coalitions, for each output.
  [[nodiscard]] std::vector<std::vector<double>> worths(std::size_t row, bool interventional) const {
    const std::size_t n = forest.n_features;
    std::vector<std::vector<double>> found(forest.n_outputs, std::vector<double>(std::size_t{1} << n_players));
    for (std::size_t k = 0; k < forest.n_outputs; ++k)
      for (std::uint32_t coalition = 0; coalition < 1U << n_players; ++coalition)
        for (std::size_t t = 0; t < forest.n_trees(); ++t) {
          const double* x = rows.data() + row * n;
          double& sum = found[k][coalition];
          if (!interventional) {
            sum += worth(forest, t, k, 0, x, nullptr, player, coalition);
            continue;
          }
          for (std::size_t b = 0; b < weights.size(); ++b)
            sum += weights[b] / 3.5 * worth(forest, t, k, 0, x, background.data() + b * n, player, coalition);
        }
    return found;
  }

  static constexpr std::size_t n_rows = 3;
};

std::size_t size_of(std::uint32_t set) { return static_cast<std::size_t>(std::popcount(set)); }

// The index of a set if each other player is in with probability p.
double index_of(const std::vector<double>& worths, std::size_t n_players, std::uint32_t set, double p) {
  double sum = 0;
  for (std::uint32_t coalition = 0; coalition < worths.size(); ++coalition) {
    const std::size_t present = size_of(coalition & ~set), absent = n_players - size_of(set) - present;
    const double weight = std::pow(p, static_cast<double>(present)) * std::pow(1 - p, static_cast<double>(absent));
    sum += (size_of(set & ~coalition) % 2 == 0 ? weight : -weight) * worths[coalition];
  }
  return sum;
}

double shapley_of(const std::vector<double>& worths, std::size_t n_players, std::uint32_t player) {
  double sum = 0;
  for (std::uint32_t coalition = 0; coalition < worths.size(); ++coalition) {
    if ((coalition & player) != 0) continue;
    const auto size = static_cast<double>(size_of(coalition)), n = static_cast<double>(n_players);
    sum += std::tgamma(size + 1) * std::tgamma(n - size) / std::tgamma(n + 1) *
           (worths[coalition | player] - worths[coalition]);
  }
  return sum;
}

// The sets of a size in lexicographic order, as bits.
std::vector<std::uint32_t> sets_of(std::size_t n_players, std::size_t size) {
  std::vector<std::uint32_t> sets;
  for (std::uint32_t set = 0; set < 1U << n_players; ++set)
    if (size_of(set) == size) sets.push_back(set);
  // The set with the lowest player that only one of them has comes first.
  std::sort(sets.begin(), sets.end(), [](std::uint32_t a, std::uint32_t b) {
    const std::uint32_t differ = a ^ b;
    return (a & differ & (~differ + 1)) != 0;
  });
  return sets;
}

const TreeLimits all_limits[] = {{}, {.shared_entries = 0, .most_entries = 0}, {.kept = 50}};

void check_against_definition(bool linear) {
  for (unsigned seed = 0; seed < 24; ++seed) {
    const Case c(seed, linear);
    if (linear && !c.forest.is_linear()) continue;
    const double p = seed % 3 == 0 ? 0.5 : seed % 3 == 1 ? 0.1 : 0.75;
    const std::size_t n_outputs = c.forest.n_outputs;
    for (const bool interventional : {true, false}) {
      if (linear && !interventional) continue;
      for (const TreeLimits& limits : all_limits) {
        const TreeValues found = c.values(interventional, p, limits);
        std::vector<double> values(Case::n_rows * c.n_players * n_outputs), shapley = values;
        found.explain(c.rows, values, 1);
        found.shapley(c.rows, shapley, 1);
        for (std::size_t order = 1; order <= c.n_players; ++order) {
          const std::vector<std::uint32_t> sets = sets_of(c.n_players, order);
          CHECK(found.n_interactions(order) == sets.size());
          std::vector<double> indices(Case::n_rows * sets.size() * n_outputs);
          found.interactions(c.rows, order, indices, 1);
          bool right = true;
          for (std::size_t r = 0; r < Case::n_rows; ++r) {
            const auto worths = c.worths(r, interventional);
            for (std::size_t s = 0; s < sets.size(); ++s)
              for (std::size_t k = 0; k < n_outputs; ++k) {
                const std::size_t at = (r * sets.size() + s) * n_outputs + k;
                right &= close(indices[at], index_of(worths[k], c.n_players, sets[s], p), 1e-12);
                if (order > 1) continue;
                right &= values[at] == indices[at];
                right &= close(shapley[at], shapley_of(worths[k], c.n_players, sets[s]), 1e-12);
              }
          }
          CHECK(right);
        }
      }
    }
  }
}

// The bits depend neither on the number of threads nor on how many rows come together, whichever tile they fall into.
void check_bits() {
  const Forest forest = random_forest(9, 2, 8, 4);
  const std::vector<double> rows = random_rows(600, 9, 1), background = random_rows(30, 9, 2);
  for (const double p : {0.5, 0.2}) {
    const TreeValues found(forest, {}, 9, background, 1, {.most_entries = 300}, p);
    CHECK(found.n_deep_leaves() > 0);
    CHECK(found.p() == p);
    const std::size_t n = found.n_interactions(2) * 2;
    std::vector<double> one(600 * n), three(one), alone(n), values(600 * 18), shapley(values), few(18), others(values);
    found.interactions(rows, 2, one, 1);
    found.interactions(rows, 2, three, 3);
    CHECK(one == three);
    found.explain(rows, values, 1);
    found.explain(rows, others, 3);
    CHECK(values == others);
    found.shapley(rows, shapley, 1);
    found.shapley(rows, others, 3);
    CHECK(shapley == others);
    for (std::size_t r = 0; r < 600; r += 37) {
      const std::span row(rows.data() + r * 9, 9);
      const auto same = [&](const std::vector<double>& some, const std::vector<double>& all) {
        return std::equal(some.begin(), some.end(), all.begin() + static_cast<std::ptrdiff_t>(r * some.size()));
      };
      found.interactions(row, 2, alone, 1);
      CHECK(same(alone, one));
      found.explain(row, few, 1);
      CHECK(same(few, values));
      found.shapley(row, few, 1);
      CHECK(same(few, shapley));
    }
  }
}

// Shapley values sum to the output less the base value, however long the path.
void check_long_path() {
  constexpr std::size_t n = 60;
  Forest forest;
  forest.n_features = n;
  forest.base = {0};
  forest.output_of_tree = {0};
  forest.first_value = {0};
  for (std::size_t v = 0; v < 2 * n + 1; ++v) {
    const bool splits = v % 2 == 0 && v < 2 * n;
    forest.left.push_back(splits ? static_cast<std::int32_t>(v + 1) : -1);
    forest.right.push_back(splits ? static_cast<std::int32_t>(v + 2) : -1);
    forest.feature.push_back(static_cast<std::uint32_t>(v / 2 % n));
    forest.values.push_back(static_cast<double>(v));
    forest.cover.push_back(splits || v == 2 * n ? static_cast<double>(2 * n - v + 1) : 1.0);
  }
  forest.threshold.resize(2 * n + 1);
  forest.missing.resize(2 * n + 1);
  forest.first_node = {0, 2 * n + 1};
  const std::vector<double> row(n, 1.0), background(n, 0.0);
  for (const bool interventional : {true, false}) {
    const TreeValues found = interventional ? TreeValues(forest, {}, n, background) : TreeValues(forest, {}, n);
    std::vector<double> values(n), output(1);
    found.shapley(row, values);
    found.predict(row, output);
    double sum = 0;
    for (const double value : values) sum += value;
    CHECK(close(sum, output[0] - found.base_values()[0], 1e-12));
  }
}

void check_measure() {
  const auto averaged = banzhaf::trees::Measure::averaged(200);
  for (const std::size_t degree : {0, 1, 2, 5, 17, 60, 200}) {
    double sum = 0;
    for (const auto& node : averaged.nodes(degree)) sum += node.weight * std::pow(node.p, static_cast<double>(degree));
    CHECK(close(sum, 1 / static_cast<double>(degree + 1), 1e-14));
  }
  CHECK(close(averaged.moment(2, 3), 1.0 / 60, 1e-15));
  const auto fixed = banzhaf::trees::Measure::fixed(0.25);
  CHECK(fixed.nodes(9).size() == 1 && fixed.nodes(9)[0].p == 0.25);
  CHECK(close(fixed.moment(1, 2), 0.25 * 0.75 * 0.75, 1e-15));
}

void check_arguments() {
  const Case c(5, false);
  const TreeValues found = c.values(true, 0.5);
  std::vector<double> values(c.rows.size());
  for (const double p : {0.0, 1.0, -0.5, std::numeric_limits<double>::quiet_NaN()})
    CHECK(throws<std::invalid_argument>([&] { static_cast<void>(c.values(true, p)); }, "p must be between 0 and 1"));
  CHECK(throws<std::invalid_argument>([&] { found.interactions(c.rows, 0, values); }, "order must be between 1 and"));
  CHECK(throws<std::invalid_argument>([&] { static_cast<void>(found.n_interactions(c.n_players + 1)); },
                                      "order must be between 1 and"));
  CHECK(throws<std::invalid_argument>([&] { found.interactions(c.rows, 2, std::span(values).first(1)); },
                                      "values must have room"));
  CHECK(throws<std::invalid_argument>([&] { found.shapley(c.rows, std::span(values).first(1)); },
                                      "values must have room"));
  CHECK(throws<std::invalid_argument>([] { banzhaf::trees::Sets(200, 20); }, "order must be lower"));
}

// A file keeps p, and gives the same bits.
void check_file() {
  const Case c(10, false);
  for (const bool interventional : {true, false})
    for (const double p : {0.5, 0.3}) {
      const TreeValues made = c.values(interventional, p);
      std::vector<std::string> names(c.n_players, "a"), columns(c.forest.n_features, "b");
      const auto bytes = banzhaf::trees::write_tree_file(
          {.forest = c.forest,
           .tree_values = made,
           .player_of_feature = c.player,
           .interventional = interventional,
           .background = interventional ? std::span<const double>(c.background) : std::span<const double>{},
           .weights = interventional ? std::span<const double>(c.weights) : std::span<const double>{},
           .missing_number = {},
           .column_names = columns,
           .player_names = names,
           .output_names = {},
           .categories = {},
           .checked_rows = c.rows,
           .description = ""},
          1);
      const TreeExplainer loaded = banzhaf::load_tree_explainer(bytes);
      CHECK(loaded.p() == p);
      const std::size_t n = Case::n_rows * c.forest.n_outputs;
      std::vector<double> values(n * c.n_players), found(values), pairs(n * loaded.n_interactions(2)), again(pairs);
      made.explain(c.rows, values);
      loaded.explain(c.rows, found);
      CHECK(values == found);
      made.shapley(c.rows, values);
      loaded.shapley(c.rows, found);
      CHECK(values == found);
      made.interactions(c.rows, 2, pairs);
      loaded.interactions(c.rows, 2, again);
      CHECK(pairs == again);
    }
}

}  // namespace

int main() {
  check_measure();
  check_against_definition(false);
  check_against_definition(true);
  check_bits();
  check_long_path();
  check_arguments();
  check_file();
  return banzhaf::testing::finish();
}
