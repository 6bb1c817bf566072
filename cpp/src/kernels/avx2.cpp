// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernels (hot loops) for x86 CPUs with AVX2 and FMA.
#include "kernels/sets.hpp"

#if defined(BANZHAF_X86_KERNELS)
#include <immintrin.h>

#include <cstring>

#include "kernels/target.hpp"

#define BANZHAF_LANES 4
#define BANZHAF_TILE_ROWS 6
#define BANZHAF_OWN_CHOICES

BANZHAF_TARGET_BEGIN("avx2,fma,popcnt")
namespace banzhaf::avx2 {
namespace {

inline std::uint64_t pack_word(const std::uint8_t* flags) {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(flags));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(flags + 32));
  const __m256i zero = _mm256_setzero_si256();
  return ~(static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, zero))) |
           std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, zero)))} << 32);
}

// Counts the bits of each byte by two look-ups of four bits (Mula, Kurz, Lemire, "Faster population counts", 2018).
inline __m256i count_bytes(__m256i x) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i four = _mm256_set1_epi8(15);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, four)),
                         _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), four)));
}

inline std::uint32_t differences(const std::uint64_t* a, const std::uint64_t* b, std::size_t n_words) {
  __m256i total = _mm256_setzero_si256();
  std::size_t w = 0;
  while (w + 4 <= n_words) {
    // A byte holds at most 255, which is enough for 31 vectors with at most 8 bits per byte.
    const std::size_t last = n_words - w > 31 * 4 ? w + 31 * 4 : n_words;
    __m256i bytes = _mm256_setzero_si256();
    for (; w + 4 <= last; w += 4) {
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + w));
      const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + w));
      bytes = _mm256_add_epi8(bytes, count_bytes(_mm256_xor_si256(x, y)));
    }
    total = _mm256_add_epi64(total, _mm256_sad_epu8(bytes, _mm256_setzero_si256()));
  }
  std::uint64_t lane[4];
  memcpy(lane, &total, sizeof(lane));
  std::uint64_t count = lane[0] + lane[1] + lane[2] + lane[3];
  for (; w < n_words; ++w) count += static_cast<std::uint64_t>(__builtin_popcountll(a[w] ^ b[w]));
  return static_cast<std::uint32_t>(count);
}

void count_differences(const std::uint64_t* a, std::size_t n_a, const std::uint64_t* b, std::size_t n_b,
                       std::size_t n_words, std::size_t stride, std::uint32_t* out, std::size_t ld) {
  for (std::size_t i = 0; i < n_a; ++i)
    for (std::size_t j = 0; j < n_b; ++j) out[i * ld + j] += differences(a + i * stride, b + j * stride, n_words);
}

// Moves the bit of each cell to the cell's sign: bits v * width and higher of the word, for vector v.
inline __m256i to_signs(std::uint64_t word, int v, std::uint32_t) {
  const __m256i shifts =
      _mm256_sub_epi32(_mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24), _mm256_set1_epi32(v % 4 * 8));
  return _mm256_sllv_epi32(_mm256_set1_epi32(static_cast<int>(word >> (v / 4 * 32))), shifts);
}
inline __m256i to_signs(std::uint64_t word, int v, std::uint64_t) {
  const __m256i shifts = _mm256_sub_epi64(_mm256_setr_epi64x(63, 62, 61, 60), _mm256_set1_epi64x(v * 4));
  return _mm256_sllv_epi64(_mm256_set1_epi64x(static_cast<long long>(word)), shifts);
}

inline __m256i blend(__m256i signs, __m256i others, __m256i chosen, std::uint32_t) {
  return _mm256_castps_si256(
      _mm256_blendv_ps(_mm256_castsi256_ps(others), _mm256_castsi256_ps(chosen), _mm256_castsi256_ps(signs)));
}
inline __m256i blend(__m256i signs, __m256i others, __m256i chosen, std::uint64_t) {
  return _mm256_castpd_si256(
      _mm256_blendv_pd(_mm256_castsi256_pd(others), _mm256_castsi256_pd(chosen), _mm256_castsi256_pd(signs)));
}

inline __m256i load_bytes(const std::uint8_t* source) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(source));
}
inline void store_bytes(std::uint8_t* target, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(target), v); }

template <typename Cell, int n_vectors>
inline void choose_row(std::uint64_t word, const __m256i* others, const __m256i* chosen, std::uint8_t* out) {
  for (int v = 0; v < n_vectors; ++v)
    store_bytes(out + 32 * v, blend(to_signs(word, v, Cell{}), others[v], chosen[v], Cell{}));
}

// Sets the cells of rows whose bits are set to the chosen ones. The cells of a row are n_vectors vectors or fewer, which
// stay in registers.
template <typename Cell, int n_vectors>
inline void choose_few(const std::uint64_t* bits, std::size_t n_rows, std::size_t n_words, std::size_t n_cells,
                       const std::uint8_t* chosen, const std::uint8_t* others, std::uint8_t* out) {
  constexpr std::size_t whole = 32 * n_vectors;
  const std::size_t row_bytes = n_cells * sizeof(Cell);
  __m256i a[n_vectors], b[n_vectors];
  for (int v = 0; v < n_vectors; ++v) {
    a[v] = load_bytes(others + 32 * v);
    b[v] = load_bytes(chosen + 32 * v);
  }
  std::size_t left = n_rows * row_bytes;
  // The last vector may reach into the next rows, which are written later, but not beyond the last row.
  for (; left >= whole; left -= row_bytes, bits += n_words, out += row_bytes)
    choose_row<Cell, n_vectors>(bits[0], a, b, out);
  for (; left > 0; left -= row_bytes, bits += n_words, out += row_bytes) {
    std::uint8_t last[whole];
    choose_row<Cell, n_vectors>(bits[0], a, b, last);
    memcpy(out, last, row_bytes);
  }
}

// The same for any number of cells.
template <typename Cell, typename>
inline void choose_wide(const std::uint64_t* bits, std::size_t n_rows, std::size_t n_words, std::size_t n_cells,
                        const std::uint8_t* chosen, const std::uint8_t* others, std::uint8_t* out) {
  constexpr std::size_t width = 32 / sizeof(Cell);
  switch ((n_cells + width - 1) / width) {
    case 1:
      return choose_few<Cell, 1>(bits, n_rows, n_words, n_cells, chosen, others, out);
    case 2:
      return choose_few<Cell, 2>(bits, n_rows, n_words, n_cells, chosen, others, out);
    case 3:
      return choose_few<Cell, 3>(bits, n_rows, n_words, n_cells, chosen, others, out);
    case 4:
      return choose_few<Cell, 4>(bits, n_rows, n_words, n_cells, chosen, others, out);
    default:
      break;
  }
  const std::size_t row_bytes = n_cells * sizeof(Cell);
  for (std::size_t r = 0; r < n_rows; ++r, bits += n_words, out += row_bytes) {
    const std::size_t room = (n_rows - r) * row_bytes;
    for (std::size_t j = 0; j < n_cells; j += width) {
      const std::size_t at = j * sizeof(Cell);
      const __m256i signs = to_signs(bits[j / 64] >> (j % 64), 0, Cell{});
      const __m256i cells = blend(signs, load_bytes(others + at), load_bytes(chosen + at), Cell{});
      if (at + 32 <= room)
        store_bytes(out + at, cells);
      else
        memcpy(out + at, &cells, row_bytes - at);
    }
  }
}

#include "kernels/body.inl"

}  // namespace

constinit const Kernels set = make_kernels("avx2");

}  // namespace banzhaf::avx2
BANZHAF_TARGET_END

#endif
