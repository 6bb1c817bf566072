// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Replaces cells by their ranks among the thresholds of a forest. Each split then becomes one comparison of integers,
// however its library rounds, compares and treats missing cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/trees.hpp"

namespace banzhaf::trees {

using Code = std::uint16_t;

/// A split as a test of codes: a row goes left if its code in this column is at most `most`.
struct Test {
  std::uint32_t column = 0;
  Code most = 0;
};

/// The columns of codes that the splits of a forest need.
class Columns {
 public:
  explicit Columns(const Forest& forest);

  [[nodiscard]] std::size_t n_columns() const noexcept { return n_columns_; }
  /// The test of each node. It is meaningless for leaves.
  [[nodiscard]] const std::vector<Test>& tests() const noexcept { return tests_; }

  /// Sets codes[c * stride + r] to the code of row r in column c, for n_rows rows of cells.
  void encode(const double* cells, std::size_t n_rows, std::size_t stride, Code* codes) const;

 private:
  // The thresholds [first, first + count) of a feature. A code has room for this many and for missing cells.
  struct Numerical {
    Missing missing;
    std::size_t first;
    std::size_t count;
    std::uint32_t column;
  };
  struct Categorical {
    std::size_t first_side;
    std::size_t n_sides;
    bool other_left;
    bool missing_left;
    std::uint32_t column;
  };
  struct Feature {
    std::uint32_t feature;
    std::vector<double> thresholds;
    std::vector<Numerical> numerical;
    std::vector<Categorical> categorical;
  };

  [[nodiscard]] std::size_t rank(const Feature& feature, double cell) const;
  [[nodiscard]] bool goes_left(const Categorical& split, double cell) const;

  std::size_t n_features_;
  bool strict_;
  bool float32_;
  bool truncate_categories_;
  double zero_threshold_;
  std::size_t n_columns_ = 0;
  std::vector<Test> tests_;
  std::vector<Feature> features_;
  std::vector<Side> sides_;
};

}  // namespace banzhaf::trees
