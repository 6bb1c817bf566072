// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Turns coalition bits into byte masks, and masks into rows.
#include "banzhaf/masking.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "kernels/kernels.hpp"
#include "regression/products.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t parts_per_task = 32;
constexpr std::size_t stretches_per_task = 8;

// Maps eight bits to the bytes of eight cells, all ones or all zeros.
template <std::size_t cell_bytes>
const std::array<std::array<std::uint8_t, 8 * cell_bytes>, 256>& cell_masks() {
  static const auto table = [] {
    std::array<std::array<std::uint8_t, 8 * cell_bytes>, 256> entries{};
    for (std::size_t byte = 0; byte < 256; ++byte)
      for (std::size_t i = 0; i < 8 * cell_bytes; ++i)
        entries[byte][i] = ((byte >> (i / cell_bytes)) & 1U) != 0 ? 0xff : 0;
    return entries;
  }();
  return table;
}

template <std::size_t cell_bytes>
void expand_columns(const std::uint64_t* coalition, std::size_t n_columns, std::uint8_t* mask) {
  const auto& table = cell_masks<cell_bytes>();
  // Writes eight cells at a time. The padding of the mask holds those after the last column.
  for (std::size_t j = 0; j < n_columns; j += 8)
    std::memcpy(mask + j * cell_bytes, table[(coalition[j / 64] >> (j % 64)) & 255U].data(), 8 * cell_bytes);
}

}  // namespace

MaskedRows::MaskedRows(MaskedTable table) : table_(std::move(table)), stride_(0) {
  const std::size_t size = table_.cell_bytes;
  if (size != 1 && size != 2 && size != 4 && size != 8)
    throw std::invalid_argument("cells must have 1, 2, 4 or 8 bytes, got " + std::to_string(size));
  if (table_.n_background < 1 || table_.n_columns < 1)
    throw std::invalid_argument("background must have at least one row and one column");
  if (table_.player_of_column.empty() ? table_.n_players != table_.n_columns
                                      : table_.player_of_column.size() != table_.n_columns)
    throw std::invalid_argument("player_of_column must hold one player for each column");
  for (const std::uint32_t player : table_.player_of_column)
    if (player >= table_.n_players) throw std::invalid_argument("player_of_column must hold numbers below n_players");
  take_weights();
  stride_ = ceil_div(row_bytes(), mask_padding) * mask_padding;
  background_.resize(table_.n_background * stride_);
  for (std::size_t b = 0; b < table_.n_background; ++b)
    std::memcpy(background_.data() + b * stride_, static_cast<const std::uint8_t*>(table_.background) + b * row_bytes(),
                row_bytes());
}

// Weights are relative to the largest, so that equal weights are 1. Rows of weight 0 leave the table.
void MaskedRows::take_weights() {
  std::vector<double>& weights = table_.weights;
  if (!weights.empty()) {
    if (weights.size() != table_.n_background)
      throw std::invalid_argument("weights must hold one number for each of the " +
                                  std::to_string(table_.n_background) + " background rows, got " +
                                  std::to_string(weights.size()));
    for (std::size_t b = 0; b < weights.size(); ++b)
      if (!(weights[b] >= 0) || std::isinf(weights[b]))
        throw std::invalid_argument("weights must be finite and not negative, got " + std::to_string(weights[b]) +
                                    " for background row " + std::to_string(b));
    const double largest = *std::ranges::max_element(weights);
    if (largest == 0) throw std::invalid_argument("weights must not all be 0");
    for (double& weight : weights) weight /= largest;
    if (std::ranges::find(weights, 0.0) != weights.end()) {
      for (std::size_t b = 0; b < weights.size(); ++b)
        if (weights[b] > 0) numbers_.push_back(b);
      counting_.resize(numbers_.size() * row_bytes());
      for (std::size_t r = 0; r < numbers_.size(); ++r)
        std::memcpy(counting_.data() + r * row_bytes(),
                    static_cast<const std::uint8_t*>(table_.background) + numbers_[r] * row_bytes(), row_bytes());
      std::erase(weights, 0.0);
      table_.background = counting_.data();
      table_.n_background = numbers_.size();
    }
    if (std::ranges::all_of(weights, [](double weight) { return weight == 1; })) weights.clear();
  }
  total_weight_ = effective_background_ = static_cast<double>(table_.n_background);
  if (weights.empty()) return;
  double squares = 0;
  total_weight_ = 0;
  for (const double weight : weights) {
    total_weight_ += weight;
    squares += weight * weight;
  }
  effective_background_ = total_weight_ * total_weight_ / squares;
}

void MaskedRows::expand(const std::uint64_t* coalition, std::uint8_t* mask) const {
  const std::size_t size = table_.cell_bytes;
  if (table_.player_of_column.empty()) {
    if (size == 1) return expand_columns<1>(coalition, table_.n_columns, mask);
    if (size == 2) return expand_columns<2>(coalition, table_.n_columns, mask);
    if (size == 4) return expand_columns<4>(coalition, table_.n_columns, mask);
    return expand_columns<8>(coalition, table_.n_columns, mask);
  }
  for (std::size_t j = 0; j < table_.n_columns; ++j) {
    const std::uint32_t player = table_.player_of_column[j];
    std::memset(mask + j * size, ((coalition[player / 64] >> (player % 64)) & 1U) != 0 ? 0xff : 0, size);
  }
}

void MaskedRows::write(const void* explicands, std::span<const Stretch> stretches, const std::uint64_t* columns,
                       std::uint8_t* out, int num_threads) const {
  const Kernels& use = kernels();
  const std::size_t bytes = row_bytes(), words = words_for(table_.n_columns);
  const auto write_some = [&](std::span<const Stretch> some, std::size_t first_row) {
    std::array<std::uint8_t, 1024> few;
    std::vector<std::uint8_t> many(stride_ > few.size() ? stride_ : 0);
    std::uint8_t* const padded = many.empty() ? few.data() : many.data();
    std::size_t row = first_row;
    const Stretch* before = nullptr;
    for (const Stretch& stretch : some) {
      if (before == nullptr || before->explicand != stretch.explicand)
        std::memcpy(padded, static_cast<const std::uint8_t*>(explicands) + stretch.explicand * bytes, bytes);
      before = &stretch;
      use.choose_cells(columns + row * words, stretch.n_rows, words, table_.n_columns, table_.cell_bytes, padded,
                       background_.data() + stretch.background * stride_, out + row * bytes);
      row += stretch.n_rows;
    }
  };
  std::size_t n_rows = 0;
  for (const Stretch& stretch : stretches) n_rows += stretch.n_rows;
  const std::size_t threads = threads_for(num_threads, n_rows * bytes / 16);
  if (threads == 1) {
    checkpoint();
    return write_some(stretches, 0);
  }
  std::vector<std::size_t> first_rows;
  std::size_t row = 0;
  for (std::size_t s = 0; s < stretches.size(); ++s) {
    if (s % stretches_per_task == 0) first_rows.push_back(row);
    row += stretches[s].n_rows;
  }
  parallel_for(threads, first_rows.size(), [&](std::size_t task) {
    const std::size_t first = task * stretches_per_task;
    write_some(stretches.subspan(first, std::min(stretches_per_task, stretches.size() - first)), first_rows[task]);
  });
}

void MaskedRows::write(const void* explicands, const std::vector<Part>& parts, CoalitionsView coalitions,
                       std::uint8_t* out, int num_threads) const {
  require_threads(num_threads);
  if (parts.empty()) return;
  const Kernels& use = kernels();
  const std::size_t bytes = row_bytes(), tasks = ceil_div(parts.size(), parts_per_task);
  const std::size_t n_rows = parts.back().first_out + parts.back().n_rows - parts.front().first_out;
  parallel_for(threads_for(num_threads, n_rows * bytes / 16), tasks, [&](std::size_t task) {
    // Up to eight cells after the last column may be masked before the padding starts.
    std::vector<std::uint8_t> mask(stride_ + 64), kept(stride_);
    const std::size_t last = std::min(parts.size(), (task + 1) * parts_per_task);
    for (std::size_t p = task * parts_per_task; p < last; ++p) {
      const Part& part = parts[p];
      expand(coalitions.row(part.coalition), mask.data());
      const std::uint8_t* explicand = static_cast<const std::uint8_t*>(explicands) + part.explicand * bytes;
      for (std::size_t i = 0; i < bytes; ++i) kept[i] = static_cast<std::uint8_t>(explicand[i] & mask[i]);
      use.mask_rows(background_.data() + part.first_background * stride_, part.n_rows, stride_, kept.data(),
                    mask.data(), bytes, out + part.first_out * bytes);
    }
  });
}

}  // namespace banzhaf
