// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Packs, unpacks and counts coalitions.
#include "banzhaf/coalitions.hpp"

#include <bit>
#include <cstring>

#include "designs/coalition_bits.hpp"
#include "kernels/kernels.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t rows_per_task = 64;

// Turns eight bits into eight bytes, each 0 or 1.
inline std::uint64_t unpack_eight(std::uint64_t bits) noexcept {
  const std::uint64_t spread = ((bits & 0xffU) * 0x0101010101010101U) & 0x8040201008040201U;
  return ((spread + 0x7f7f7f7f7f7f7f7fU) >> 7) & 0x0101010101010101U;
}

std::size_t tasks_for(std::size_t n_rows) { return (n_rows + rows_per_task - 1) / rows_per_task; }

}  // namespace

void complement(std::span<const std::uint64_t> row, std::size_t n_players, std::span<std::uint64_t> out) noexcept {
  for (std::size_t w = 0; w < row.size(); ++w) out[w] = ~row[w];
  clear_beyond(out, n_players);
}

std::size_t count_players(std::span<const std::uint64_t> row) noexcept {
  std::size_t count = 0;
  for (const std::uint64_t word : row) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

void pack(const std::uint8_t* flags, std::size_t n_rows, std::size_t n_players, Coalitions& out, int num_threads) {
  static_assert(std::endian::native == std::endian::little);
  require_threads(num_threads);
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
  require_threads(num_threads);
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
