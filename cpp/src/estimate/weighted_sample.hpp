// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The coalitions of a sample for values with a probability p: which are certain, and what the drawn ones count.
#pragma once

#include <cstddef>
#include <vector>

#include "banzhaf/estimate.hpp"
#include "estimate/sample.hpp"
#include "regression/left_out.hpp"

namespace banzhaf {

struct WeightedSample {
  WeightedRows rows;
  std::vector<std::size_t> places;  ///< the row of worths of each row
  /// What is wrong with the caller's own coalitions: another probability, or no clear way in which they were drawn.
  Unevenness seen{};
};

/// Arranges the coalitions of a weighted design, or finds out how the caller's own were drawn: as those of a weighted
/// design with as many rows, or each player independently with probability p. The likelier way is taken.
[[nodiscard]] WeightedSample weighted_sample(const Sample& sample, double p);

}  // namespace banzhaf
