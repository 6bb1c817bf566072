// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Coefficients under a prior that is a mixture of zero and of normal distributions (adaptive shrinkage).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "interactions/term_space.hpp"
#include "kernels/kernels.hpp"

namespace banzhaf {

/// Learns the coefficients of the columns of a space by variational coordinate ascent, and the prior's weights and the
/// residual variance along with them.
///
/// A coefficient of class c is 0 with probability weights[c][0], and otherwise normal with variance tau_l, where
/// tau_l = s2 / P 4^(l - 2) with s2 the first residual variance. Coefficients are independent in the approximation.
class Shrinkage {
 public:
  static constexpr std::size_t n_parts = Mixture::n_normal + 1;
  using Parts = std::array<double, n_parts>;

  /// Starts without columns. The space has its residuals, and must outlive the object.
  /// @param class_sizes the number of all sets in each class, including those that never become columns
  /// @param floor the residual variance of rounding alone
  Shrinkage(TermSpace& space, std::span<const double> class_sizes, double floor);

  /// Adds a class, with the share of its coefficients that are not 0 at first.
  void add_class(double size, double share);
  /// Gives all columns new classes, and forgets what was learnt of the weights.
  void set_classes(std::span<const double> sizes, std::span<const std::uint32_t> of_columns);
  /// Adds a column with the coefficient 0.
  void add(std::span<const std::uint32_t> players, std::uint32_t of_class);
  /// Keeps the given columns only, which are ascending.
  void keep(std::span<const std::size_t> columns);
  /// Runs until the residual variance settles, or n_steps have been made.
  void run(std::size_t n_steps = 30, std::size_t n_sweeps = 3);

  [[nodiscard]] double variance() const noexcept { return variance_; }
  [[nodiscard]] std::size_t n_columns() const noexcept { return coefficients_.size(); }
  [[nodiscard]] double coefficient(std::size_t column) const noexcept { return coefficients_[column]; }
  [[nodiscard]] double coefficient_variance(std::size_t column) const noexcept { return variances_[column]; }
  /// Returns the coefficient in units of its standard error without a prior.
  [[nodiscard]] double score(std::size_t column) const noexcept;

 private:
  static constexpr std::size_t n_levels = 64, n_normal = Mixture::n_normal;
  using Lanes = std::array<double, Mixture::n_lanes>;
  /// Columns group by group. Those of a group have one class and one square, and no residual in common, so that all of them
  /// are updated at once.
  struct Groups {
    std::vector<std::uint32_t> columns;
    std::vector<std::size_t> ends;

    [[nodiscard]] std::span<const std::uint32_t> operator[](std::size_t group) const {
      const std::size_t first = group == 0 ? 0 : ends[group - 1];
      return std::span(columns).subspan(first, ends[group] - first);
    }
  };
  /// What columns of one square have in common: mixtures without their weights.
  struct Level {
    bool filled = false;
    double square, root;
    double step;  // what of a change is made at once
    Mixture unweighted;
  };
  /// What columns of one square and one class have in common.
  struct Table {
    bool filled = false;
    Mixture mixture;
  };

  [[nodiscard]] double square_of(std::size_t column) const noexcept;
  void renew_tables();
  const Level& level_of(std::size_t column);
  const Mixture& mixture_of(std::size_t column, const Level& level);
  void group_columns();
  double update(std::span<const std::uint32_t> columns, bool counts, Lanes& changes);
  double sweep_all(double least);
  double sweep_active();
  void update_weights();

  TermSpace& space_;
  const Kernels& kernels_;
  double floor_, variance_;
  double negligible_ = 0;  // changes up to this, in the residuals' unit, are not made
  Parts tau_{};
  std::vector<double> class_sizes_;
  std::vector<Parts> weights_;
  std::vector<std::array<float, n_parts * Mixture::n_lanes>> counts_;  // for each part, of the lanes
  std::vector<std::uint32_t> classes_;
  std::vector<std::uint8_t> levels_;
  std::vector<double> coefficients_, variances_;
  std::vector<Parts> log_weights_;  // of the classes, in this step
  std::array<Level, n_levels + 1> of_levels_{};
  std::vector<Table> tables_;
  Groups all_, active_;  // active_: what the sweeps after the first update
};

}  // namespace banzhaf
