// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The means and squares of worths, and the split of their variance into those of pairs' sums and differences.
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
  std::vector<double> differences;  ///< squared, between the complements of a table; empty if they were not computed
};

/// Computes the moments of the worths of a sample. Sums have a fixed order, so the number of threads does not change
/// them.
[[nodiscard]] Moments moments(const Sample& sample, Worths worths, int num_threads);

/// The largest number of worths whose sums are those of a single block.
inline constexpr std::size_t moments_block = std::size_t{1} << 14;

/// Computes the means and squares of at most moments_block rows of worths in memory order, in the memory of the result.
/// column is scratch.
void short_moments(Worths worths, std::vector<double>& column, std::vector<double>& means,
                   std::vector<double>& squares);

/// Computes the squared differences between complements, in a table where row r is the coalition of r's binary digits.
[[nodiscard]] std::vector<double> squares_of_differences(Worths table, int num_threads);

/// Sets even_variance and odd_variance: those of half the sums and half the differences of pairs. They add up to the
/// variance of the worths. If all pairs are there, their mean is known. Otherwise, it is estimated too.
void split_variance(const std::vector<double>& squares, const std::vector<double>& difference_squares,
                    std::size_t n_pairs, bool all, Estimate& result);

/// Sets linear_share, higher_share and even_share from the values and their errors. Known holds for each output whether
/// the errors show how much of the values is error. Otherwise, the first two shares are NaN.
void split_shares(const std::vector<bool>& known, Estimate& result);

}  // namespace banzhaf
