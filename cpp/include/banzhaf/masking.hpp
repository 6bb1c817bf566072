// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Writes masked rows: cells of the explained row for players in the coalition, and of a background row elsewhere.
///
/// For example:
/// @code{.cpp}
/// const std::vector<float> background{0, 0, 0, 5, 5, 5}, explicand{1, 2, 3};
/// const banzhaf::MaskedTable table{.background = background.data(), .explicands = explicand.data(),
///                                  .n_background = 2, .n_explicands = 1, .n_columns = 3,
///                                  .cell_bytes = sizeof(float), .n_players = 3};
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// The rows to explain and the background, with cells of any type that has a fixed size.
///
/// An explicand is a row that is explained. The memory belongs to the caller.
struct MaskedTable {
  const void* background = nullptr;  ///< The background: n_background x n_columns cells in row-major order.
  const void* explicands = nullptr;  ///< The rows to explain: n_explicands x n_columns cells in row-major order.
  std::size_t n_background = 0;      ///< The number of background rows.
  std::size_t n_explicands = 0;      ///< The number of rows to explain.
  std::size_t n_columns = 0;         ///< The number of columns.
  std::size_t cell_bytes = 0;        ///< The size of a cell: 1, 2, 4 or 8 bytes.
  std::size_t n_players = 0;         ///< The number of players.
  std::vector<std::uint32_t> player_of_column{};  ///< The player of each column. If empty, column j is player j.
  /// The weight of each background row. Weights must be finite and not negative, and not all 0. If empty, all rows have
  /// the same weight. Rows of weight 0 cost nothing.
  std::vector<double> weights{};
};

/// Writes the masked rows of a table. All const members can be called from several threads.
class MaskedRows {
 public:
  /// Checks the table, and copies the background rows of positive weight.
  /// @throws std::invalid_argument if the sizes, players or weights of the table are not consistent
  explicit MaskedRows(MaskedTable table);
  /// Cannot be copied.
  MaskedRows(const MaskedRows&) = delete;
  /// Cannot be assigned.
  MaskedRows& operator=(const MaskedRows&) = delete;

  /// Returns the table without rows of weight 0. It has no weights if all others are equal.
  [[nodiscard]] const MaskedTable& table() const noexcept { return table_; }
  /// Returns the number of background row b in the table that was given to the constructor.
  [[nodiscard]] std::size_t background_number(std::size_t b) const { return numbers_.empty() ? b : numbers_[b]; }
  /// Returns the weight of background row b relative to the largest weight, or 1 without weights.
  [[nodiscard]] double weight(std::size_t b) const { return table_.weights.empty() ? 1 : table_.weights[b]; }
  /// Returns the sum of these weights.
  [[nodiscard]] double total_weight() const noexcept { return total_weight_; }
  /// Returns the effective size of the background: (sum of weights)^2 / (sum of their squares). As many rows of equal
  /// weight determine a mean equally well.
  [[nodiscard]] double effective_background() const noexcept { return effective_background_; }
  /// Returns the size of a row in bytes.
  [[nodiscard]] std::size_t row_bytes() const noexcept { return table_.n_columns * table_.cell_bytes; }

  /// A coalition of an explained row, on background rows [first_background, first_background + n_rows).
  struct Part {
    std::size_t explicand;         ///< The number of the explained row.
    std::size_t coalition;         ///< The row of the coalitions that are given to write().
    std::size_t first_background;  ///< The first background row.
    std::size_t n_rows;            ///< The number of background rows.
    std::size_t first_out;         ///< The row of the output where this part begins.
  };
  /// Writes the masked rows of several parts.
  /// @param parts the parts, which must follow one another in the output without gaps
  /// @param coalitions the coalitions of the parts
  /// @param out gets the rows
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  void write(const std::vector<Part>& parts, CoalitionsView coalitions, std::uint8_t* out, int num_threads = 0) const {
    write(table_.explicands, parts, coalitions, out, num_threads);
  }
  /// Coalitions of an explained row on one background row.
  struct Stretch {
    std::size_t explicand;   ///< The number of the explained row.
    std::size_t background;  ///< The number of the background row.
    std::size_t n_rows;      ///< The number of coalitions.
  };
  /// Writes the masked rows of several stretches, one after another.
  /// @param explicands the rows to explain, which have the table's columns and cells
  /// @param stretches the stretches
  /// @param columns for each row, words_for(n_columns) words of bits; a set bit takes the cell of the explained row
  /// @param out gets the rows
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  void write(const void* explicands, std::span<const Stretch> stretches, const std::uint64_t* columns,
             std::uint8_t* out, int num_threads = 0) const;

  /// Writes the masked rows of several parts, for explained rows that are not those of the table.
  /// @param explicands the rows to explain, which have the table's columns and cells
  /// @param parts the parts, which must follow one another in the output without gaps
  /// @param coalitions the coalitions of the parts
  /// @param out gets the rows
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  void write(const void* explicands, const std::vector<Part>& parts, CoalitionsView coalitions, std::uint8_t* out,
             int num_threads = 0) const;

 private:
  void take_weights();
  void expand(const std::uint64_t* coalition, std::uint8_t* mask) const;

  MaskedTable table_;
  std::size_t stride_;
  std::vector<std::size_t> numbers_;    // empty if all rows have a positive weight
  std::vector<std::uint8_t> counting_;  // the rows of positive weight, if not all have one
  double total_weight_ = 0;
  double effective_background_ = 0;
  std::vector<std::uint8_t> background_;  // rows, each stride_ bytes after the previous one
};

}  // namespace banzhaf
