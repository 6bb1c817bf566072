// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Worths of one output or several, as rows: what a game gives and every estimator takes. For example
//   const std::vector<double> table{0, 0, 1, 10, 2, 20, 3, 30};    // of four coalitions, two outputs each
//   const banzhaf::Worths worths{table, 2};
//   worths.n_rows();                                               // 4
//   worths.row(3)[1];                                              // 30
#pragma once

#include <cstddef>
#include <span>

namespace banzhaf {

/// A view of n_rows x n_outputs numbers, row-major; the memory belongs to someone else.
struct Worths {
  std::span<const double> values;
  std::size_t n_outputs = 1;

  [[nodiscard]] std::size_t n_rows() const noexcept { return n_outputs == 0 ? 0 : values.size() / n_outputs; }
  /// Whether there is at least one output, and as many numbers as that many rows have.
  [[nodiscard]] bool has_rows(std::size_t count) const noexcept {
    return n_outputs > 0 && values.size() == count * n_outputs;
  }
  [[nodiscard]] std::span<const double> row(std::size_t i) const noexcept {
    return values.subspan(i * n_outputs, n_outputs);
  }
};

}  // namespace banzhaf
