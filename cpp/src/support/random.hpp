// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Counter-based random words, so that any part of a stream can be made on its own.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace banzhaf {

/// The purpose of a stream of random words. Streams of different purposes with the same seed share no words.
enum class Stream : std::uint64_t {
  coalitions = 0,
  walks = 1,
  signs = 2,
  orders = 3,
  background = 4,
  variances = 5,
  fresh = 6,
  folds = 8,
  weighted = 9,
  gradients = 10,
  comparisons = 11
};

/// Philox4x64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
[[nodiscard]] std::array<std::uint64_t, 4> philox(std::array<std::uint64_t, 4> counter,
                                                  std::array<std::uint64_t, 2> key) noexcept;

/// Writes the words first, first + 1, ... of the stream of (seed, stream).
void random_words(std::uint64_t seed, Stream stream, std::uint64_t first, std::span<std::uint64_t> words) noexcept;

/// Returns the first count entries of a random order of 0, ..., size - 1, from the words first, first + 1, ... of a
/// stream.
[[nodiscard]] std::vector<std::uint32_t> random_order(std::uint32_t size, std::size_t count, std::uint64_t seed,
                                                      Stream stream, std::uint64_t first);

}  // namespace banzhaf
