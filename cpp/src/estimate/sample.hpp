// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The coalitions behind an estimate: all of a design, those whose worths are finite, or the caller's own. If coalitions
// are repeated, the sample holds the different ones, and their mean worths are fitted.
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

/// One observation: a pair of complements, the two coalitions of a walk, or a single coalition.
struct Unit {
  std::size_t first;
  std::size_t second;  ///< the same as first if the unit is one coalition
};

[[nodiscard]] bool all_finite(std::span<const double> numbers);

class Sample {
 public:
  /// All coalitions of a design.
  explicit Sample(const Design& design);
  /// The coalitions of a design whose worths are finite. A pair needs both. Throws std::domain_error if none is left.
  Sample(const Design& design, Worths worths);
  /// A caller's own coalitions. They are a table if all 2^n are among them, pairs if each has its complement among
  /// them, and single coalitions otherwise. Repeats are averaged first for all 2^n, or if each coalition is repeated
  /// equally often on purpose.
  /// If they are not in_pairs, they are a table or single coalitions.
  explicit Sample(Coalitions own, bool in_pairs = true);

  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  /// The number of coalitions given, including repeats and those left out.
  [[nodiscard]] std::size_t n_given() const noexcept { return n_given_; }
  [[nodiscard]] std::size_t n_dropped() const noexcept { return n_dropped_; }
  [[nodiscard]] std::size_t n_distinct() const;
  /// Null if no worths are averaged.
  [[nodiscard]] const Repeats* repeats() const noexcept { return repeats_ ? &*repeats_ : nullptr; }
  /// The number of rows that count as one independent row. It is above 1 if coalitions are repeated on purpose but not
  /// equally often, because such rows share the effect of interactions.
  [[nodiscard]] double clustering() const noexcept { return clustering_; }
  /// The number of rows of worths, after averaging, including those left out.
  [[nodiscard]] std::size_t n_rows() const noexcept { return n_rows_; }
  [[nodiscard]] std::size_t n_used() const noexcept { return n_units_ * (in_twos_ ? 2 : 1); }
  [[nodiscard]] std::size_t n_units() const noexcept { return n_units_; }
  [[nodiscard]] bool in_twos() const noexcept { return in_twos_; }
  [[nodiscard]] bool in_pairs() const noexcept { return in_twos_ && !is(DesignKind::walks); }
  /// Null for a caller's own coalitions.
  [[nodiscard]] const Design* design() const noexcept { return design_ ? &*design_ : nullptr; }
  [[nodiscard]] bool is(DesignKind kind) const noexcept { return design_ && design_->kind() == kind; }
  /// Whether the units are all rows in their own order.
  [[nodiscard]] bool in_order() const noexcept { return units_.empty(); }
  /// Whether all 2^n coalitions are there.
  [[nodiscard]] bool is_complete() const noexcept { return is_table_ || !table_rows_.empty(); }
  /// Whether also row r is the coalition of r's binary digits.
  [[nodiscard]] bool is_table() const noexcept { return is_table_; }
  /// For a complete sample that is no table: the row of the coalition for each number's binary digits.
  [[nodiscard]] const std::vector<std::size_t>& table_rows() const noexcept { return table_rows_; }

  [[nodiscard]] Unit unit(std::size_t p) const {
    if (!in_order()) return units_[p];
    return in_twos_ ? Unit{2 * p, 2 * p + 1} : Unit{p, p};
  }
  /// Returns the first coalitions of units [first, first + count), which are the rows of X.
  [[nodiscard]] CoalitionsView rows(std::size_t first, std::size_t count, Coalitions& scratch) const;
  /// Returns the same rows as a source, which refers to this sample.
  [[nodiscard]] RowSource row_source() const;
  /// Returns the numbers to fit, units x outputs: the difference of a pair, the gain of a walk, or a worth.
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
  std::vector<Unit> units_;  // empty if the units follow the order of the rows
  std::size_t n_units_ = 0;
};

}  // namespace banzhaf
