// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A hash table of rows, and two passes over their worths.
#include "estimate/repeats.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "regression/products.hpp"
#include "support/interrupt.hpp"

namespace banzhaf {
namespace {

std::uint64_t hash_of(const std::uint64_t* row, std::size_t words) {
  std::uint64_t hash = 0;
  for (std::size_t w = 0; w < words; ++w) {
    hash = (hash ^ row[w]) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 32;
  }
  return hash;
}

// Calls found(row, same) for each row, where same is the first row with the same coalition. The hash table holds the
// rows so far, and half of it stays empty.
template <typename Found>
void for_first_rows(CoalitionsView coalitions, Found&& found) {
  const std::size_t n = coalitions.n_rows, words = coalitions.words_per_row(), size = std::bit_ceil(2 * n);
  std::vector<std::size_t> places(size, n);
  for (std::size_t r = 0; r < n; ++r) {
    const std::uint64_t* row = coalitions.row(r);
    std::size_t place = hash_of(row, words) & (size - 1);
    while (places[place] != n && !std::equal(row, row + words, coalitions.row(places[place])))
      place = (place + 1) & (size - 1);
    if (places[place] == n) places[place] = r;
    found(r, places[place]);
  }
}

}  // namespace

std::size_t Repeats::n_spare() const noexcept {
  std::size_t spare = 0;
  for (const std::uint32_t each : count) spare += each - 1;
  return spare;
}

Repeats find_repeats(CoalitionsView coalitions) {
  Repeats result;
  result.group.resize(coalitions.n_rows);
  for_first_rows(coalitions, [&](std::size_t row, std::size_t same) {
    if (row == same) {
      result.group[row] = static_cast<std::uint32_t>(result.count.size());
      result.count.push_back(0);
    }
    ++result.count[result.group[row] = result.group[same]];
  });
  return result;
}

std::size_t count_distinct(CoalitionsView coalitions) {
  std::size_t n_distinct = 0;
  for_first_rows(coalitions, [&](std::size_t row, std::size_t same) { n_distinct += row == same ? 1 : 0; });
  return n_distinct;
}

std::size_t count_distinct(const RowSource& rows, std::size_t n_rows, std::size_t n_players, std::size_t most_bytes) {
  // The high bits of a hash choose the part, and the low bits its place in the table.
  const std::size_t words = words_for(n_players), row_bytes = 8 * words + 16;  // and its places in the table
  const std::size_t n_parts = std::bit_ceil(ceil_div(n_rows * row_bytes, most_bytes));
  const int shift = 64 - std::countr_zero(n_parts);  // only used for more than one part
  std::size_t n_distinct = 0;
  Coalitions scratch;
  std::vector<std::uint64_t> held;
  for (std::size_t part = 0; part < n_parts; ++part) {
    held.clear();
    for (std::size_t first = 0; first < n_rows; first += chunk_rows) {
      checkpoint();
      const CoalitionsView some = rows(first, std::min(chunk_rows, n_rows - first), scratch);
      for (std::size_t r = 0; r < some.n_rows; ++r)
        if (n_parts == 1 || hash_of(some.row(r), words) >> shift == part)
          held.insert(held.end(), some.row(r), some.row(r) + words);
    }
    n_distinct += count_distinct({held.data(), held.size() / words, n_players});
  }
  return n_distinct;
}

bool repeated_on_purpose(std::size_t n_distinct, std::size_t n_drawn, std::size_t n_bits) {
  if (n_distinct == n_drawn) return false;
  const double size = std::ldexp(1.0, static_cast<int>(std::min<std::size_t>(n_bits, 1000)));
  const double drawn = static_cast<double>(n_drawn);
  // q is the probability that a coalition is not drawn, and q2 that two given coalitions are not. The formula avoids
  // cancellation if both are near 1.
  const double missed = -std::expm1(drawn * std::log1p(-1 / size)), q = 1 - missed;
  const double expected = size > 1e15 * drawn ? drawn : size * missed;
  const double q2 = size > 2 ? std::exp(drawn * std::log1p(-2 / size)) : 0;
  const double variance = size > 1e15 ? 0 : std::max(0.0, size * q + size * (size - 1) * q2 - size * size * q * q);
  // A small number of collisions is nearly Poisson. Half as much again covers its tail.
  return static_cast<double>(n_distinct) < expected - 4.5 * std::sqrt(variance) - 1.5;
}

Averages average(const Repeats& repeats, Worths worths) {
  const std::size_t k = worths.n_outputs, n_groups = repeats.count.size();
  Averages result{std::vector<double>(n_groups * k), std::vector<double>(n_groups * k)};
  // Sums are relative to the first worth, so that equal worths have exactly that mean.
  std::vector<double> origins(n_groups * k);
  std::vector<bool> begun(n_groups);
  for (std::size_t r = 0; r < worths.n_rows(); ++r) {
    const std::uint32_t group = repeats.group[r];
    if (group == Repeats::left_out) continue;
    const std::span<const double> row = worths.row(r);
    if (!begun[group]) std::copy(row.begin(), row.end(), &origins[group * k]);
    begun[group] = true;
    for (std::size_t o = 0; o < k; ++o)
      result.means[group * k + o] += (row[o] - origins[group * k + o]) / repeats.count[group];
  }
  for (std::size_t i = 0; i < origins.size(); ++i) result.means[i] += origins[i];
  for (std::size_t r = 0; r < worths.n_rows(); ++r) {
    const std::uint32_t group = repeats.group[r];
    if (group == Repeats::left_out) continue;
    for (std::size_t o = 0; o < k; ++o) {
      const double difference = worths.row(r)[o] - result.means[group * k + o];
      result.squares[group * k + o] += difference * difference;
    }
  }
  return result;
}

}  // namespace banzhaf
