// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Times the explanation of one row of a linear model with a prepared explainer, and prints one line of JSON.
//
//     linear_row 20000
#include <banzhaf/crossed.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "timing.hpp"

int main(int n_arguments, char** arguments) {
  if (n_arguments != 2) {
    std::fprintf(stderr, "usage: linear_row <calls>\n");
    return 1;
  }
  constexpr std::size_t n = 30, budget = 128;  // two Hadamard designs of order 32, each with complements
  std::vector<double> slopes(n), background(n), row(n), buffer(budget * n);
  for (std::size_t j = 0; j < n; ++j) {
    slopes[j] = std::sin(1.0 + static_cast<double>(j));
    row[j] = std::cos(2.0 * static_cast<double>(j));
  }
  const auto linear = [&](std::size_t n_rows, std::vector<double>& outputs) {
    for (std::size_t r = 0; r < n_rows; ++r) {
      double sum = 0;
      for (std::size_t j = 0; j < n; ++j) sum += slopes[j] * buffer[r * n + j];
      outputs.push_back(sum);
    }
  };
  const banzhaf::Model model = linear;
  const std::span<std::uint8_t> memory(reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size() * sizeof(double));
  const banzhaf::MaskedTable table{.background = background.data(),
                                   .explicands = row.data(),
                                   .n_background = 1,
                                   .n_explicands = 1,
                                   .n_columns = n,
                                   .cell_bytes = sizeof(double),
                                   .n_players = n,
                                   .player_of_column = {},
                                   .weights = {}};
  const banzhaf::CrossedExplainer explainer(table, {.budget = budget, .seed = 0, .num_threads = 1});
  double worst = 0;
  const Times times = time_calls(std::stoul(arguments[1]), [&](std::size_t) {
    banzhaf::CrossedExplanations run = explainer.start(row.data(), 1);
    run.run(model, memory);
    for (std::size_t j = 0; j < n; ++j) worst = std::max(worst, std::abs(run.values()[j] - slopes[j] * row[j]));
  });
  if (!(worst < 1e-12)) {
    std::fprintf(stderr, "a value is off by %g\n", worst);
    return 1;
  }
  std::printf("{\"p50\": %.9f, \"p99\": %.9f}\n", times.median, times.slow);
  return 0;
}
