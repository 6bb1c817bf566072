// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Decides how many pairs of points each background row gets, and averages what they give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "banzhaf/crossed.hpp"
#include "banzhaf/gradients.hpp"
#include "explain/allocation.hpp"
#include "explain/average.hpp"
#include "explain/gradient_fit.hpp"
#include "explain/gradient_points.hpp"

namespace banzhaf {

/// One background row of an explicand, and what is known of it so far.
struct GradientJob {
  std::size_t background = 0;
  std::vector<std::uint32_t> players{};  ///< those in which the two rows differ
  bool is_exact = false;                 ///< whether the value follows from the outputs on all coalitions
  std::size_t target = 0;                ///< pairs of points by the end of the current part of the budget
  std::size_t n_asked = 0;               ///< pairs of points that were asked for
  std::size_t n_used = 0;                ///< pairs of points in the estimate
  RowEstimate found{};
  std::vector<double> corrections{};  ///< players x outputs: the part of the values that the slopes add
  std::vector<std::uint8_t> moves{};  ///< for each of its players, whether any derivative was not 0

  /// Adds the fit of n_pairs more pairs, which counts as much as its pairs.
  void add(const GradientFit& fit, std::size_t n_pairs);
  /// Sets the exact values from the outputs of all coalitions of its players, in the order of their bits.
  void set_exact(std::span<const double> worths, std::size_t n_outputs);
  [[nodiscard]] bool is_done() const { return is_exact ? !found.values.empty() : n_used > 0; }

 private:
  std::vector<double> values_{}, corrections_{}, variances_{};  // sums over pairs, and over squared numbers of pairs
};

/// Where the values of an explicand come from.
enum class ValueSource {
  gradients,
  undecided,   ///< a few gradients and pairs of coalitions will decide
  coalitions,  ///< a crossed design, together with the gradients that have decided, if there are any
};

/// One explicand: its background rows, and its results.
struct GradientPlan {
  std::size_t explicand = 0;
  ValueSource source = ValueSource::gradients;
  std::vector<GradientJob> jobs{};                 ///< in the order of the background
  std::vector<std::size_t> order{};                ///< the order of evaluation of the jobs
  std::vector<double> gaps{};                      ///< of the jobs
  std::size_t n_costly = 0;                        ///< background rows that need gradients
  std::vector<std::size_t> drawn{};                ///< those that the budget covers, in the order of their gaps
  std::vector<double> inclusion{};                 ///< with which probability they were drawn, if these differ
  std::optional<std::vector<std::size_t>> kept{};  ///< the drawn rows that a deadline left, if not all
  std::size_t n_pairs = 0;                         ///< pairs of points that the budget covers
  std::size_t n_checks = 1, n_done = 0;
  std::size_t value_rows = 0, gradient_rows = 0;  ///< rows passed to the model so far
  std::size_t n_background = 0;                   ///< background rows in the average
  Average found{};
  std::optional<Stopped> stopped{};
  RowsAdjustment adjustment{RowsAdjusted::off, 0};
  std::vector<double> gradient_weights{};  ///< for each output, the part of the values that comes from gradients

  [[nodiscard]] bool has_found() const { return !found.values.empty(); }
};

/// Plans explicands from the model's outputs for them and for the background. All arguments must outlive it.
class GradientPlanner {
 public:
  GradientPlanner(const MaskedRows& rows, const void* explicands, const GradientOptions& options,
                  std::span<const double> background_outputs, std::size_t n_outputs);

  /// Plans an explicand. Its jobs have their targets for the first half of the budget, or for the comparison. It has no
  /// jobs if all its values come from coalitions.
  [[nodiscard]] GradientPlan operator()(std::size_t explicand, std::span<const double> outputs) const;
  /// Decides where the values of an undecided plan come from. If from gradients, its jobs get the targets for the first
  /// half of the budget.
  /// @param residuals outputs: for each, the sum over the background rows of players times squared weight times the
  ///   variance of a pair's difference that values do not explain
  void decide(GradientPlan& plan, std::span<const double> residuals) const;
  /// How many pairs of coalitions each of n_rows background rows gets in a comparison.
  [[nodiscard]] static std::size_t compared_pairs(std::size_t n_rows);
  /// The budget of a crossed design without a comparison, or after it. It is the same for all explicands, so that
  /// they can share a run.
  [[nodiscard]] std::size_t budget_of_coalitions(bool is_compared) const;
  /// Sets the targets for the rest of the budget. It goes where the squared error falls most.
  void divide_rest(GradientPlan& plan) const;
  /// Notes which rows a deadline left in the first half of the budget. Returns false if they give no estimate.
  [[nodiscard]] bool keep_done(GradientPlan& plan) const;
  /// Sets the mean over the background rows.
  void average_of(GradientPlan& plan) const;

  /// Returns where the points of a job lie.
  [[nodiscard]] static GradientShape shape_of(const GradientPlan& plan, const GradientJob& job);
  /// The model evaluations that a plan has cost so far.
  [[nodiscard]] std::size_t cost_of(const GradientPlan& plan) const;

 private:
  [[nodiscard]] bool can_help(std::span<const BackgroundRow> rows) const;
  [[nodiscard]] bool can_compare(std::span<const BackgroundRow> rows, const GradientPlan& plan,
                                 const std::vector<bool>& is_exact) const;
  void set_first_half(GradientPlan& plan) const;
  struct BiasShares {
    double share, noise;
  };
  [[nodiscard]] static BiasShares shares_of_bias(const GradientPlan& plan);
  void draw(std::span<const BackgroundRow> rows, GradientPlan& plan, std::vector<bool>& is_exact,
            std::vector<bool>& is_drawn) const;
  void add_bias(GradientPlan& plan, std::vector<AveragedRow>& rows, const RowSample& sample) const;
  [[nodiscard]] std::vector<std::uint32_t> unseen_of(const GradientPlan& plan) const;

  const MaskedRows& rows_;
  const void* explicands_;
  const GradientOptions& options_;
  std::span<const double> background_outputs_;
  std::size_t n_outputs_;
  double cost_;
};

}  // namespace banzhaf
