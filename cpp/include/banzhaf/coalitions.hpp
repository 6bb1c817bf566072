// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Bit-packed coalitions: one row of 64-bit words each, player i in bit i % 64 of word i / 64. For example
//   banzhaf::Coalitions coalitions(2, 100);                        // two coalitions of a hundred players
//   std::fill_n(coalitions.row(0).data(), 2, std::uint64_t{0});    // what rows hold at first is unspecified
//   coalitions.row(0)[1] = 1;                                      // player 64 alone
//   banzhaf::complement(coalitions.row(0), 100, coalitions.row(1));
//   coalitions.view().contains(1, 64) ? 1 : 0;                     // 0
//   banzhaf::count_players(coalitions.row(1));                     // 99
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace banzhaf {

/// The most players that any design takes.
inline constexpr std::size_t max_players = std::size_t{1} << 20;

[[nodiscard]] constexpr std::size_t words_for(std::size_t n_bits) noexcept { return (n_bits + 63) / 64; }

/// Read-only rows of coalitions; bits beyond the last player are 0.
struct CoalitionsView {
  const std::uint64_t* words = nullptr;
  std::size_t n_rows = 0;
  std::size_t n_players = 0;

  [[nodiscard]] std::size_t words_per_row() const noexcept { return words_for(n_players); }
  [[nodiscard]] const std::uint64_t* row(std::size_t r) const noexcept { return words + r * words_per_row(); }
  [[nodiscard]] bool contains(std::size_t r, std::size_t player) const noexcept {
    return ((row(r)[player / 64] >> (player % 64)) & 1U) != 0;
  }
  [[nodiscard]] CoalitionsView rows(std::size_t first, std::size_t count) const noexcept {
    return {row(first), count, n_players};
  }
};

/// Rows of coalitions that own their words.
class Coalitions {
 public:
  Coalitions() = default;
  Coalitions(std::size_t n_rows, std::size_t n_players) { resize(n_rows, n_players); }

  /// Gives room for n_rows rows; what they hold is unspecified.
  void resize(std::size_t n_rows, std::size_t n_players) {
    words_.resize(n_rows * words_for(n_players));
    n_rows_ = n_rows;
    n_players_ = n_players;
  }

  [[nodiscard]] std::size_t n_rows() const noexcept { return n_rows_; }
  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  [[nodiscard]] std::span<std::uint64_t> row(std::size_t r) noexcept {
    return {words_.data() + r * words_for(n_players_), words_for(n_players_)};
  }
  [[nodiscard]] CoalitionsView view() const noexcept { return {words_.data(), n_rows_, n_players_}; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t n_rows_ = 0;
  std::size_t n_players_ = 0;
};

/// Writes the complement of a row; the two may be the same memory.
void complement(std::span<const std::uint64_t> row, std::size_t n_players, std::span<std::uint64_t> out) noexcept;

[[nodiscard]] std::size_t count_players(std::span<const std::uint64_t> row) noexcept;

/// Packs n_rows x n_players bytes, each 0 or 1, row-major.
void pack(const std::uint8_t* flags, std::size_t n_rows, std::size_t n_players, Coalitions& out, int num_threads = 0);

/// Writes n_rows x n_players bytes, each 0 or 1, row-major.
void unpack(CoalitionsView coalitions, std::uint8_t* flags, int num_threads = 0);

/// For messages: "{0, 3, 17}", cut short beyond twenty players.
[[nodiscard]] std::string to_string(CoalitionsView coalitions, std::size_t row);

}  // namespace banzhaf
