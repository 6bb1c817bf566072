// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The tests and the tables of a forest in the order in which one row needs them. A row alone would otherwise spend its
// time on calls of kernels that are made for many rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.hpp"
#include "trees/columns.hpp"
#include "trees/groups.hpp"

namespace banzhaf::trees {

/// The workspace of a RowPlan, which can be used again, for any plan.
struct RowSpace {
  /// Makes room for a number of codes.
  void make_room(std::size_t n_codes) {
    if (codes.size() < n_codes) codes.resize(n_codes);
  }

  std::vector<Code> codes;
  std::vector<std::uint8_t> passed;
  std::vector<Code> patterns;
  std::vector<double> values;
};

class RowPlan {
 public:
  /// Returns whether a plan can tell this many columns apart.
  [[nodiscard]] static bool suits(std::size_t n_columns) noexcept { return n_columns <= most_columns; }

  /// n_values is the number of values of a row, and table_size the number of entries in the tables of all groups.
  RowPlan(std::span<const Groups> groups, std::size_t n_values, std::size_t n_columns, std::size_t table_size);

  /// Finds the pattern of a row for each group, from its codes in space. Sets the values in space to 0.
  void start(RowSpace& space) const;
  /// Adds the entries of the trees [first, last) to the values in space. The result has the bits of add_entries.
  void add(std::size_t first, std::size_t last, const double* table, RowSpace& space) const;

  /// Returns the number of codes that a workspace needs.
  [[nodiscard]] std::size_t n_codes() const noexcept;

 private:
  static constexpr std::size_t most_columns = std::size_t{1} << 16;

  // Further tests of a group's pattern: those that join others, and those of bits from the ninth on.
  struct Further {
    std::uint32_t group;
    std::uint8_t shift;
    bool joins;
  };

  void add_tests(const Groups& tree, const Group& group);
  void set_test(std::size_t at, const BitTest& test);
  void add_choices(const Groups& tree, const Group& group, std::size_t first_entry, std::size_t table_size);
  // The places of each choice.
  [[nodiscard]] std::size_t n_places() const noexcept {
    return (n_values_ + TableChoice::n_numbers - 1) / TableChoice::n_numbers * TableChoice::n_numbers;
  }

  std::size_t n_values_ = 0;
  std::size_t n_columns_ = 0;
  std::size_t n_groups_ = 0;
  // The tests of eight bits are neighbours: the first eight bits of each group, then the further tests.
  std::vector<TestBlock> blocks_;
  std::vector<Code> masks_;  // of groups: all bits of the pattern
  std::vector<Further> further_;
  std::vector<std::size_t> first_choice_;  // trees + 1
  std::vector<TableChoice> choices_;
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint8_t> places_;
  std::size_t n_whole_ = 0;  // choices before which all eight numbers lie within the tables
};

}  // namespace banzhaf::trees
