// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A model with a covariance between coalitions: the product over players of 1 + t phi_i(S) phi_i(S'), less 1, which holds
// all interactions, or the sum of phi_i(S) phi_i(S'), which is additive. A function of |S| may be added. A constant beside
// them is not penalised.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "regression/left_out.hpp"

namespace banzhaf {

/// A covariance: t times the number of players (0: additive), and whether a function of a coalition's size is added.
struct KernelForm {
  double strength = 0;
  bool sizes = false;

  [[nodiscard]] constexpr bool has_interactions() const noexcept { return strength > 0 || sizes; }
  [[nodiscard]] bool operator==(const KernelForm&) const = default;
};

/// The covariance of an output, and the penalty.
struct KernelChoice {
  KernelForm form;
  double penalty = 1e6;  // nearly a constant model
};

/// Fits to at most rows_of_smooth_model rows. If choices is empty, each half of the drawn rows chooses the covariance with
/// which the rows of the other half are left out: the one that predicts its own rows best. choices then gets one of
/// them. Otherwise these choices are taken.
[[nodiscard]] std::vector<WeightedFit> fit_kernel_left_out(const WeightedRows& rows, std::span<const double> targets,
                                                           std::size_t n_outputs, const WeightedOptions& options,
                                                           std::vector<KernelChoice>& choices);

}  // namespace banzhaf
