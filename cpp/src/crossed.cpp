// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Each background row's design, its evaluation, and the mean of what comes out.
#include "banzhaf/crossed.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "banzhaf/random.hpp"
#include "parallel.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t group_bytes = std::size_t{1} << 26;  // of worths that wait for their estimates

// Over players, of an output's standard errors; NaN if they are not known.
double mean_variance(const Estimate& found, std::size_t output) {
  double sum = 0;
  for (std::size_t i = 0; i < found.n_players; ++i) {
    const double error = found.standard_errors[i * found.n_outputs + output];
    sum += error * error;
  }
  return sum / static_cast<double>(found.n_players);
}

}  // namespace

// One background row against one explicand.
struct CrossedExplanations::Job {
  Job(std::size_t b, std::vector<std::uint32_t> differing, Design pairs)
      : background(b), players(std::move(differing)), design(std::move(pairs)) {}

  [[nodiscard]] std::size_t n_pairs() const { return design.n_coalitions() / 2; }
  [[nodiscard]] bool exact() const { return n_pairs() == all_pairs(players.size()); }

  std::size_t background;
  std::vector<std::uint32_t> players;  // those in which the two differ
  Design design;                       // over players
  std::vector<double> worths;          // coalitions x outputs
  std::vector<double> spread{};        // outputs: the variance of its worths
  Estimate found{};
};

struct CrossedExplanations::Plan {
  std::size_t explicand;
  Allocation allocation;
  std::vector<Job> jobs;
  std::size_t n_rows = 0;  // of the model

  [[nodiscard]] std::size_t n_coalitions() const {
    std::size_t sum = 0;
    for (const Job& job : jobs) sum += job.design.n_coalitions();
    return sum;
  }
};

CrossedExplanations::CrossedExplanations(MaskedTable table, CrossedOptions options)
    : Explanations(std::move(table), options.num_threads), options_(options), rank_(n_players()) {
  if (options_.budget < 2)
    throw std::invalid_argument("the budget must pay for one pair of coalitions, 2 model rows");
  n_model_rows_ = rows_.table().n_background + rows_.table().n_explicands * (1 + options_.budget);
}

CrossedExplanations::Plan CrossedExplanations::plan(std::size_t explicand) const {
  const MaskedTable& table = rows_.table();
  const std::size_t n_background = table.n_background, size = table.cell_bytes;
  const auto* x = static_cast<const std::uint8_t*>(table.explicands) + explicand * rows_.row_bytes();
  const auto* background = static_cast<const std::uint8_t*>(table.background);
  std::vector<std::vector<std::uint32_t>> differing(n_background);
  std::vector<BackgroundRow> rows(n_background);
  std::vector<bool> differs(table.n_players);
  for (std::size_t b = 0; b < n_background; ++b) {
    const std::uint8_t* row = background + b * rows_.row_bytes();
    differs.assign(table.n_players, false);
    for (std::size_t j = 0; j < table.n_columns; ++j)
      if (std::memcmp(x + j * size, row + j * size, size) != 0)
        differs[table.player_of_column.empty() ? j : table.player_of_column[j]] = true;
    for (std::uint32_t i = 0; i < table.n_players; ++i)
      if (differs[i]) differing[b].push_back(i);
    rows[b].n_players = differing[b].size();
  }
  // Each output counts by its own scale.
  for (std::size_t o = 0; o < n_outputs_; ++o) {
    double square = 0;
    const auto gap = [&](std::size_t b) { return explicand_output(explicand)[o] - background_output(b)[o]; };
    for (std::size_t b = 0; b < n_background; ++b) square += gap(b) * gap(b);
    if (square == 0) continue;
    for (std::size_t b = 0; b < n_background; ++b) rows[b].gap += gap(b) * gap(b) / square;
  }
  for (BackgroundRow& row : rows) row.gap = std::sqrt(row.gap);

  Plan result{.explicand = explicand, .allocation = allocate(rows, options_.budget, options_.seed), .jobs = {}};
  for (std::size_t b = 0; b < n_background; ++b) {
    const std::size_t n_pairs = result.allocation.n_pairs[b];
    if (n_pairs == 0) continue;
    std::uint64_t seed = 0;  // a background row's own, whoever is explained
    random_words(options_.seed, Stream::background, b, {&seed, 1});
    result.jobs.emplace_back(b, std::move(differing[b]),
                             Design(DesignKind::hadamard, rows[b].n_players, 2 * n_pairs, seed));
  }
  return result;
}

void CrossedExplanations::evaluate(const Model& model, std::span<std::uint8_t> buffer, std::vector<Plan>& plans,
                                   std::size_t& n_complete) {
  const std::size_t batch = buffer.size() / rows_.row_bytes(), k = n_outputs_;
  std::vector<MaskedRows::Part> parts;
  std::vector<double*> places;  // of the parts' worths
  Coalitions coalitions(batch, n_players());
  const auto flush = [&] {
    if (parts.empty()) return;
    rows_.write(parts, coalitions.view(), buffer.data(), num_threads_);
    call(model, parts.size());
    for (std::size_t r = 0; r < parts.size(); ++r) {
      const double* output = &outputs_[r * k];
      if (!std::all_of(output, output + k, [](double y) { return std::isfinite(y); }))
        throw std::domain_error("the model's output is not finite for row " + std::to_string(parts[r].explicand) +
                                " of X, background row " + std::to_string(parts[r].first_background) +
                                " and coalition " + to_string(coalitions.view(), r));
      std::copy_n(output, k, places[r]);
    }
    n_complete = static_cast<std::size_t>(
        std::find_if(plans.begin(), plans.end(), [&](const Plan& p) { return p.explicand == parts.back().explicand; }) -
        plans.begin());
    parts.clear();
    places.clear();
  };
  std::vector<std::uint64_t> coalition;
  for (Plan& plan : plans) {
    for (Job& job : plan.jobs) {
      const std::size_t n = job.players.size();
      coalition.resize(words_for(n));
      job.worths.resize(job.design.n_coalitions() * k);
      for (std::size_t s = 0; s < job.design.n_coalitions(); ++s) {
        if (s % 2 == 0)
          job.design.fill_row(s, coalition);
        else
          complement(coalition, n, coalition);
        const std::size_t size = count_players(coalition);
        double* place = &job.worths[s * k];
        // The explicand and the background row themselves are known.
        if (size == 0 || size == n) {
          std::copy_n(size == 0 ? background_output(job.background) : explicand_output(plan.explicand), k, place);
          continue;
        }
        const std::span<std::uint64_t> row = coalitions.row(parts.size());
        scatter(coalition, job.players, row);
        parts.push_back({plan.explicand, parts.size(), job.background, 1, parts.size()});
        places.push_back(place);
        ++plan.n_rows;
        if (parts.size() == batch) flush();
      }
    }
  }
  flush();
  n_complete = plans.size();
}

void CrossedExplanations::estimate(std::span<Plan> plans) {
  std::vector<Job*> jobs;
  std::size_t work = 0;
  for (Plan& plan : plans) {
    for (Job& job : plan.jobs) jobs.push_back(&job);
    work += plan.n_coalitions() * n_outputs_ * 32;
  }
  parallel_for(threads_for(num_threads_, work), jobs.size(), [&](std::size_t j) {
    Job& job = *jobs[j];
    const Estimator estimator(job.design, {.ridge = options_.ridge, .standard_errors = !job.exact(), .num_threads = 1});
    job.found = estimator(job.worths, n_outputs_);
    if (job.exact()) {
      job.found.standard_errors.assign(job.found.values.size(), 0);
      job.found.degrees_of_freedom = std::numeric_limits<double>::infinity();
    }
    job.spread.assign(n_outputs_, 0);
    for (std::size_t s = 0; s < job.design.n_coalitions(); ++s) {
      for (std::size_t o = 0; o < n_outputs_; ++o) {
        const double deviation = job.worths[s * n_outputs_ + o] - job.found.mean_worth[o];
        job.spread[o] += deviation * deviation / static_cast<double>(job.design.n_coalitions());
      }
    }
    job.worths = {};
  });
  for (const Plan& plan : plans) combine(plan);
}

void CrossedExplanations::combine(const Plan& plan) {
  const std::size_t n = n_players(), k = n_outputs_, first = values_.size();
  for (std::vector<double>* each : {&values_, &standard_errors_, &background_errors_}) each->resize(first + n * k);
  for (std::size_t o = 0; o < k; ++o) combine(plan, o, first + o);
  std::size_t n_background = rows_.table().n_background;
  n_background_.push_back(n_background - plan.allocation.n_costly + plan.allocation.n_drawn);
  n_rows_.push_back(plan.n_rows);
  for (const Job& job : plan.jobs) {
    if (job.found.rank < job.players.size()) rank_ = std::min(rank_, job.found.rank);
    condition_number_ = std::max(condition_number_, job.found.condition_number);
  }
}

// The mean over background rows of one output; player i's place is at + i outputs. Of the costly rows a uniform random
// subset may stand for all of them.
void CrossedExplanations::combine(const Plan& plan, std::size_t o, std::size_t at) {
  const Allocation& allocation = plan.allocation;
  const std::size_t n = n_players(), k = n_outputs_;
  const double all = static_cast<double>(rows_.table().n_background);
  const double costly = static_cast<double>(allocation.n_costly), drawn = static_cast<double>(allocation.n_drawn);
  const double left_out = costly > 0 ? 1 - drawn / costly : 0;

  // A design without spare columns cannot judge its residual variance: it is taken to be as the other rows suggest.
  double known = 0, known_weight = 0;
  for (const Job& job : plan.jobs) {
    const double variance = mean_variance(job.found, o);
    if (job.exact() || std::isnan(variance)) continue;
    known += variance * static_cast<double>(job.n_pairs());
    known_weight += allocation.weights[job.background];
  }

  // Of each player: sums over the costly rows, with their variances, and over the others.
  struct Sums {
    double value = 0, square = 0, variance = 0, other_value = 0, other_square = 0;
  };
  std::vector<Sums> sums(n);
  double explained = 0, spread = 0, freedom = 0, total_variance = 0;
  for (const Job& job : plan.jobs) {
    const bool is_costly = job.players.size() > 1;
    const double share = is_costly ? costly / drawn : 1;
    double pooled = mean_variance(job.found, o), of_job = 0;
    const bool own = !std::isnan(pooled);
    if (!own)
      pooled = known_weight > 0
                   ? known / known_weight * allocation.weights[job.background] / static_cast<double>(job.n_pairs())
                   : unknown;
    for (std::size_t i = 0; i < job.players.size(); ++i) {
      const double value = job.found.values[i * k + o], error = job.found.standard_errors[i * k + o];
      const double variance = own ? error * error : pooled;
      Sums& sum = sums[job.players[i]];
      (is_costly ? sum.value : sum.other_value) += value;
      (is_costly ? sum.square : sum.other_square) += value * value;
      sum.variance += variance;
      of_job += variance * share * share / (all * all);
    }
    explained += share * job.found.r2[o] * job.spread[o];
    spread += share * job.spread[o];
    total_variance += of_job;
    if (of_job > 0) freedom += of_job * of_job / (own ? std::max(1.0, job.found.degrees_of_freedom) : 1.0);
  }
  r2_.push_back(spread > 0 ? explained / spread : 1);

  const double share = costly > 0 ? costly / drawn : 1;
  double subset_variance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Sums& sum = sums[i];
    const double value = (share * sum.value + sum.other_value) / all;
    double variance = sum.variance * share * share / (all * all);
    if (left_out > 0) {
      const double between =
          drawn > 1 ? (sum.square - sum.value * sum.value / drawn) / (drawn - 1) - sum.variance / drawn : unknown;
      const double of_subset = costly * costly / (all * all) * left_out * std::max(between, 0.0) / drawn;
      variance += drawn > 1 ? of_subset : unknown;
      subset_variance += of_subset;
    }
    values_[at + i * k] = value;
    standard_errors_[at + i * k] = std::sqrt(variance);
    // What the estimates' own errors add to the spread of the rows' values is taken out of it.
    const double mean_square = (share * (sum.square - sum.variance) + sum.other_square) / all;
    const double between = std::max(0.0, mean_square - value * value + variance) * all / (all - 1);
    background_errors_[at + i * k] = all > 1 && std::isfinite(variance) ? std::sqrt(between / all) : unknown;
  }
  if (subset_variance > 0) freedom += subset_variance * subset_variance / (drawn - 1);
  total_variance += subset_variance;
  degrees_of_freedom_.push_back(freedom > 0 ? total_variance * total_variance / freedom
                                            : std::numeric_limits<double>::infinity());
}

void CrossedExplanations::run(const Model& model, std::span<std::uint8_t> buffer) {
  const MaskedTable& table = rows_.table();
  background_outputs_ = evaluate_background(model, buffer);
  explicand_outputs_ = call_on(table.explicands, table.n_explicands, model, buffer);
  for (std::size_t x = 0; x < table.n_explicands; ++x)
    if (!std::all_of(explicand_output(x), explicand_output(x) + n_outputs_, [](double y) { return std::isfinite(y); }))
      throw std::domain_error("the model's output is not finite for row " + std::to_string(x) + " of X");
  std::vector<Plan> plans;
  while (n_explained() < table.n_explicands) {
    plans.clear();
    std::size_t bytes = 0;
    while (n_explained() + plans.size() < table.n_explicands && bytes < group_bytes) {
      plans.push_back(plan(n_explained() + plans.size()));
      bytes += plans.back().n_coalitions() * n_outputs_ * sizeof(double);
    }
    std::size_t n_complete = 0;
    try {
      evaluate(model, buffer, plans, n_complete);
    } catch (...) {
      estimate(std::span(plans).first(n_complete));
      throw;
    }
    estimate(plans);
  }
  n_model_rows_ = std::accumulate(n_rows_.begin(), n_rows_.end(), table.n_background + table.n_explicands);
}

}  // namespace banzhaf
