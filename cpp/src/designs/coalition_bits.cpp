// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Moves and clears words of bits.
#include "designs/coalition_bits.hpp"

#include <algorithm>
#include <array>

#include "support/parallel.hpp"

namespace banzhaf {
namespace {

// Transposes 64 x 64 bits in place, after Hacker's Delight, 7-3.
void transpose_square(std::array<std::uint64_t, 64>& a) noexcept {
  std::uint64_t mask = 0x00000000ffffffffU;
  for (unsigned j = 32; j != 0; j >>= 1, mask ^= mask << j) {
    for (unsigned k = 0; k < 64; k = (k + j + 1) & ~j) {
      const std::uint64_t t = ((a[k] >> j) ^ a[k + j]) & mask;
      a[k] ^= t << j;
      a[k + j] ^= t;
    }
  }
}

}  // namespace

void clear_beyond(std::span<std::uint64_t> row, std::size_t n_players) noexcept {
  if (n_players % 64 != 0) row.back() &= (std::uint64_t{1} << (n_players % 64)) - 1;
}

void scatter(std::span<const std::uint64_t> row, std::span<const std::uint32_t> players,
             std::span<std::uint64_t> out) noexcept {
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t i = 0; i < players.size(); ++i)
    out[players[i] / 64] |= ((row[i / 64] >> (i % 64)) & 1U) << (players[i] % 64);
}

void set_bits(std::span<const std::uint32_t> numbers, std::size_t t, std::span<std::uint64_t> row) noexcept {
  for (std::size_t i = 0; i < numbers.size(); i += 64) {
    const std::size_t count = std::min<std::size_t>(64, numbers.size() - i);
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < count; ++j) word |= std::uint64_t{(numbers[i + j] >> t) & 1U} << j;
    row[i / 64] |= word;
  }
}

void transpose(CoalitionsView coalitions, Coalitions& out, int num_threads) {
  const std::size_t n_rows = coalitions.n_rows, n_players = coalitions.n_players;
  out.resize(n_players, n_rows);
  const std::size_t row_words = coalitions.words_per_row(), out_words = words_for(n_rows);
  // A task owns one word of every row, so nobody else writes the 64 rows that it makes.
  parallel_for(threads_for(num_threads, n_rows * n_players / 16), row_words, [&](std::size_t w) {
    std::array<std::uint64_t, 64> square;
    const std::size_t players = std::min<std::size_t>(64, n_players - w * 64);
    for (std::size_t block = 0; block < out_words; ++block) {
      const std::size_t rows = std::min<std::size_t>(64, n_rows - block * 64);
      for (std::size_t r = 0; r < rows; ++r) square[r] = coalitions.row(block * 64 + r)[w];
      for (std::size_t r = rows; r < 64; ++r) square[r] = 0;
      transpose_square(square);
      for (std::size_t i = 0; i < players; ++i) out.row(w * 64 + i)[block] = square[i];
    }
  });
}

}  // namespace banzhaf
