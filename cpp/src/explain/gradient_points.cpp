// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Signs from Hadamard matrices, and magnitudes in a random order for each player or mirrored.
#include "explain/gradient_points.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "kernels/kernels.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

// The words of one background row: first those of signs, then those of magnitudes.
constexpr int bits_of_row = 40;
constexpr std::uint64_t words_of_signs = std::uint64_t{1} << (bits_of_row - 1);

std::size_t padded(std::size_t n_players) { return (n_players + player_padding - 1) / player_padding * player_padding; }

// Returns bits [first, first + count) of a word.
std::uint32_t bits_of(std::size_t first, std::size_t count) {
  return static_cast<std::uint32_t>(((std::uint64_t{1} << count) - 1) << first);
}

// Moves bit t of 16 bits to bit 2 t.
std::uint32_t spread(std::uint32_t bits) {
  bits = (bits | bits << 8) & 0x00ff00ffU;
  bits = (bits | bits << 4) & 0x0f0f0f0fU;
  bits = (bits | bits << 2) & 0x33333333U;
  return (bits | bits << 1) & 0x55555555U;
}

}  // namespace

Magnitudes magnitudes(GradientShape shape, std::size_t n_pairs) {
  const std::size_t n_near =
      shape.is_wide ? std::clamp<std::size_t>((2 * n_pairs + 1) / 3, 1, n_pairs - 1) : n_pairs / 2;
  const double share = static_cast<double>(n_near) / static_cast<double>(n_pairs);
  return {.n_near = n_near, .near = std::sqrt(1.0 / 3), .far = std::sqrt((1 - share / 3) / (1 - share))};
}

GradientPoints::GradientPoints(std::size_t n_players, std::uint64_t seed, std::size_t background)
    : n_players_(n_players),
      seed_(seed),
      first_word_(static_cast<std::uint64_t>(background) << bits_of_row),
      order_(static_cast<std::uint32_t>(std::bit_ceil(std::max<std::size_t>(n_players, 2)))) {}

PointMarks GradientPoints::operator()(std::size_t first, std::size_t n_pairs, GradientShape shape) const {
  PointMarks marks{.stride = padded(n_players_)};
  const std::size_t size = (n_pairs + pairs_in_word - 1) / pairs_in_word * marks.stride;
  marks.near.resize(size);
  marks.up.resize(size);
  mark_signs(first, n_pairs, shape.is_mirrored, marks);
  if (shape.is_mirrored)
    mark_turns(first, n_pairs, marks);
  else
    mark_near(first, n_pairs, shape, marks);
  return marks;
}

void GradientPoints::mark_signs(std::size_t first, std::size_t n_pairs, bool is_mirrored, PointMarks& marks) const {
  const std::size_t halved = is_mirrored ? 1 : 0;  // two mirrored pairs share a row of the matrix
  const auto log_order = static_cast<std::size_t>(std::countr_zero(order_));
  std::vector<std::uint32_t> columns, rows, by_column(order_);
  std::vector<std::uint64_t> flips((n_players_ + 63) / 64);
  std::size_t known_block = ~std::size_t{0};
  for (std::size_t r = 0; r < n_pairs;) {
    const std::size_t block = ((first + r) >> halved) >> log_order, end = ((block + 1) << log_order) << halved;
    const std::size_t word = r / pairs_in_word, begin = r % pairs_in_word;
    const std::size_t count = std::min({n_pairs - r, pairs_in_word - begin, end - (first + r)});
    if (block != known_block) {
      const std::uint64_t start = first_word_ + block * 3 * order_;
      columns = random_order(order_, n_players_, seed_, Stream::gradients, start);
      const std::size_t last = (first + n_pairs - 1) >> halved,
                        n_used = std::min<std::size_t>(order_, last + 1 - (block << log_order));
      rows = random_order(order_, n_used, seed_, Stream::gradients, start + order_);
      random_words(seed_, Stream::gradients, start + 2 * std::uint64_t{order_}, flips);
      known_block = block;
    }
    // Column c of Sylvester's matrix is -1 in the rows that share an odd number of bits with c: each bit of c doubles
    // what is known of the columns.
    std::array<std::uint32_t, 32> has_bit{};
    for (std::size_t k = 0; k < count; ++k) {
      const std::uint32_t row = rows[((first + r + k) >> halved) & (order_ - 1)];
      for (std::size_t bit = 0; bit < log_order; ++bit) has_bit[bit] |= ((row >> bit) & 1U) << (begin + k);
    }
    for (std::size_t bit = 0, known = 1; bit < log_order; ++bit, known *= 2)
      for (std::size_t c = 0; c < known; ++c) by_column[known + c] = by_column[c] ^ has_bit[bit];
    const std::uint32_t all = bits_of(begin, count);
    std::uint32_t* const up = &marks.up[word * marks.stride];
    for (std::size_t i = 0; i < n_players_; ++i) {
      const bool is_flipped = ((flips[i / 64] >> (i % 64)) & 1U) != 0;
      up[i] |= by_column[columns[i]] ^ (is_flipped ? 0 : all);
    }
    r += count;
  }
}

void GradientPoints::mark_near(std::size_t first, std::size_t n_pairs, GradientShape shape, PointMarks& marks) const {
  std::vector<std::uint64_t> words(2 * marks.stride);
  random_words(seed_, Stream::gradients, first_word_ + words_of_signs + 2 * first * n_players_,
               std::span(words).first(2 * n_players_));
  std::vector<std::uint32_t> state(4 * marks.stride);
  for (std::size_t i = 0; i < n_players_; ++i) {
    for (std::size_t half = 0; half < 2; ++half) {
      state[2 * half * marks.stride + i] = static_cast<std::uint32_t>(words[2 * i + half]);
      state[(2 * half + 1) * marks.stride + i] = static_cast<std::uint32_t>(words[2 * i + half] >> 32);
    }
  }
  kernels().choose_pairs(state.data(), marks.stride, n_pairs, magnitudes(shape, n_pairs).n_near, marks.near.data());
}

void GradientPoints::mark_turns(std::size_t first, std::size_t n_pairs, PointMarks& marks) const {
  const std::size_t n_units = n_pairs / 2, n_words = (n_units + 63) / 64;
  const std::uint64_t start = first_word_ + words_of_signs + 2 * first * n_players_;
  std::vector<std::uint64_t> turns(n_players_ * n_words);
  random_words(seed_, Stream::gradients, start, turns);
  for (std::size_t i = 0; i < n_players_; ++i) {
    for (std::size_t t = 0; t < n_units; t += pairs_in_word / 2) {
      const std::uint32_t bits = spread(static_cast<std::uint32_t>(turns[i * n_words + t / 64] >> (t % 64)) & 0xffffU);
      const std::size_t count = std::min(n_pairs - 2 * t, pairs_in_word);
      // A player is near in the first pair of a unit, or in its second one if it is turned.
      marks.near[2 * t / pairs_in_word * marks.stride + i] = ((bits ^ 0x55555555U) | bits << 1) & bits_of(0, count);
    }
  }
}

}  // namespace banzhaf
