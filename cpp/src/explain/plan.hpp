// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Decides what to ask the model for one explicand: the background rows, their designs, the order, and the checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "banzhaf/crossed.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/kept_rows.hpp"
#include "banzhaf/masking.hpp"
#include "banzhaf/stopping.hpp"
#include "explain/allocation.hpp"
#include "explain/average.hpp"
#include "explain/row_design.hpp"
#include "explain/shapley_rows.hpp"

namespace banzhaf {

/// The Shapley values of an explicand. Arrays are players x outputs in row-major order.
struct ShapleySums {
  Average found{};                   ///< of the values, with the sampling error alone
  std::vector<double> unresolved{};  ///< what interactions that are not resolved leave open
};

/// One explicand: its jobs, and their progress. A plan that is used again keeps its memory.
struct Plan {
  std::size_t explicand = 0;
  Allocation allocation{};
  std::vector<RowDesign> memory{};      ///< of the jobs, and of those of earlier explicands
  std::span<RowDesign> jobs{};          ///< in the order of the background rows
  std::vector<std::size_t> order{};     ///< the order of evaluation
  std::vector<std::uint32_t> unseen{};  ///< players in which no drawn row differs, but others do
  std::size_t n_checks = 1;
  std::size_t n_done = 0;                          ///< checks so far
  std::size_t row_cost = 0;                        ///< model evaluations so far
  bool has_news = false;                           ///< whether jobs have estimates that are not in the average yet
  std::optional<std::vector<std::size_t>> kept{};  ///< costly jobs that a deadline left, by their gaps, if not all

  Average found{};
  ShapleySums shapley{};         ///< if they are asked for
  std::size_t n_background = 0;  ///< background rows in the average
  std::optional<Stopped> stopped{};
  RowsAdjustment adjustment{.outcome = RowsAdjusted::off};

  [[nodiscard]] bool is_over() const { return stopped.has_value(); }
  [[nodiscard]] bool has_found() const { return !found.values.empty(); }
  [[nodiscard]] std::size_t n_coalitions() const;

  /// Forgets everything, and keeps the memory.
  void clear(std::size_t of_explicand);
};

/// Memory that plans made on one thread share.
struct PlanScratch {
  std::vector<BackgroundRow> rows{};
  std::vector<std::uint64_t> differing{};
  std::vector<std::uint32_t> players{};
  std::vector<AveragedRow> averaged{};
  std::vector<bool> with_ends{};
};

/// Plans explicands from the model's outputs for them and for the background.
class Planner {
 public:
  /// explicands are the rows to explain, and background_outputs is rows x n_outputs. All arguments must outlive the
  /// planner.
  Planner(const MaskedRows& rows, const void* explicands, const CrossedOptions& options,
          std::span<const double> background_outputs, std::size_t n_outputs)
      : rows_(rows),
        explicands_(explicands),
        options_(options),
        background_outputs_(background_outputs),
        n_outputs_(n_outputs) {}

  [[nodiscard]] Plan operator()(std::size_t explicand, std::span<const double> outputs) const {
    Plan result;
    PlanScratch scratch;
    (*this)(explicand, outputs, result, scratch);
    return result;
  }
  /// The same, in the memory of an earlier plan.
  void operator()(std::size_t explicand, std::span<const double> outputs, Plan& result, PlanScratch& scratch) const;

  /// If a deadline ended the first check early, keeps the rows that have whole blocks, which are a sample of all rows.
  void keep_whole(Plan& plan) const;

  /// Returns the factor of each job in the mean over the rows, up to one that all share.
  [[nodiscard]] std::vector<double> factors_of(const Plan& plan) const;

  /// Returns the evaluations of a plan whose mean is set.
  [[nodiscard]] KeptRow kept_of(const Plan& plan, PlanScratch& scratch) const;

  /// Sets the mean over the estimates of the plan's jobs.
  void average_of(Plan& plan, PlanScratch& scratch) const;
  /// Sets the mean over the Shapley values of the plan's jobs. outputs are the model's for the explicand.
  void average_shapley_of(Plan& plan, std::span<const double> outputs, PlanScratch& scratch) const;

  /// What is sought in the pairs of each row.
  [[nodiscard]] Search search() const {
    return {options_.finds_interactions() ? options_.interactions : Interactions::none, n_outputs_};
  }

 private:
  void divide(std::span<const BackgroundRow> rows, Allocation& result, std::vector<bool>& with_ends) const;
  void list_averaged(const Plan& plan, std::vector<AveragedRow>& rows) const;
  void find_unseen(Plan& plan) const;
  void set_order(const std::vector<BackgroundRow>& rows, Plan& plan) const;
  void add_checks(const std::vector<BackgroundRow>& rows, Plan& plan) const;
  [[nodiscard]] RowSample sample_of(const Plan& plan, std::span<AveragedRow> rows) const;

  const MaskedRows& rows_;
  const void* explicands_;
  const CrossedOptions& options_;
  std::span<const double> background_outputs_;
  std::size_t n_outputs_;
};

}  // namespace banzhaf
