// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Where the pairs of a Hadamard design stand in their blocks, as fits of interactions need it for an incomplete block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "designs/hadamard_pairs.hpp"

namespace banzhaf {

/// Returns the place of each of the first n_pairs pairs: block x order + row. Empty if they are whole blocks, so that pair
/// p is at place p, or if the blocks are not Sylvester's.
[[nodiscard]] inline std::vector<std::uint32_t> places_of(const HadamardPairs& pairs, std::size_t n_pairs) {
  std::vector<std::uint32_t> places;
  const std::size_t order = pairs.order();
  if (!pairs.sylvester() || n_pairs % order == 0 || n_pairs > pairs.n_pairs()) return places;
  for (std::size_t p = 0; p < n_pairs; ++p)
    places.push_back(static_cast<std::uint32_t>(p / order * order + pairs.row_in_block(p)));
  return places;
}

}  // namespace banzhaf
