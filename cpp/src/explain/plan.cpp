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
#include "explain/players.hpp"
#include "explain/scale.hpp"
#include "support/parallel.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t rows_per_task = 1024;

// The players in which an explicand and background rows differ. Cells are equal if their bytes are.
class Differences {
 public:
  Differences(const MaskedTable& table, const void* explicands, std::size_t explicand)
      : table_(table),
        row_bytes_(table.n_columns * table.cell_bytes),
        explicand_(static_cast<const std::uint8_t*>(explicands) + explicand * row_bytes_) {}

  /// Returns the number of players. bits gets a bit for each player.
  std::size_t find(std::size_t b, std::span<std::uint64_t> bits) const {
    std::ranges::fill(bits, 0);
    const std::uint8_t* row = static_cast<const std::uint8_t*>(table_.background) + b * row_bytes_;
    switch (table_.cell_bytes) {
      case 1:
        compare<std::uint8_t>(row, bits);
        break;
      case 2:
        compare<std::uint16_t>(row, bits);
        break;
      case 4:
        compare<std::uint32_t>(row, bits);
        break;
      default:
        compare<std::uint64_t>(row, bits);
    }
    return count_players(bits);
  }

 private:
  template <typename Cell>
  [[nodiscard]] bool differs(const std::uint8_t* row, std::size_t j) const {
    Cell a, b;
    std::memcpy(&a, explicand_ + j * sizeof(Cell), sizeof(Cell));
    std::memcpy(&b, row + j * sizeof(Cell), sizeof(Cell));
    return a != b;
  }

  template <typename Cell>
  void compare(const std::uint8_t* row, std::span<std::uint64_t> bits) const {
    const std::vector<std::uint32_t>& player = table_.player_of_column;
    if (!player.empty()) {
      for (std::size_t j = 0; j < table_.n_columns; ++j)
        bits[player[j] / 64] |= std::uint64_t{differs<Cell>(row, j) ? 1U : 0U} << (player[j] % 64);
      return;
    }
    for (std::size_t w = 0; w < bits.size(); ++w) {
      const std::size_t count = std::min<std::size_t>(64, table_.n_columns - 64 * w);
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{differs<Cell>(row, 64 * w + i) ? 1U : 0U} << i;
      bits[w] = word;
    }
  }

  const MaskedTable& table_;
  std::size_t row_bytes_;
  const std::uint8_t* explicand_;
};

}  // namespace

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
  rows.resize(table.n_background);
  const std::size_t n_tasks = (table.n_background + rows_per_task - 1) / rows_per_task;
  const std::size_t work = table.n_background * table.n_columns;
  scratch.differing.resize(n_tasks * words);
  parallel_for(threads_for(options_.num_threads, work), n_tasks, [&](std::size_t task) {
    const std::span<std::uint64_t> differing(&scratch.differing[task * words], words);
    const std::size_t last = std::min(table.n_background, (task + 1) * rows_per_task);
    for (std::size_t b = task * rows_per_task; b < last; ++b)
      rows[b] = {.n_players = differences.find(b, differing), .gap = 0, .weight = rows_.weight(b)};
  });
  add_gaps(outputs, rows);

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

// Each output has its own scale.
void Planner::add_gaps(std::span<const double> outputs, std::vector<BackgroundRow>& rows) const {
  for (std::size_t o = 0; o < n_outputs_; ++o) {
    double largest = 0;
    // Halves keep the difference finite.
    const auto half = [&](std::size_t b) { return outputs[o] / 2 - background_outputs_[b * n_outputs_ + o] / 2; };
    for (std::size_t b = 0; b < rows.size(); ++b) largest = std::max(largest, std::abs(half(b)));
    if (largest == 0) continue;
    const double unit = std::ldexp(1.0, -scale_exponent(largest));
    double square = 0;
    const auto gap = [&](std::size_t b) { return half(b) * unit; };
    for (std::size_t b = 0; b < rows.size(); ++b) square += gap(b) * gap(b);
    for (std::size_t b = 0; b < rows.size(); ++b) rows[b].gap += gap(b) * gap(b) / square;
  }
  for (BackgroundRow& row : rows) row.gap = std::sqrt(row.gap);
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
                    .expected_variance = plan.allocation.variances[job.background()]});
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

// rows are those of the plan's jobs that have an estimate, in their order. If they were not equally likely to be drawn,
// their factors become their factors in the mean.
RowSample Planner::sample_of(const Plan& plan, std::span<AveragedRow> rows) const {
  const Allocation& allocation = plan.allocation;
  const std::size_t n_background = rows_.table().n_background;
  const std::size_t n_drawn = plan.kept ? plan.kept->size() : allocation.drawn.size();
  RowSample sample{.total_weight = rows_.total_weight(),
                   .effective_background = rows_.effective_background(),
                   .n_costly = static_cast<double>(allocation.n_costly),
                   .n_drawn = static_cast<double>(n_drawn),
                   .unseen = plan.unseen};
  const bool alike = rows_.table().weights.empty() || (!plan.kept && allocation.inclusion.empty());
  if (alike) sample.left_out = sample.n_costly > 0 ? 1 - sample.n_drawn / sample.n_costly : 0;
  if (alike && !(sample.left_out > 0)) return sample;

  std::vector<std::size_t> place_of(n_background), drawn = allocation.drawn;
  std::size_t n_rows = 0;
  for (const RowDesign& job : plan.jobs)
    if (job.n_used() > 0) place_of[job.background()] = n_rows++;
  if (plan.kept) {
    drawn.clear();
    for (const std::size_t j : *plan.kept) drawn.push_back(plan.jobs[j].background());
  }
  if (alike) {
    for (const std::size_t b : drawn) sample.neighbours.push_back(place_of[b]);
    return sample;
  }

  // Among costly rows of equal weight, each was equally likely to be drawn.
  const double probability = static_cast<double>(allocation.drawn.size()) / sample.n_costly;
  std::vector<double> inclusion(n_background, allocation.inclusion.empty() ? probability : 1);
  sample.has_factors = true;
  sample.n_costly = sample.n_drawn;
  for (std::size_t d = 0; d < allocation.inclusion.size(); ++d)
    inclusion[allocation.drawn[d]] = allocation.inclusion[d];
  // The rows that a deadline left represent all drawn rows, each of which was equally likely to be left.
  double of_drawn = 0, of_kept = 0, likely = 0;
  for (const std::size_t b : allocation.drawn) of_drawn += rows_.weight(b) / inclusion[b];
  for (const std::size_t b : drawn) of_kept += rows_.weight(b) / inclusion[b];
  const double part = sample.n_drawn / static_cast<double>(allocation.drawn.size());
  for (const std::size_t b : drawn) {
    rows[place_of[b]].factor = rows_.weight(b) / inclusion[b] * (plan.kept ? of_drawn / of_kept : 1);
    if (part * inclusion[b] >= 1) continue;
    likely += part * inclusion[b];
    sample.neighbours.push_back(place_of[b]);
  }
  if (!sample.neighbours.empty()) sample.left_out = 1 - likely / static_cast<double>(sample.neighbours.size());
  return sample;
}

}  // namespace banzhaf
