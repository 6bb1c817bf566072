// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Pairs of points of one background row that are fitted together: their rows, and sums of the derivatives there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/gradients.hpp"
#include "explain/gradient_fit.hpp"
#include "explain/gradient_plan.hpp"
#include "explain/gradient_points.hpp"
#include "kernels/kernels.hpp"

namespace banzhaf {

/// Rows are written and their derivatives added in order, but in parts of any size. The sums do not depend on the parts.
class GradientChunk {
 public:
  /// Takes the pairs first, first + 1, ..., first + n_pairs - 1 of a job.
  GradientChunk(GradientPlan& plan, GradientJob& job, std::size_t first, std::size_t n_pairs);

  [[nodiscard]] GradientJob& job() const { return *job_; }
  [[nodiscard]] GradientPlan& plan() const { return *plan_; }
  [[nodiscard]] std::size_t n_pairs() const { return n_pairs_; }
  [[nodiscard]] std::size_t n_rows() const { return 2 * n_pairs_; }
  [[nodiscard]] bool is_complete() const { return n_answered_ == n_rows(); }
  /// Returns how many rows no batch has claimed yet.
  [[nodiscard]] std::size_t n_unclaimed() const { return n_rows() - n_claimed_; }
  /// Claims the next rows for a batch, at most `most`. Returns how many they are.
  [[nodiscard]] std::size_t claim(std::size_t most);

  /// Makes the points. It comes before what follows.
  /// @throws std::domain_error if a cell that differs between the rows is not finite
  void open(const MaskedRows& rows, const void* explicands, std::uint64_t seed, std::size_t n_outputs);
  /// Writes n_rows rows from a row on.
  void write(std::size_t first, std::size_t n_rows, std::uint8_t* memory) const;
  /// Adds the derivatives of the next n_rows rows: rows x outputs x columns. Returns whether all sums are finite.
  template <typename Number>
  [[nodiscard]] bool add(std::size_t n_rows, const Number* derivatives);
  /// Fits what was added. Returns whether all values are finite.
  [[nodiscard]] bool fit(GradientFit& result) const;
  /// Returns for each player of the job whether any derivative was not 0.
  [[nodiscard]] std::vector<std::uint8_t> moves() const;

 private:
  [[nodiscard]] PairSums sums_at(std::size_t at);
  [[nodiscard]] PairTotals totals_at(std::size_t at) const;
  [[nodiscard]] const PointMarks& marks() const { return is_plain_ ? of_players_ : of_columns_; }
  template <typename Cell>
  void place_columns(const MaskedRows& rows, const void* explicands);
  template <typename Number>
  void add_pairs(std::size_t n_pairs, const Number* first, const Number* second, std::size_t stride);
  template <typename Number>
  void add_grouped(std::size_t n_pairs, const Number* first, const Number* second, std::size_t stride);

  GradientPlan* plan_;
  GradientJob* job_;
  std::size_t first_, n_pairs_;
  std::size_t n_claimed_ = 0, n_answered_ = 0;  // rows
  std::size_t n_columns_ = 0, n_outputs_ = 0, cell_bytes_ = 0;

  std::vector<std::uint32_t> place_{};      // of each column: where its player stands among the job's
  std::vector<double> half_{};              // of each column: half of the way between its two cells
  bool is_grouped_ = false;                 // whether a player has several columns
  std::vector<std::uint8_t> places_{};      // the cells of each column near to the middle and far from it
  PointMarks of_players_{}, of_columns_{};  // the latter only if columns are not the players in their order
  bool is_plain_ = false;                   // whether they are

  // Sums for each output, over columns or, if these are grouped, over the job's players.
  std::size_t width_ = 0;
  std::vector<double> sums_{};  // origins, sums over near pairs, of their squares, and over all pairs
  std::vector<std::uint8_t> moves_{};
  std::vector<double> waiting_{};  // the derivatives at the first point of a pair whose second one is in another batch
};

}  // namespace banzhaf
