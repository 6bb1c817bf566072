// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares random forests with the definition over all coalitions, on every path through the code.
#include <algorithm>
#include <limits>

#include "banzhaf/trees.hpp"
#include "check.hpp"
#include "small_stack.hpp"
#include "trees/random_forests.hpp"
#include "trees/tree_worths.hpp"

namespace {

using banzhaf::Forest;
using banzhaf::Missing;
using banzhaf::Side;
using banzhaf::TreeLimits;
using banzhaf::TreeValues;
using banzhaf::testing::close;
using banzhaf::testing::goes_left;
using banzhaf::testing::make_linear;
using banzhaf::testing::nan;
using banzhaf::testing::on_a_small_stack;
using banzhaf::testing::random_forest;
using banzhaf::testing::random_rows;
using banzhaf::testing::throws;
using banzhaf::testing::worth;

std::vector<double> by_definition(const Forest& forest, const std::vector<std::uint32_t>& player, std::size_t n_players,
                                  const double* x, const std::vector<double>& background, std::vector<double>& base) {
  const std::size_t n_outputs = forest.n_outputs,
                    n_background = std::max<std::size_t>(1, background.size() / forest.n_features);
  std::vector<double> values(n_players * n_outputs);
  base.assign(n_outputs, 0);
  for (std::uint32_t coalition = 0; coalition < (1U << n_players); ++coalition) {
    for (std::size_t k = 0; k < n_outputs; ++k) {
      double mean = 0;
      for (std::size_t r = 0; r < n_background; ++r)
        for (std::size_t t = 0; t < forest.n_trees(); ++t)
          mean += worth(forest, t, k, 0, x, background.empty() ? nullptr : background.data() + r * forest.n_features,
                        player, coalition) /
                  static_cast<double>(n_background);
      if (coalition == 0) base[k] = mean + forest.base[k];
      for (std::size_t p = 0; p < n_players; ++p)
        values[p * n_outputs + k] +=
            (((coalition >> p) & 1U) != 0 ? mean : -mean) / static_cast<double>(1U << (n_players - 1));
    }
  }
  return values;
}

bool alike(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return close(x, y, 1e-12); });
}

const TreeLimits all_limits[] = {{},
                                 {.shared_entries = 0, .most_entries = 0},
                                 {.shared_entries = 1, .most_entries = std::size_t{1} << 20},
                                 {.kept = 50},
                                 {.shared_entries = 20, .most_entries = 60}};

void check_against_definition() {
  for (unsigned seed = 0; seed < 40; ++seed) {
    const std::size_t n_features = 1 + seed % 7, n_outputs = 1 + seed % 3, depth = seed % 8;
    const Forest forest = random_forest(n_features, n_outputs, depth, seed);
    std::vector<std::uint32_t> player(n_features);
    const std::size_t n_players = seed % 4 == 3 ? (n_features + 1) / 2 : n_features;
    for (std::size_t f = 0; f < n_features; ++f) player[f] = static_cast<std::uint32_t>(f % n_players);
    const std::vector<double> background = random_rows(5, n_features, seed + 100),
                              rows = random_rows(3, n_features, seed);
    for (const TreeLimits& limits : all_limits) {
      for (const bool interventional : {true, false}) {
        const TreeValues found = interventional ? TreeValues(forest, player, n_players, background, 1, limits)
                                                : TreeValues(forest, player, n_players, 1, limits);
        std::vector<double> values(3 * n_players * n_outputs), base;
        found.explain(rows, values, 1);
        bool right = true;
        for (std::size_t r = 0; r < 3; ++r) {
          const double* row = rows.data() + r * n_features;
          const auto truth =
              by_definition(forest, player, n_players, row, interventional ? background : std::vector<double>{}, base);
          const auto first = values.begin() + static_cast<std::ptrdiff_t>(r * truth.size());
          right &= alike({first, first + static_cast<std::ptrdiff_t>(truth.size())}, truth);
        }
        CHECK(right);
        CHECK(alike(found.base_values(), base));
      }
    }
  }
}

void check_linear_leaves() {
  for (unsigned seed = 0; seed < 60; ++seed) {
    const std::size_t n_features = 1 + seed % 7, n_outputs = 1 + seed % 3, depth = seed % 7;
    Forest forest = random_forest(n_features, n_outputs, depth, seed);
    make_linear(forest, seed);
    if (!forest.is_linear()) continue;
    std::vector<std::uint32_t> player(n_features);
    const std::size_t n_players = seed % 4 == 3 ? (n_features + 1) / 2 : n_features;
    for (std::size_t f = 0; f < n_features; ++f) player[f] = static_cast<std::uint32_t>(f % n_players);
    const std::vector<double> background = random_rows(5, n_features, seed + 100),
                              rows = random_rows(4, n_features, seed);
    const TreeValues found(forest, player, n_players, background);
    std::vector<double> values(4 * n_players * n_outputs), outputs(4 * n_outputs), base;
    found.explain(rows, values);
    found.predict(rows, outputs);
    for (std::size_t r = 0; r < 4; ++r) {
      const double* row = rows.data() + r * n_features;
      const auto truth = by_definition(forest, player, n_players, row, background, base);
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(r * truth.size());
      CHECK(alike({first, first + static_cast<std::ptrdiff_t>(truth.size())}, truth));
      for (std::size_t k = 0; k < n_outputs; ++k) {
        double output = forest.base[k];
        for (std::size_t t = 0; t < forest.n_trees(); ++t) output += worth(forest, t, k, 0, row, row, player, 0);
        CHECK(close(outputs[r * n_outputs + k], output, 1e-12));
      }
    }
    CHECK(alike(found.base_values(), base));
  }
  Forest forest = random_forest(3, 1, 3, 7);
  make_linear(forest, 7);
  const std::vector<double> good = random_rows(2, 3, 1), bad(3, std::numeric_limits<double>::infinity());
  std::vector<double> values(3);
  CHECK(throws<std::invalid_argument>([&] { TreeValues(forest, {}, 3); }, "linear in features"));
  CHECK(throws<std::invalid_argument>([&] { TreeValues(forest, {}, 3, bad); }, "background must not be infinite"));
  const TreeValues found(forest, {}, 3, good);
  CHECK(throws<std::invalid_argument>([&] { found.explain(bad, values); }, "rows must not be infinite in feature"));
}

// A chain: split v tests feature v % n_features, with a leaf on one side and the rest of the chain on the other.
Forest chain(std::size_t n_features, std::int32_t n_splits, bool categorical = false) {
  std::mt19937_64 engine(1);
  Forest forest;
  forest.n_features = n_features;
  forest.base = {0.5};
  forest.output_of_tree = {0};
  forest.first_value = {0};
  for (std::int32_t v = 0; v <= 2 * n_splits; ++v) {
    const bool splits = v % 2 == 0 && v < 2 * n_splits, leaf_left = engine() % 2 == 0;
    forest.left.push_back(splits ? v + (leaf_left ? 1 : 2) : -1);
    forest.right.push_back(splits ? v + (leaf_left ? 2 : 1) : -1);
    forest.feature.push_back(static_cast<std::uint32_t>(static_cast<std::size_t>(v / 2) % n_features));
    // Most rows continue along the chain.
    const double depth = static_cast<double>(v) / (2.0 * n_splits);
    forest.threshold.push_back(leaf_left ? depth - 1 : 1 - depth);
    forest.missing.push_back(leaf_left ? Missing::right : Missing::left);
    forest.values.push_back(static_cast<double>(engine() % 1000) / 1000);
    forest.cover.push_back(splits || v == 2 * n_splits ? 2.0 * n_splits - v + 1 : 1);
    if (categorical) {
      if (forest.first_category.empty()) forest.first_category.push_back(0);
      if (splits)
        for (int c = 0; c < 4; ++c)
          forest.category_sides.push_back((engine() % 300 == 0) == leaf_left ? Side::left : Side::right);
      forest.first_category.push_back(forest.category_sides.size());
      forest.other_left.push_back(0);
    }
  }
  forest.first_node = {0, forest.left.size()};
  return forest;
}

// The worth of a chain, without recursion.
double chain_worth(const Forest& forest, const double* x, const double* b, std::uint32_t coalition) {
  double worth = forest.base[0], share = 1;
  for (std::int32_t v = 0;;) {
    const auto at = static_cast<std::size_t>(v);
    if (forest.left[at] < 0) return worth + share * forest.values[at];
    const std::int32_t leaf = v + 1, on = v + 2;
    const std::uint32_t f = forest.feature[at];
    const bool present = ((coalition >> f) & 1U) != 0;
    if (present || b != nullptr) {
      v = goes_left(forest, at, present ? x[f] : b[f]) ? forest.left[at] : forest.right[at];
      continue;
    }
    const double of_leaf = forest.cover[static_cast<std::size_t>(leaf)] / forest.cover[at];
    worth += share * of_leaf * forest.values[static_cast<std::size_t>(leaf)];
    share *= forest.cover[static_cast<std::size_t>(on)] / forest.cover[at];
    v = on;
  }
}

void check_chain(const Forest& forest, const std::vector<double>& x, const std::vector<double>& b, std::uint32_t differ,
                 const TreeLimits& limits) {
  const std::size_t n = forest.n_features;
  std::vector<double> values(n);
  for (const bool interventional : {true, false}) {
    if (!interventional && differ != (1U << n) - 1) continue;
    const TreeValues found =
        interventional ? TreeValues(forest, {}, n, b, 1, limits) : TreeValues(forest, {}, n, 1, limits);
    found.explain(x, values, 1);
    const auto truth = [&](std::uint32_t coalition) {
      return chain_worth(forest, x.data(), interventional ? b.data() : nullptr, coalition);
    };
    std::vector<double> expected(n);
    std::uint32_t n_differ = 0;
    for (std::uint32_t i = 0; i < n; ++i) n_differ += (differ >> i) & 1U;
    for (std::uint32_t coalition = differ;; coalition = (coalition - 1) & differ) {
      const double worth = truth(coalition) / static_cast<double>(1U << (n_differ - 1));
      for (std::size_t i = 0; i < n; ++i)
        if (((differ >> i) & 1U) != 0) expected[i] += ((coalition >> i) & 1U) != 0 ? worth : -worth;
      if (coalition == 0) break;
    }
    bool right = true;
    for (std::size_t i = 0; i < n; ++i) right &= close(values[i], expected[i], 1e-9);
    CHECK(right);
    CHECK(close(found.base_values()[0], truth(0), 1e-9));
  }
}

// Deeper than a stack of 128 KiB (musl's) would hold.
void check_deep_chains() {
  const std::vector<double> x{0.01, -0.02, 0.4}, b{0.2, 0.003, -0.0001};
  for (const TreeLimits& limits : {all_limits[0], all_limits[1]}) {
    check_chain(chain(3, 100'000), x, b, 7, limits);
    check_chain(chain(3, 1'500), x, b, 7, limits);
    check_chain(chain(3, 3'000, true), {1, 0, 3}, {2, 1, 0}, 7, limits);
    check_chain(chain(14, 200), banzhaf::testing::normals(14, 3), banzhaf::testing::normals(14, 4), (1U << 14) - 1,
                limits);
    // Three of many features make a difference.
    std::vector<double> like = banzhaf::testing::normals(20, 5);
    for (double& cell : like) cell /= 1000;
    std::vector<double> other = like;
    for (const std::size_t f : {2, 7, 19}) other[f] += 0.01;
    check_chain(chain(20, 100'000), like, other, (1U << 2) | (1U << 7) | (1U << 19), limits);
  }
}

// Whole weights count like as many copies of a row, on every path through the code. Only the ratios of weights matter.
void check_weights() {
  for (unsigned seed = 0; seed < 12; ++seed) {
    const std::size_t n_features = 1 + seed % 6, n_outputs = 1 + seed % 2;
    const Forest forest = random_forest(n_features, n_outputs, seed % 8, seed);
    const std::vector<double> background = random_rows(5, n_features, seed + 100),
                              rows = random_rows(3, n_features, seed);
    const std::vector<double> weights{2, 0, 1, 5, 3};
    std::vector<double> repeated;
    for (std::size_t b = 0; b < 5; ++b)
      for (double copy = 0; copy < weights[b]; ++copy)
        repeated.insert(repeated.end(), background.begin() + static_cast<std::ptrdiff_t>(b * n_features),
                        background.begin() + static_cast<std::ptrdiff_t>((b + 1) * n_features));
    for (const TreeLimits& limits : all_limits) {
      const TreeValues plain(forest, {}, n_features, repeated, 1, limits);
      std::vector<double> expected(3 * n_features * n_outputs), values(expected.size());
      plain.explain(rows, expected, 1);
      for (const double unit : {1.0, 1e-300, 3e307}) {
        std::vector<double> scaled = weights;
        for (double& weight : scaled) weight *= unit;
        const TreeValues weighted(forest, {}, n_features, background, scaled, 1, limits);
        weighted.explain(rows, values, 1);
        CHECK(alike(values, expected));
        CHECK(alike(weighted.base_values(), plain.base_values()));
      }
      // Equal weights are the same as no weights.
      const TreeValues equal(forest, {}, n_features, background, std::vector<double>(5, 0.25), 1, limits),
          none(forest, {}, n_features, background, 1, limits);
      equal.explain(rows, values, 1);
      none.explain(rows, expected, 1);
      CHECK(values == expected);
      CHECK(equal.base_values() == none.base_values());
    }
  }
  const Forest forest = random_forest(3, 1, 3, 7);
  const std::vector<double> background = random_rows(2, 3, 1);
  const auto refuses = [&](const std::vector<double>& weights, const std::string& part) {
    return throws<std::invalid_argument>([&] { TreeValues(forest, {}, 3, background, weights); }, part);
  };
  CHECK(refuses({1}, "weights must hold one number for each of the 2 background rows, got 1"));
  CHECK(refuses({}, "weights must hold one number"));
  CHECK(refuses({1, -1}, "not negative"));
  CHECK(refuses({1, nan}, "finite"));
  CHECK(refuses({0, 0}, "must not all be 0"));
}

void check_threads() {
  const Forest forest = random_forest(6, 2, 7, 1);
  const std::vector<double> background = random_rows(700, 6, 2), rows = random_rows(3000, 6, 3);
  for (const TreeLimits& limits : all_limits) {
    std::vector<double> one(3000 * 12), many(3000 * 12);
    TreeValues(forest, {}, 6, background, 1, limits).explain(rows, one, 1);
    const TreeValues threaded(forest, {}, 6, background, 4, limits);
    threaded.explain(rows, many, 4);
    CHECK(one == many);
    std::vector<double> alone(12);
    threaded.explain(std::span(rows).subspan(6 * 1234, 6), alone, 4);
    CHECK(std::equal(alone.begin(), alone.end(), one.begin() + 12 * 1234));
  }
}

// One feature with more thresholds than a code can count: a chain that tests each number in turn.
void check_many_thresholds() {
  Forest forest;
  forest.n_features = 2;
  forest.first_node = {0};
  forest.base = {0};
  const std::int32_t n_trees = 70'000;
  for (std::int32_t t = 0; t < n_trees; ++t) {
    for (int v = 0; v < 3; ++v) {
      forest.left.push_back(v == 0 ? 1 : -1);
      forest.right.push_back(v == 0 ? 2 : -1);
      forest.feature.push_back(0);
      forest.threshold.push_back(t);
      forest.missing.push_back(t % 2 == 0 ? Missing::left : Missing::right);
      forest.values.push_back(v == 2 ? 1 : 0);
    }
    forest.first_node.push_back(forest.left.size());
    forest.output_of_tree.push_back(0);
    forest.first_value.push_back(static_cast<std::size_t>(3 * t));
  }
  // The output is the number of thresholds 0, ..., 69,999 below a cell.
  const std::vector<double> background{3.5, 0, 65'534, 0},
      rows{nan, 0, 69'000.5, 0, 65'535, 0, 65'536, 0, -1, 0, 1e9, 0};
  const TreeValues found(forest, {}, 2, background);
  std::vector<double> values(12), outputs(6);
  found.explain(rows, values);
  found.predict(rows, outputs);
  const double expected[] = {35'000, 69'001, 65'535, 65'536, 0, 70'000};
  for (std::size_t r = 0; r < 6; ++r) {
    CHECK(outputs[r] == expected[r]);
    CHECK(close(values[2 * r], expected[r] - (4 + 65'534) / 2.0, 1e-12));
    CHECK(values[2 * r + 1] == 0);
  }
}

void check_float32() {
  Forest forest = random_forest(1, 1, 0, 2);
  forest.output_of_tree.assign(1, 0);
  forest.first_node = {0, 3};
  forest.first_value = {0};
  forest.left = {1, -1, -1};
  forest.right = {2, -1, -1};
  forest.feature.assign(3, 0);
  forest.threshold.assign(3, static_cast<double>(0.1F));
  forest.missing.assign(3, Missing::right);
  forest.other_left.assign(3, 0);
  forest.first_category.assign(4, 0);
  forest.category_sides.clear();
  forest.values = {0, 1, 2};
  forest.cover.clear();
  forest.base = {0};
  forest.strict = true;
  std::vector<double> output(1);
  for (const bool float32 : {false, true}) {
    forest.float32 = float32;
    // 0.1 is less than 0.1F, and equal to it once it is rounded.
    TreeValues(forest, {}, 1, std::vector<double>{0.0}).predict(std::vector<double>{0.1}, output);
    CHECK(output[0] == (float32 ? 2 : 1));
  }
  CHECK(throws<std::invalid_argument>([&] { TreeValues(forest, {}, 1); }, "no covers"));
}

void check_errors() {
  const Forest good = random_forest(3, 1, 3, 7);
  const auto refuses = [&](const std::function<void(Forest&)>& spoil, const std::string& part) {
    Forest forest = good;
    spoil(forest);
    return throws<std::invalid_argument>([&] { TreeValues(forest, {}, 3); }, part);
  };
  const std::size_t split = static_cast<std::size_t>(
      std::find_if(good.left.begin(), good.left.end(), [](std::int32_t child) { return child >= 0; }) -
      good.left.begin());
  CHECK(split < good.left.size());
  CHECK(!refuses([](Forest&) {}, ""));
  CHECK(refuses([&](Forest& f) { f.left[split] = 0; }, "do not form a tree"));
  CHECK(refuses([&](Forest& f) { f.left[split] = 1'000'000; }, "do not form a tree"));
  CHECK(refuses([&](Forest& f) { f.right[split] = -1; }, "do not form a tree"));
  CHECK(refuses([&](Forest& f) { f.feature[split] = 3; }, "feature is out of range"));
  CHECK(refuses([&](Forest& f) { f.cover[split] = 0; }, "a split must have a positive cover"));
  CHECK(refuses([&](Forest& f) { std::fill(f.threshold.begin(), f.threshold.end(), nan); }, "threshold"));
  CHECK(refuses([&](Forest& f) { std::fill(f.values.begin(), f.values.end(), nan); }, "not finite"));
  CHECK(refuses([](Forest& f) { f.base.clear(); }, "base"));
  CHECK(refuses([](Forest& f) { f.values.pop_back(); }, "values are missing"));
  CHECK(refuses([](Forest& f) { f.first_node.pop_back(); }, "first_node must hold 5 entries"));
  const std::string nodes = " must hold one entry for each of the " + std::to_string(good.left.size()) + " nodes, got";
  CHECK(refuses([](Forest& f) { f.right.pop_back(); }, "right" + nodes));
  CHECK(refuses([](Forest& f) { f.feature.pop_back(); }, "feature" + nodes));
  CHECK(refuses([](Forest& f) { f.threshold.push_back(0); }, "threshold" + nodes));
  CHECK(refuses([](Forest& f) { f.missing.clear(); }, "missing" + nodes));
  CHECK(refuses([](Forest& f) { f.cover.pop_back(); }, "cover" + nodes));
  CHECK(refuses([](Forest& f) { f.other_left.pop_back(); }, "other_left" + nodes));
  CHECK(refuses([](Forest& f) { f.other_left.clear(); }, "other_left" + nodes));
  CHECK(refuses([](Forest& f) { f.first_category.clear(); }, "first_category must hold"));
  CHECK(
      refuses([](Forest& f) { f.first_value.pop_back(); }, "first_value must hold one entry for each of the 4 trees"));
  Forest linear = good;
  make_linear(linear, 7);
  const auto refuses_linear = [&](const std::function<void(Forest&)>& spoil, const std::string& part) {
    Forest forest = linear;
    spoil(forest);
    return throws<std::invalid_argument>([&] { TreeValues(forest, {}, 3, std::vector<double>{0, 0, 0}); }, part);
  };
  CHECK(linear.is_linear() && !refuses_linear([](Forest&) {}, ""));
  CHECK(refuses_linear([](Forest& f) { f.first_term.clear(); }, "first_term must hold"));
  CHECK(refuses_linear([](Forest& f) { f.coefficient.pop_back(); }, "coefficient must hold one entry for each"));
  CHECK(refuses_linear([](Forest& f) { f.intercept.pop_back(); }, "intercept" + nodes));
  CHECK(refuses_linear([](Forest& f) { f.intercept.assign(f.intercept.size(), nan); }, "intercept is not finite"));
  CHECK(refuses_linear([](Forest& f) { f.coefficient[0] = nan; }, "coefficient is not finite"));
  CHECK(refuses_linear([](Forest& f) { f.term_feature[0] = 3; }, "term_feature"));
  CHECK(refuses([](Forest& f) { f.first_category.back() += 1; }, "first_category"));
  CHECK(refuses([](Forest& f) { f.output_of_tree.back() = 5; }, "output is out of range"));
  CHECK(throws<std::invalid_argument>([&] { TreeValues(good, {0, 1, 9}, 2); },
                                      "player_of_feature must hold numbers below n_players"));
  CHECK(throws<std::invalid_argument>([&] { TreeValues(good, {}, 3, -3); }, "num_threads must be positive"));
  const TreeValues found(good, {}, 3);
  std::vector<double> row(3), values(3), output(1);
  CHECK(throws<std::invalid_argument>([&] { found.explain(row, values, -1); }, "num_threads must be positive"));
  CHECK(throws<std::invalid_argument>([&] { found.predict(row, output, -1); }, "num_threads must be positive"));
  CHECK(throws<std::invalid_argument>([&] { TreeValues(good, {}, 3, std::span<const double>{}); }, "at least one row"));
}

}  // namespace

int main() {
  check_against_definition();
  check_linear_leaves();
  check_weights();
  on_a_small_stack(check_deep_chains);
  check_threads();
  check_many_thresholds();
  check_float32();
  check_errors();
  return banzhaf::testing::finish();
}
