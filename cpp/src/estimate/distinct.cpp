// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Counting the coalitions of a sample that differ, by a hash table.
#include <algorithm>
#include <bit>
#include <vector>

#include "designs/hadamard_pairs.hpp"
#include "estimate/sample.hpp"

namespace banzhaf {
namespace {

// By a table of the rows that are there already, half of it empty.
std::size_t count_distinct_rows(std::span<const std::uint64_t> rows, std::size_t words) {
  const std::size_t n = rows.size() / words, size = std::bit_ceil(2 * n);
  std::vector<std::size_t> places(size, n);
  std::size_t n_distinct = 0;
  for (std::size_t r = 0; r < n; ++r) {
    const std::uint64_t* row = &rows[r * words];
    std::uint64_t hash = 0;
    for (std::size_t w = 0; w < words; ++w) {
      hash = (hash ^ row[w]) * 0x9E3779B97F4A7C15U;
      hash ^= hash >> 32;
    }
    std::size_t place = hash & (size - 1);
    while (places[place] != n && !std::equal(row, row + words, &rows[places[place] * words]))
      place = (place + 1) & (size - 1);
    if (places[place] != n) continue;
    places[place] = r;
    ++n_distinct;
  }
  return n_distinct;
}

}  // namespace

std::size_t count_distinct(const Sample& sample) {
  if (sample.is_complete()) return sample.n_coalitions();
  const std::size_t n_units = sample.n_units(), n_players = sample.n_players(), words = words_for(n_players);
  const Design* design = sample.design();
  if (design != nullptr && design->hadamard() && design->hadamard()->all_distinct()) return 2 * n_units;
  // Of pairs, twice the pairs that differ, each by whichever of its two lacks player 0.
  const bool pairs = sample.in_pairs();
  std::vector<std::uint64_t> kept(n_units * words);
  Coalitions scratch;
  constexpr std::size_t chunk = 8192;
  for (std::size_t first = 0; first < n_units; first += chunk) {
    const CoalitionsView some = sample.rows(first, std::min(chunk, n_units - first), scratch);
    for (std::size_t p = 0; p < some.n_rows; ++p) {
      const std::span<std::uint64_t> row(&kept[(first + p) * words], words);
      std::copy_n(some.row(p), words, row.begin());
      if (pairs && (row[0] & 1U) != 0) complement(row, n_players, row);
    }
  }
  return (pairs ? 2 : 1) * count_distinct_rows(kept, words);
}

}  // namespace banzhaf
