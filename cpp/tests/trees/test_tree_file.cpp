// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Files of tree explainers: what is loaded gives the same bits, and what is damaged is refused.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "banzhaf/tree_file.hpp"
#include "check.hpp"
#include "formats/sections.hpp"
#include "trees/prepared.hpp"
#include "trees/saved.hpp"

namespace {

using namespace banzhaf;
using banzhaf::testing::throws;
using trees::Part;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A forest of full trees of some depth; two of its features are categories if it may have them.
Forest full_forest(std::size_t n_outputs, std::size_t depth, bool categories, bool linear) {
  std::mt19937_64 engine(depth);
  Forest forest;
  forest.n_features = 6;
  forest.n_outputs = n_outputs;
  forest.first_node = {0};
  if (categories) forest.first_category = {0};
  if (linear) forest.first_term = {0};
  forest.base.assign(n_outputs, 0.25);
  const std::size_t n_nodes = (std::size_t{2} << depth) - 1, first_leaf = n_nodes / 2;
  for (std::size_t t = 0; t < 3; ++t) {
    const bool has_all = t == 0 && !linear;
    forest.output_of_tree.push_back(has_all ? -1 : static_cast<std::int32_t>(t % n_outputs));
    forest.first_value.push_back(forest.values.size());
    for (std::size_t v = 0; v < n_nodes; ++v) {
      const bool leaf = v >= first_leaf;
      forest.left.push_back(leaf ? -1 : static_cast<std::int32_t>(2 * v + 1));
      forest.right.push_back(leaf ? -1 : static_cast<std::int32_t>(2 * v + 2));
      forest.feature.push_back(leaf ? 0 : static_cast<std::uint32_t>(engine() % 6));
      forest.threshold.push_back(static_cast<double>(engine() % 5) - 2);
      const bool categorical = categories && !leaf && forest.feature.back() < 2;
      forest.missing.push_back(categorical ? Missing::left : static_cast<Missing>(engine() % 5));
      forest.cover.push_back(static_cast<double>(std::size_t{1} << depth) / static_cast<double>(v + 1));
      for (std::size_t k = 0; k < (has_all ? n_outputs : 1); ++k)
        forest.values.push_back(static_cast<double>(engine() % 1000) / 300 - 1.5);
      if (categories) {
        forest.other_left.push_back(static_cast<std::uint8_t>(engine() % 2));
        for (std::size_t c = 0; categorical && c < 3; ++c)
          forest.category_sides.push_back(static_cast<Side>(engine() % 3));
        forest.first_category.push_back(forest.category_sides.size());
      }
      if (linear) {
        if (leaf) {
          forest.term_feature.push_back(static_cast<std::uint32_t>(engine() % 6));
          forest.coefficient.push_back(static_cast<double>(engine() % 100) / 30);
        }
        forest.first_term.push_back(forest.term_feature.size());
        forest.intercept.push_back(0.5);
      }
    }
    forest.first_node.push_back(forest.left.size());
  }
  return forest;
}

std::vector<double> random_rows(std::size_t n_rows, unsigned seed) {
  std::mt19937_64 engine(seed);
  const double choices[] = {-3, -2, -1, -0.5, 0, 0.3, 1, 2, 5, nan};
  std::vector<double> cells(n_rows * 6);
  for (double& cell : cells) cell = choices[engine() % 10];
  return cells;
}

struct Case {
  Forest forest;
  std::vector<std::uint32_t> players;
  std::vector<double> background, weights;
  std::optional<double> missing_number;
  trees::Refused refused = trees::Refused::nothing;

  [[nodiscard]] std::size_t n_players() const { return players[5] + 1; }
  [[nodiscard]] TreeValues make() const {
    if (background.empty()) return {forest, players, n_players()};
    if (weights.empty()) return {forest, players, n_players(), background};
    return {forest, players, n_players(), background, weights};
  }
  [[nodiscard]] std::vector<std::byte> file() const {
    const TreeValues made = make();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < n_players(); ++i) names.push_back("player " + std::to_string(i));
    const std::vector<double> checked = random_rows(2, 7);
    return trees::write_tree_file({.forest = forest,
                                   .tree_values = made,
                                   .player_of_feature = players,
                                   .interventional = !background.empty(),
                                   .background = background,
                                   .weights = weights,
                                   .missing_number = missing_number,
                                   .refused = refused,
                                   .column_names = {"a", "", "c", "d", "e", "f"},
                                   .player_names = names,
                                   .output_names = {},
                                   .categories = {{"red", "green"}, {}, {"x"}, {}, {}, {}},
                                   .checked_rows = checked,
                                   .description = "{}"},
                                  1);
  }
};

std::vector<Case> cases() {
  const std::vector<std::uint32_t> each{0, 1, 2, 3, 4, 5}, grouped{0, 1, 1, 0, 2, 3};
  std::vector<double> weights(10, 1.0);
  weights[3] = 0;
  weights[4] = 2.5;
  return {{full_forest(1, 3, false, false), each, random_rows(10, 1), {}, {}},
          {full_forest(3, 3, true, false), grouped, random_rows(10, 2), weights, {}},
          {full_forest(1, 2, false, true), grouped, random_rows(10, 3), {}, {}},
          {full_forest(2, 4, true, false), each, {}, {}, -1.0},
          {full_forest(1, 0, false, false), each, random_rows(1, 4), {}, {}}};
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

template <typename Explainer>
std::vector<double> explained(const Explainer& explainer, const std::vector<double>& rows, int num_threads = 1) {
  std::vector<double> values(rows.size() / 6 * explainer.n_players() * explainer.n_outputs());
  explainer.explain(rows, values, num_threads);
  return values;
}

void test_round_trips() {
  const std::vector<double> rows = random_rows(70, 9);
  for (const Case& given : cases()) {
    const TreeValues made = given.make();
    const std::vector<std::byte> file = given.file();
    const TreeExplainer loaded = load_tree_explainer(file);
    CHECK(loaded.n_features() == 6 && loaded.n_players() == given.n_players());
    CHECK(loaded.n_outputs() == given.forest.n_outputs && loaded.n_background() == given.background.size() / 6);
    CHECK(loaded.column_names()[2] == "c" && loaded.column_names()[1].empty());
    CHECK(loaded.player_names().back() == "player " + std::to_string(given.n_players() - 1));
    CHECK(loaded.output_names().empty());
    CHECK(loaded.categories(0).size() == 2 && loaded.categories(0)[1] == "green");
    CHECK(loaded.categories(1).empty() && loaded.categories(2)[0] == "x" && loaded.categories(5).empty());
    CHECK(throws<std::invalid_argument>([&] { static_cast<void>(loaded.categories(6)); }, "n_features"));
    CHECK(same_bits(loaded.base_values(), made.base_values()));
    CHECK(same_bits(explained(loaded.tree_values(), rows), explained(made, rows)));
    std::vector<double> seen = rows;
    for (double& cell : seen)
      if (given.missing_number && cell == *given.missing_number) cell = nan;
    CHECK(same_bits(explained(loaded, rows), explained(made, seen)));
    std::vector<double> outputs(70 * made.n_outputs()), expected(outputs.size());
    loaded.predict(rows, outputs);
    made.predict(seen, expected);
    CHECK(same_bits(outputs, expected));
    CHECK(given.file() == file);
  }
}

// Cells that the model's library refuses have no values and no outputs.
void test_refused_cells() {
  using trees::Refused;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const Refused refused : {Refused::nothing, Refused::infinite, Refused::missing}) {
    Case given = cases()[0];
    given.refused = refused;
    const TreeExplainer loaded = load_tree_explainer(given.file());
    CHECK(trees::TreeFile::refused(loaded) == refused);
    for (const double cell : {nan, infinity, -infinity, 3.5e38, 0x1.ffffffp127, 0x1.fffffefp127, -0x1.fffffep127}) {
      std::vector<double> rows(12, 0.5), values(12), outputs(2), pairs(2 * 15);
      rows[8] = cell;
      const bool is_refused = std::isnan(cell)                       ? refused == Refused::missing
                              : std::isinf(static_cast<float>(cell)) ? refused != Refused::nothing
                                                                     : false;
      const std::string message = is_refused ? "feature 2 ('c') of row 1 is " : "";
      const auto check = [&](auto&& call) { CHECK(throws<std::invalid_argument>(call, message) == is_refused); };
      check([&] { loaded.explain(rows, values); });
      check([&] { loaded.interactions(rows, 2, pairs); });
      check([&] { loaded.shapley(rows, values); });
      check([&] { loaded.predict(rows, outputs); });
    }
  }
}

// A file in the folder of temporary files, which is removed in the end.
struct TemporaryFile {
  explicit TemporaryFile(const std::vector<std::byte>& bytes)
      : path(std::filesystem::temp_directory_path() / ("banzhaf-test-" + std::to_string(std::random_device()()))) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  std::filesystem::path path;
};

void test_files() {
  const Case given = cases()[1];
  const std::vector<double> rows = random_rows(5, 3);
  const std::vector<double> expected = explained(given.make(), rows);
  const TemporaryFile file(given.file());
  for (const FileUse use : {FileUse::map, FileUse::copy}) {
    TreeExplainer loaded = load_tree_explainer(file.path, use);
    CHECK(use == FileUse::map || !loaded.is_mapped());
    const TreeExplainer moved = std::move(loaded);
    std::vector<std::vector<double>> found(4);
    std::vector<std::thread> threads;
    for (std::vector<double>& values : found) threads.emplace_back([&] { values = explained(moved, rows); });
    for (std::thread& thread : threads) thread.join();
    for (const std::vector<double>& values : found) CHECK(same_bits(values, expected));
  }
  std::vector<std::byte> damaged = given.file();
  damaged[damaged.size() / 2] ^= std::byte{1};
  const TemporaryFile other(damaged);
  CHECK(throws<std::invalid_argument>([&] { static_cast<void>(load_tree_explainer(other.path)); },
                                      other.path.string() + "' cannot be used: it is damaged"));
  CHECK(throws<std::system_error>([] { static_cast<void>(load_tree_explainer("no such file")); }, "no such file"));
  CHECK(throws<std::invalid_argument>(
      [] { static_cast<void>(load_tree_explainer(std::filesystem::temp_directory_path())); }, "regular file"));
}

// The sections of a file, of which some are replaced.
std::vector<std::byte> with_sections(const std::vector<std::byte>& file, std::vector<formats::Section> others) {
  const FileBytes held = FileBytes::copy_of(file);
  for (const formats::Section& section : formats::read_sections(held.bytes())) {
    const auto same = [&](const formats::Section& other) { return other.identity == section.identity; };
    if (std::none_of(others.begin(), others.end(), same)) others.push_back(section);
  }
  return formats::write_sections(others);
}

// Files of other versions: they have sections that are unknown here, or lack tables, or have tables of other groups.
void test_other_versions() {
  const std::vector<double> rows = random_rows(70, 9);
  const std::vector<std::byte> some(7);
  for (const Case& given : cases()) {
    const std::vector<std::byte> file = given.file();
    const std::vector<double> expected = explained(load_tree_explainer(file), rows);
    const std::uint64_t other_layout = 12345;
    const auto layout = std::as_bytes(std::span(&other_layout, 1));
    const auto identity = [](Part part) { return static_cast<std::uint32_t>(part); };
    const std::vector<formats::Section> changes[] = {
        {{900, false, some}},
        {{identity(Part::layout), false, layout}},
        {{identity(Part::tables), false, {}}},
        {{identity(Part::layout), false, {}}, {identity(Part::tables), false, {}}},
    };
    for (const std::vector<formats::Section>& change : changes)
      CHECK(same_bits(explained(load_tree_explainer(with_sections(file, change)), rows), expected));
    CHECK(throws<std::invalid_argument>(
        [&] { static_cast<void>(load_tree_explainer(with_sections(file, {{900, true, some}}))); },
        "part 900, which only a later version can read"));
  }
}

// A small file may not ask for much memory: many splits on categories, times many rows.
void test_memory() {
  Case given = cases()[0];
  given.forest.first_category.assign(1, 0);
  for (std::size_t v = 0; v < given.forest.left.size(); ++v) {
    if (given.forest.left[v] >= 0) {
      given.forest.category_sides.push_back(Side::left);
      given.forest.missing[v] = Missing::left;
    }
    given.forest.first_category.push_back(given.forest.category_sides.size());
  }
  given.forest.other_left.assign(given.forest.left.size(), 0);
  const auto make = [&](std::size_t most_bytes) {
    trees::Prepared prepared;
    prepared.most_bytes = most_bytes;
    static_cast<void>(trees::PreparedValues::make(given.forest, given.players, given.n_players(), true,
                                                  given.background, {}, 1, prepared));
  };
  make(std::size_t{1} << 20);  // enough; less than codes of two bytes, for 21 splits and 10 rows, is not
  CHECK(throws<std::invalid_argument>([&] { make(21 * 10 * 2 - 1); }, "bytes of memory"));
}

// Every changed byte is refused.
void test_damage() {
  const std::vector<std::byte> sound = cases()[4].file();
  std::size_t n_read = 0;
  for (std::size_t at = 0; at < sound.size(); ++at) {
    std::vector<std::byte> damaged = sound;
    damaged[at] ^= std::byte{static_cast<unsigned char>(1U << (at % 8))};
    try {
      static_cast<void>(load_tree_explainer(damaged));
      ++n_read;
    } catch (const std::invalid_argument&) {
    }
  }
  CHECK(n_read == 0);
}

// Writes a number into a part of a file, with checksums that are right again.
template <typename T>
bool refuses(const Case& given, Part part, std::size_t index, T number, const std::string& message) {
  std::vector<std::byte> file = given.file();
  const FileBytes held = FileBytes::copy_of(file);
  for (const formats::Section& section : formats::read_sections(held.bytes())) {
    if (section.identity != static_cast<std::uint32_t>(part)) continue;
    const auto place = static_cast<std::size_t>(section.bytes.data() - held.bytes().data());
    if (section.bytes.size() < (index + 1) * sizeof(T)) return false;
    std::memcpy(file.data() + place + index * sizeof(T), &number, sizeof(T));
  }
  formats::renew_checksums(file);
  return throws<std::invalid_argument>([&] { static_cast<void>(load_tree_explainer(file)); }, message);
}

void test_hostile_numbers() {
  const Case plain = cases()[0], weighted = cases()[1], linear = cases()[2], dependent = cases()[3];
  constexpr std::uint64_t huge = std::uint64_t{1} << 62;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(refuses(plain, Part::sizes, i, huge, ""));
    CHECK(refuses(plain, Part::sizes, i, ~std::uint64_t{0}, ""));
    CHECK(refuses(plain, Part::sizes, i, std::uint64_t{0}, ""));
  }
  CHECK(refuses(plain, Part::options, 0, std::uint64_t{256}, "options that only a later version can read"));
  CHECK(refuses(plain, Part::options, 0, std::uint64_t{0}, "background"));
  CHECK(refuses(plain, Part::options, 0, std::uint64_t{8 + 128}, "do not match each other"));
  CHECK(refuses(plain, Part::options, 1, nan, "not finite"));
  CHECK(refuses(plain, Part::first_node, 1, huge, "first_node"));
  CHECK(refuses(plain, Part::left, 0, std::int32_t{0}, "do not form a tree"));
  CHECK(refuses(plain, Part::left, 0, std::int32_t{2}, ""));  // a subtree that two nodes share
  CHECK(refuses(plain, Part::right, 0, std::int32_t{1} << 30, "do not form a tree"));
  CHECK(refuses(plain, Part::feature, 0, std::uint32_t{6}, "out of range"));
  CHECK(refuses(plain, Part::threshold, 0, nan, "not a number"));
  CHECK(refuses(plain, Part::missing, 0, std::uint8_t{5}, "unknown value"));
  CHECK(refuses(plain, Part::output_of_tree, 1, std::int32_t{1}, "out of range"));
  CHECK(refuses(plain, Part::first_value, 0, huge, "values are missing"));
  CHECK(refuses(plain, Part::first_value, 0, ~std::uint64_t{0}, "too large"));
  CHECK(refuses(plain, Part::values, 14, nan, "not finite"));
  CHECK(refuses(plain, Part::base, 0, 5.0, "other outputs"));
  CHECK(refuses(plain, Part::base, 0, nan, "finite"));
  CHECK(refuses(plain, Part::player_of_feature, 0, std::uint32_t{6}, "below n_players"));
  CHECK(refuses(plain, Part::checked_outputs, 0, 1e3, "other outputs"));
  CHECK(refuses(plain, Part::checked_values, 0, 1e3, "other values"));
  CHECK(refuses(plain, Part::column_names, 0, huge, "too short"));
  CHECK(refuses(plain, Part::column_names, 2, huge, "impossible sizes"));
  CHECK(refuses(plain, Part::first_text, 1, huge, "first_text"));
  CHECK(refuses(plain, Part::first_text, 6, std::uint64_t{4}, "first_text"));
  CHECK(refuses(weighted, Part::category_sides, 0, std::uint8_t{3}, "unknown value"));
  CHECK(refuses(weighted, Part::first_category, 1, huge, "first_category"));
  CHECK(refuses(weighted, Part::weights, 0, -1.0, "not negative"));
  CHECK(refuses(linear, Part::term_feature, 0, std::uint32_t{6}, "out of range"));
  CHECK(refuses(linear, Part::first_term, 1, huge, "first_term"));
  CHECK(refuses(linear, Part::coefficient, 0, std::numeric_limits<double>::infinity(), "not finite"));
  CHECK(refuses(dependent, Part::cover, 0, 0.0, "positive cover"));
}

}  // namespace

int main() {
  test_round_trips();
  test_refused_cells();
  test_files();
  test_other_versions();
  test_memory();
  test_damage();
  test_hostile_numbers();
  return banzhaf::testing::finish();
}
