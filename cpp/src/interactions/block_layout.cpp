// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/block_layout.hpp"

#include <algorithm>
#include <bit>

namespace banzhaf {

void transform_blocks(std::span<double> values, std::size_t order) {
  for (std::size_t first = 0; first < values.size(); first += order) {
    double* const block = values.data() + first;
    for (std::size_t half = 1; half < order; half *= 2) {
      for (std::size_t low = 0; low < order; low += 2 * half) {
        for (std::size_t i = low; i < low + half; ++i) {
          const double a = block[i], b = block[i + half];
          block[i] = a + b;
          block[i + half] = a - b;
        }
      }
    }
  }
}

std::unique_ptr<const BlockLayout> BlockLayout::find(const PairSigns& pairs, std::span<const std::uint32_t> places) {
  const std::size_t n = pairs.n_players(), n_pairs = pairs.n_pairs();
  const std::size_t order = std::bit_ceil(n);
  if (n < 2 || n_pairs < order || (places.empty() && n_pairs % order != 0)) return nullptr;
  std::unique_ptr<BlockLayout> layout(new BlockLayout);
  layout->order_ = order;
  layout->n_players_ = n;
  layout->places_.assign(places.begin(), places.end());
  std::size_t n_places = n_pairs;
  for (const std::uint32_t place : places) n_places = std::max<std::size_t>(n_places, std::size_t{place} + 1);
  layout->n_blocks_ = (n_places + order - 1) / order;
  layout->codes_.resize(layout->n_blocks_ * n);
  std::vector<double> table(layout->n_blocks_ * order);
  std::vector<double> size(layout->n_blocks_);
  for (std::size_t p = 0; p < n_pairs; ++p) size[layout->place(p) / order] += 1;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t* bits = pairs.column(i);
    std::fill(table.begin(), table.end(), 0.0);
    for (std::size_t p = 0; p < n_pairs; ++p)
      table[layout->place(p)] = ((bits[p / 64] >> (p % 64)) & 1U) != 0 ? 1.0 : -1.0;
    transform_blocks(table, order);
    for (std::size_t j = 0; j < layout->n_blocks_; ++j) {
      // Of the columns that agree with all rows, a block with few rows has several, and any of them will do.
      const double* const found = table.data() + j * order;
      std::size_t c = 0;
      while (c < order && found[c] != size[j] && found[c] != -size[j]) ++c;
      if (c == order) return nullptr;
      layout->codes_[j * n + i] = static_cast<std::uint32_t>(c) | (found[c] < 0 ? sign_bit : 0);
    }
  }
  return layout;
}

double BlockLayout::sum_of_products(std::span<const std::uint32_t> players,
                                    std::span<const double> transformed) const noexcept {
  double sum = 0;
  for (std::size_t b = 0; b < n_blocks_; ++b) {
    std::uint32_t code = 0;
    for (const std::uint32_t player : players) code ^= codes(b)[player];
    const double entry = transformed[b * order_ + (code & ~sign_bit)];
    sum += (code & sign_bit) != 0 ? -entry : entry;
  }
  return sum;
}

}  // namespace banzhaf
