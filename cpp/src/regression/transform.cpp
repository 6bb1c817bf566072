// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The Walsh-Hadamard transform in blocks, and the folding that gives only its first order.
#include "banzhaf/transform.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>

#include "kernels/kernels.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

// The number of values that stay in the cache of a core while all their short-range steps are done.
constexpr std::size_t block_bits = 14;
constexpr std::size_t block_size = std::size_t{1} << block_bits;

// Does all steps of one block recursively. A half that fits into the smaller cache is finished before the other starts.
void transform_block(const Kernels& use, double* values, std::size_t size) {
  if (size == 1) return;
  const std::size_t half = size / 2;
  if (size > 1024) {
    transform_block(use, values, half);
    transform_block(use, values + half, half);
    use.butterfly(values, values + half, half);
    return;
  }
  use.hadamard(values, size, 1);
}

// Folds size = 2^bits values. differences[i] gets the sum of what bit i adds, and the sum of all is returned.
// Overwrites the values.
double fold_block(const Kernels& use, double* values, std::size_t bits, double* differences) {
  for (std::size_t i = bits; i-- > 0;) {
    const std::size_t half = std::size_t{1} << i;
    differences[i] = use.fold(values, values + half, half, values);
  }
  return values[0];
}

}  // namespace

void walsh_hadamard(std::span<double> values, int num_threads) {
  require_threads(num_threads);
  const std::size_t size = values.size();
  if (!std::has_single_bit(size))
    throw std::invalid_argument("values must hold 2^n numbers, got " + std::to_string(size));
  const Kernels& use = kernels();
  const std::size_t threads = threads_for(num_threads, size * static_cast<std::size_t>(std::bit_width(size)));
  const std::size_t block = std::min(size, block_size);
  parallel_for(threads, size / block, [&](std::size_t b) { transform_block(use, values.data() + b * block, block); });
  // The long-range steps, two in one pass over memory. A task takes a range of columns through both.
  constexpr std::size_t run = 1024;
  std::size_t span = block;
  for (; 4 * span <= size; span *= 4) {
    const std::size_t runs = span / run;
    parallel_for(threads, size / (4 * span) * runs, [&](std::size_t task) {
      double* v = values.data() + task / runs * 4 * span + task % runs * run;
      use.butterfly(v, v + span, run);
      use.butterfly(v + 2 * span, v + 3 * span, run);
      use.butterfly(v, v + 2 * span, run);
      use.butterfly(v + span, v + 3 * span, run);
    });
  }
  if (span < size) {
    const std::size_t runs = span / run;
    parallel_for(threads, runs, [&](std::size_t task) {
      double* v = values.data() + task * run;
      use.butterfly(v, v + span, run);
    });
  }
}

std::vector<double> banzhaf_values(Worths worths, std::size_t n_players, int num_threads) {
  require_threads(num_threads);
  const std::size_t n_outputs = worths.n_outputs;
  if (n_players < 1 || n_players > 62 || !worths.has_rows(std::size_t{1} << n_players))
    throw std::invalid_argument("worths must hold 2^n_players x n_outputs numbers");
  const Kernels& use = kernels();
  const std::size_t bits = std::min(n_players, block_bits), block = std::size_t{1} << bits;
  const std::size_t n_blocks = std::size_t{1} << (n_players - bits);
  std::vector<double> values(n_players * n_outputs);
  std::vector<double> totals(n_blocks), differences(n_blocks * bits), upper(n_players);
  const std::size_t threads = threads_for(num_threads, worths.values.size());
  for (std::size_t o = 0; o < n_outputs; ++o) {
    parallel_for(threads, n_blocks, [&](std::size_t b) {
      std::vector<double> scratch(block);
      const double* source = worths.values.data() + b * block * n_outputs + o;
      double* found = differences.data() + b * bits;
      if (n_outputs == 1) {
        // The first folding reads the worths where they are.
        found[bits - 1] = use.fold(source, source + block / 2, block / 2, scratch.data());
        totals[b] = fold_block(use, scratch.data(), bits - 1, found);
      } else {
        for (std::size_t r = 0; r < block; ++r) scratch[r] = source[r * n_outputs];
        totals[b] = fold_block(use, scratch.data(), bits, found);
      }
    });
    // What the players of the block's number add: the totals are a small game of these players.
    fold_block(use, totals.data(), n_players - bits, upper.data());
    for (std::size_t i = 0; i < n_players; ++i) {
      double sum = 0;
      if (i < bits)
        for (std::size_t b = 0; b < n_blocks; ++b) sum += differences[b * bits + i];
      else
        sum = upper[i - bits];
      values[i * n_outputs + o] = std::ldexp(sum, 1 - static_cast<int>(n_players));
    }
  }
  return values;
}

}  // namespace banzhaf
