// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks that coalitions written one after another are those of the design, from any coalition on.
#include <algorithm>
#include <numeric>
#include <vector>

#include "check.hpp"
#include "explain/coalition_writer.hpp"

namespace {

using namespace banzhaf;

void check(DesignKind kind, std::size_t n_columns, std::size_t n_players, std::size_t n_coalitions) {
  MaskedTable table;
  table.n_columns = table.n_players = n_columns;
  std::vector<std::uint32_t> players(n_players);
  std::iota(players.begin(), players.end(), static_cast<std::uint32_t>(n_columns - n_players));
  const Design design(kind, n_players, n_coalitions, 5);
  const std::size_t words = words_for(n_columns), n_all = design.n_coalitions();
  Coalitions expected(n_all, n_columns), row(1, n_players);
  for (std::size_t r = 0; r < n_all; ++r) {
    std::ranges::fill(expected.row(r), 0);
    design.fill_row(r, row.row(0));
    for (std::size_t i = 0; i < n_players; ++i)
      if (row.view().contains(0, i)) expected.row(r)[players[i] / 64] |= std::uint64_t{1} << (players[i] % 64);
  }
  CoalitionWriter writer(table);
  bool same = true;
  for (const std::size_t first : {std::size_t{0}, std::size_t{1}, n_all / 3, n_all - 3}) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{6}, n_all}) {
      writer.start(design, players, n_all, first);
      std::vector<std::uint64_t> out(words * n_all);
      for (std::size_t done = first; done < n_all;) {
        const std::size_t written = writer.write(std::min(count, n_all - done), false, out.data());
        for (std::size_t r = 0; r < written; ++r)
          same &=
              std::equal(out.begin() + static_cast<std::ptrdiff_t>(r * words),
                         out.begin() + static_cast<std::ptrdiff_t>((r + 1) * words), expected.row(done + r).begin());
        done += written;
      }
    }
  }
  CHECK(same);
}

}  // namespace

int main() {
  for (const DesignKind kind : {DesignKind::hadamard, DesignKind::fresh}) {
    for (const std::size_t n : {11, 16, 70}) {
      check(kind, n, n, 150);
      check(kind, n + 20, n, 10 * n + 6);
    }
    check(kind, 5, 5, 32);
  }
  return banzhaf::testing::finish();
}
