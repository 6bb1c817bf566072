// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What is asked of the model for one explicand: which background rows, their designs, in which order, and when to check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "banzhaf/crossed.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/masking.hpp"
#include "banzhaf/stopping.hpp"
#include "explain/allocation.hpp"
#include "explain/average.hpp"
#include "explain/row_design.hpp"

namespace banzhaf {

/// One explicand: its jobs, and how far they have come.
struct Plan {
  std::size_t explicand = 0;
  Allocation allocation{};
  std::vector<RowDesign> jobs{};        ///< by background row
  std::vector<std::size_t> order{};     ///< in which they are evaluated
  std::vector<std::uint32_t> unseen{};  ///< players in which none of the drawn rows differs, but others do
  std::size_t n_checks = 1;
  std::size_t n_done = 0;                          ///< checks
  std::size_t row_cost = 0;                        ///< model rows so far
  bool has_news = false;                           ///< whether jobs have estimates that the average lacks
  std::optional<std::vector<std::size_t>> kept{};  ///< costly jobs that a deadline left, by their gaps, if not all

  Average found{};
  std::size_t n_background = 0;  ///< background rows that it is over
  std::optional<Stopped> stopped{};

  [[nodiscard]] bool is_over() const { return stopped.has_value(); }
  [[nodiscard]] bool has_found() const { return !found.values.empty(); }
  [[nodiscard]] std::size_t n_coalitions() const;
};

/// Plans explicands on what the model gives for them and for the background.
class Planner {
 public:
  /// background_outputs: rows x n_outputs. All must outlive the planner.
  Planner(const MaskedRows& rows, const CrossedOptions& options, std::span<const double> background_outputs,
          std::size_t n_outputs)
      : rows_(rows), options_(options), background_outputs_(background_outputs), n_outputs_(n_outputs) {}

  [[nodiscard]] Plan operator()(std::size_t explicand, std::span<const double> outputs) const;

  /// Of what a deadline has cut short before the first check, keeps the rows that have whole blocks: a sample of all.
  void keep_whole(Plan& plan) const;

  /// The mean over what the plan's jobs have found.
  void average_of(Plan& plan) const;

 private:
  void add_gaps(std::span<const double> outputs, std::vector<BackgroundRow>& rows) const;
  void find_unseen(Plan& plan) const;
  void set_order(const std::vector<BackgroundRow>& rows, Plan& plan) const;
  void add_checks(const std::vector<BackgroundRow>& rows, Plan& plan) const;
  [[nodiscard]] RowSample sample_of(const Plan& plan, std::span<AveragedRow> rows) const;

  const MaskedRows& rows_;
  const CrossedOptions& options_;
  std::span<const double> background_outputs_;
  std::size_t n_outputs_;
};

}  // namespace banzhaf
