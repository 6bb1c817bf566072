// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Holds the worths of coalitions as rows, with one output or several. Games return them, and estimators take them.
///
/// For example:
/// @code{.cpp}
/// const std::vector<double> table{0, 0, 1, 10, 2, 20, 3, 30};    // four coalitions, two outputs each
/// const banzhaf::Worths worths{table, 2};
/// worths.n_rows();                                               // 4
/// worths.row(3)[1];                                              // 30
/// @endcode
#pragma once

#include <cstddef>
#include <span>

namespace banzhaf {

/// A view of n_rows() x n_outputs numbers in row-major order. The memory belongs to the caller.
struct Worths {
  std::span<const double> values;  ///< All worths, row after row.
  std::size_t n_outputs = 1;       ///< The number of outputs of the game.

  /// Returns the number of rows, one per coalition.
  [[nodiscard]] std::size_t n_rows() const noexcept { return n_outputs == 0 ? 0 : values.size() / n_outputs; }
  /// Returns whether there is at least one output, and exactly the numbers of count rows.
  [[nodiscard]] bool has_rows(std::size_t count) const noexcept {
    return n_outputs > 0 && values.size() == count * n_outputs;
  }
  /// Returns the outputs of row i, which must be below n_rows().
  [[nodiscard]] std::span<const double> row(std::size_t i) const noexcept {
    return values.subspan(i * n_outputs, n_outputs);
  }
};

}  // namespace banzhaf
