// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Comparisons run in parallel over background rows, and gaps are scaled so that their squares stay in range.
#include "explain/background_rows.hpp"

#include <algorithm>
#include <cmath>

#include "explain/scale.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t rows_per_task = 1024;

}  // namespace

void compare_rows(const MaskedRows& masked, const Differences& differences, int num_threads,
                  std::vector<std::uint64_t>& scratch, std::vector<BackgroundRow>& rows) {
  const MaskedTable& table = masked.table();
  const std::size_t words = words_for(table.n_players);
  rows.resize(table.n_background);
  const std::size_t n_tasks = (table.n_background + rows_per_task - 1) / rows_per_task;
  const std::size_t work = table.n_background * table.n_columns;
  scratch.resize(n_tasks * words);
  parallel_for(threads_for(num_threads, work), n_tasks, [&](std::size_t task) {
    const std::span<std::uint64_t> differing(&scratch[task * words], words);
    const std::size_t last = std::min(table.n_background, (task + 1) * rows_per_task);
    for (std::size_t b = task * rows_per_task; b < last; ++b)
      rows[b] = {.n_players = differences.find(b, differing), .gap = 0, .weight = masked.weight(b)};
  });
}

void add_gaps(std::span<const double> outputs, std::span<const double> background_outputs, std::size_t n_outputs,
              std::vector<BackgroundRow>& rows) {
  for (std::size_t o = 0; o < n_outputs; ++o) {
    double largest = 0;
    // Halves keep the difference finite.
    const auto half = [&](std::size_t b) { return outputs[o] / 2 - background_outputs[b * n_outputs + o] / 2; };
    for (std::size_t b = 0; b < rows.size(); ++b) largest = std::max(largest, std::abs(half(b)));
    if (largest == 0) continue;
    const double unit = std::ldexp(1.0, -scale_exponent(largest));
    double square = 0;
    const auto gap = [&](std::size_t b) { return half(b) * unit; };
    for (std::size_t b = 0; b < rows.size(); ++b) square += gap(b) * gap(b);
    for (std::size_t b = 0; b < rows.size(); ++b) rows[b].gap += gap(b) * gap(b) / square;
  }
  for (BackgroundRow& row : rows) row.gap = std::sqrt(row.gap);
}

}  // namespace banzhaf
