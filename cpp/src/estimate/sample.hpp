// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The coalitions that an estimate rests on: all of a design, those whose worths are finite, or the caller's own. Where
// coalitions come again, the sample is of the different ones, and their average worths are what is fitted.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/worths.hpp"
#include "estimate/repeats.hpp"
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
  /// A caller's own: a table if all 2^n are among them, pairs if every one has its complement among them, else each on
  /// its own. All 2^n, and those that were repeated on purpose, each as often, are averaged first.
  explicit Sample(Coalitions own);

  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  /// All that were given, also those left out and those that come again.
  [[nodiscard]] std::size_t n_given() const noexcept { return n_given_; }
  [[nodiscard]] std::size_t n_dropped() const noexcept { return n_dropped_; }
  [[nodiscard]] std::size_t n_distinct() const;
  /// Null if no worths are averaged.
  [[nodiscard]] const Repeats* repeats() const noexcept { return repeats_ ? &*repeats_ : nullptr; }
  /// How many rows tell as much as one: above 1 where coalitions are repeated on purpose, but not equally often, so that
  /// rows share what interactions add to them.
  [[nodiscard]] double clustering() const noexcept { return clustering_; }
  /// Rows of worths, averaged ones if any are, those left out included.
  [[nodiscard]] std::size_t n_rows() const noexcept { return n_rows_; }
  [[nodiscard]] std::size_t n_used() const noexcept { return n_units_ * (in_twos_ ? 2 : 1); }
  [[nodiscard]] std::size_t n_units() const noexcept { return n_units_; }
  [[nodiscard]] bool in_twos() const noexcept { return in_twos_; }
  [[nodiscard]] bool in_pairs() const noexcept { return in_twos_ && !is(DesignKind::walks); }
  /// Null for a caller's own coalitions.
  [[nodiscard]] const Design* design() const noexcept { return design_ ? &*design_ : nullptr; }
  [[nodiscard]] bool is(DesignKind kind) const noexcept { return design_ && design_->kind() == kind; }
  /// Whether the units are the rows in their own order, none left out.
  [[nodiscard]] bool in_order() const noexcept { return units_.empty(); }
  /// Whether all 2^n coalitions are there.
  [[nodiscard]] bool is_complete() const noexcept { return is_table_ || !table_rows_.empty(); }
  /// Whether moreover row r is the coalition of r's binary digits.
  [[nodiscard]] bool is_table() const noexcept { return is_table_; }
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
  void average_rows(Repeats repeats);
  void average_table(Repeats repeats);

  std::size_t n_players_;
  std::size_t n_given_;
  std::size_t n_rows_;
  std::size_t n_dropped_ = 0;
  std::optional<Repeats> repeats_;
  double clustering_ = 1;
  bool is_table_ = false;
  std::optional<Design> design_;
  Coalitions own_;
  std::size_t own_distinct_ = 0;
  bool in_twos_ = false;
  std::vector<std::size_t> table_rows_;
  std::vector<Unit> units_;  // empty if the rows' own order needs no list
  std::size_t n_units_ = 0;
};

}  // namespace banzhaf
