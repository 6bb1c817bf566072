// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Takes interactions out of the estimates of the background rows of one explicand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/crossed.hpp"
#include "explain/row_design.hpp"

namespace banzhaf {

struct AdjustRowsOptions {
  std::size_t n_outputs = 1;
  double ridge = 0;
  int num_threads = 0;
};

/// Finds interactions of three players or more in each row, from the differences and the sums of its pairs. Predictions
/// of pairs that the fits have not seen decide how much of them is taken out. All rows share these weights, because
/// their errors average out, and one row alone has few pairs. Each output has weights of its own.
///
/// Rows that cannot be adjusted keep their estimates: those with exact values, or with fewer than three blocks.
/// factors has the factor of each row in the mean.
[[nodiscard]] RowsAdjustment adjust_rows(std::span<RowDesign> rows, std::span<const double> factors,
                                         const AdjustRowsOptions& options);

}  // namespace banzhaf
