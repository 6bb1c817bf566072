// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Turns an explainer into the sections of a file, and back. Whoever reads a file trusts nothing in it.
#include "banzhaf/tree_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "trees/prepared.hpp"
#include "trees/saved.hpp"

namespace banzhaf {

using namespace trees;

namespace {

std::string name_of(std::uint32_t identity) {
  const bool known = identity >= 1 && identity <= part_kinds.size();
  return known ? std::string("the part '") + part_kinds[identity - 1].name + "'"
               : std::string("part ") + std::to_string(identity);
}

struct Sizes {
  std::uint64_t n_features, n_players, n_outputs, n_background;
};

struct Options {
  std::uint64_t flags;
  double zero_threshold;
  double missing_number;
};

constexpr std::uint64_t strict_flag = 1, float32_flag = 2, truncate_categories_flag = 4, interventional_flag = 8,
                        weights_flag = 16, missing_number_flag = 32, infinite_refused_flag = 64,
                        missing_refused_flag = 128, all_flags = 255;

// The least number that float32 rounds to infinity.
constexpr double too_large = 0x1.ffffffp127;

// Checked outputs and values may differ in their last bits, because a later version may add in another order.
constexpr double most_difference = 1e-9;

// The memory that a file may take, at least and for each of its bytes.
constexpr std::size_t least_bytes = std::size_t{1} << 30, bytes_per_byte = 64;

void require(bool condition, const std::string& message) {
  if (!condition) throw std::invalid_argument(message);
}

// ------------------------------------------------------------------------------------------------------------ writing

std::vector<std::byte> text_bytes(const std::vector<std::string>& texts) {
  std::vector<std::uint64_t> numbers{texts.size(), 0};
  std::string joined;
  for (const std::string& text : texts) {
    joined += text;
    numbers.push_back(joined.size());
  }
  const std::size_t n_numbers = numbers.size() * sizeof(std::uint64_t);
  std::vector<std::byte> bytes(n_numbers + joined.size());
  std::memcpy(bytes.data(), numbers.data(), n_numbers);
  if (!joined.empty()) std::memcpy(bytes.data() + n_numbers, joined.data(), joined.size());
  return bytes;
}

template <typename T>
std::vector<std::uint64_t> as_words(const std::vector<T>& numbers) {
  return {numbers.begin(), numbers.end()};
}

// ------------------------------------------------------------------------------------------------------------ reading

// The parts of a file by their numbers.
class Parts {
 public:
  explicit Parts(std::span<const std::byte> file) {
    for (const formats::Section& section : formats::read_sections(file, name_of)) {
      if (section.identity >= 1 && section.identity <= part_kinds.size())
        bytes_[section.identity - 1] = section.bytes;
      else
        require(!section.required, "it has " + name_of(section.identity) + ", which only a later version can read");
    }
  }

  [[nodiscard]] std::span<const std::byte> bytes(Part part) const noexcept {
    return bytes_[static_cast<std::size_t>(part) - 1];
  }

  // The numbers of a part, in place.
  template <typename T>
  [[nodiscard]] std::span<const T> numbers(Part part) const {
    const std::span<const std::byte> held = bytes(part);
    require(held.size() % sizeof(T) == 0,
            "it is damaged: " + name_of(static_cast<std::uint32_t>(part)) + " does not hold whole numbers");
    return {reinterpret_cast<const T*>(held.data()), held.size() / sizeof(T)};
  }

  template <typename T>
  [[nodiscard]] std::span<const T> numbers(Part part, std::size_t count) const {
    const std::span<const T> found = numbers<T>(part);
    require(found.size() == count, "it is damaged: " + name_of(static_cast<std::uint32_t>(part)) + " has " +
                                       std::to_string(found.size()) + " numbers instead of " + std::to_string(count));
    return found;
  }

  template <typename T>
  [[nodiscard]] T structure(Part part) const {
    const std::span<const std::byte> held = bytes(part);
    require(held.size() == sizeof(T),
            "it is damaged: " + name_of(static_cast<std::uint32_t>(part)) + " has another size");
    T value;
    std::memcpy(&value, held.data(), sizeof(T));
    return value;
  }

  [[nodiscard]] std::vector<std::string> texts(Part part) const {
    const std::string what = "it is damaged: " + name_of(static_cast<std::uint32_t>(part));
    const std::span<const std::byte> held = bytes(part);
    require(held.size() >= 2 * sizeof(std::uint64_t), what + " is too short");
    const auto word = [&](std::size_t i) {
      std::uint64_t value = 0;
      std::memcpy(&value, held.data() + i * sizeof value, sizeof value);
      return value;
    };
    const std::uint64_t count = word(0);
    require(count <= held.size() / sizeof(std::uint64_t) - 2, what + " is too short");
    const std::size_t first = static_cast<std::size_t>(count + 2) * sizeof(std::uint64_t);
    require(word(1) == 0 && word(static_cast<std::size_t>(count) + 1) == held.size() - first, what + " is too short");
    std::vector<std::string> texts;
    texts.reserve(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t begin = word(i + 1), end = word(i + 2);
      if (begin > end || end > held.size() - first)
        throw std::invalid_argument(what + " has texts of impossible sizes");
      texts.emplace_back(reinterpret_cast<const char*>(held.data()) + first + begin,
                         static_cast<std::size_t>(end - begin));
    }
    return texts;
  }

 private:
  std::array<std::span<const std::byte>, part_kinds.size()> bytes_{};
};

template <typename T>
std::vector<T> copied(std::span<const T> numbers) {
  return {numbers.begin(), numbers.end()};
}

std::vector<std::size_t> as_sizes(std::span<const std::uint64_t> numbers) {
  std::vector<std::size_t> sizes;
  sizes.reserve(numbers.size());
  for (const std::uint64_t number : numbers) {
    if (number > std::numeric_limits<std::size_t>::max() / 2)
      throw std::invalid_argument("it is damaged: a place is too large");
    sizes.push_back(static_cast<std::size_t>(number));
  }
  return sizes;
}

// Bytes become values of an enumeration only if they are known.
template <typename Enum>
std::vector<Enum> as_enums(std::span<const std::uint8_t> bytes, Enum most, const char* name) {
  std::vector<Enum> found;
  found.reserve(bytes.size());
  for (const std::uint8_t byte : bytes) {
    if (byte > static_cast<std::uint8_t>(most))
      throw std::invalid_argument(std::string("it is damaged: ") + name + " holds an unknown value");
    found.push_back(static_cast<Enum>(byte));
  }
  return found;
}

Forest read_forest(const Parts& parts, const Sizes& sizes, const Options& options) {
  Forest forest{
      .n_features = static_cast<std::size_t>(sizes.n_features),
      .n_outputs = static_cast<std::size_t>(sizes.n_outputs),
      .strict = (options.flags & strict_flag) != 0,
      .float32 = (options.flags & float32_flag) != 0,
      .zero_threshold = options.zero_threshold,
      .truncate_categories = (options.flags & truncate_categories_flag) != 0,
      .first_node = as_sizes(parts.numbers<std::uint64_t>(Part::first_node)),
      .left = copied(parts.numbers<std::int32_t>(Part::left)),
      .right = copied(parts.numbers<std::int32_t>(Part::right)),
      .feature = copied(parts.numbers<std::uint32_t>(Part::feature)),
      .threshold = copied(parts.numbers<double>(Part::threshold)),
      .missing = as_enums(parts.numbers<std::uint8_t>(Part::missing), Missing::zero_to_left, "missing"),
      .first_category = as_sizes(parts.numbers<std::uint64_t>(Part::first_category)),
      .category_sides = as_enums(parts.numbers<std::uint8_t>(Part::category_sides), Side::other, "category_sides"),
      .other_left = copied(parts.numbers<std::uint8_t>(Part::other_left)),
      .cover = copied(parts.numbers<double>(Part::cover)),
      .output_of_tree = copied(parts.numbers<std::int32_t>(Part::output_of_tree)),
      .first_value = as_sizes(parts.numbers<std::uint64_t>(Part::first_value)),
      .values = copied(parts.numbers<double>(Part::values)),
      .base = copied(parts.numbers<double>(Part::base)),
      .first_term = as_sizes(parts.numbers<std::uint64_t>(Part::first_term)),
      .term_feature = copied(parts.numbers<std::uint32_t>(Part::term_feature)),
      .coefficient = copied(parts.numbers<double>(Part::coefficient)),
      .intercept = copied(parts.numbers<double>(Part::intercept))};
  return forest;
}

// Stored numbers must equal computed ones, but for the last bits.
void compare(std::span<const double> stored, std::span<const double> found, double magnitude, const char* what) {
  for (const double value : stored)
    if (std::isfinite(value)) magnitude = std::max(magnitude, std::abs(value));
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const bool same = stored[i] == found[i] || (std::isnan(stored[i]) && std::isnan(found[i])) ||
                      std::abs(stored[i] - found[i]) <= most_difference * magnitude;
    if (!same)
      throw std::invalid_argument(std::string("its trees now give other ") + what + " than when it was saved: " +
                                  std::to_string(found[i]) + " instead of " + std::to_string(stored[i]));
  }
}

}  // namespace

namespace trees {

std::vector<std::byte> write_tree_file(const Saved& saved, int num_threads) {
  const Forest& forest = saved.forest;
  const TreeValues& tree_values = saved.tree_values;
  if (saved.checked_rows.empty() || saved.checked_rows.size() % tree_values.n_features() != 0)
    throw std::invalid_argument("checked_rows must hold at least one row of n_features cells");
  const Sizes sizes{forest.n_features, tree_values.n_players(), forest.n_outputs,
                    saved.background.size() / forest.n_features};
  Options options{0, forest.zero_threshold, saved.missing_number.value_or(0.0)};
  if (forest.strict) options.flags |= strict_flag;
  if (forest.float32) options.flags |= float32_flag;
  if (forest.truncate_categories) options.flags |= truncate_categories_flag;
  if (saved.interventional) options.flags |= interventional_flag;
  if (!saved.weights.empty()) options.flags |= weights_flag;
  if (saved.missing_number) options.flags |= missing_number_flag;
  if (saved.refused != Refused::nothing) options.flags |= infinite_refused_flag;
  if (saved.refused == Refused::missing) options.flags |= missing_refused_flag;
  const std::size_t n_checked = saved.checked_rows.size() / forest.n_features;
  std::vector<double> outputs(n_checked * forest.n_outputs);
  std::vector<double> values(n_checked * tree_values.n_players() * forest.n_outputs);
  tree_values.predict(saved.checked_rows, outputs, num_threads);
  tree_values.explain(saved.checked_rows, values, num_threads);
  const std::vector<std::uint64_t> first_node = as_words(forest.first_node), first_value = as_words(forest.first_value),
                                   first_category = as_words(forest.first_category),
                                   first_term = as_words(forest.first_term);
  const std::vector<std::byte> column_names = text_bytes(saved.column_names),
                               player_names = text_bytes(saved.player_names),
                               output_names = text_bytes(saved.output_names);
  std::vector<std::uint64_t> first_text{0};
  std::vector<std::string> texts;
  for (const std::vector<std::string>& categories : saved.categories) {
    texts.insert(texts.end(), categories.begin(), categories.end());
    first_text.push_back(texts.size());
  }
  const std::vector<std::byte> categories = text_bytes(texts);

  std::vector<formats::Section> sections;
  const auto add = [&](Part part, const auto& numbers, bool required = true) {
    sections.push_back({static_cast<std::uint32_t>(part), required, std::as_bytes(std::span(numbers))});
  };
  add(Part::sizes, std::span(&sizes, 1));
  add(Part::options, std::span(&options, 1));
  add(Part::first_node, first_node);
  add(Part::left, forest.left);
  add(Part::right, forest.right);
  add(Part::feature, forest.feature);
  add(Part::threshold, forest.threshold);
  add(Part::missing, forest.missing);
  add(Part::first_category, first_category);
  add(Part::category_sides, forest.category_sides);
  add(Part::other_left, forest.other_left);
  add(Part::cover, forest.cover);
  add(Part::output_of_tree, forest.output_of_tree);
  add(Part::first_value, first_value);
  add(Part::values, forest.values);
  add(Part::base, forest.base);
  add(Part::first_term, first_term);
  add(Part::term_feature, forest.term_feature);
  add(Part::coefficient, forest.coefficient);
  add(Part::intercept, forest.intercept);
  add(Part::player_of_feature, saved.player_of_feature);
  add(Part::background, saved.background);
  add(Part::weights, saved.weights);
  add(Part::base_values, tree_values.base_values());
  add(Part::column_names, column_names);
  add(Part::player_names, player_names);
  add(Part::output_names, output_names);
  if (!texts.empty()) {
    add(Part::categories, categories);
    add(Part::first_text, first_text);
  }
  // Without this part p is 1/2, so that earlier versions can read such a file.
  const double p = tree_values.p();
  if (p != 0.5) add(Part::probability, std::span(&p, 1));
  add(Part::checked_rows, saved.checked_rows);
  add(Part::checked_outputs, outputs);
  add(Part::checked_values, values);
  add(Part::description, saved.description);
  // Whoever does not know these can compute them.
  const Prepared prepared = PreparedValues::of(tree_values);
  add(Part::layout, std::span(&prepared.layout, 1), false);
  add(Part::tables, prepared.tables, false);
  std::vector<std::byte> file = formats::write_sections(sections);
  static_cast<void>(load_tree_explainer(file, num_threads));  // so that no file is written that would be refused
  return file;
}

}  // namespace trees

class TreeExplainer::Implementation {
 public:
  Implementation(FileBytes file, int num_threads)
      : file_(std::move(file)),
        parts_(file_.bytes()),
        sizes_(parts_.structure<Sizes>(Part::sizes)),
        options_(parts_.structure<Options>(Part::options)),
        column_names_(parts_.texts(Part::column_names)),
        player_names_(parts_.texts(Part::player_names)),
        output_names_(parts_.texts(Part::output_names)),
        categories_(parts_.bytes(Part::categories).empty() ? std::vector<std::string>{}
                                                           : parts_.texts(Part::categories)),
        first_text_(parts_.numbers<std::uint64_t>(Part::first_text)),
        tree_values_(prepare(num_threads)) {
    check(num_threads);
  }

  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }
  [[nodiscard]] const TreeValues& tree_values() const noexcept { return tree_values_; }
  [[nodiscard]] std::size_t n_background() const noexcept { return static_cast<std::size_t>(sizes_.n_background); }
  [[nodiscard]] const std::vector<std::string>& column_names() const noexcept { return column_names_; }
  [[nodiscard]] const std::vector<std::string>& player_names() const noexcept { return player_names_; }
  [[nodiscard]] const std::vector<std::string>& output_names() const noexcept { return output_names_; }
  [[nodiscard]] std::span<const std::string> categories(std::size_t column) const {
    if (column >= column_names_.size()) throw std::invalid_argument("column must be below n_features");
    if (first_text_.empty()) return {};
    const auto first = static_cast<std::size_t>(first_text_[column]);
    return std::span(categories_).subspan(first, static_cast<std::size_t>(first_text_[column + 1]) - first);
  }
  [[nodiscard]] bool is_mapped() const noexcept { return file_.is_mapped(); }
  [[nodiscard]] std::optional<double> missing_number() const noexcept {
    if ((options_.flags & missing_number_flag) == 0) return std::nullopt;
    return options_.missing_number;
  }

  [[nodiscard]] Refused refused() const noexcept {
    if ((options_.flags & missing_refused_flag) != 0) return Refused::missing;
    return (options_.flags & infinite_refused_flag) != 0 ? Refused::infinite : Refused::nothing;
  }

  // Calls a function with rows that the model predicts, in which a number that counts as missing is NaN.
  template <typename Function>
  void with_cells(std::span<const double> rows, Function&& function) const {
    check_refused(rows);
    if ((options_.flags & missing_number_flag) == 0) {
      function(rows);
      return;
    }
    std::array<double, 256> few;
    std::vector<double> many;
    if (rows.size() > few.size()) many.resize(rows.size());
    double* const cells = many.empty() ? few.data() : many.data();
    const auto number = static_cast<float>(options_.missing_number);
    std::transform(rows.begin(), rows.end(), cells, [&](double cell) {
      return static_cast<float>(cell) == number ? std::numeric_limits<double>::quiet_NaN() : cell;
    });
    function({cells, rows.size()});
  }

 private:
  // Refuses cells that the model's own library refuses.
  void check_refused(std::span<const double> rows) const {
    const Refused which = refused();
    if (which == Refused::nothing) return;
    const bool takes_missing = which != Refused::missing;
    for (std::size_t at = 0; at < rows.size(); ++at) {
      const double cell = rows[at];
      if (std::abs(cell) < too_large || (takes_missing && std::isnan(cell))) continue;
      const std::size_t column = at % tree_values_.n_features();
      throw std::invalid_argument("rows must hold cells that the model's own library predicts, but feature " +
                                  std::to_string(column) + " ('" + column_names_[column] + "') of row " +
                                  std::to_string(at / tree_values_.n_features()) +
                                  (std::isnan(cell) ? " is missing" : " is infinite, or too large for float32"));
    }
  }

  TreeValues prepare(int num_threads) const {
    require((options_.flags & ~all_flags) == 0, "it has options that only a later version can read");
    require((options_.flags & missing_refused_flag) == 0 || (options_.flags & infinite_refused_flag) != 0,
            "it is damaged: its options do not match each other");
    // XGBoost's missing= may be infinite.
    require(std::isfinite(options_.zero_threshold) && !std::isnan(options_.missing_number),
            "it is damaged: its options are not finite");
    // Names bound the numbers of features and players by the size of the file.
    require(sizes_.n_features == column_names_.size(), "it is damaged: not every column has a name");
    require(sizes_.n_players == player_names_.size(), "it is damaged: not every player has a name");
    require(output_names_.empty() || sizes_.n_outputs == output_names_.size(),
            "it is damaged: not every output has a name");
    if (!categories_.empty() || !first_text_.empty())
      require(first_text_.size() == sizes_.n_features + 1 && first_text_.front() == 0 &&
                  first_text_.back() == categories_.size() && std::is_sorted(first_text_.begin(), first_text_.end()),
              "it is damaged: the part 'first_text' does not match the categories");
    const Forest forest = read_forest(parts_, sizes_, options_);
    require(forest.base.size() == sizes_.n_outputs, "it is damaged: the part 'base' has another size");
    const std::vector<std::uint32_t> player_of_feature =
        copied(parts_.numbers<std::uint32_t>(Part::player_of_feature, forest.n_features));
    const auto n_players = static_cast<std::size_t>(sizes_.n_players);
    const std::span<const double> background = parts_.numbers<double>(Part::background);
    const std::span<const double> weights = parts_.numbers<double>(Part::weights);
    const bool interventional = (options_.flags & interventional_flag) != 0;
    require(interventional == (sizes_.n_background > 0), "it is damaged: it has no background, or too much of one");
    require(forest.n_features > 0 && background.size() % forest.n_features == 0 &&
                background.size() / forest.n_features == sizes_.n_background,
            "it is damaged: the part 'background' has another size");
    require(weights.size() == ((options_.flags & weights_flag) != 0 ? sizes_.n_background : 0),
            "it is damaged: the part 'weights' has another size");
    Prepared prepared;
    prepared.most_bytes = std::max(least_bytes, bytes_per_byte * file_.bytes().size());
    if (!parts_.bytes(Part::layout).empty()) prepared.layout = parts_.structure<std::uint64_t>(Part::layout);
    prepared.tables = parts_.numbers<double>(Part::tables);
    prepared.base_values = parts_.numbers<double>(Part::base_values, forest.n_outputs);
    if (!parts_.bytes(Part::probability).empty()) prepared.p = parts_.structure<double>(Part::probability);
    return PreparedValues::make(forest, player_of_feature, n_players, interventional, background, weights, num_threads,
                                prepared);
  }

  // Compares what the trees give now with what they gave when the file was written.
  void check(int num_threads) const {
    const std::size_t n_outputs = tree_values_.n_outputs();
    const std::span<const double> rows = parts_.numbers<double>(Part::checked_rows);
    require(!rows.empty() && rows.size() % tree_values_.n_features() == 0,
            "it is damaged: the part 'checked_rows' has another size");
    const std::size_t n_rows = rows.size() / tree_values_.n_features();
    const std::span<const double> values = parts_.numbers<double>(Part::checked_values);
    require(values.size() / n_rows / n_outputs == tree_values_.n_players() &&
                values.size() == n_rows * n_outputs * tree_values_.n_players(),
            "it is damaged: the part 'checked_values' has another size");
    const std::span<const double> outputs = parts_.numbers<double>(Part::checked_outputs, n_rows * n_outputs);
    double magnitude = 0;
    for (const double output : outputs) magnitude = std::max(magnitude, std::isfinite(output) ? std::abs(output) : 0);
    std::vector<double> found(outputs.size());
    tree_values_.predict(rows, found, num_threads);
    compare(outputs, found, magnitude, "outputs");
    compare(parts_.numbers<double>(Part::base_values, n_outputs), tree_values_.base_values(), magnitude, "base values");
    if (!PreparedValues::is_fast(tree_values_)) return;
    found.resize(values.size());
    tree_values_.explain(rows, found, num_threads);
    compare(values, found, magnitude, "values");
  }

  FileBytes file_;
  Parts parts_;
  Sizes sizes_;
  Options options_;
  std::vector<std::string> column_names_, player_names_, output_names_;
  std::vector<std::string> categories_;
  std::span<const std::uint64_t> first_text_;  // those of column c are [first_text_[c], first_text_[c + 1])
  TreeValues tree_values_;
};

namespace trees {

TreeExplainer TreeFile::open(FileBytes file, int num_threads) {
  return TreeExplainer(std::make_unique<TreeExplainer::Implementation>(std::move(file), num_threads));
}

std::span<const std::byte> TreeFile::part(const TreeExplainer& explainer, Part part) noexcept {
  return explainer.implementation_->parts().bytes(part);
}

std::optional<double> TreeFile::missing_number(const TreeExplainer& explainer) noexcept {
  return explainer.implementation_->missing_number();
}

Refused TreeFile::refused(const TreeExplainer& explainer) noexcept { return explainer.implementation_->refused(); }

}  // namespace trees

TreeExplainer::TreeExplainer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
TreeExplainer::~TreeExplainer() = default;
TreeExplainer::TreeExplainer(TreeExplainer&&) noexcept = default;
TreeExplainer& TreeExplainer::operator=(TreeExplainer&&) noexcept = default;

const TreeValues& TreeExplainer::tree_values() const noexcept { return implementation_->tree_values(); }
std::size_t TreeExplainer::n_features() const noexcept { return tree_values().n_features(); }
std::size_t TreeExplainer::n_players() const noexcept { return tree_values().n_players(); }
std::size_t TreeExplainer::n_outputs() const noexcept { return tree_values().n_outputs(); }
std::size_t TreeExplainer::n_background() const noexcept { return implementation_->n_background(); }
const std::vector<std::string>& TreeExplainer::column_names() const noexcept { return implementation_->column_names(); }
const std::vector<std::string>& TreeExplainer::player_names() const noexcept { return implementation_->player_names(); }
const std::vector<std::string>& TreeExplainer::output_names() const noexcept { return implementation_->output_names(); }
const std::vector<double>& TreeExplainer::base_values() const noexcept { return tree_values().base_values(); }
std::span<const std::string> TreeExplainer::categories(std::size_t column) const {
  return implementation_->categories(column);
}
bool TreeExplainer::is_mapped() const noexcept { return implementation_->is_mapped(); }

void TreeExplainer::explain(std::span<const double> rows, std::span<double> values, int num_threads) const {
  implementation_->with_cells(
      rows, [&](std::span<const double> cells) { tree_values().explain(cells, values, num_threads); });
}

double TreeExplainer::p() const noexcept { return tree_values().p(); }
std::size_t TreeExplainer::n_interactions(std::size_t order) const { return tree_values().n_interactions(order); }

void TreeExplainer::interactions(std::span<const double> rows, std::size_t order, std::span<double> values,
                                 int num_threads) const {
  implementation_->with_cells(
      rows, [&](std::span<const double> cells) { tree_values().interactions(cells, order, values, num_threads); });
}

void TreeExplainer::shapley(std::span<const double> rows, std::span<double> values, int num_threads) const {
  implementation_->with_cells(
      rows, [&](std::span<const double> cells) { tree_values().shapley(cells, values, num_threads); });
}

void TreeExplainer::predict(std::span<const double> rows, std::span<double> outputs, int num_threads) const {
  implementation_->with_cells(
      rows, [&](std::span<const double> cells) { tree_values().predict(cells, outputs, num_threads); });
}

TreeExplainer load_tree_explainer(const std::filesystem::path& path, FileUse use, int num_threads) {
  FileBytes file = FileBytes::of_file(path, use == FileUse::map);
  try {
    return TreeFile::open(std::move(file), num_threads);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(quoted(path) + " cannot be used: " + error.what());
  }
}

TreeExplainer load_tree_explainer(std::span<const std::byte> bytes, int num_threads) {
  return TreeFile::open(FileBytes::copy_of(bytes), num_threads);
}

}  // namespace banzhaf
