// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernels (hot loops) for x86 CPUs with AVX-512 and its population count.
#include "kernels/sets.hpp"

#if defined(BANZHAF_X86_KERNELS)
#include <immintrin.h>

#include <cstring>

#include "kernels/target.hpp"

#define BANZHAF_LANES 8
#define BANZHAF_TILE_ROWS 12
#define BANZHAF_OWN_ROW_KERNELS
#define BANZHAF_OWN_CHOICES

BANZHAF_TARGET_BEGIN("avx512f,avx512dq,avx512bw,avx512vl,avx512vpopcntdq,fma,popcnt")
namespace banzhaf::avx512 {
namespace {

inline std::uint64_t pack_word(const std::uint8_t* flags) {
  const __m512i bytes = _mm512_loadu_si512(flags);
  return _mm512_test_epi8_mask(bytes, bytes);
}

// Uses zeroing forms with a full mask, because GCC 12 warns of an undefined register in the plain forms.
inline __m512i add_halves(__m512i a, __m512i b) {
  return _mm512_add_epi64(_mm512_maskz_shuffle_i64x2(255, a, b, 0x88), _mm512_maskz_shuffle_i64x2(255, a, b, 0xdd));
}

// Returns the sums of the lanes of eight vectors in one vector. Lanes are exchanged until each holds one vector's sum.
inline __m512i sum_lanes(const __m512i* v) {
  __m512i two[4];
  for (int i = 0; i < 4; ++i)
    two[i] = _mm512_add_epi64(_mm512_maskz_unpacklo_epi64(255, v[2 * i], v[2 * i + 1]),
                              _mm512_maskz_unpackhi_epi64(255, v[2 * i], v[2 * i + 1]));
  return add_halves(add_halves(two[0], two[1]), add_halves(two[2], two[3]));
}

// Counts n_i x n_j pairs of rows at once, so that each word is read once and used several times.
template <int n_i, int n_j>
inline void count_block(const std::uint64_t* a, const std::uint64_t* b, std::size_t n_words, std::size_t stride,
                        std::uint32_t* out, std::size_t ld) {
  __m512i counts[n_i][n_j];
  for (int i = 0; i < n_i; ++i)
    for (int j = 0; j < n_j; ++j) counts[i][j] = _mm512_setzero_si512();
  for (std::size_t w = 0; w < n_words; w += 8) {
    const __mmask8 valid = n_words - w < 8 ? static_cast<__mmask8>((1U << (n_words - w)) - 1) : __mmask8{255};
    __m512i left[n_i];
    for (std::size_t i = 0; i < n_i; ++i) left[i] = _mm512_maskz_loadu_epi64(valid, a + i * stride + w);
    for (std::size_t j = 0; j < n_j; ++j) {
      const __m512i right = _mm512_maskz_loadu_epi64(valid, b + j * stride + w);
      for (int i = 0; i < n_i; ++i)
        counts[i][j] = _mm512_add_epi64(counts[i][j], _mm512_popcnt_epi64(_mm512_xor_si512(left[i], right)));
    }
  }
  if constexpr (n_i * n_j % 8 == 0) {
    static_assert(n_j == 4);
    for (std::size_t i = 0; i < n_i; i += 2) {
      const __m512i sums = sum_lanes(counts[i]);
      std::uint64_t count[8];
      memcpy(count, &sums, sizeof(count));
      for (std::size_t k = 0; k < 8; ++k) out[(i + k / 4) * ld + k % 4] += static_cast<std::uint32_t>(count[k]);
    }
    return;
  }
  for (std::size_t i = 0; i < n_i; ++i) {
    for (std::size_t j = 0; j < n_j; ++j) {
      // Written by hand, because the intrinsic makes GCC 12 warn of an undefined register.
      std::uint64_t lane[8];
      memcpy(lane, &counts[i][j], sizeof(lane));
      std::uint64_t count = 0;
      for (const std::uint64_t c : lane) count += c;
      out[i * ld + j] += static_cast<std::uint32_t>(count);
    }
  }
}

void count_differences(const std::uint64_t* a, std::size_t n_a, const std::uint64_t* b, std::size_t n_b,
                       std::size_t n_words, std::size_t stride, std::uint32_t* out, std::size_t ld) {
  std::size_t i = 0;
  for (; i + 4 <= n_a; i += 4) {
    std::size_t j = 0;
    for (; j + 4 <= n_b; j += 4)
      count_block<4, 4>(a + i * stride, b + j * stride, n_words, stride, out + i * ld + j, ld);
    for (; j < n_b; ++j) count_block<4, 1>(a + i * stride, b + j * stride, n_words, stride, out + i * ld + j, ld);
  }
  for (; i < n_a; ++i)
    for (std::size_t j = 0; j < n_b; ++j)
      count_block<1, 1>(a + i * stride, b + j * stride, n_words, stride, out + i * ld + j, ld);
}

inline __m512i blend(std::uint64_t bits, __m512i others, __m512i chosen, std::uint32_t) {
  return _mm512_mask_blend_epi32(static_cast<__mmask16>(bits), others, chosen);
}
inline __m512i blend(std::uint64_t bits, __m512i others, __m512i chosen, std::uint64_t) {
  return _mm512_mask_blend_epi64(static_cast<__mmask8>(bits), others, chosen);
}

// Sets the cells of rows whose bits are set to the chosen ones. The cells of a row are n_vectors vectors or fewer, which
// stay in registers.
template <typename Cell, int n_vectors>
inline void choose_few(const std::uint64_t* bits, std::size_t n_rows, std::size_t n_words, std::size_t n_cells,
                       const std::uint8_t* chosen, const std::uint8_t* others, std::uint8_t* out) {
  constexpr std::size_t width = 64 / sizeof(Cell);
  const std::size_t row_bytes = n_cells * sizeof(Cell), last = row_bytes - 64 * (n_vectors - 1);
  const __mmask64 rest = ~std::uint64_t{0} >> (64 - last);
  __m512i a[n_vectors], b[n_vectors];
  for (int v = 0; v < n_vectors; ++v) {
    a[v] = _mm512_loadu_si512(others + 64 * v);
    b[v] = _mm512_loadu_si512(chosen + 64 * v);
  }
  for (std::size_t r = 0; r < n_rows; ++r, bits += n_words, out += row_bytes) {
    for (int v = 0; v + 1 < n_vectors; ++v)
      _mm512_storeu_si512(out + 64 * v, blend(bits[0] >> (width * v), a[v], b[v], Cell{}));
    constexpr int v = n_vectors - 1;
    _mm512_mask_storeu_epi8(out + 64 * v, rest, blend(bits[0] >> (width * v), a[v], b[v], Cell{}));
  }
}

// The same for any number of cells.
template <typename Cell, typename>
inline void choose_wide(const std::uint64_t* bits, std::size_t n_rows, std::size_t n_words, std::size_t n_cells,
                        const std::uint8_t* chosen, const std::uint8_t* others, std::uint8_t* out) {
  constexpr std::size_t width = 64 / sizeof(Cell);
  const std::size_t row_bytes = n_cells * sizeof(Cell);
  if (n_cells <= width) return choose_few<Cell, 1>(bits, n_rows, n_words, n_cells, chosen, others, out);
  if (n_cells <= 2 * width) return choose_few<Cell, 2>(bits, n_rows, n_words, n_cells, chosen, others, out);
  if (n_cells <= 4 * width && n_cells > 3 * width)
    return choose_few<Cell, 4>(bits, n_rows, n_words, n_cells, chosen, others, out);
  for (std::size_t r = 0; r < n_rows; ++r, bits += n_words, out += row_bytes) {
    for (std::size_t j = 0; j < n_cells; j += width) {
      const std::size_t at = j * sizeof(Cell), left = row_bytes - at;
      const __mmask64 rest = left < 64 ? ~std::uint64_t{0} >> (64 - left) : ~std::uint64_t{0};
      const __m512i a = _mm512_loadu_si512(others + at), b = _mm512_loadu_si512(chosen + at);
      _mm512_mask_storeu_epi8(out + at, rest, blend(bits[j / 64] >> (j % 64), a, b, Cell{}));
    }
  }
}

#include "kernels/body.inl"

// Looks up 32 codes at once in one register or two.
template <int n_registers>
inline void pass_blocks(const std::uint16_t* codes, const TestBlock* blocks, std::size_t n_blocks, std::uint8_t* out) {
  const __m512i first = _mm512_loadu_si512(codes), second = _mm512_loadu_si512(codes + 32);
  for (std::size_t b = 0; b < n_blocks; ++b, out += 4) {
    const __m512i columns = _mm512_loadu_si512(blocks[b].column);
    const __m512i found = n_registers == 1 ? _mm512_maskz_permutexvar_epi16(~0U, columns, first)
                                           : _mm512_maskz_permutex2var_epi16(~0U, first, columns, second);
    const __m512i above = _mm512_sub_epi16(found, _mm512_loadu_si512(blocks[b].low));
    const std::uint32_t bits = _mm512_cmple_epu16_mask(above, _mm512_loadu_si512(blocks[b].width));
    memcpy(out, &bits, sizeof(bits));
  }
}

inline __m256i load_sixteen(const std::uint16_t* numbers) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers));
}

// Gathers 16 codes at once. Each look-up reads the next code too, which the conversion drops.
inline void gather_blocks(const std::uint16_t* codes, const TestBlock* blocks, std::size_t n_blocks,
                          std::uint8_t* out) {
  for (std::size_t b = 0; b < n_blocks; ++b) {
    for (std::size_t first = 0; first < TestBlock::n_tests; first += 16, out += 2) {
      const __m512i columns = _mm512_maskz_cvtepu16_epi32(0xffff, load_sixteen(blocks[b].column + first));
      const __m512i found = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 0xffff, columns, codes, 2);
      const __m256i above =
          _mm256_sub_epi16(_mm512_maskz_cvtepi32_epi16(0xffff, found), load_sixteen(blocks[b].low + first));
      const std::uint16_t bits = _mm256_cmple_epu16_mask(above, load_sixteen(blocks[b].width + first));
      memcpy(out, &bits, sizeof(bits));
    }
  }
}

void pass_tests(const std::uint16_t* codes, std::size_t n_codes, const TestBlock* blocks, std::size_t n_blocks,
                std::uint8_t* out) {
  if (n_codes <= 32) return pass_blocks<1>(codes, blocks, n_blocks, out);
  if (n_codes <= 64) return pass_blocks<2>(codes, blocks, n_blocks, out);
  gather_blocks(codes, blocks, n_blocks, out);
}

// Keeps all values in registers.
template <int n_registers>
inline void add_by_places(const double* table, const TableChoice* choices, std::size_t n_choices,
                          const std::uint16_t* patterns, const std::uint8_t* places, double* values) {
  const __m512d zero = _mm512_setzero_pd();
  __m512d sums[n_registers];
  for (int k = 0; k < n_registers; ++k) sums[k] = _mm512_loadu_pd(values + 8 * k);
  for (std::size_t i = 0; i < n_choices; ++i) {
    if (i + choices_ahead < n_choices) fetch(chosen(table, choices[i + choices_ahead], patterns));
    const __m512d entry = _mm512_loadu_pd(chosen(table, choices[i], patterns));
    for (int k = 0; k < n_registers; ++k, places += 8) {
      const __m512i place = _mm512_maskz_cvtepu8_epi64(255, _mm_loadl_epi64(reinterpret_cast<const __m128i*>(places)));
      // Place 8 is the first zero. Adding it changes no bit, because a sum from 0 on is never -0.
      sums[k] = _mm512_add_pd(sums[k], _mm512_maskz_permutex2var_pd(255, entry, place, zero));
    }
  }
  for (int k = 0; k < n_registers; ++k) _mm512_storeu_pd(values + 8 * k, sums[k]);
}

void add_choices(const double* table, const TableChoice* choices, std::size_t n_choices, const std::uint16_t* patterns,
                 const std::uint32_t* slots, const std::uint8_t* places, std::size_t n_values, double* values) {
  if (n_values <= 8) return add_by_places<1>(table, choices, n_choices, patterns, places, values);
  if (n_values <= 16) return add_by_places<2>(table, choices, n_choices, patterns, places, values);
  if (n_values <= 24) return add_by_places<3>(table, choices, n_choices, patterns, places, values);
  if (n_values <= 32) return add_by_places<4>(table, choices, n_choices, patterns, places, values);
  add_by_slots(table, choices, n_choices, patterns, slots, values);
}

}  // namespace

constinit const Kernels set = make_kernels("avx512");

}  // namespace banzhaf::avx512
BANZHAF_TARGET_END

#endif
