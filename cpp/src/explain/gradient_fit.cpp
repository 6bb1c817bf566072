// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The line goes through the means of near and of far points, so its value at 1/3 is the mean of the near ones.
#include "explain/gradient_fit.hpp"

namespace banzhaf {
namespace {

constexpr double least_rest = 0.05;  // of a leverage, so that a single pair does not decide on the error

}  // namespace

// Residuals of near points are widened by their leverage, 1 / n_near. Of two mirrored pairs, one is near, and the line
// takes two degrees of freedom.
LineFitter::LineFitter(std::size_t n_pairs, std::size_t n_near, bool is_mirrored)
    : n_pairs_(static_cast<double>(n_pairs)),
      n_near_(static_cast<double>(n_near)),
      factor_(is_mirrored ? n_near_ / std::max(1.0, n_near_ - 2) : 1 / std::max(least_rest, 1 - 1 / n_near_)) {}

}  // namespace banzhaf
