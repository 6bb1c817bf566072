// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Masked rows: an explicand's cells where its players are in the coalition, a background row's elsewhere. For example
//   const std::vector<float> background{0, 0, 0, 5, 5, 5}, explicand{1, 2, 3};
//   const banzhaf::MaskedTable table{.background = background.data(), .explicands = explicand.data(),
//                                    .n_background = 2, .n_explicands = 1, .n_columns = 3,
//                                    .cell_bytes = sizeof(float), .n_players = 3};
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// Cells of any type, by their size alone. The memory belongs to the caller.
struct MaskedTable {
  const void* background = nullptr;  ///< n_background x n_columns, row-major
  const void* explicands = nullptr;  ///< n_explicands x n_columns, row-major
  std::size_t n_background = 0;
  std::size_t n_explicands = 0;
  std::size_t n_columns = 0;
  std::size_t cell_bytes = 0;  ///< 1, 2, 4 or 8
  std::size_t n_players = 0;
  std::vector<std::uint32_t> player_of_column{};  ///< empty: column j is player j
  /// How much each background row counts; none below 0, not all 0. Empty: all alike. Rows of weight 0 cost nothing.
  std::vector<double> weights{};
};

class MaskedRows {
 public:
  /// Throws std::invalid_argument if the sizes do not fit together. Copies the background rows that count.
  explicit MaskedRows(MaskedTable table);
  MaskedRows(const MaskedRows&) = delete;
  MaskedRows& operator=(const MaskedRows&) = delete;

  /// The table as it is worked on: without the rows of weight 0, and without weights if all others are equal.
  [[nodiscard]] const MaskedTable& table() const noexcept { return table_; }
  /// Where background row b stood in the table that was given.
  [[nodiscard]] std::size_t background_number(std::size_t b) const { return numbers_.empty() ? b : numbers_[b]; }
  /// Relative to the largest; 1 without weights.
  [[nodiscard]] double weight(std::size_t b) const { return table_.weights.empty() ? 1 : table_.weights[b]; }
  /// The sum of these.
  [[nodiscard]] double total_weight() const noexcept { return total_weight_; }
  /// As many rows of equal weight tell as much of a mean: (sum of weights)^2 / sum of their squares.
  [[nodiscard]] double effective_background() const noexcept { return effective_background_; }
  [[nodiscard]] std::size_t row_bytes() const noexcept { return table_.n_columns * table_.cell_bytes; }

  /// One coalition of one explicand, to be met with background rows [first_background, first_background + n_rows).
  struct Part {
    std::size_t explicand;
    std::size_t coalition;  ///< row of the coalitions that are passed along
    std::size_t first_background;
    std::size_t n_rows;
    std::size_t first_out;  ///< row of the output at which its rows begin
  };
  /// Writes the rows of parts, which must follow one another without gaps.
  void write(const std::vector<Part>& parts, CoalitionsView coalitions, std::uint8_t* out, int num_threads = 0) const;

 private:
  void take_weights();
  void expand(const std::uint64_t* coalition, std::uint8_t* mask) const;

  MaskedTable table_;
  std::size_t stride_;
  std::vector<std::size_t> numbers_;    // empty if all rows count
  std::vector<std::uint8_t> counting_;  // the rows that count, if not all do
  double total_weight_ = 0;
  double effective_background_ = 0;
  std::vector<std::uint8_t> background_;  // rows stride_ bytes apart
};

}  // namespace banzhaf
