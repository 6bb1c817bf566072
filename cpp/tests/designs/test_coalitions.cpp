// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Packs, unpacks, transposes and formats coalitions of widths around whole words.
#include <random>

#include "banzhaf/coalitions.hpp"
#include "check.hpp"
#include "designs/coalition_bits.hpp"

int main() {
  using namespace banzhaf;
  std::mt19937 engine(1);
  for (const std::size_t n : {1, 2, 7, 8, 9, 63, 64, 65, 127, 128, 129, 1000}) {
    for (const std::size_t m : {1, 2, 63, 64, 65, 300}) {
      std::vector<std::uint8_t> flags(m * n), back(m * n);
      for (std::uint8_t& flag : flags) flag = static_cast<std::uint8_t>(engine() & 1U);
      Coalitions packed, columns, again;
      pack(flags.data(), m, n, packed, 2);
      bool same = true, clear = true;
      for (std::size_t r = 0; r < m; ++r) {
        for (std::size_t i = 0; i < n; ++i) same &= packed.view().contains(r, i) == (flags[r * n + i] != 0);
        if (n % 64 != 0) clear &= (packed.row(r).back() >> (n % 64)) == 0;
      }
      CHECK(same && clear);
      unpack(packed.view(), back.data(), 2);
      CHECK(flags == back);
      transpose(packed.view(), columns, 2);
      same = columns.n_rows() == n && columns.n_players() == m;
      for (std::size_t r = 0; r < m; ++r)
        for (std::size_t i = 0; i < n; ++i) same &= columns.view().contains(i, r) == packed.view().contains(r, i);
      CHECK(same);
      transpose(columns.view(), again, 1);
      CHECK(std::equal(again.row(m - 1).begin(), again.row(m - 1).end(), packed.row(m - 1).begin()));
      complement(packed.row(0), n, again.row(0));
      same = true;
      for (std::size_t i = 0; i < n; ++i) same &= again.view().contains(0, i) != packed.view().contains(0, i);
      CHECK(same);
    }
  }
  Coalitions named(2, 70);
  named.row(0)[0] = 9;
  named.row(0)[1] = 32;
  named.row(1)[0] = ~std::uint64_t{0};
  named.row(1)[1] = 0;
  CHECK(to_string(named.view(), 0) == "{0, 3, 69}");
  CHECK(to_string(named.view(), 1).ends_with("18, 19, ... (64 players)}"));
  std::uint8_t flag = 1;
  CHECK(testing::throws<std::invalid_argument>([&] { pack(&flag, 1, 1, named, -3); }, "num_threads must be positive"));
  CHECK(testing::throws<std::invalid_argument>([&] { unpack(named.view(), &flag, -3); }, "num_threads"));
  return banzhaf::testing::finish();
}
