// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Finds where rows differ, divides the budget, orders the rows under a deadline, and averages the estimates.
#include "explain/plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "designs/hadamard_pairs.hpp"
#include "explain/background_rows.hpp"
#include "explain/differences.hpp"
#include "explain/players.hpp"
#include "explain/row_sample.hpp"
#include "support/random.hpp"

namespace banzhaf {
std::size_t Plan::n_coalitions() const {
  return std::accumulate(jobs.begin(), jobs.end(), std::size_t{0},
                         [](std::size_t sum, const RowDesign& job) { return sum + 2 * job.n_pairs(); });
}

void Plan::clear(std::size_t of_explicand) {
  explicand = of_explicand;
  jobs = {};
  order.clear();
  unseen.clear();
  n_checks = 1;
  n_done = row_cost = n_background = 0;
  has_news = false;
  kept.reset();
  for (std::vector<double>* each :
       {&found.values, &found.standard_errors, &found.background_errors, &found.r2, &found.degrees_of_freedom})
    each->clear();
  stopped.reset();
  adjustment = {.outcome = RowsAdjusted::off};
  shapley = {};
}

void Planner::operator()(std::size_t explicand, std::span<const double> outputs, Plan& result,
                         PlanScratch& scratch) const {
  const MaskedTable& table = rows_.table();
  const Differences differences(table, explicands_, explicand);
  const std::size_t words = words_for(table.n_players);
  std::vector<BackgroundRow>& rows = scratch.rows;
  compare_rows(rows_, differences, options_.num_threads, scratch.differing, rows);
  add_gaps(outputs, background_outputs_, n_outputs_, rows);

  result.clear(explicand);
  divide(rows, result.allocation, scratch.with_ends);
  const std::vector<std::size_t>& n_pairs = result.allocation.n_pairs;
  const auto n_jobs = static_cast<std::size_t>(n_pairs.size() - std::ranges::count(n_pairs, std::size_t{0}));
  if (result.memory.size() < n_jobs) result.memory.resize(n_jobs);
  result.jobs = std::span(result.memory).first(n_jobs);
  const std::span<std::uint64_t> differing = std::span(scratch.differing).first(words);
  for (std::size_t b = 0, j = 0; b < table.n_background; ++b) {
    if (n_pairs[b] == 0) continue;
    differences.find(b, differing);
    scratch.players.clear();
    add_players(differing, scratch.players);
    RowDesign& job = result.jobs[j++];
    job.reset(b, scratch.players, n_pairs[b], options_.noisy);
    if (!scratch.with_ends.empty() && scratch.with_ends[b]) job.want_ends();
  }
  if (result.allocation.drawn.size() < result.allocation.n_costly) find_unseen(result);
  set_order(rows, result);
  if (options_.checks()) add_checks(rows, result);
  for (RowDesign& job : result.jobs) job.targets.push_back(job.n_pairs());
}

// With Shapley values, every background row without all its coalitions gets those at both ends. If the budget does not
// cover these and a design for every row, no row gets them.
void Planner::divide(std::span<const BackgroundRow> rows, Allocation& result, std::vector<bool>& with_ends) const {
  const auto allocate_within = [&](std::size_t budget) {
    allocate(rows, budget, options_.seed, options_.noisy, search(), result);
  };
  with_ends.clear();
  allocate_within(options_.budget);
  if (!options_.shapley) return;
  std::size_t of_ends = 0;
  const auto covers_all = [&] { return !result.below_block && result.drawn.size() == result.n_costly; };
  // Fewer pairs leave more rows without all coalitions, so the ends only get more.
  while (covers_all()) {
    std::size_t needed = 0, spent = 0;
    with_ends.assign(rows.size(), false);
    for (std::size_t b = 0; b < rows.size(); ++b) {
      const std::size_t n_pairs = result.n_pairs[b];
      spent += model_rows(rows[b].n_players, n_pairs);
      if (n_pairs == 0 || n_pairs >= all_pairs(rows[b].n_players)) continue;
      with_ends[b] = true;
      needed += 2 * rows[b].n_players;
    }
    if (spent + needed <= options_.budget) return;
    of_ends = std::max(of_ends + 2, needed);
    if (of_ends + 2 > options_.budget) break;
    allocate_within(options_.budget - of_ends);
  }
  with_ends.clear();
  allocate_within(options_.budget);
}

// Returns the players in which rows that were left out differ, but no drawn row does.
void Planner::find_unseen(Plan& plan) const {
  const Differences differences(rows_.table(), explicands_, plan.explicand);
  const std::size_t words = words_for(rows_.table().n_players);
  std::vector<std::uint64_t> known(words), differing(words);
  for (const RowDesign& job : plan.jobs)
    for (const std::uint32_t i : job.players()) known[i / 64] |= std::uint64_t{1} << (i % 64);
  std::size_t n_open = rows_.table().n_players - count_players(known);
  for (std::size_t b = 0; b < rows_.table().n_background && n_open > 0; ++b) {
    if (plan.allocation.n_pairs[b] > 0) continue;
    differences.find(b, differing);
    for (std::size_t w = 0; w < words; ++w) differing[w] &= ~known[w];
    for (std::size_t w = 0; w < words; ++w) known[w] |= differing[w];
    n_open -= count_players(differing);
    add_players(differing, plan.unseen);
  }
  std::ranges::sort(plan.unseen);
}

// Rows without cost come first. If a deadline may end the first check early, any start of the others' order is a sample
// that is spread over the gaps. Each row is equally likely to be at each position.
void Planner::set_order(const std::vector<BackgroundRow>& rows, Plan& plan) const {
  std::vector<std::size_t> costly;
  for (std::size_t j = 0; j < plan.jobs.size(); ++j) (plan.jobs[j].is_costly() ? costly : plan.order).push_back(j);
  if (std::isinf(options_.deadline)) {
    plan.order.insert(plan.order.end(), costly.begin(), costly.end());
    return;
  }
  std::ranges::stable_sort(costly, {}, [&](std::size_t j) { return rows[plan.jobs[j].background()].gap; });
  std::uint64_t word = 0;
  random_words(options_.seed, Stream::orders, plan.explicand, {&word, 1});
  const std::size_t start = costly.empty() ? 0 : static_cast<std::size_t>(word % costly.size());
  const auto n_bits = static_cast<int>(std::bit_width(costly.size()));
  for (std::size_t t = 0; t < std::size_t{1} << n_bits; ++t) {
    std::size_t reversed = 0;
    for (int bit = 0; bit < n_bits; ++bit) reversed |= (t >> bit & 1) << (n_bits - 1 - bit);
    if (reversed < costly.size()) plan.order.push_back(costly[(start + reversed) % costly.size()]);
  }
}

// Checks come at halves of the budget, quarters, and so on, as long as these cover a block of every row. Each gives
// every row what the allocation gives it, in whole blocks of the design of the whole budget.
void Planner::add_checks(const std::vector<BackgroundRow>& rows, Plan& plan) const {
  const auto block_of = [](const RowDesign& job) { return std::min(job.order(), job.n_pairs()); };
  std::size_t least = 0, all = 0;
  for (const RowDesign& job : plan.jobs) {
    least += model_rows(job.players().size(), block_of(job), options_.noisy);
    all += 2 * job.n_pairs();
  }
  std::vector<std::size_t> budgets;
  for (std::size_t budget = std::min(all, options_.budget) / 2; budget >= least && budget > 0; budget /= 2)
    budgets.push_back(budget);
  // If time may be short, a block of every row comes first. Otherwise, rows that take longer would be left out more
  // often.
  if (!std::isinf(options_.deadline) && all > least) {
    for (RowDesign& job : plan.jobs) job.targets.push_back(block_of(job));
    ++plan.n_checks;
  }
  for (; !budgets.empty(); budgets.pop_back()) {
    const Allocation allocation = allocate(rows, budgets.back(), options_.seed, options_.noisy, search());
    bool grows = false;
    for (RowDesign& job : plan.jobs) {
      const std::size_t given = allocation.n_pairs[job.background()];
      const std::size_t before = job.targets.empty() ? 0 : job.targets.back();
      const std::size_t target =
          given >= job.n_pairs() ? job.n_pairs() : std::max(block_of(job), given / job.order() * job.order());
      job.targets.push_back(std::max(before, target));
      grows |= job.targets.back() > before;
    }
    if (grows)
      ++plan.n_checks;
    else
      for (RowDesign& job : plan.jobs) job.targets.pop_back();
  }
}

void Planner::keep_whole(Plan& plan) const {
  if (plan.is_over() || plan.has_found()) return;
  const auto is_whole = [](const RowDesign& job) { return job.n_whole() > 0; };
  if (std::ranges::all_of(plan.jobs, is_whole)) return;
  std::vector<std::size_t> kept;
  std::vector<bool> is_left_out(rows_.table().n_players), is_drawn(rows_.table().n_players);
  for (std::size_t j = 0; j < plan.jobs.size(); ++j) {
    const RowDesign& job = plan.jobs[j];
    if (job.is_costly() && is_whole(job)) kept.push_back(j);
    for (const std::uint32_t i : job.players()) (is_whole(job) ? is_drawn : is_left_out)[i] = true;
  }
  if (kept.empty()) return;
  for (const std::uint32_t i : plan.unseen) is_left_out[i] = true;
  plan.unseen.clear();
  for (std::uint32_t i = 0; i < is_drawn.size(); ++i)
    if (is_left_out[i] && !is_drawn[i]) plan.unseen.push_back(i);
  std::ranges::stable_sort(kept, {},
                           [&](std::size_t j) { return plan.allocation.variances[plan.jobs[j].background()]; });
  plan.kept = std::move(kept);
}

std::vector<double> Planner::factors_of(const Plan& plan) const {
  const Allocation& allocation = plan.allocation;
  std::vector<double> inclusion(rows_.table().n_background, 1);
  for (std::size_t d = 0; d < allocation.inclusion.size(); ++d)
    inclusion[allocation.drawn[d]] = allocation.inclusion[d];
  std::vector<double> result;
  for (const RowDesign& job : plan.jobs) result.push_back(rows_.weight(job.background()) / inclusion[job.background()]);
  return result;
}

// Returns the jobs that belong to the mean, as rows to average.
void Planner::average_of(Plan& plan, PlanScratch& scratch) const {
  std::vector<AveragedRow>& rows = scratch.averaged;
  list_averaged(plan, rows);
  const RowSample sample = sample_of(plan, rows);
  plan.found = average(rows, sample, rows_.table().n_players, n_outputs_);
  const std::size_t n_drawn = plan.kept ? plan.kept->size() : plan.allocation.drawn.size();
  plan.n_background = rows_.table().n_background - plan.allocation.n_costly + n_drawn;
}

void Planner::list_averaged(const Plan& plan, std::vector<AveragedRow>& rows) const {
  rows.clear();
  for (const RowDesign& job : plan.jobs) {
    if (job.n_used() == 0) continue;
    rows.push_back({.players = job.players(),
                    .estimate = &job.found(),
                    .n_pairs = job.n_used(),
                    .is_exact = job.is_exact(),
                    .is_costly = job.is_costly(),
                    .factor = rows_.weight(job.background()),
                    .expected_variance = plan.allocation.variances[job.background()],
                    .background = job.background()});
  }
}

void Planner::average_shapley_of(Plan& plan, std::span<const double> outputs, PlanScratch& scratch) const {
  std::vector<AveragedRow>& rows = scratch.averaged;
  list_averaged(plan, rows);
  const RowSample sample = sample_of(plan, rows);
  std::vector<ShapleyEstimate> estimates;
  std::vector<double> totals(n_outputs_);
  for (const RowDesign& job : plan.jobs) {
    if (job.n_used() == 0) continue;
    for (std::size_t o = 0; o < n_outputs_; ++o)
      totals[o] = outputs[o] - background_outputs_[job.background() * n_outputs_ + o];
    estimates.push_back(shapley_of(job, n_outputs_, totals));
  }
  const auto mean_of = [&](auto&& take) {
    std::vector<RowEstimate> taken;
    taken.reserve(rows.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      taken.push_back(estimates[r].found);
      take(estimates[r], taken.back());
      rows[r].estimate = &taken.back();
    }
    return average(rows, sample, rows_.table().n_players, n_outputs_);
  };
  plan.shapley.found = mean_of([](const ShapleyEstimate&, RowEstimate&) {});
  const Average open = mean_of([](const ShapleyEstimate& from, RowEstimate& to) { to.values = from.open; });
  const Average squares = mean_of([](const ShapleyEstimate& from, RowEstimate& to) { to.values = from.open_squares; });
  plan.shapley.unresolved.resize(open.values.size());
  for (std::size_t i = 0; i < open.values.size(); ++i)
    plan.shapley.unresolved[i] = std::hypot(open.values[i], std::sqrt(std::max(0.0, squares.values[i])));
}

KeptRow Planner::kept_of(const Plan& plan, PlanScratch& scratch) const {
  KeptRow result{.has_values = plan.has_found()};
  std::vector<AveragedRow>& rows = scratch.averaged;
  list_averaged(plan, rows);
  const RowSample sample = sample_of(plan, rows);
  if (sample.left_out > 0) result.n_drawn = static_cast<std::size_t>(sample.n_drawn);
  const double costly = sample.n_drawn > 0 ? sample.n_costly / sample.n_drawn : 1;
  const std::size_t words = words_for(rows_.table().n_players);
  std::size_t n_worths = 0;
  for (const RowDesign& job : plan.jobs)
    if (job.players().size() > 1) n_worths += 2 * job.n_used() * n_outputs_;
  result.worths.reserve(n_worths);
  result.designs.reserve(plan.jobs.size());
  result.players.reserve(plan.jobs.size() * words);
  auto row = rows.begin();
  for (const RowDesign& job : plan.jobs) {
    if (job.n_used() == 0) continue;
    const double factor = row->factor * (row->is_costly ? costly : 1) / sample.total_weight;
    ++row;
    // Pairs of players need two of them.
    if (job.players().size() < 2) continue;
    result.designs.push_back({.background = job.background(),
                              .fresh = job.is_fresh(),
                              .n_pairs = std::min(job.n_pairs(), job.n_all()),
                              .n_used = job.n_used(),
                              .factor = factor});
    const std::size_t first = result.players.size();
    result.players.resize(first + words);
    for (const std::uint32_t i : job.players()) result.players[first + i / 64] |= std::uint64_t{1} << (i % 64);
    const std::span<const double> worths = job.worths(n_outputs_);
    result.worths.insert(result.worths.end(), worths.begin(), worths.end());
  }
  return result;
}

RowSample Planner::sample_of(const Plan& plan, std::span<AveragedRow> rows) const {
  const Allocation& allocation = plan.allocation;
  std::vector<std::size_t> kept;
  if (plan.kept)
    for (const std::size_t j : *plan.kept) kept.push_back(plan.jobs[j].background());
  RowSample sample = sample_of_rows(rows_,
                                    {.n_costly = allocation.n_costly,
                                     .drawn = allocation.drawn,
                                     .inclusion = allocation.inclusion,
                                     .kept = plan.kept ? &kept : nullptr},
                                    rows);
  sample.unseen = plan.unseen;
  return sample;
}

}  // namespace banzhaf
