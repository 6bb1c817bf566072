// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The coalitions that an estimate rests on: all of a design, those whose worths are finite, or the caller's own.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/worths.hpp"
#include "regression/regression.hpp"

namespace banzhaf {

/// What counts as one observation: a pair of complements, the two coalitions of a walk, or a coalition on its own.
struct Unit {
  std::size_t first;
  std::size_t second;  ///< the same as first if the unit is one coalition
};

[[nodiscard]] bool all_finite(std::span<const double> numbers);

class Sample {
 public:
  /// All coalitions of a design.
  explicit Sample(const Design& design);
  /// Those of them whose worths are finite: a pair stays if both are. Throws std::domain_error if none is left.
  Sample(const Design& design, Worths worths);
  /// A caller's own: a table if they are all 2^n, pairs if every one has its complement among them, else each on its own.
  explicit Sample(Coalitions own);

  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  /// All that were given, also those left out.
  [[nodiscard]] std::size_t n_coalitions() const noexcept { return n_coalitions_; }
  [[nodiscard]] std::size_t n_used() const noexcept { return n_units_ * (in_twos_ ? 2 : 1); }
  [[nodiscard]] std::size_t n_units() const noexcept { return n_units_; }
  [[nodiscard]] bool in_twos() const noexcept { return in_twos_; }
  [[nodiscard]] bool in_pairs() const noexcept { return in_twos_ && !is(DesignKind::walks); }
  /// Null for a caller's own coalitions.
  [[nodiscard]] const Design* design() const noexcept { return design_ ? &*design_ : nullptr; }
  [[nodiscard]] bool is(DesignKind kind) const noexcept { return design_ && design_->kind() == kind; }
  /// Whether the units are the rows in their own order, none left out.
  [[nodiscard]] bool in_order() const noexcept { return units_.empty(); }
  /// Whether all 2^n coalitions are there, each once.
  [[nodiscard]] bool is_complete() const noexcept { return is_table() || !table_rows_.empty(); }
  /// Whether moreover row r is the coalition of r's binary digits.
  [[nodiscard]] bool is_table() const noexcept { return is(DesignKind::exhaustive) && in_order(); }
  /// Of a complete sample that is no table: the row of the coalition of each number's binary digits.
  [[nodiscard]] const std::vector<std::size_t>& table_rows() const noexcept { return table_rows_; }

  [[nodiscard]] Unit unit(std::size_t p) const {
    if (!in_order()) return units_[p];
    return in_twos_ ? Unit{2 * p, 2 * p + 1} : Unit{p, p};
  }
  /// The first coalitions of units [first, first + count): the rows of X.
  [[nodiscard]] CoalitionsView rows(std::size_t first, std::size_t count, Coalitions& scratch) const;
  /// The same as a source that refers to this sample.
  [[nodiscard]] RowSource row_source() const;
  /// What is fitted, units x outputs: a pair's difference, a walk's gain, or a worth as it is.
  [[nodiscard]] std::vector<double> targets(Worths worths) const;

 private:
  void match_complements();

  std::size_t n_players_;
  std::size_t n_coalitions_;
  std::optional<Design> design_;
  Coalitions own_;
  bool in_twos_ = false;
  std::vector<std::size_t> table_rows_;
  std::vector<Unit> units_;  // empty if the rows' own order needs no list
  std::size_t n_units_ = 0;
};

/// How many coalitions of a sample differ.
[[nodiscard]] std::size_t count_distinct(const Sample& sample);

}  // namespace banzhaf
