// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What a file of a tree explainer holds, and how to write one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "banzhaf/tree_file.hpp"
#include "banzhaf/trees.hpp"
#include "formats/sections.hpp"
#include "support/mapped_file.hpp"

namespace banzhaf::trees {

/// The sections of a file. A number keeps its meaning for ever.
enum class Part : std::uint32_t {
  sizes = 1,
  options,
  first_node,
  left,
  right,
  feature,
  threshold,
  missing,
  first_category,
  category_sides,
  other_left,
  cover,
  output_of_tree,
  first_value,
  values,
  base,
  first_term,
  term_feature,
  coefficient,
  intercept,
  player_of_feature,
  background,
  weights,
  base_values,
  column_names,
  player_names,
  output_names,
  checked_rows,
  checked_outputs,
  checked_values,
  description,
  layout,
  tables,
  categories,
  first_text,
  probability,
};

/// The name of a part, for messages and Python, and the type of its numbers: NumPy's letter, or 0 for other content.
struct PartKind {
  const char* name;
  char type;
};

/// The kinds of the parts, in the order of their numbers.
inline constexpr std::array<PartKind, 36> part_kinds{{
    {"sizes", 0},
    {"options", 0},
    {"first_node", 'q'},
    {"left", 'i'},
    {"right", 'i'},
    {"feature", 'I'},
    {"threshold", 'd'},
    {"missing", 'B'},
    {"first_category", 'q'},
    {"category_sides", 'B'},
    {"other_left", 'B'},
    {"cover", 'd'},
    {"output_of_tree", 'i'},
    {"first_value", 'q'},
    {"values", 'd'},
    {"base", 'd'},
    {"first_term", 'q'},
    {"term_feature", 'I'},
    {"coefficient", 'd'},
    {"intercept", 'd'},
    {"player_of_feature", 'I'},
    {"background", 'd'},
    {"weights", 'd'},
    {"base_values", 'd'},
    {"column_names", 0},
    {"player_names", 0},
    {"output_names", 0},
    {"checked_rows", 'd'},
    {"checked_outputs", 'd'},
    {"checked_values", 'd'},
    {"description", 0},
    {"layout", 0},
    {"tables", 'd'},
    {"categories", 0},
    {"first_text", 'q'},
    {"probability", 'd'},
}};

/// The cells that a model's own library refuses to predict, although trees would send them somewhere.
enum class Refused : std::uint8_t {
  nothing,
  infinite,  ///< Those that are infinite as float32.
  missing,   ///< These and NaN.
};

/// An explainer that is to be saved.
struct Saved {
  const Forest& forest;
  const TreeValues& tree_values;
  std::span<const std::uint32_t> player_of_feature;  ///< one for each feature
  bool interventional;
  std::span<const double> background;
  std::span<const double> weights;       ///< empty if all are equal
  std::optional<double> missing_number;  ///< what the model counts as missing beside NaN, compared in float32
  Refused refused = Refused::nothing;
  std::vector<std::string> column_names;  ///< UTF-8
  std::vector<std::string> player_names;
  std::vector<std::string> output_names;             ///< may be empty
  std::vector<std::vector<std::string>> categories;  ///< of each column, in the order of their codes; may be empty
  std::span<const double> checked_rows;  ///< at least one row, whose outputs and values are compared at each opening
  std::string_view description;          ///< what Python needs beside the numbers
};

/// Returns the bytes of a file. The same explainer gives the same bytes.
[[nodiscard]] std::vector<std::byte> write_tree_file(const Saved& saved, int num_threads);

/// Opens files. It is a class so that it may look into an explainer.
class TreeFile {
 public:
  /// Checks the bytes of a file and prepares its explainer, which holds them. Throws std::invalid_argument without the
  /// name of the file.
  [[nodiscard]] static TreeExplainer open(FileBytes file, int num_threads);

  /// Returns the bytes of a part of an explainer's file, which live as long as it; nothing if the file lacks the part.
  [[nodiscard]] static std::span<const std::byte> part(const TreeExplainer& explainer, Part part) noexcept;
  /// Returns the number that the model counts as missing beside NaN.
  [[nodiscard]] static std::optional<double> missing_number(const TreeExplainer& explainer) noexcept;
  /// Returns which cells of rows are refused.
  [[nodiscard]] static Refused refused(const TreeExplainer& explainer) noexcept;
};

}  // namespace banzhaf::trees
