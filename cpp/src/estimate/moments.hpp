// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Means and squares of worths, and how their variance splits into that of pairs' sums and that of their differences.
#pragma once

#include <cstddef>
#include <vector>

#include "banzhaf/estimate.hpp"
#include "estimate/sample.hpp"

namespace banzhaf {

/// One number for each output.
struct Moments {
  std::vector<double> means;
  std::vector<double> squares;      ///< around the means
  std::vector<double> differences;  ///< squared, between a table's complements; empty if not made on the way
};

/// Of the worths of a sample's coalitions. Sums have a fixed order: they are the same for any number of threads.
[[nodiscard]] Moments moments(const Sample& sample, Worths worths, int num_threads);

/// The squared differences between complements, summed over a table in which row r is the coalition of r's digits.
[[nodiscard]] std::vector<double> squares_of_differences(Worths table, int num_threads);

/// Sets even_variance and odd_variance: of the halves of pairs' sums and of their differences, which add up to the
/// variance of the worths. All pairs that there are know their mean; a sample's is estimated too.
void split_variance(const std::vector<double>& squares, const std::vector<double>& difference_squares,
                    std::size_t n_pairs, bool all, Estimate& result);

/// Sets linear_share and higher_share from the values and their errors, and even_share. Known says of each output
/// whether its errors tell how much of the values is their error; the first two are NaN otherwise.
void split_shares(const std::vector<bool>& known, Estimate& result);

}  // namespace banzhaf
