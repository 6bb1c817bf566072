// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernels (hot loops) for any CPU.
#include <cstring>

#include "kernels/kernels.hpp"
#include "kernels/sets.hpp"

#if defined(__GNUC__)
#define BANZHAF_LANES 2
#else
#define BANZHAF_LANES 1
#endif
#define BANZHAF_TILE_ROWS 4

namespace banzhaf::generic {
namespace {

inline std::uint32_t count_bits(std::uint64_t x) {
#if defined(__aarch64__) && defined(__GNUC__)
  return static_cast<std::uint32_t>(__builtin_popcountll(x));
#else
  x -= (x >> 1) & 0x5555555555555555U;
  x = (x & 0x3333333333333333U) + ((x >> 2) & 0x3333333333333333U);
  x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fU;
  return static_cast<std::uint32_t>((x * 0x0101010101010101U) >> 56);
#endif
}

// Packs eight bytes, each 0 or 1 and the lowest address first, into eight bits by one multiplication.
inline std::uint64_t pack_word(const std::uint8_t* flags) {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 64; i += 8) {
    std::uint64_t bytes;
    memcpy(&bytes, flags + i, 8);
    // 1 in each byte that is not 0
    bytes = ((((bytes & 0x7f7f7f7f7f7f7f7fU) + 0x7f7f7f7f7f7f7f7fU) | bytes) >> 7) & 0x0101010101010101U;
    word |= ((bytes * 0x0102040810204080U) >> 56) << i;
  }
  return word;
}

void count_differences(const std::uint64_t* a, std::size_t n_a, const std::uint64_t* b, std::size_t n_b,
                       std::size_t n_words, std::size_t stride, std::uint32_t* out, std::size_t ld) {
  for (std::size_t i = 0; i < n_a; ++i) {
    for (std::size_t j = 0; j < n_b; ++j) {
      std::uint32_t count = 0;
      for (std::size_t w = 0; w < n_words; ++w) count += count_bits(a[i * stride + w] ^ b[j * stride + w]);
      out[i * ld + j] += count;
    }
  }
}

#include "kernels/body.inl"

}  // namespace

constinit const Kernels set = make_kernels("generic");

}  // namespace banzhaf::generic
