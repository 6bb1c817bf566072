// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Philox4x64-10, and the streams made from it.
#include "support/random.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#if defined(_MSC_VER) && defined(_M_X64)
#include <intrin.h>
#endif

namespace banzhaf {
namespace {

struct Product {
  std::uint64_t high;
  std::uint64_t low;
};

inline Product multiply(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return {static_cast<std::uint64_t>(product >> 64), static_cast<std::uint64_t>(product)};
#elif defined(_MSC_VER) && defined(_M_X64)
  std::uint64_t high = 0;
  const std::uint64_t low = _umul128(a, b, &high);
  return {high, low};
#else
  const std::uint64_t a_low = a & 0xffffffffU, a_high = a >> 32, b_low = b & 0xffffffffU, b_high = b >> 32;
  const std::uint64_t low = a_low * b_low, middle = a_high * b_low + (low >> 32);
  const std::uint64_t other = a_low * b_high + (middle & 0xffffffffU);
  return {a_high * b_high + (middle >> 32) + (other >> 32), a * b};
#endif
}

}  // namespace

std::array<std::uint64_t, 4> philox(std::array<std::uint64_t, 4> c, std::array<std::uint64_t, 2> key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const Product first = multiply(0xD2E7470EE14C6C93U, c[0]);
    const Product second = multiply(0xCA5A826395121157U, c[2]);
    c = {second.high ^ c[1] ^ key[0], second.low, first.high ^ c[3] ^ key[1], first.low};
    key[0] += 0x9E3779B97F4A7C15U;
    key[1] += 0xBB67AE8584CAA73BU;
  }
  return c;
}

void random_words(std::uint64_t seed, Stream stream, std::uint64_t first, std::span<std::uint64_t> words) noexcept {
  const std::array<std::uint64_t, 2> key{seed, static_cast<std::uint64_t>(stream)};
  std::size_t written = 0;
  while (written < words.size()) {
    const std::uint64_t index = first + written;
    const std::array<std::uint64_t, 4> block = philox({index / 4, 0, 0, 0}, key);
    for (std::size_t i = index % 4; i < 4 && written < words.size(); ++i) words[written++] = block[i];
  }
}

std::vector<std::uint32_t> random_order(std::uint32_t size, std::size_t count, std::uint64_t seed, Stream stream,
                                        std::uint64_t first) {
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0U);
  std::array<std::uint64_t, 256> words{};
  for (std::uint32_t i = 0; i < count && i + 1 < size; ++i) {
    const std::size_t at = i % words.size();
    if (at == 0)
      random_words(seed, stream, first + i, std::span(words).first(std::min<std::size_t>(words.size(), count - i)));
    // The product of a word and the bound, whose bias is below 2^-32 of the bound.
    std::swap(order[i], order[i + static_cast<std::uint32_t>((words[at] >> 32) * (size - i) >> 32)]);
  }
  order.resize(count);
  return order;
}

}  // namespace banzhaf
