// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Tiles and threads around the kernels.
#include "regression/products.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/kernels.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t tile = 64;        // rows that are compared with each other while they are in the cache
constexpr std::size_t sums_rows = 256;  // rows that share one set of tables

// Each holds up to block_width numbers. The compiler knows the size of a whole block.
void copy_rows(const double* from, std::size_t from_stride, double* to, std::size_t to_stride, std::size_t n_rows,
               std::size_t width) {
  for (std::size_t r = 0; r < n_rows; ++r) {
    if (width == block_width)
      std::memcpy(to + r * to_stride, from + r * from_stride, block_width * sizeof(double));
    else
      std::memcpy(to + r * to_stride, from + r * from_stride, width * sizeof(double));
  }
}

}  // namespace

void add_differences(CoalitionsView bits, std::vector<std::uint32_t>& counts, int num_threads) {
  const Kernels& use = kernels();
  const std::size_t n = bits.n_rows, words = bits.words_per_row(), tiles = ceil_div(n, tile);
  const std::size_t work = n * n * words / 2 + n * n;
  // Long tasks come first: row t of tiles has t + 1 tiles.
  parallel_for(threads_for(num_threads, work / 4), tiles, [&](std::size_t task) {
    const std::size_t t = tiles - 1 - task, i = t * tile, n_i = std::min(tile, n - i);
    for (std::size_t j = 0; j <= i; j += tile)
      use.count_differences(bits.row(i), n_i, bits.row(j), std::min(tile, n - j), words, words, &counts[i * n + j], n);
  });
}

void add_signed_sums(CoalitionsView bits, const double* values, std::size_t n_outputs, double* out, int num_threads) {
  const Kernels& use = kernels();
  const std::size_t n_bits = bits.n_players, words = bits.words_per_row();
  const std::size_t blocks = ceil_div(n_outputs, block_width), row_tasks = ceil_div(bits.n_rows, sums_rows);
  const std::size_t threads = threads_for(num_threads, bits.n_rows * n_bits * n_outputs / 16);
  // A single output needs no padding to a block.
  const bool single = n_outputs == 1;
  std::vector<double> padded(single ? 0 : blocks * n_bits * block_width);
  if (!single) {
    parallel_for(threads, blocks, [&](std::size_t b) {
      const std::size_t first = b * block_width, width = std::min(block_width, n_outputs - first);
      double* target = padded.data() + b * n_bits * block_width;
      for (std::size_t j = 0; j < n_bits; ++j)
        for (std::size_t c = 0; c < width; ++c) target[j * block_width + c] = values[j * n_outputs + first + c];
    });
  }
  parallel_for(threads, blocks * row_tasks, [&](std::size_t task) {
    const std::size_t b = task / row_tasks, r0 = task % row_tasks * sums_rows;
    const std::size_t n_rows = std::min(sums_rows, bits.n_rows - r0);
    if (single) {
      use.signed_sums(bits.row(r0), n_rows, words, n_bits, values, 1, out + r0);
      return;
    }
    const std::size_t first = b * block_width, width = std::min(block_width, n_outputs - first);
    // The sums go to a block of their own, because every word of the rows updates them, and rows of out are pages
    // apart.
    alignas(64) double sums[sums_rows * block_width];
    double* target = out + r0 * n_outputs + first;
    copy_rows(target, n_outputs, sums, block_width, n_rows, width);
    if (width < block_width)
      for (std::size_t r = 0; r < n_rows; ++r)
        std::fill(sums + r * block_width + width, sums + (r + 1) * block_width, 0.0);
    use.signed_sums(bits.row(r0), n_rows, words, n_bits, padded.data() + b * n_bits * block_width, block_width, sums);
    copy_rows(sums, block_width, target, n_outputs, n_rows, width);
  });
}

void expand_signs(const std::uint64_t* row, std::size_t n_players, double* signs) {
  static const auto table = [] {
    std::array<std::array<double, 8>, 256> entries;
    for (std::size_t byte = 0; byte < 256; ++byte)
      for (std::size_t i = 0; i < 8; ++i) entries[byte][i] = ((byte >> i) & 1U) != 0 ? 1 : -1;
    return entries;
  }();
  std::size_t i = 0;
  for (; i + 8 <= n_players; i += 8) std::memcpy(signs + i, table[(row[i / 64] >> (i % 64)) & 255U].data(), 64);
  for (; i < n_players; ++i) signs[i] = ((row[i / 64] >> (i % 64)) & 1U) != 0 ? 1 : -1;
}

}  // namespace banzhaf
