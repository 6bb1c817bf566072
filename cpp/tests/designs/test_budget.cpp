// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares descriptions of budgets with the designs themselves, and the sampling bound with its limits.
#include "banzhaf/budget.hpp"
#include "check.hpp"
#include "designs/hadamard_pairs.hpp"

namespace {

using namespace banzhaf;
using testing::throws;

void check_descriptions() {
  for (const std::size_t n : {1, 2, 3, 7, 8, 13, 20, 33, 64}) {
    for (const std::size_t budget : {2, 8, 21, 40, 64, 130, 512, 3000}) {
      const BudgetDescription told = describe(DesignKind::hadamard, n, budget, 3);
      const Design design(DesignKind::hadamard, n, budget, 3);
      CHECK(told.n_coalitions == design.n_coalitions() && told.n_pairs == design.n_coalitions() / 2);
      CHECK(told.order == design.hadamard()->order() && told.n_blocks == design.hadamard()->n_blocks());
      CHECK(told.next_block > told.n_coalitions || told.next_block >= told.everything);
      CHECK(!(told.weighing && told.part_of_block));
      if (told.next_stage == 0) continue;
      const Design stage(DesignKind::hadamard, n, told.next_stage, 3);
      if (stage.n_coalitions() == told.next_stage)
        CHECK(stage.hadamard()->n_blocks() % stage.hadamard()->stage_blocks() == 0);
    }
  }
  // 20 players: a matrix of order 20 makes one block. From 64 evaluations on, blocks have order 32.
  const BudgetDescription few = describe(DesignKind::hadamard, 20, 30);
  CHECK(few.one_block == 40 && few.next_block == 40 && few.part_of_block && !few.weighing);
  CHECK(describe(DesignKind::hadamard, 18, 38).weighing);
  CHECK(describe(DesignKind::hadamard, 20, 256).next_block == 320);
  // The stage has 32 blocks of order 32, also where the budget does not reach the first of them.
  for (const std::size_t budget : {40, 50, 64, 1000})
    CHECK(describe(DesignKind::hadamard, 20, budget).next_stage == 2048);
  CHECK(describe(DesignKind::hadamard, 40, 100).next_stage == 4096);
  // Fresh blocks have no stage.
  const BudgetDescription fresh = describe(DesignKind::fresh, 20, 256);
  CHECK(fresh.next_block == 320 && fresh.n_blocks == 4 && fresh.next_stage == 0);
  CHECK(describe(DesignKind::paired, 20, 31).n_coalitions == 30);
  CHECK(describe(DesignKind::exhaustive, 5, 0).n_coalitions == 32);
  CHECK(describe(DesignKind::independent, 64, 10).everything == 0);
  CHECK(throws<std::invalid_argument>([] { static_cast<void>(describe(DesignKind::walks, 6, 11)); }, "budget"));
}

void check_bound() {
  CHECK(required_budget(8, 0.5, 0.1) == 256);
  CHECK(required_budget(100, 0.5, 0.1) < required_budget(100, 0.25, 0.1));
  CHECK(required_budget(100, 0.5, 0.1) % 2 == 0);
  CHECK(throws<std::invalid_argument>([] { static_cast<void>(required_budget(9, 0, 0.1)); }, "epsilon"));
  CHECK(throws<std::invalid_argument>([] { static_cast<void>(required_budget(9, 0.5, 1)); }, "delta"));
  CHECK(throws<std::invalid_argument>([] { static_cast<void>(required_budget(900, 1e-200, 1e-200)); }, "epsilon"));
}

// Repeats of all coalitions: each occurs equally often, except for the remaining coalitions, which are whole pairs.
void check_repeated() {
  for (const std::size_t n : {1, 2, 5}) {
    const std::size_t all = std::size_t{1} << n;
    const Design design(DesignKind::repeated, n, 2 * all + all / 2 + 1, 7);
    std::vector<std::size_t> counts(all);
    Coalitions rows(design.n_coalitions(), n);
    design.fill(0, rows);
    for (std::size_t r = 0; r < rows.n_rows(); ++r) ++counts[rows.row(r)[0]];
    for (std::size_t s = 0; s < all; ++s) CHECK(counts[s] >= 2 && counts[s] <= 3 && counts[s] == counts[all - 1 - s]);
    if (n > 2) CHECK(design.prefix(all - 2).kind() == DesignKind::hadamard);
    CHECK(design.prefix(all).kind() == DesignKind::repeated);
  }
  CHECK(throws<std::invalid_argument>([] { Design(DesignKind::repeated, 31, 4, 0); }, "n_players"));
}

}  // namespace

int main() {
  check_descriptions();
  check_bound();
  check_repeated();
  return banzhaf::testing::finish();
}
