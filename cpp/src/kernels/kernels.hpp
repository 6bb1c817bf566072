// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernels: hot loops on raw pointers. There is one set per instruction set, and it is chosen once when the program
// runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace banzhaf {

/// The number of columns of right-hand sides that signed_sums processes at once.
inline constexpr std::size_t block_width = 16;
/// The number of columns whose influences are computed at once.
inline constexpr std::size_t influence_width = 32;
/// The input of mask_rows is padded to a multiple of this many bytes.
inline constexpr std::size_t mask_padding = 64;

/// Tests that pass_tests runs at once: test i passes if the code in its column is in [low, low + width].
struct TestBlock {
  static constexpr std::size_t n_tests = 32;

  std::uint16_t column[n_tests];
  std::uint16_t low[n_tests];
  std::uint16_t width[n_tests];
};
/// The codes that pass_tests reads are followed by two bytes at least, and padded to this many codes at least.
inline constexpr std::size_t least_codes = 64;

/// Up to eight neighbouring numbers of a table, which a pattern chooses: those from
/// table[first + patterns[pattern] * stride] on.
struct TableChoice {
  static constexpr std::size_t n_numbers = 8;

  std::size_t first;
  std::uint32_t stride;
  std::uint32_t pattern;
};
/// The most values that add_choices reads the places of.
inline constexpr std::size_t most_placed_values = 32;

/// The distribution of a coefficient: zero, or normal with one of eight variances, as far as weigh_mixture needs it. With x
/// the product of its column and what the other coefficients leave, a part's weight is 2 to the power of
/// log_weight + square_weight x^2, and the coefficient's mean given the part is mean x.
struct Mixture {
  static constexpr std::size_t n_normal = 8;
  static constexpr std::size_t n_lanes = 8;  ///< the coefficients that weigh_mixture weighs at once

  double noise;     ///< the coefficient's variance given the part is noise times mean
  double log_zero;  ///< the logarithm of the weight of zero
  double log_weight[n_normal];
  double square_weight[n_normal];
  double mean[n_normal];
};

/// What turns the integer sums of a row into its influences on influence_width coefficients: with x the row's +-1, they
/// are sums[c] * factor[c] + x[c] * own[c] - mean_influence[c], each times scale[c].
struct InfluenceColumns {
  float factor[influence_width];
  float own[influence_width];
  float mean_influence[influence_width];
  float mean[influence_width];  ///< of x
  float scale[influence_width];
};

/// The pairs of points that one word marks, one a bit.
inline constexpr std::size_t pairs_in_word = 32;
/// The columns of the words that choose_pairs handles are padded to a multiple of this number.
inline constexpr std::size_t player_padding = 16;

/// Pairs of points that one word for each column tells apart: the bits first, first + 1, ..., first + n_pairs - 1.
struct PairMarks {
  const std::uint32_t* near;  ///< where the column's points are near to the middle
  const std::uint32_t* up;    ///< where the pair's first point is above the middle, and its second one below
  std::size_t first, n_pairs;
};

/// For each column, sums over pairs of the sum y of two derivatives less an origin.
struct PairSums {
  const double* origin;
  double* near;         ///< of y - origin where the points are near
  double* near_square;  ///< of its square
  double* all;          ///< of y - origin over all pairs
  std::uint8_t* moves;  ///< whether any derivative was not 0
};

struct Kernels {
  const char* name;

  /// Sets bit i of out to whether flags[i] is not 0. Bits after the last flag are 0.
  void (*pack_flags)(const std::uint8_t* flags, std::size_t count, std::uint64_t* out);

  /// Adds popcount(a_i xor b_j) to out[i * ld + j], for rows of n_words words that are stride words apart.
  void (*count_differences)(const std::uint64_t* a, std::size_t n_a, const std::uint64_t* b, std::size_t n_b,
                            std::size_t n_words, std::size_t stride, std::uint32_t* out, std::size_t ld);

  /// Adds to out[r * width + c] the sum over the bits j of row r of +-values[j * width + c], with plus for set bits.
  /// width is 1 or block_width. The sum of a column has the same order in both cases.
  void (*signed_sums)(const std::uint64_t* bits, std::size_t n_rows, std::size_t stride, std::size_t n_bits,
                      const double* values, std::size_t width, double* out);

  std::size_t tile_rows;     ///< the rows of the smallest tile of a matrix product
  std::size_t tile_columns;  ///< its columns
  /// Sets tile[i * tile_columns + j] to the sum over k of a[k * tile_rows + i] b[k * tile_columns + j].
  void (*multiply_tile)(std::size_t n_k, const double* a, const double* b, double* tile);

  /// Sets each row of out (row_bytes apart) to kept or (row of background and not mask). The rows of the background are
  /// stride bytes apart. They, kept and mask are padded to a multiple of mask_padding bytes.
  void (*mask_rows)(const std::uint8_t* background, std::size_t n_rows, std::size_t stride, const std::uint8_t* kept,
                    const std::uint8_t* mask, std::size_t row_bytes, std::uint8_t* out);

  /// Sets cell j of row r of out to cell j of chosen if bit j of row r of bits is set, otherwise to cell j of others.
  /// Rows of bits are n_words words, rows of out n_cells cells of cell_bytes bytes. chosen and others are padded to a
  /// multiple of mask_padding bytes.
  void (*choose_cells)(const std::uint64_t* bits, std::size_t n_rows, std::size_t n_words, std::size_t n_cells,
                       std::size_t cell_bytes, const std::uint8_t* chosen, const std::uint8_t* others,
                       std::uint8_t* out);

  /// Replaces each of count stretches of a power of 2 of values by its Walsh-Hadamard transform, step by step from
  /// neighbours on. It suits stretches that fit into the smallest cache together.
  void (*hadamard)(double* values, std::size_t size, std::size_t count);
  /// Replaces low[i] and high[i] by low[i] + high[i] and low[i] - high[i].
  void (*butterfly)(double* low, double* high, std::size_t count);
  /// Sets out[i] to low[i] + high[i], and returns the sum of high[i] - low[i].
  double (*fold)(const double* low, const double* high, std::size_t count, double* out);
  /// Adds to sums[0] and sums[1] the sums of a[i] - origin and of its square.
  void (*add_moments)(const double* a, double origin, std::size_t count, double* sums);
  /// Returns the sum of a[i] b[i].
  double (*dot)(const double* a, const double* b, std::size_t count);
  /// The same for an a in blocks of block_width numbers that are stride apart.
  double (*dot_in_blocks)(const double* a, std::size_t stride, const double* b, std::size_t count);
  /// Adds weight * a[i]^2 to out[i].
  void (*add_squares)(const double* a, double weight, std::size_t count, double* out);
  /// Adds the sum over rows r of weights[r] * a[r * block_width + c]^2 to out[c], in the order of the rows.
  void (*add_square_rows)(const double* a, const double* weights, std::size_t n_rows, double* out);
  /// Adds to out[r * influence_width + c] the sum over the n_bits lowest bits j of words[r] of
  /// +-values[j * influence_width + c], with plus for set bits. The magnitudes of a column's values at each
  /// quarter of the bits (0 to 15, and so on) add up to at most 32,767.
  void (*add_short_sums)(const std::uint64_t* words, std::size_t n_rows, std::size_t n_bits, const std::int32_t* values,
                         std::int32_t* out);
  /// Sets out[r] to the sum over c of (x[c] - mean[c]) times the influence of row r, whose x is in words[r] from bit shift
  /// on.
  void (*leverages)(const std::int32_t* sums, const std::uint64_t* words, unsigned shift, std::size_t n_rows,
                    const InfluenceColumns& columns, float* out);
  /// Adds to out[c] the sum over rows r of weights[r] times the square of the influence divided by scale[c].
  void (*add_influence_squares)(const std::int32_t* sums, const std::uint64_t* words, unsigned shift,
                                std::size_t n_rows, const InfluenceColumns& columns, const float* weights, double* out);
  /// Adds weight * a[i] to out[i].
  void (*add_scaled)(const double* a, double weight, std::size_t count, double* out);

  /// Sets the bit in out[i] if codes[i] is in [low, low + width].
  void (*set_bits)(const std::uint16_t* codes, std::size_t count, std::uint16_t low, std::uint16_t width,
                   std::uint16_t bit, std::uint16_t* out);
  /// Clears the bit in out[i] if codes[i] is not in [low, low + width].
  void (*keep_bits)(const std::uint16_t* codes, std::size_t count, std::uint16_t low, std::uint16_t width,
                    std::uint16_t bit, std::uint16_t* out);
  /// Adds table[patterns[r] * n_slots + j] to rows[r * stride + slots[j]].
  void (*add_entries)(const double* table, std::size_t n_slots, const std::uint32_t* slots,
                      const std::uint16_t* patterns, std::size_t n_rows, double* rows, std::size_t stride);
  /// Sets bit i % 8 of out[i / 8] if test i of the blocks passes, and clears it if not.
  void (*pass_tests)(const std::uint16_t* codes, std::size_t n_codes, const TestBlock* blocks, std::size_t n_blocks,
                     std::uint8_t* out);
  /// Adds number j of choice i to values[slots[8 * i + j]], choice by choice. The slots of a choice differ. Numbers that
  /// a choice does not have belong to slots from n_values on, so values has room for n_values + 8 numbers.
  ///
  /// If there are at most most_placed_values values, places say the same: with values padded to a multiple w of eight,
  /// places[w * i + v] is the number of choice i that is added to value v, or 8 for none.
  void (*add_choices)(const double* table, const TableChoice* choices, std::size_t n_choices,
                      const std::uint16_t* patterns, const std::uint32_t* slots, const std::uint8_t* places,
                      std::size_t n_values, double* values);

  /// Sets means to the means of count coefficients with the same distribution, from their products x. There is room for
  /// n_lanes numbers in each array, and products are 0 beyond count. With counts, also sets variances, and adds the
  /// probability that coefficient c is in part l (zero first) to counts[l * n_lanes + c]. Every set gives the same bits.
  void (*weigh_mixture)(const Mixture& of, const double* products, std::size_t count, float* counts, double* means,
                        double* variances);

  // Every set gives the same bits in what follows too.

  /// Chooses n_chosen of n_pairs pairs for each player, all choices being equally likely: sets bit r % 32 of
  /// out[r / 32 * stride + i] if pair r is chosen for player i. state has four rows of stride random words, and stride
  /// is the number of players, padded to a multiple of player_padding. n_pairs is below 2^24.
  void (*choose_pairs)(const std::uint32_t* state, std::size_t stride, std::size_t n_pairs, std::size_t n_chosen,
                       std::uint32_t* out);
  /// Writes the two rows of each pair. places has four rows of n_columns cells: near to the middle above and below it,
  /// and far from it above and below.
  void (*place_points)(const PairMarks& marks, const void* places, std::size_t n_columns, std::size_t cell_bytes,
                       void* out);
  /// Adds the derivatives at the points of pairs, float or double. Those at first points begin at `first`, those at
  /// second ones at `second`, and each is stride numbers after the one before.
  void (*add_derivatives)(const PairMarks& marks, const void* first, const void* second, std::size_t stride,
                          std::size_t number_bytes, std::size_t n_columns, const PairSums& sums);
};

/// Returns the set in use: the best one that this CPU runs, or the one that BANZHAF_KERNEL names (generic, avx2,
/// avx512). Throws std::invalid_argument if that set is unknown or does not run on this CPU.
[[nodiscard]] const Kernels& kernels();

/// Returns every set that this CPU runs, for tests.
[[nodiscard]] std::span<const Kernels* const> usable_kernels();

}  // namespace banzhaf
