// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Packing, unpacking and transposing of coalitions.
#include "banzhaf/coalitions.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "kernels/kernels.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t rows_per_task = 64;

// Eight bits to eight bytes, each 0 or 1.
inline std::uint64_t unpack_eight(std::uint64_t bits) noexcept {
  const std::uint64_t spread = ((bits & 0xffU) * 0x0101010101010101U) & 0x8040201008040201U;
  return ((spread + 0x7f7f7f7f7f7f7f7fU) >> 7) & 0x0101010101010101U;
}

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

std::size_t tasks_for(std::size_t n_rows) { return (n_rows + rows_per_task - 1) / rows_per_task; }

}  // namespace

void clear_beyond(std::span<std::uint64_t> row, std::size_t n_players) noexcept {
  if (n_players % 64 != 0) row.back() &= (std::uint64_t{1} << (n_players % 64)) - 1;
}

void complement(std::span<const std::uint64_t> row, std::size_t n_players, std::span<std::uint64_t> out) noexcept {
  for (std::size_t w = 0; w < row.size(); ++w) out[w] = ~row[w];
  clear_beyond(out, n_players);
}

std::size_t count_players(std::span<const std::uint64_t> row) noexcept {
  std::size_t count = 0;
  for (const std::uint64_t word : row) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

void scatter(std::span<const std::uint64_t> row, std::span<const std::uint32_t> players,
             std::span<std::uint64_t> out) noexcept {
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t i = 0; i < players.size(); ++i)
    out[players[i] / 64] |= ((row[i / 64] >> (i % 64)) & 1U) << (players[i] % 64);
}

void pack(const std::uint8_t* flags, std::size_t n_rows, std::size_t n_players, Coalitions& out, int num_threads) {
  static_assert(std::endian::native == std::endian::little);
  const Kernels& use = kernels();
  out.resize(n_rows, n_players);
  parallel_for(threads_for(num_threads, n_rows * n_players / 64), tasks_for(n_rows), [&](std::size_t task) {
    const std::size_t last = std::min(n_rows, (task + 1) * rows_per_task);
    for (std::size_t r = task * rows_per_task; r < last; ++r) {
      use.pack_flags(flags + r * n_players, n_players, out.row(r).data());
    }
  });
}

void unpack(CoalitionsView coalitions, std::uint8_t* flags, int num_threads) {
  const std::size_t n_rows = coalitions.n_rows, n_players = coalitions.n_players;
  parallel_for(threads_for(num_threads, n_rows * n_players / 8), tasks_for(n_rows), [&](std::size_t task) {
    const std::size_t last = std::min(n_rows, (task + 1) * rows_per_task);
    for (std::size_t r = task * rows_per_task; r < last; ++r) {
      const std::uint64_t* row = coalitions.row(r);
      std::uint8_t* target = flags + r * n_players;
      std::size_t i = 0;
      for (; i + 8 <= n_players; i += 8) {
        const std::uint64_t bytes = unpack_eight(row[i / 64] >> (i % 64));
        std::memcpy(target + i, &bytes, 8);
      }
      for (; i < n_players; ++i) target[i] = static_cast<std::uint8_t>((row[i / 64] >> (i % 64)) & 1U);
    }
  });
}

void transpose(CoalitionsView coalitions, Coalitions& out, int num_threads) {
  const std::size_t n_rows = coalitions.n_rows, n_players = coalitions.n_players;
  out.resize(n_players, n_rows);
  const std::size_t row_words = coalitions.words_per_row(), out_words = words_for(n_rows);
  // A task owns one word of every row: the 64 result rows that it makes are written by nobody else.
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

std::string to_string(CoalitionsView coalitions, std::size_t row) {
  constexpr std::size_t most_named = 20;
  std::string text = "{";
  std::size_t named = 0, size = 0;
  for (std::size_t i = 0; i < coalitions.n_players; ++i) {
    if (!coalitions.contains(row, i)) continue;
    ++size;
    if (named == most_named) continue;
    text += (named++ > 0 ? ", " : "") + std::to_string(i);
  }
  if (size > named) text += ", ... (" + std::to_string(size) + " players)";
  return text + "}";
}

}  // namespace banzhaf
