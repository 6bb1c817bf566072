// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks plans before any model is called, weighted samples, and the effect of weights and noise on a run.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "banzhaf/crossed.hpp"
#include "check.hpp"
#include "explain/coalition_writer.hpp"
#include "explain/plan.hpp"

namespace {

using namespace banzhaf;

constexpr std::size_t n = 7, n_background = 12;

struct Data {
  std::vector<double> background = testing::normals(n_background * n, 1);
  std::vector<double> explicand = testing::normals(n, 2);
  std::vector<double> outputs = testing::normals(n_background, 3);

  Data() {
    for (std::size_t j = 0; j < n; ++j) {
      background[j] = explicand[j];                      // the first row equals the explicand
      if (j != 3) background[n + j] = explicand[j];      // the second differs in player 3
      if (j >= 4) background[2 * n + j] = explicand[j];  // the third differs in four players
    }
  }
  [[nodiscard]] MaskedTable table(std::vector<double> weights = {}) const {
    return {.background = background.data(),
            .explicands = explicand.data(),
            .n_background = n_background,
            .n_explicands = 1,
            .n_columns = n,
            .cell_bytes = sizeof(double),
            .n_players = n,
            .weights = std::move(weights)};
  }
};

void check_jobs() {
  const Data data;
  const MaskedRows rows(data.table());
  const CrossedOptions options{.budget = 10 * 64, .seed = 5, .num_threads = 1};
  const Plan plan = Planner(rows, rows.table().explicands, options, data.outputs, 1)(0, std::vector{0.5});
  CHECK(plan.jobs.size() == 11 && plan.n_checks == 1 && plan.unseen.empty());
  CHECK(plan.jobs[0].background() == 1 && plan.jobs[0].players() == std::vector<std::uint32_t>{3});
  CHECK(!plan.jobs[0].is_costly() && plan.jobs[0].n_pairs() == 1);
  CHECK(plan.jobs[1].players() == (std::vector<std::uint32_t>{0, 1, 2, 3}) && plan.jobs[1].n_pairs() == 8);
  std::size_t spent = 0;
  for (const RowDesign& job : plan.jobs) spent += model_rows(job.players().size(), job.n_pairs());
  CHECK(spent <= options.budget && spent > options.budget - 32);
  // For a noisy model, nothing is known in advance, and no number of coalitions is complete.
  const CrossedOptions noisy{.budget = 10'000, .noisy = true, .seed = 5, .num_threads = 1};
  const Plan again = Planner(rows, rows.table().explicands, noisy, data.outputs, 1)(0, std::vector{0.5});
  CHECK(again.jobs[0].is_costly() && again.jobs[0].n_pairs() > 1 && again.jobs[1].n_pairs() > 8);
  CHECK(again.n_coalitions() == 10'000);
}

// Weights affect the allocation and the draw of rows.
void check_weights() {
  const Data data;
  std::vector<double> weights(n_background, 1);
  weights[5] = 20;
  weights[6] = 0;
  const MaskedRows rows(data.table(weights));
  CHECK(rows.table().n_background == n_background - 1 && rows.background_number(6) == 7);
  CHECK(rows.weight(5) == 1 && rows.weight(4) == 0.05 && testing::close(rows.total_weight(), 1.5, 1e-15));
  CHECK(testing::close(rows.effective_background(), 2.25 / 1.025, 1e-14));
  const std::vector<double> outputs(data.outputs.begin(), data.outputs.end() - 1);
  const CrossedOptions options{.budget = 400, .seed = 5, .num_threads = 1};
  const Plan plan = Planner(rows, rows.table().explicands, options, outputs, 1)(0, std::vector{0.5});
  std::size_t most = 0;
  for (const RowDesign& job : plan.jobs) most = std::max(most, job.n_pairs());
  for (const RowDesign& job : plan.jobs) CHECK(job.background() != 5 || job.n_pairs() == most);

  // The heavy row is always drawn, and the others in proportion to their weights.
  std::vector<double> share(rows.table().n_background, 0);
  const std::size_t n_seeds = 4000;
  for (std::uint64_t seed = 0; seed < n_seeds; ++seed) {
    const CrossedOptions few{.budget = 60, .seed = seed, .num_threads = 1};
    const Plan sample = Planner(rows, rows.table().explicands, few, outputs, 1)(0, std::vector{0.5});
    const Allocation& allocation = sample.allocation;
    CHECK(allocation.inclusion.size() == allocation.drawn.size());
    std::size_t spent = 0;
    for (const RowDesign& job : sample.jobs) spent += model_rows(job.players().size(), job.n_pairs());
    CHECK(spent <= few.budget);
    for (std::size_t d = 0; d < allocation.drawn.size(); ++d)
      share[allocation.drawn[d]] += 1 / allocation.inclusion[d] / static_cast<double>(n_seeds);
  }
  CHECK(share[0] == 0 && share[1] == 0 && testing::close(share[5], 1, 1e-12));
  for (std::size_t b = 2; b < share.size(); ++b) CHECK(std::abs(share[b] - 1) < 0.15);
}

// Gaps of outputs whose squares would leave the range of doubles.
void check_scales() {
  const Data data;
  const MaskedRows rows(data.table());
  const CrossedOptions options{.budget = 500, .seed = 5, .num_threads = 1};
  const Plan plan = Planner(rows, rows.table().explicands, options, data.outputs, 1)(0, std::vector{0.5});
  for (const double scale : {0x1p-900, 0x1p900}) {
    std::vector<double> outputs = data.outputs;
    for (double& output : outputs) output *= scale;
    const Plan other = Planner(rows, rows.table().explicands, options, outputs, 1)(0, std::vector{0.5 * scale});
    CHECK(other.allocation.n_pairs == plan.allocation.n_pairs &&
          other.allocation.variances == plan.allocation.variances);
  }
}

// The outputs of a noisy model are averaged, and their differences give the error. Here, all coalitions occur two or
// three times.
void check_replicates() {
  const std::size_t n_pairs = 2 * 4 + 3, n_runs = 3000;
  const std::vector<double> noise = testing::normals(2 * n_pairs * n_runs, 9);
  double square = 0, claimed = 0;
  auto draw = noise.begin();
  for (std::size_t run = 0; run < n_runs; ++run) {
    const DesignCache designs(1, run);
    RowDesign job(0, std::vector<std::uint32_t>{0, 2, 5}, n_pairs, true);
    job.prepare(designs, Deadline{});
    job.reserve(n_pairs, 1);
    MaskedTable table = Data().table();
    table.player_of_column.clear();
    CoalitionWriter writer(table);
    writer.start(job.design(), job.players(), 2 * job.n_all(), 0);
    std::vector<std::uint64_t> coalitions(2 * n_pairs);
    CHECK(writer.write(2 * n_pairs, false, coalitions.data()) == 2 * n_pairs);
    for (const std::uint64_t coalition : coalitions) {
      const auto in = [&](std::size_t i) { return ((coalition >> i) & 1U) != 0 ? 1.0 : 0.0; };
      job.answer(job.ask(1), std::vector{5 * in(0) + 8 * in(0) * in(2) * in(5) + *draw++}, 1);
    }
    job.answered();
    BlockScratch scratch;
    job.estimate(1, 0, false, scratch);
    CHECK(!job.is_exact() && job.has_all() && job.found().degrees_of_freedom == n_pairs - 4);
    // The interaction is part of the values, not of the error.
    const double error = job.found().values[0] - 7, standard = job.found().standard_errors[0];
    square += error * error / static_cast<double>(n_runs);
    claimed += standard * standard / static_cast<double>(n_runs);
  }
  CHECK(std::abs(claimed / square - 1) < 0.12 && square > 0.1 && square < 0.3);
}

}  // namespace

int main() {
  check_jobs();
  check_weights();
  check_scales();
  check_replicates();
  return testing::finish();
}
