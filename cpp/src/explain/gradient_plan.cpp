// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The budget is divided equally first, then in proportion to the standard deviations that the first half has shown.
#include "explain/gradient_plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>

#include "explain/background_rows.hpp"
#include "explain/players.hpp"
#include "explain/row_sample.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t least_pairs = 8;    // of a background row; with fewer, a sample of the rows is better
constexpr std::size_t least_rest = 8;     // pairs that are worth a fit of their own
constexpr std::size_t most_players = 20;  // whose coalitions are all evaluated

// The bias of values as a share of their corrections, and the share of their variance that corrections have.
constexpr double bias_of_wide = 0.25, bias_of_narrow = 0.17;
constexpr double noise_of_wide = 1.0 / 3, noise_of_narrow = 0.5;

// With few players, the bias of wide points is not below their noise.
constexpr std::size_t least_wide_players = 40;
// The bias of narrow, mirrored points is smaller. They need whole Hadamard matrices, and pay when little noise is left.
constexpr double least_pairs_for_bias = 1.5, least_total_for_bias = 80;  // for each player, of one row and of all rows
constexpr double least_mirrored_pairs = 3;                               // of a background row, for each player

// If interactions of three players are all there is between pairs, the squared error of outputs on coalitions is at
// most n / (6 cost) times that of gradients, for n players: see the theory. Below this, gradients have little to win,
// and their bias to lose.
constexpr double least_ratio = 3;
// A comparison takes at most so large a part of the budget.
constexpr double most_share_of_gradients = 0.1, most_share_of_pairs = 0.1;
constexpr std::size_t all_compared_pairs = 128, least_compared_pairs = 2;
// Taking interactions out lowers the squared error of coalitions by a third, roughly, which no forecast contains.
constexpr double gain_of_interactions = 1.5;

// Returns the evaluations of all coalitions but the two that are known.
double cost_of_all(std::size_t n_players) {
  return n_players <= most_players ? std::ldexp(1.0, static_cast<int>(n_players)) - 2
                                   : std::numeric_limits<double>::infinity();
}

// Adds factor times the numbers to their sums, and sets the quotients of these.
void add_and_divide(const std::vector<double>& numbers, double factor, double divisor, std::vector<double>& sums,
                    std::vector<double>& quotients) {
  sums.resize(numbers.size());
  quotients.resize(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) sums[i] += factor * numbers[i];
  for (std::size_t i = 0; i < numbers.size(); ++i) quotients[i] = sums[i] / divisor;
}

}  // namespace

void GradientJob::add(const GradientFit& fit, std::size_t n_pairs) {
  const auto count = static_cast<double>(n_pairs);
  n_used += n_pairs;
  const auto all = static_cast<double>(n_used);
  add_and_divide(fit.values, count, all, values_, found.values);
  add_and_divide(fit.corrections, count, all, corrections_, corrections);
  add_and_divide(fit.variances, count * count, 1, variances_, found.standard_errors);
  for (double& error : found.standard_errors) error = std::sqrt(error) / all;
  found.degrees_of_freedom += std::max(1.0, count / 2 - 2);
}

void GradientJob::set_exact(std::span<const double> worths, std::size_t n_outputs) {
  const std::size_t m = players.size(), n_coalitions = std::size_t{1} << m;
  found.values.assign(m * n_outputs, 0);
  found.standard_errors.assign(m * n_outputs, 0);
  found.degrees_of_freedom = std::numeric_limits<double>::infinity();
  const double share = std::ldexp(1.0, 1 - static_cast<int>(m));
  for (std::size_t i = 0; i < m; ++i) {
    const std::size_t bit = std::size_t{1} << i;
    for (std::size_t s = 0; s < n_coalitions; ++s) {
      if ((s & bit) != 0) continue;
      for (std::size_t o = 0; o < n_outputs; ++o)
        found.values[i * n_outputs + o] +=
            share * worths[(s | bit) * n_outputs + o] - share * worths[s * n_outputs + o];
    }
  }
}

double least_players_for_gradients(double gradient_cost) noexcept { return 6 * least_ratio * gradient_cost; }

GradientPlanner::GradientPlanner(const MaskedRows& rows, const void* explicands, const GradientOptions& options,
                                 std::span<const double> background_outputs, std::size_t n_outputs)
    : rows_(rows),
      explicands_(explicands),
      options_(options),
      background_outputs_(background_outputs),
      n_outputs_(n_outputs),
      cost_(options.gradient_cost > 0 ? options.gradient_cost : 1 + 1.5 * static_cast<double>(n_outputs)) {}

std::size_t GradientPlanner::cost_of(const GradientPlan& plan) const {
  return plan.value_rows + static_cast<std::size_t>(std::ceil(cost_ * static_cast<double>(plan.gradient_rows)));
}

GradientPlan GradientPlanner::operator()(std::size_t explicand, std::span<const double> outputs) const {
  const MaskedTable& table = rows_.table();
  const Differences differences(table, explicands_, explicand);
  std::vector<std::uint64_t> scratch;
  std::vector<BackgroundRow> rows;
  compare_rows(rows_, differences, options_.num_threads, scratch, rows);
  add_gaps(outputs, background_outputs_, n_outputs_, rows);

  GradientPlan plan;
  plan.explicand = explicand;
  if (options_.compares_values && !can_help(rows)) {
    plan.source = ValueSource::coalitions;
    return plan;
  }
  std::vector<bool> is_exact(rows.size()), is_drawn(rows.size());
  draw(rows, plan, is_exact, is_drawn);
  if (options_.compares_values && can_compare(rows, plan, is_exact)) plan.source = ValueSource::undecided;
  std::vector<std::uint64_t> differing(words_for(table.n_players));
  for (std::size_t b = 0; b < rows.size(); ++b) {
    if (!is_exact[b] && !is_drawn[b]) continue;
    differences.find(b, differing);
    GradientJob job;
    job.background = b;
    job.is_exact = is_exact[b];
    add_players(differing, job.players);
    for (std::vector<double>* numbers : {&job.found.r2, &job.found.spread}) numbers->assign(n_outputs_, 0);
    job.found.exponent.assign(n_outputs_, 0);
    if (!job.is_exact) job.target = least_pairs;
    plan.gaps.push_back(rows[b].gap);
    plan.jobs.push_back(std::move(job));
  }
  plan.order.resize(plan.jobs.size());
  std::iota(plan.order.begin(), plan.order.end(), std::size_t{0});
  // With a deadline, the rows that it leaves must be a random sample of those that need gradients.
  if (!std::isinf(options_.deadline)) {
    const auto n_jobs = static_cast<std::uint32_t>(plan.jobs.size());
    const std::vector<std::uint32_t> order = random_order(n_jobs, n_jobs, options_.seed, Stream::orders, 0);
    std::ranges::copy(order, plan.order.begin());
  }
  std::ranges::stable_partition(plan.order, [&](std::size_t j) { return plan.jobs[j].is_exact; });
  if (plan.source == ValueSource::gradients) set_first_half(plan);
  return plan;
}

void GradientPlanner::set_first_half(GradientPlan& plan) const {
  const std::size_t each = plan.drawn.empty() ? 0 : plan.n_pairs / plan.drawn.size();
  const bool has_rest = each >= 2 * least_pairs;
  plan.n_checks = has_rest ? 2 : 1;
  for (GradientJob& job : plan.jobs)
    if (!job.is_exact) job.target = (has_rest ? each / 2 : each) / 2 * 2;
}

// Says whether gradients can be far ahead of outputs on coalitions: rows have many players for the cost of a gradient,
// or all are exact, or the budget is below the smallest designs of all rows.
bool GradientPlanner::can_help(std::span<const BackgroundRow> rows) const {
  double players = 0, n_rows = 0;
  for (const BackgroundRow& row : rows) {
    if (row.n_players <= 1) continue;
    players += static_cast<double>(row.n_players);
    ++n_rows;
  }
  return players >= least_players_for_gradients(cost_) * n_rows || 2 * players > static_cast<double>(options_.budget);
}

// Says whether the budget allows a comparison, and then a full design for each row.
bool GradientPlanner::can_compare(std::span<const BackgroundRow> rows, const GradientPlan& plan,
                                  const std::vector<bool>& is_exact) const {
  if (plan.n_costly == 0 || plan.drawn.size() < plan.n_costly) return false;
  double designs = 0;
  for (std::size_t b = 0; b < rows.size(); ++b) {
    if (is_exact[b] && rows[b].n_players > 1) return false;
    designs += 2 * static_cast<double>(std::bit_ceil(rows[b].n_players + 1));
  }
  const auto budget = static_cast<double>(options_.budget), n_rows = static_cast<double>(plan.n_costly);
  const double of_pairs = 2 * n_rows * static_cast<double>(compared_pairs(plan.n_costly));
  return 2 * cost_ * static_cast<double>(least_pairs) * n_rows <= most_share_of_gradients * budget &&
         of_pairs <= most_share_of_pairs * budget && designs <= static_cast<double>(budget_of_coalitions(true));
}

std::size_t GradientPlanner::compared_pairs(std::size_t n_rows) {
  return std::max(least_compared_pairs, (all_compared_pairs + n_rows - 1) / n_rows);
}

std::size_t GradientPlanner::budget_of_coalitions(bool is_compared) const {
  if (!is_compared) return options_.budget;
  const std::size_t n_rows = rows_.table().n_background;
  const auto gradients = static_cast<std::size_t>(std::ceil(2 * cost_ * static_cast<double>(least_pairs * n_rows)));
  const std::size_t spent = gradients + 2 * std::max(all_compared_pairs + n_rows, least_compared_pairs * n_rows);
  return options_.budget - std::min(spent, options_.budget - 2);
}

// Compares the squared errors that the whole budget is expected to leave, relative to their sum for each output.
void GradientPlanner::decide(GradientPlan& plan, std::span<const double> residuals) const {
  const double total = rows_.total_weight();
  const double n_rows = static_cast<double>(plan.n_costly);
  const double n_pairs = static_cast<double>(budget_of_coalitions(true)) / (2 * n_rows);
  plan.n_pairs = static_cast<std::size_t>(
      (static_cast<double>(options_.budget) - 2 * n_rows * static_cast<double>(compared_pairs(plan.n_costly))) /
      (2 * cost_));
  plan.n_pairs = std::min(plan.n_pairs, GradientPoints::most_pairs * plan.n_costly);
  const double growth = static_cast<double>(plan.n_pairs) / (n_rows * static_cast<double>(least_pairs));
  const std::size_t n = rows_.table().n_players;
  const auto [share, noise] = shares_of_bias(plan);
  std::size_t largest = 0;
  for (const GradientJob& job : plan.jobs) largest = std::max(largest, job.players.size());
  const bool finds = show_interactions(static_cast<std::size_t>(n_pairs), std::bit_ceil(largest));
  const double gain = finds ? gain_of_interactions : 1;
  double balance = 0;
  for (std::size_t o = 0; o < n_outputs_; ++o) {
    std::vector<double> corrections(n);
    double variance = 0;
    for (const GradientJob& job : plan.jobs) {
      if (job.is_exact) continue;
      const double factor = rows_.weight(job.background) / total;
      for (std::size_t i = 0; i < job.players.size(); ++i) {
        const double error = factor * job.found.standard_errors[i * n_outputs_ + o];
        variance += error * error;
        corrections[job.players[i]] += factor * job.corrections[i * n_outputs_ + o];
      }
    }
    double bias = -noise * variance;
    for (const double each : corrections) bias += each * each;
    const double of_gradients = variance / growth + share * share * std::max(0.0, bias);
    const double of_coalitions = residuals[o] / (total * total) / n_pairs;
    if (of_gradients + of_coalitions > 0)
      balance += (gain * of_gradients - of_coalitions) / (of_gradients + of_coalitions);
  }
  if (balance > 0) {
    plan.source = ValueSource::coalitions;
    return;
  }
  plan.source = ValueSource::gradients;
  set_first_half(plan);
}

// Rows whose coalitions cost less than their points are evaluated on all of them. If the budget does not cover the
// fewest points of the others, a random sample of all rows gets points.
void GradientPlanner::draw(std::span<const BackgroundRow> rows, GradientPlan& plan, std::vector<bool>& is_exact,
                           std::vector<bool>& is_drawn) const {
  const double of_pair = 2 * cost_;
  std::vector<std::size_t> costly;
  for (std::size_t b = 0; b < rows.size(); ++b) {
    if (rows[b].n_players == 0) continue;
    if (rows[b].n_players == 1 && !options_.noisy)
      is_exact[b] = true;
    else
      costly.push_back(b);
  }
  std::ranges::stable_sort(costly, {}, [&](std::size_t b) { return rows[b].gap; });
  const std::vector<std::size_t> all = costly;
  auto budget = static_cast<double>(options_.budget);
  for (bool changed = !options_.noisy; changed && !costly.empty();) {
    const double each = budget / static_cast<double>(costly.size());
    const auto is_cheap = [&](std::size_t b) { return cost_of_all(rows[b].n_players) <= each; };
    changed = std::ranges::any_of(costly, is_cheap);
    for (const std::size_t b : costly) {
      if (!is_cheap(b)) continue;
      is_exact[b] = true;
      budget -= cost_of_all(rows[b].n_players);
    }
    std::erase_if(costly, is_cheap);
  }
  if (costly.empty()) return;
  plan.n_costly = costly.size();
  plan.drawn = costly;
  if (budget < of_pair * static_cast<double>(least_pairs * costly.size())) {
    const auto least = static_cast<std::size_t>(std::ceil(of_pair * static_cast<double>(least_pairs)));
    if (options_.budget < least)
      throw std::invalid_argument("budget must be at least " + std::to_string(least) +
                                  " model evaluations, the cost of " + std::to_string(2 * least_pairs) +
                                  " gradients of " + std::to_string(n_outputs_) +
                                  (n_outputs_ > 1 ? " outputs" : " output") + ", got " +
                                  std::to_string(options_.budget) + ": raise it, or pass gradients=False");
    for (const std::size_t b : all) is_exact[b] = false;
    budget = static_cast<double>(options_.budget);
    plan.n_costly = all.size();
    plan.drawn = all;
    if (budget < of_pair * static_cast<double>(least_pairs * all.size())) {
      const std::vector<std::size_t> costs(all.size(), least);
      std::vector<double> weights;
      for (const std::size_t b : all) weights.push_back(rows[b].weight);
      const bool alike = std::ranges::all_of(weights, [&](double weight) { return weight == weights.front(); });
      const std::vector<std::size_t> places =
          alike ? systematic_sample(costs, options_.budget, options_.seed)
                : weighted_sample(costs, weights, options_.budget, options_.seed, plan.inclusion);
      plan.drawn.clear();
      for (const std::size_t place : places) plan.drawn.push_back(all[place]);
    }
  }
  for (const std::size_t b : plan.drawn) is_drawn[b] = true;
  const double most = static_cast<double>(GradientPoints::most_pairs) * static_cast<double>(plan.drawn.size());
  plan.n_pairs = static_cast<std::size_t>(std::min(most, budget / of_pair));
}

GradientShape GradientPlanner::shape_of(const GradientPlan& plan, const GradientJob& job) {
  const std::size_t m = job.players.size();
  const double each = static_cast<double>(plan.n_pairs) / static_cast<double>(plan.drawn.size());
  const auto players = static_cast<double>(m);
  const bool is_mirrored =
      each >= least_mirrored_pairs * players ||
      (each >= least_pairs_for_bias * players && static_cast<double>(plan.n_pairs) >= least_total_for_bias * players);
  return {.is_wide = m >= least_wide_players && !is_mirrored, .is_mirrored = is_mirrored};
}

void GradientPlanner::divide_rest(GradientPlan& plan) const {
  std::vector<std::size_t> open;
  for (std::size_t j = 0; j < plan.jobs.size(); ++j)
    if (!plan.jobs[j].is_exact) open.push_back(j);
  std::vector<double> inclusion(rows_.table().n_background, 1);
  for (std::size_t d = 0; d < plan.inclusion.size(); ++d) inclusion[plan.drawn[d]] = plan.inclusion[d];
  std::vector<double> shares(open.size(), 0);
  for (std::size_t o = 0; o < n_outputs_; ++o) {
    std::vector<double> variances(open.size(), 0);
    for (std::size_t r = 0; r < open.size(); ++r) {
      const GradientJob& job = plan.jobs[open[r]];
      const double factor = rows_.weight(job.background) / inclusion[job.background];
      for (std::size_t i = 0; i < job.players.size(); ++i) {
        const double error = factor * job.found.standard_errors[i * n_outputs_ + o];
        variances[r] += error * error;
      }
    }
    const double all = std::accumulate(variances.begin(), variances.end(), 0.0);
    if (!(all > 0) || !std::isfinite(all)) continue;
    for (std::size_t r = 0; r < open.size(); ++r) shares[r] += variances[r] / all;
  }
  for (double& share : shares) share = std::sqrt(share);
  // Rows that have more than their share already keep what they have.
  std::vector<std::size_t> targets(open.size());
  std::vector<bool> is_full(open.size());
  for (bool changed = true; changed;) {
    changed = false;
    auto left = static_cast<double>(plan.n_pairs);
    double all = 0;
    for (std::size_t r = 0; r < open.size(); ++r) {
      if (is_full[r])
        left -= static_cast<double>(plan.jobs[open[r]].n_asked);
      else
        all += shares[r];
    }
    for (std::size_t r = 0; r < open.size(); ++r) {
      const std::size_t before = plan.jobs[open[r]].n_asked;
      if (is_full[r]) continue;
      const double target = all > 0 ? left * shares[r] / all : 0;
      targets[r] = static_cast<std::size_t>(std::min(target, static_cast<double>(GradientPoints::most_pairs))) / 2 * 2;
      if (targets[r] >= before + least_rest) continue;
      targets[r] = before;
      is_full[r] = changed = true;
    }
  }
  for (std::size_t r = 0; r < open.size(); ++r) plan.jobs[open[r]].target = targets[r];
}

bool GradientPlanner::keep_done(GradientPlan& plan) const {
  if (plan.has_found() || std::ranges::all_of(plan.jobs, &GradientJob::is_done)) return true;
  std::vector<std::size_t> kept;
  for (std::size_t j = 0; j < plan.jobs.size(); ++j) {
    if (plan.jobs[j].is_exact && !plan.jobs[j].is_done()) return false;
    if (!plan.jobs[j].is_exact && plan.jobs[j].is_done()) kept.push_back(j);
  }
  if (kept.empty()) return false;
  std::ranges::stable_sort(kept, {}, [&](std::size_t j) { return plan.gaps[j]; });
  for (std::size_t& each : kept) each = plan.jobs[each].background;
  plan.kept = std::move(kept);
  return true;
}

// Returns the players in which rows without an estimate differ, but none of the others.
std::vector<std::uint32_t> GradientPlanner::unseen_of(const GradientPlan& plan) const {
  const Differences differences(rows_.table(), explicands_, plan.explicand);
  const std::size_t words = words_for(rows_.table().n_players);
  std::vector<std::uint64_t> known(words), differing(words), open(words);
  for (const GradientJob& job : plan.jobs)
    if (job.is_done())
      for (const std::uint32_t i : job.players) known[i / 64] |= std::uint64_t{1} << (i % 64);
  for (std::size_t b = 0; b < rows_.table().n_background; ++b) {
    differences.find(b, differing);
    for (std::size_t w = 0; w < words; ++w) open[w] |= differing[w] & ~known[w];
  }
  std::vector<std::uint32_t> result;
  add_players(open, result);
  return result;
}

// Returns the bias as a share of the corrections, and the share of their variance that corrections have.
GradientPlanner::BiasShares GradientPlanner::shares_of_bias(const GradientPlan& plan) {
  const bool is_wide = std::ranges::any_of(
      plan.jobs, [&](const GradientJob& job) { return !job.is_exact && job.is_done() && shape_of(plan, job).is_wide; });
  return is_wide ? BiasShares{bias_of_wide, noise_of_wide} : BiasShares{bias_of_narrow, noise_of_narrow};
}

// Fourth moments differ from those of corners, which causes a bias. It was a share of the corrections by the slopes in
// networks of several kinds, in the mean over players. How it is divided among players is unknown, so each gets half
// of the mean and half of its own. What the noise adds to the corrections is subtracted.
void GradientPlanner::add_bias(GradientPlan& plan, std::vector<AveragedRow>& rows, const RowSample& sample) const {
  std::vector<RowEstimate> estimates;
  estimates.reserve(plan.jobs.size());
  auto row = rows.begin();
  for (const GradientJob& job : plan.jobs) {
    if (!job.is_done()) continue;
    estimates.push_back(job.found);
    if (job.is_exact)
      std::ranges::fill(estimates.back().values, 0);
    else
      estimates.back().values = job.corrections;
    row->estimate = &estimates.back();
    ++row;
  }
  const std::size_t n = rows_.table().n_players;
  const Average corrections = average(rows, sample, n, n_outputs_);
  const auto [share, noise] = shares_of_bias(plan);
  for (std::size_t o = 0; o < n_outputs_; ++o) {
    const auto square = [&](std::size_t i) {
      const std::size_t at = i * n_outputs_ + o;
      const double error = plan.found.standard_errors[at];
      return std::max(0.0, corrections.values[at] * corrections.values[at] - noise * error * error);
    };
    // A player may have the same derivative in all near points, and a bias.
    const auto moves = [&](std::size_t i) {
      const std::size_t at = i * n_outputs_ + o;
      return plan.found.standard_errors[at] > 0 || corrections.values[at] != 0;
    };
    std::vector<double> squares(n);
    for (std::size_t i = 0; i < n; ++i) squares[i] = square(i);
    double mean = 0;
    std::size_t n_moving = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (!moves(i)) continue;
      mean += squares[i];
      ++n_moving;
    }
    if (n_moving == 0) continue;
    mean /= static_cast<double>(n_moving);
    for (std::size_t i = 0; i < n; ++i) {
      double& error = plan.found.standard_errors[i * n_outputs_ + o];
      if (moves(i)) error = std::sqrt(error * error + share * share * (squares[i] + mean) / 2);
    }
  }
}

void GradientPlanner::average_of(GradientPlan& plan) const {
  std::vector<AveragedRow> rows;
  for (const GradientJob& job : plan.jobs)
    if (job.is_done())
      rows.push_back({.players = job.players,
                      .estimate = &job.found,
                      .n_pairs = std::max<std::size_t>(1, job.n_used),
                      .is_exact = job.is_exact,
                      .is_costly = !job.is_exact,
                      .factor = rows_.weight(job.background),
                      .background = job.background});
  RowSample sample = sample_of_rows(rows_,
                                    {.n_costly = plan.n_costly,
                                     .drawn = plan.drawn,
                                     .inclusion = plan.inclusion,
                                     .kept = plan.kept ? &*plan.kept : nullptr},
                                    rows);
  const std::size_t n_drawn = plan.kept ? plan.kept->size() : plan.drawn.size();
  if (n_drawn < plan.n_costly) sample.unseen = unseen_of(plan);
  plan.found = average(rows, sample, rows_.table().n_players, n_outputs_);
  plan.n_background = rows_.table().n_background - plan.n_costly + n_drawn;
  if (n_drawn > 0) add_bias(plan, rows, sample);
  // Points off the corners are no worths, so they do not show how much of the worths' variance values explain.
  if (plan.n_costly > 0) std::ranges::fill(plan.found.r2, unknown);
}

}  // namespace banzhaf
