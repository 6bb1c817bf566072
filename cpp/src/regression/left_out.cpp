// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/left_out.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "regression/kernel_left_out.hpp"
#include "regression/linear_left_out.hpp"

namespace banzhaf {
namespace {

// 1.96^2 times this is about 3^2: with no event in m rows, its probability is below 3 / m with 95 %.
constexpr double unseen_events = 2.4;

// Several groups of drawn rows, each with all certain rows. Their estimates are independent given the certain rows, and
// the mean counts each by its number of rows.
std::vector<WeightedFit> fit_groups(const WeightedRows& rows, std::span<const double> targets, std::size_t n_outputs,
                                    std::size_t n_groups, const WeightedOptions& options) {
  const std::size_t n = rows.rows.n_players(), n_drawn = rows.n_drawn();
  std::vector<WeightedFit> mean(n_outputs);
  std::vector<KernelChoice> choices;
  for (std::size_t g = 0; g < n_groups; ++g) {
    const std::size_t first = n_drawn * g / n_groups, last = n_drawn * (g + 1) / n_groups;
    const WeightedRows part = part_of(rows, first, last);
    const std::vector<double> own = worths_of(rows, targets, n_outputs, first, last);
    const std::vector<WeightedFit> found = fit_kernel_left_out(part, own, n_outputs, options, choices);
    const double share = static_cast<double>(last - first) / static_cast<double>(n_drawn);
    for (std::size_t o = 0; o < n_outputs; ++o) {
      WeightedFit& sum = mean[o];
      sum.values.resize(n);
      sum.variances.resize(n);
      for (std::size_t i = 0; i < n; ++i) {
        sum.values[i] += share * found[o].values[i];
        sum.variances[i] += share * share * found[o].variances[i];
      }
      sum.residual_square += share * found[o].residual_square;
      sum.additive_square += share * found[o].additive_square;
      sum.smooth = found[o].smooth;
    }
  }
  return mean;
}

}  // namespace

double unseen_variance(const WeightedRows& rows, std::span<const double> left, std::size_t n_outputs,
                       std::size_t output) {
  const std::size_t n_certain = rows.n_certain(), size = rows.rows.n_rows();
  double square = 0, fourth = 0, largest = 0;
  for (std::size_t r = n_certain; r < size; ++r) {
    const double off = rows.importance[r - n_certain] * left[r * n_outputs + output], part = off * off;
    square += part;
    fourth += part * part;
    largest = std::max(largest, part);
  }
  if (!(square > 0)) return 0;
  const double rare = std::min(rows.p, 1 - rows.p), drawn = static_cast<double>(rows.n_drawn());
  return unseen_events * largest / (rare * rare * drawn * drawn) * (fourth / (square * square));
}

WeightedRows part_of(const WeightedRows& whole, std::size_t first, std::size_t last) {
  WeightedRows part;
  part.p = whole.p;
  part.weights = whole.weights;
  part.importance.assign(whole.importance.begin() + static_cast<std::ptrdiff_t>(first),
                         whole.importance.begin() + static_cast<std::ptrdiff_t>(last));
  const CoalitionsView all = whole.rows.view();
  const std::size_t n_certain = whole.n_certain();
  part.rows.resize(n_certain + last - first, all.n_players);
  for (std::size_t r = 0; r < part.rows.n_rows(); ++r)
    std::copy_n(all.row(r < n_certain ? r : r + first), all.words_per_row(), part.rows.row(r).begin());
  return part;
}

std::vector<double> worths_of(const WeightedRows& whole, std::span<const double> worths, std::size_t n_outputs,
                              std::size_t first, std::size_t last) {
  const auto at = [&](std::size_t row) { return worths.begin() + static_cast<std::ptrdiff_t>(row * n_outputs); };
  const std::size_t n_certain = whole.n_certain();
  std::vector<double> found(at(0), at(n_certain));
  found.insert(found.end(), at(n_certain + first), at(n_certain + last));
  return found;
}

std::vector<WeightedFit> fit_left_out(const WeightedRows& rows, std::span<const double> targets, std::size_t n_outputs,
                                      const WeightedOptions& options) {
  if (rows.n_drawn() == 0) throw std::domain_error("too few coalitions have a finite worth to estimate the values");
  const std::size_t n_rows = rows.rows.n_rows();
  std::vector<KernelChoice> choices;
  if (n_rows <= rows_of_smooth_model) return fit_kernel_left_out(rows, targets, n_outputs, options, choices);
  std::vector<WeightedFit> found = fit_linear_left_out(rows, targets, n_outputs, options);
  if (!options.interactions || rows.n_certain() > rows_of_smooth_model / 2) return found;
  const std::size_t in_group = rows_of_smooth_model - rows.n_certain();
  const std::size_t n_groups = (rows.n_drawn() + in_group - 1) / in_group;
  if (n_groups > options.most_smooth) return found;
  std::vector<WeightedFit> smooth = fit_groups(rows, targets, n_outputs, n_groups, options);
  for (std::size_t o = 0; o < n_outputs; ++o) {
    smooth[o].additive_square = found[o].residual_square;
    if (smooth[o].smooth && smooth[o].residual_square < found[o].residual_square) found[o] = std::move(smooth[o]);
  }
  return found;
}

}  // namespace banzhaf
