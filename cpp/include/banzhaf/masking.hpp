// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Masked rows: an explicand's cells where its players are in the coalition, a background row's elsewhere.
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
  std::vector<std::uint32_t> player_of_column;  ///< empty: column j is player j
};

class MaskedRows {
 public:
  /// Throws std::invalid_argument if the sizes do not fit together. Copies the background.
  explicit MaskedRows(MaskedTable table);

  [[nodiscard]] const MaskedTable& table() const noexcept { return table_; }
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
  void expand(const std::uint64_t* coalition, std::uint8_t* mask) const;

  MaskedTable table_;
  std::size_t stride_;
  std::vector<std::uint8_t> background_;  // rows stride_ bytes apart
};

}  // namespace banzhaf
