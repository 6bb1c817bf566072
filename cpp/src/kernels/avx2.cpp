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

#include "kernels/body.inl"

}  // namespace

constinit const Kernels set = make_kernels("avx2");

}  // namespace banzhaf::avx2
BANZHAF_TARGET_END

#endif
