// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The points at which gradients are taken: where players stand between the background row (-1) and the explicand (+1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace banzhaf {

/// How far the points of a player lie from the middle. Some lie at 1/sqrt(3), where the value is read, and the rest so
/// far out that the mean square is 1, as on the corners.
struct GradientShape {
  /// Whether two thirds of the points are near, and not a half. Values then vary less, but fourth moments differ more
  /// from those of corners.
  bool is_wide = false;
  /// Whether two pairs in a row have the same signs, and magnitudes that mirror each other: if a player is near in one of
  /// them, it is far out in the other. Products of players then nearly cancel over whole Hadamard matrices.
  bool is_mirrored = false;
};

/// How many of some pairs are near for each player, and how far its points lie from the middle.
struct Magnitudes {
  std::size_t n_near;
  double near, far;
};

/// Returns the magnitudes of n_pairs points, at least two. Mirrored ones need an even number.
[[nodiscard]] Magnitudes magnitudes(GradientShape shape, std::size_t n_pairs);

/// Where the points of some pairs lie. Bit r % 32 of word r / 32 * stride + i tells about player i in pair r.
struct PointMarks {
  std::size_t stride = 0;
  std::vector<std::uint32_t> near{};  ///< whether its points are near
  std::vector<std::uint32_t> up{};    ///< whether it is above the middle in the first point, and below it in the second
};

/// The pairs of points of one background row. The second point of a pair is the negative of the first.
class GradientPoints {
 public:
  /// The most pairs of one background row. Beyond them, random words would be used twice.
  static constexpr std::size_t most_pairs = std::size_t{1} << 16;

  GradientPoints(std::size_t n_players, std::uint64_t seed, std::size_t background);

  /// Returns the points of the pairs first, first + 1, ..., whose magnitudes have a mean square of 1 for each player.
  /// Signs are rows of Hadamard matrices, in a random order. Both numbers are even.
  [[nodiscard]] PointMarks operator()(std::size_t first, std::size_t n_pairs, GradientShape shape) const;

 private:
  void mark_signs(std::size_t first, std::size_t n_pairs, bool is_mirrored, PointMarks& marks) const;
  void mark_near(std::size_t first, std::size_t n_pairs, GradientShape shape, PointMarks& marks) const;
  void mark_turns(std::size_t first, std::size_t n_pairs, PointMarks& marks) const;

  std::size_t n_players_;
  std::uint64_t seed_;
  std::uint64_t first_word_;
  std::uint32_t order_;
};

}  // namespace banzhaf
