// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include <vector>

#include "banzhaf/designs.hpp"
#include "check.hpp"
#include "interactions/pair_signs.hpp"

using banzhaf::Coalitions;
using banzhaf::PairSigns;

int main() {
  const banzhaf::Design design(banzhaf::DesignKind::independent, 70, 131, 5);
  Coalitions rows(131, 70);
  design.fill(0, rows);
  const PairSigns signs(rows.view());
  CHECK(signs.n_pairs() == 131 && signs.n_players() == 70);
  std::vector<double> column(131);
  bool same = true;
  for (std::size_t i = 0; i < 70; ++i) {
    signs.expand(i, column);
    for (std::size_t p = 0; p < 131; ++p) same &= column[p] == (rows.view().contains(p, i) ? 1 : -1);
    same &= (signs.column(i)[2] >> 3) == 0;
  }
  CHECK(same);
  const std::vector<std::uint32_t> some = {130, 0, 64, 7};
  const PairSigns part = signs.subset(some);
  CHECK(part.n_pairs() == 4);
  std::vector<double> few(4);
  for (std::size_t i = 0; i < 70; ++i) {
    part.expand(i, few);
    for (std::size_t p = 0; p < 4; ++p) same &= few[p] == (rows.view().contains(some[p], i) ? 1 : -1);
  }
  CHECK(same);
  return banzhaf::testing::finish();
}
