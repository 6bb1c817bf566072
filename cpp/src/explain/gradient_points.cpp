// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Signs from Hadamard matrices, and magnitudes in a random order for each player or mirrored.
#include "explain/gradient_points.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "support/random.hpp"

namespace banzhaf {
namespace {

// The words of one background row: first those of signs, then those of magnitudes.
constexpr int bits_of_row = 40;
constexpr std::uint64_t words_of_signs = std::uint64_t{1} << (bits_of_row - 1);

}  // namespace

std::vector<double> magnitudes(GradientShape shape, std::size_t n_pairs) {
  const std::size_t n_near =
      shape.is_wide ? std::clamp<std::size_t>((2 * n_pairs + 1) / 3, 1, n_pairs - 1) : n_pairs / 2;
  const double share = static_cast<double>(n_near) / static_cast<double>(n_pairs);
  std::vector<double> result(n_pairs, std::sqrt((1 - share / 3) / (1 - share)));
  std::fill_n(result.begin(), n_near, std::sqrt(1.0 / 3));
  return result;
}

GradientPoints::GradientPoints(std::size_t n_players, std::uint64_t seed, std::size_t background)
    : n_players_(n_players),
      seed_(seed),
      first_word_(static_cast<std::uint64_t>(background) << bits_of_row),
      order_(static_cast<std::uint32_t>(std::bit_ceil(std::max<std::size_t>(n_players, 2)))) {}

void GradientPoints::fill(std::size_t first, std::size_t n_pairs, GradientShape shape, std::vector<double>& out) const {
  out.resize(n_pairs * n_players_);
  fill_signs(first, n_pairs, shape.is_mirrored, out);
  const std::vector<double> lengths = magnitudes(shape, n_pairs);
  const std::uint64_t start = first_word_ + words_of_signs + 2 * first * n_players_;
  if (!shape.is_mirrored) {
    for (std::size_t i = 0; i < n_players_; ++i) {
      const std::vector<std::uint32_t> order =
          random_order(static_cast<std::uint32_t>(n_pairs), n_pairs, seed_, Stream::gradients, start + i * n_pairs);
      for (std::size_t r = 0; r < n_pairs; ++r) out[r * n_players_ + i] *= lengths[order[r]];
    }
    return;
  }
  const std::size_t n_units = n_pairs / 2, n_words = (n_units + 63) / 64;
  std::vector<std::uint64_t> turns(n_words);
  for (std::size_t i = 0; i < n_players_; ++i) {
    random_words(seed_, Stream::gradients, start + i * n_words, turns);
    for (std::size_t t = 0; t < n_units; ++t) {
      const bool is_turned = ((turns[t / 64] >> (t % 64)) & 1U) != 0;
      out[2 * t * n_players_ + i] *= is_turned ? lengths.back() : lengths.front();
      out[(2 * t + 1) * n_players_ + i] *= is_turned ? lengths.front() : lengths.back();
    }
  }
}

void GradientPoints::fill_signs(std::size_t first, std::size_t n_pairs, bool is_mirrored,
                                std::vector<double>& out) const {
  std::vector<std::uint32_t> columns, rows;
  std::vector<std::uint64_t> words((n_players_ + 63) / 64);
  std::vector<double> flips(n_players_), signs(order_, 1);
  std::size_t known = std::numeric_limits<std::size_t>::max();
  for (std::size_t r = 0; r < n_pairs; ++r) {
    if (is_mirrored && r % 2 == 1) {
      std::copy_n(&out[(r - 1) * n_players_], n_players_, &out[r * n_players_]);
      continue;
    }
    const std::size_t unit = is_mirrored ? (first + r) / 2 : first + r, block = unit / order_;
    if (block != known) {
      const std::uint64_t start = first_word_ + block * 3 * order_;
      columns = random_order(order_, n_players_, seed_, Stream::gradients, start);
      rows = random_order(order_, order_, seed_, Stream::gradients, start + order_);
      random_words(seed_, Stream::gradients, start + 2 * std::uint64_t{order_}, words);
      for (std::size_t i = 0; i < n_players_; ++i) flips[i] = ((words[i / 64] >> (i % 64)) & 1U) != 0 ? -1 : 1;
      known = block;
    }
    // The row of Sylvester's matrix: each bit of its number doubles what is known of it.
    const std::uint32_t row = rows[unit % order_];
    for (std::uint32_t half = 1, bit = 0; half < order_; half *= 2, ++bit) {
      const double sign = ((row >> bit) & 1U) != 0 ? -1 : 1;
      for (std::uint32_t c = 0; c < half; ++c) signs[half + c] = sign * signs[c];
    }
    double* to = &out[r * n_players_];
    for (std::size_t i = 0; i < n_players_; ++i) to[i] = signs[columns[i]] * flips[i];
  }
}

}  // namespace banzhaf
