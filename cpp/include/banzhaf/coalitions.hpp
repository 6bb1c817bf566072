// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Holds coalitions as bits: each is a row of 64-bit words, and player i is bit i % 64 of word i / 64.
///
/// For example:
/// @code{.cpp}
/// banzhaf::Coalitions coalitions(2, 100);                        // two coalitions of a hundred players
/// std::fill_n(coalitions.row(0).data(), 2, std::uint64_t{0});    // the content of a new row is unspecified
/// coalitions.row(0)[1] = 1;                                      // player 64 only
/// banzhaf::complement(coalitions.row(0), 100, coalitions.row(1));
/// coalitions.view().contains(1, 64) ? 1 : 0;                     // 0
/// banzhaf::count_players(coalitions.row(1));                     // 99
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace banzhaf {

/// The largest number of players in any design.
inline constexpr std::size_t max_players = std::size_t{1} << 20;

/// Returns the number of 64-bit words that hold n_bits bits.
[[nodiscard]] constexpr std::size_t words_for(std::size_t n_bits) noexcept { return (n_bits + 63) / 64; }

/// A read-only view of rows of coalitions. Bits after the last player are 0.
struct CoalitionsView {
  const std::uint64_t* words = nullptr;  ///< The words, row after row. They belong to the caller.
  std::size_t n_rows = 0;                ///< The number of coalitions.
  std::size_t n_players = 0;             ///< The number of players.

  /// Returns the number of words in each row.
  [[nodiscard]] std::size_t words_per_row() const noexcept { return words_for(n_players); }
  /// Returns the first word of row r.
  [[nodiscard]] const std::uint64_t* row(std::size_t r) const noexcept { return words + r * words_per_row(); }
  /// Returns whether the coalition in row r contains a player.
  [[nodiscard]] bool contains(std::size_t r, std::size_t player) const noexcept {
    return ((row(r)[player / 64] >> (player % 64)) & 1U) != 0;
  }
  /// Returns a view of count rows, from row first on.
  [[nodiscard]] CoalitionsView rows(std::size_t first, std::size_t count) const noexcept {
    return {row(first), count, n_players};
  }
};

/// Rows of coalitions that own their words.
class Coalitions {
 public:
  /// Makes an object without rows.
  Coalitions() = default;
  /// Makes n_rows rows of n_players players with unspecified content.
  Coalitions(std::size_t n_rows, std::size_t n_players) { resize(n_rows, n_players); }

  /// Changes the size. The content of all rows is then unspecified.
  void resize(std::size_t n_rows, std::size_t n_players) {
    words_.resize(n_rows * words_for(n_players));
    n_rows_ = n_rows;
    n_players_ = n_players;
  }

  /// Returns the number of coalitions.
  [[nodiscard]] std::size_t n_rows() const noexcept { return n_rows_; }
  /// Returns the number of players.
  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  /// Returns the words of row r. The caller must leave the bits after the last player at 0.
  [[nodiscard]] std::span<std::uint64_t> row(std::size_t r) noexcept {
    return {words_.data() + r * words_for(n_players_), words_for(n_players_)};
  }
  /// Returns a view of all rows, which is valid until the next resize().
  [[nodiscard]] CoalitionsView view() const noexcept { return {words_.data(), n_rows_, n_players_}; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t n_rows_ = 0;
  std::size_t n_players_ = 0;
};

/// Writes the complement of a coalition.
/// @param row the words of the coalition
/// @param n_players the number of players
/// @param out as many words, which may be the same memory as row
void complement(std::span<const std::uint64_t> row, std::size_t n_players, std::span<std::uint64_t> out) noexcept;

/// Returns the number of players in a coalition, given by its words.
[[nodiscard]] std::size_t count_players(std::span<const std::uint64_t> row) noexcept;

/// Packs flags into coalitions.
/// @param flags n_rows x n_players bytes in row-major order, each 0 or 1
/// @param n_rows the number of coalitions
/// @param n_players the number of players
/// @param out gets the coalitions, and is resized for them
/// @param num_threads the number of threads, or 0 for default_num_threads()
void pack(const std::uint8_t* flags, std::size_t n_rows, std::size_t n_players, Coalitions& out, int num_threads = 0);

/// Unpacks coalitions into flags.
/// @param coalitions the coalitions
/// @param flags gets n_rows x n_players bytes in row-major order, each 0 or 1
/// @param num_threads the number of threads, or 0 for default_num_threads()
void unpack(CoalitionsView coalitions, std::uint8_t* flags, int num_threads = 0);

/// Formats a coalition for messages, such as "{0, 3, 17}". It shows at most twenty players.
[[nodiscard]] std::string to_string(CoalitionsView coalitions, std::size_t row);

}  // namespace banzhaf
