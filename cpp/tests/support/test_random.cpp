// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares Philox with known answers, and checks slices of streams.
#include <vector>

#include "check.hpp"
#include "support/random.hpp"

int main() {
  using banzhaf::Stream;
  // From the known-answer file of Random123, for philox4x64 with 10 rounds.
  const auto zeros = banzhaf::philox({0, 0, 0, 0}, {0, 0});
  CHECK(zeros[0] == 0x16554d9eca36314cU && zeros[1] == 0xdb20fe9d672d0fdcU);
  CHECK(zeros[2] == 0xd7e772cee186176bU && zeros[3] == 0x7e68b68aec7ba23bU);
  const std::uint64_t all = ~std::uint64_t{0};
  const auto ones = banzhaf::philox({all, all, all, all}, {all, all});
  CHECK(ones[0] == 0x87b092c3013fe90bU && ones[1] == 0x438c3c67be8d0224U);
  CHECK(ones[2] == 0x9cc7d7c69cd777b6U && ones[3] == 0xa09caebf594f0ba0U);

  std::vector<std::uint64_t> whole(100), part(33), other(100);
  banzhaf::random_words(5, Stream::coalitions, 0, whole);
  for (std::size_t first = 0; first < 60; ++first) {
    banzhaf::random_words(5, Stream::coalitions, first, part);
    CHECK(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first)));
  }
  banzhaf::random_words(5, Stream::walks, 0, other);
  CHECK(whole != other);
  banzhaf::random_words(6, Stream::coalitions, 0, other);
  CHECK(whole != other);
  return banzhaf::testing::finish();
}
