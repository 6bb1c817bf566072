// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The hot loops, on raw pointers: one set for each instruction set, chosen once when the program runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace banzhaf {

/// Columns of right-hand sides that signed_sums takes at once.
inline constexpr std::size_t block_width = 16;
/// What mask_rows reads is padded to a multiple of this many bytes.
inline constexpr std::size_t mask_padding = 64;

struct Kernels {
  const char* name;

  /// Bit i of out is flags[i], 0 or 1; bits beyond the last flag are 0.
  void (*pack_flags)(const std::uint8_t* flags, std::size_t count, std::uint64_t* out);

  /// out[i * ld + j] += popcount(a_i xor b_j), for rows of n_words words each, stride words apart.
  void (*count_differences)(const std::uint64_t* a, std::size_t n_a, const std::uint64_t* b, std::size_t n_b,
                            std::size_t n_words, std::size_t stride, std::uint32_t* out, std::size_t ld);

  /// out[r * width + c] += sum over bits j of row r of +-values[j * width + c], plus where the bit is set.
  /// width is 1 or block_width; each column's sum has the same order in both.
  void (*signed_sums)(const std::uint64_t* bits, std::size_t n_rows, std::size_t stride, std::size_t n_bits,
                      const double* values, std::size_t width, double* out);

  std::size_t tile_rows;     ///< rows of a matrix product's smallest tile
  std::size_t tile_columns;  ///< and its columns
  /// tile[i * tile_columns + j] = sum over k of a[k * tile_rows + i] b[k * tile_columns + j].
  void (*multiply_tile)(std::size_t n_k, const double* a, const double* b, double* tile);

  /// Each row of out (row_bytes apart) = kept or (row of background and not mask). The background's rows are stride
  /// bytes apart; they, kept and mask are padded to a multiple of mask_padding bytes.
  void (*mask_rows)(const std::uint8_t* background, std::size_t n_rows, std::size_t stride, const std::uint8_t* kept,
                    const std::uint8_t* mask, std::size_t row_bytes, std::uint8_t* out);

  /// low[i], high[i] = low[i] + high[i], low[i] - high[i].
  void (*butterfly)(double* low, double* high, std::size_t count);
  /// out[i] = low[i] + high[i]; returns the sum of high[i] - low[i].
  double (*fold)(const double* low, const double* high, std::size_t count, double* out);
  /// Adds to sums[0] and sums[1] the sums of a[i] - origin and of its square.
  void (*add_moments)(const double* a, double origin, std::size_t count, double* sums);
  /// The sum of a[i] b[i].
  double (*dot)(const double* a, const double* b, std::size_t count);
  /// out[i] += weight * a[i]^2.
  void (*add_squares)(const double* a, double weight, std::size_t count, double* out);
  /// out[i] += weight * a[i].
  void (*add_scaled)(const double* a, double weight, std::size_t count, double* out);

  /// out[i] |= bit where codes[i] is in [low, low + width].
  void (*set_bits)(const std::uint16_t* codes, std::size_t count, std::uint16_t low, std::uint16_t width,
                   std::uint16_t bit, std::uint16_t* out);
  /// out[i] &= ~bit where codes[i] is not in [low, low + width].
  void (*keep_bits)(const std::uint16_t* codes, std::size_t count, std::uint16_t low, std::uint16_t width,
                    std::uint16_t bit, std::uint16_t* out);
  /// rows[r * stride + slots[j]] += table[patterns[r] * n_slots + j].
  void (*add_entries)(const double* table, std::size_t n_slots, const std::uint32_t* slots,
                      const std::uint16_t* patterns, std::size_t n_rows, double* rows, std::size_t stride);
};

/// The set in use: the best that this CPU runs, or the one that BANZHAF_KERNEL names (generic, avx2, avx512).
/// Throws std::invalid_argument if that one is unknown or does not run here.
[[nodiscard]] const Kernels& kernels();

/// Every set that this CPU runs, for tests.
[[nodiscard]] std::span<const Kernels* const> usable_kernels();

}  // namespace banzhaf
