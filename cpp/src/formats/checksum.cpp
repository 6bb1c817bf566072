// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Four lanes of multiplications that do not wait for each other, then a mix of the lanes and of the last bytes.
#include "formats/checksum.hpp"

#include <bit>
#include <cstring>

namespace banzhaf::formats {
namespace {

constexpr std::uint64_t prime_1 = 0x9E3779B185EBCA87, prime_2 = 0xC2B2AE3D27D4EB4F, prime_3 = 0x165667B19E3779F9,
                        prime_4 = 0x85EBCA77C2B2AE63, prime_5 = 0x27D4EB2F165667C5;

template <typename Word>
Word word(const std::byte* at) noexcept {
  Word value;
  std::memcpy(&value, at, sizeof(Word));
  return value;
}

constexpr std::uint64_t added(std::uint64_t lane, std::uint64_t input) noexcept {
  return std::rotl(lane + input * prime_2, 31) * prime_1;
}

constexpr std::uint64_t joined(std::uint64_t hash, std::uint64_t lane) noexcept {
  return (hash ^ added(0, lane)) * prime_1 + prime_4;
}

}  // namespace

std::uint64_t checksum(std::span<const std::byte> bytes) noexcept {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t hash = prime_5;
  if (left >= 32) {
    std::uint64_t a = prime_1 + prime_2, b = prime_2, c = 0, d = 0 - prime_1;
    for (; left >= 32; left -= 32, at += 32) {
      a = added(a, word<std::uint64_t>(at));
      b = added(b, word<std::uint64_t>(at + 8));
      c = added(c, word<std::uint64_t>(at + 16));
      d = added(d, word<std::uint64_t>(at + 24));
    }
    hash = std::rotl(a, 1) + std::rotl(b, 7) + std::rotl(c, 12) + std::rotl(d, 18);
    hash = joined(joined(joined(joined(hash, a), b), c), d);
  }
  hash += bytes.size();
  for (; left >= 8; left -= 8, at += 8)
    hash = std::rotl(hash ^ added(0, word<std::uint64_t>(at)), 27) * prime_1 + prime_4;
  if (left >= 4) {
    hash = std::rotl(hash ^ word<std::uint32_t>(at) * prime_1, 23) * prime_2 + prime_3;
    left -= 4, at += 4;
  }
  for (; left > 0; --left, ++at) hash = std::rotl(hash ^ std::to_integer<std::uint64_t>(*at) * prime_5, 11) * prime_1;
  hash = (hash ^ (hash >> 33)) * prime_2;
  hash = (hash ^ (hash >> 29)) * prime_3;
  return hash ^ (hash >> 32);
}

}  // namespace banzhaf::formats
