// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Each background row's design, its evaluation, and the mean of what comes out.
#include "banzhaf/crossed.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "designs/coalition_bits.hpp"
#include "designs/hadamard_pairs.hpp"
#include "support/parallel.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t group_bytes = std::size_t{1} << 26;  // of worths and designs that wait for their estimates
constexpr std::size_t job_bytes = 1024;                    // of a row's design, about
constexpr std::ptrdiff_t many_rows = 8;                    // whose residuals vanish by chance in few of them alone

// Degrees of freedom of the mean square of successive differences, for each difference of many normal draws.
constexpr double freedom_of_differences = 2.0 / 3;

// Players in which rows that were left out differ, and none that were drawn.
std::vector<std::uint32_t> never_drawn(const std::vector<bool>& is_left_out, const std::vector<bool>& is_drawn) {
  std::vector<std::uint32_t> players;
  for (std::uint32_t i = 0; i < is_drawn.size(); ++i)
    if (is_left_out[i] && !is_drawn[i]) players.push_back(i);
  return players;
}

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

  [[nodiscard]] bool exact() const { return n_used == all_pairs(players.size()); }
  // Pairs of whole blocks, or of the whole design, among those evaluated.
  [[nodiscard]] std::size_t n_whole() const {
    const std::size_t order = design.hadamard()->order(), n_pairs = n_evaluated / 2;
    return n_evaluated == design.n_coalitions() ? n_pairs : n_pairs / order * order;
  }

  std::size_t background;
  std::vector<std::uint32_t> players;  // those in which the two differ
  Design design;                       // over players
  std::vector<std::size_t> targets{};  // pairs at each look
  std::vector<double> worths{};        // coalitions x outputs
  std::size_t n_asked = 0;             // coalitions, of which the model has been asked for
  std::size_t n_evaluated = 0;         // and has answered
  std::size_t n_used = 0;              // pairs that the estimate below is from
  std::vector<double> spread{};        // outputs: the variance of its worths
  Estimate found{};
};

// What is known of one explicand.
struct CrossedExplanations::Found {
  std::vector<double> values, standard_errors, background_errors;  // players x outputs
  std::vector<double> r2, degrees_of_freedom;                      // outputs
  std::size_t n_background = 0;
};

struct CrossedExplanations::Plan {
  std::size_t explicand;
  Allocation allocation;
  std::vector<Job> jobs;
  std::vector<std::size_t> order{};     // in which they are evaluated
  std::vector<std::uint32_t> unseen{};  // players in which none of the drawn rows differs, but others do
  std::size_t n_looks = 1;
  std::size_t n_done = 0;  // looks
  std::size_t n_rows = 0;  // of the model
  Found found{};
  std::optional<Stopped> stopped{};

  [[nodiscard]] bool is_over() const { return stopped.has_value(); }
  [[nodiscard]] bool has_found() const { return !found.values.empty(); }
  [[nodiscard]] std::size_t n_coalitions() const {
    std::size_t sum = 0;
    for (const Job& job : jobs) sum += job.design.n_coalitions();
    return sum;
  }
};

CrossedExplanations::CrossedExplanations(MaskedTable table, CrossedOptions options)
    : Explanations(std::move(table), options.num_threads), options_(std::move(options)), rank_(n_players()) {
  if (options_.budget < 2) throw std::invalid_argument("the budget must pay for one pair of coalitions, 2 model rows");
  if (options_.rules.top_k > 0 && options_.rules.top_k >= n_players())
    throw std::invalid_argument("top_k must be below the number of players");
  // The most there may be, short of what an integer holds.
  const std::size_t n_explicands = std::max<std::size_t>(1, rows_.table().n_explicands);
  const std::size_t most = std::numeric_limits<std::size_t>::max() / 4 / n_explicands;
  n_model_rows_ = rows_.table().n_background + n_explicands * (1 + std::min(options_.budget, most));
}

CrossedExplanations::~CrossedExplanations() = default;

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
  if (result.allocation.drawn.size() < result.allocation.n_costly) {
    std::vector<bool> is_left_out(table.n_players), is_drawn(table.n_players);
    for (std::size_t b = 0; b < n_background; ++b)
      for (const std::uint32_t i : differing[b]) (result.allocation.n_pairs[b] > 0 ? is_drawn : is_left_out)[i] = true;
    result.unseen = never_drawn(is_left_out, is_drawn);
  }
  for (std::size_t b = 0; b < n_background; ++b) {
    const std::size_t n_pairs = result.allocation.n_pairs[b];
    if (n_pairs == 0) continue;
    std::uint64_t seed = 0;  // a background row's own, whoever is explained
    random_words(options_.seed, Stream::background, b, {&seed, 1});
    result.jobs.emplace_back(b, std::move(differing[b]),
                             Design(DesignKind::hadamard, rows[b].n_players, 2 * n_pairs, seed));
    Estimator::check_size(result.jobs.back().design);
  }
  set_order(rows, result);
  if (options_.looks()) add_looks(rows, result);
  for (Job& job : result.jobs) job.targets.push_back(job.design.n_coalitions() / 2);
  return result;
}

// Costless rows first. If a deadline may come before the end of the first look, the others in an order any beginning of
// which is a sample spread over the gaps: each row is equally likely to come at each place.
void CrossedExplanations::set_order(const std::vector<BackgroundRow>& rows, Plan& plan) const {
  std::vector<std::size_t> costly;
  for (std::size_t j = 0; j < plan.jobs.size(); ++j)
    (plan.jobs[j].players.size() > 1 ? costly : plan.order).push_back(j);
  if (std::isinf(options_.deadline)) {
    plan.order.insert(plan.order.end(), costly.begin(), costly.end());
    return;
  }
  std::ranges::stable_sort(costly, {}, [&](std::size_t j) { return rows[plan.jobs[j].background].gap; });
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

// Of what a deadline has cut short within the first look, the rows that have whole blocks, by their gaps: a sample of all.
void CrossedExplanations::keep_whole(Plan& plan) const {
  if (plan.is_over() || plan.has_found()) return;
  const auto is_whole = [](const Job& job) { return job.n_whole() > 0; };
  const auto is_kept = [&](const Job& job) { return job.players.size() > 1 && is_whole(job); };
  if (std::ranges::all_of(plan.jobs, is_whole) || std::ranges::none_of(plan.jobs, is_kept)) return;
  std::vector<const Job*> kept;
  std::vector<bool> is_left_out(n_players()), is_drawn(n_players());
  for (const Job& job : plan.jobs) {
    if (is_kept(job)) kept.push_back(&job);
    for (const std::uint32_t i : job.players) (is_whole(job) ? is_drawn : is_left_out)[i] = true;
  }
  for (const std::uint32_t i : plan.unseen) is_left_out[i] = true;
  plan.unseen = never_drawn(is_left_out, is_drawn);
  std::ranges::stable_sort(kept, {}, [&](const Job* job) { return plan.allocation.weights[job->background]; });
  plan.allocation.drawn.clear();
  for (const Job* job : kept) plan.allocation.drawn.push_back(job->background);
  std::erase_if(plan.jobs, [&](const Job& job) { return !is_whole(job); });
}

// Looks at halves of the budget, quarters, ... as long as they pay for a block of every row: what the allocation gives to
// each, in whole blocks of the design that the whole budget has.
void CrossedExplanations::add_looks(const std::vector<BackgroundRow>& rows, Plan& plan) const {
  const auto block_of = [](const Job& job) {
    return std::min(job.design.hadamard()->order(), job.design.n_coalitions() / 2);
  };
  std::size_t least = 0, all = 0;
  for (const Job& job : plan.jobs) {
    least += model_rows(job.players.size(), block_of(job));
    all += job.design.n_coalitions();
  }
  std::vector<std::size_t> budgets;
  for (std::size_t budget = std::min(all, options_.budget) / 2; budget >= least && budget > 0; budget /= 2)
    budgets.push_back(budget);
  // Where time may be short, a block of every row comes first: rows that take longer would else be left out more often.
  if (!std::isinf(options_.deadline) && all > least) {
    for (Job& job : plan.jobs) job.targets.push_back(block_of(job));
    ++plan.n_looks;
  }
  for (; !budgets.empty(); budgets.pop_back()) {
    const Allocation allocation = allocate(rows, budgets.back(), options_.seed);
    bool grows = false;
    for (Job& job : plan.jobs) {
      const std::size_t order = job.design.hadamard()->order(), most = job.design.n_coalitions() / 2;
      const std::size_t given = allocation.n_pairs[job.background];
      const std::size_t before = job.targets.empty() ? 0 : job.targets.back();
      const std::size_t target = given >= most ? most : std::max(block_of(job), given / order * order);
      job.targets.push_back(std::max(before, target));
      grows |= job.targets.back() > before;
    }
    if (grows)
      ++plan.n_looks;
    else
      for (Job& job : plan.jobs) job.targets.pop_back();
  }
}

// Evaluates what the next look of each plan asks for; false if the deadline came before. Plans are estimated as soon as
// they are complete.
bool CrossedExplanations::evaluate(const Model& model, std::span<std::uint8_t> buffer, std::span<Plan> plans) {
  const std::size_t k = n_outputs_;
  std::vector<MaskedRows::Part> parts;
  std::vector<double*> places;  // of the parts' worths
  std::vector<Job*> asked;
  Coalitions coalitions(buffer.size() / rows_.row_bytes(), n_players());
  std::size_t batch = batch_within_deadline(coalitions.n_rows());
  std::size_t n_complete = 0, n_settled = 0;  // plans all of whose rows were asked for; that have been estimated
  const auto settle_complete = [&] {
    const std::span<Plan> complete = plans.subspan(n_settled, n_complete - n_settled);
    for (Plan& plan : complete)
      for (Job& job : plan.jobs) job.n_evaluated = job.n_asked;
    settle(complete);
    n_settled = n_complete;
  };
  const auto flush = [&] {
    if (!parts.empty()) {
      rows_.write(parts, coalitions.view(), buffer.data(), num_threads_);
      const double before = now();
      call(model, parts.size());
      seconds_per_row_ = (now() - before) / static_cast<double>(parts.size());
    }
    for (std::size_t r = 0; r < parts.size(); ++r) {
      const double* output = &outputs_[r * k];
      if (!std::all_of(output, output + k, [](double y) { return std::isfinite(y); })) {
        n_complete = parts[r].explicand - plans.front().explicand;
        settle_complete();
        throw std::domain_error("the model's output is not finite for row " + std::to_string(parts[r].explicand) +
                                " of X, background row " + std::to_string(parts[r].first_background) +
                                " and coalition " + to_string(coalitions.view(), r));
      }
      std::copy_n(output, k, places[r]);
    }
    for (Job* job : asked) job->n_evaluated = job->n_asked;
    parts.clear();
    places.clear();
    asked.clear();
    settle_complete();
    batch = batch_within_deadline(coalitions.n_rows());
    return batch > 0;
  };
  if (batch == 0) return false;
  std::vector<std::uint64_t> coalition;
  for (Plan& plan : plans) {
    for (const std::size_t next : plan.order) {
      if (plan.is_over()) break;
      Job& job = plan.jobs[next];
      const std::size_t n = job.players.size(), last = 2 * job.targets[plan.n_done];
      coalition.resize(words_for(n));
      job.worths.resize(last * k);
      asked.push_back(&job);
      while (job.n_asked < last) {
        if (job.n_asked % 2 == 0)
          job.design.fill_row(job.n_asked, coalition);
        else
          complement(coalition, n, coalition);
        double* place = &job.worths[job.n_asked * k];
        ++job.n_asked;
        const std::size_t size = count_players(coalition);
        // The explicand and the background row themselves are known.
        if (size == 0 || size == n) {
          std::copy_n(size == 0 ? background_output(job.background) : explicand_output(plan.explicand), k, place);
          continue;
        }
        scatter(coalition, job.players, coalitions.row(parts.size()));
        parts.push_back({plan.explicand, parts.size(), job.background, 1, parts.size()});
        places.push_back(place);
        ++plan.n_rows;
        if (parts.size() < batch) continue;
        if (!flush()) return false;
        asked.push_back(&job);
      }
    }
    ++n_complete;
    if (parts.empty() && !flush()) return false;
  }
  return parts.empty() || flush();
}

// How many rows the next batch may have: 0 when the time is up. A quarter of what should fit, so that little is lost if
// the model turns out slower.
std::size_t CrossedExplanations::batch_within_deadline(std::size_t most) const {
  if (std::isinf(options_.deadline)) return most;
  const double left = options_.deadline - (now() - start_);
  if (left <= 0) return 0;
  const double fitting = seconds_per_row_ > 0 ? left / 4 / seconds_per_row_ : 1;
  return fitting < static_cast<double>(most) ? std::max<std::size_t>(1, static_cast<std::size_t>(fitting)) : most;
}

double CrossedExplanations::now() const {
  if (options_.clock) return options_.clock();
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Estimates what has been evaluated in whole blocks. Plans of which a row has none stay as they are.
void CrossedExplanations::estimate(std::span<Plan> plans) {
  std::vector<Job*> jobs;
  std::vector<bool> among_many;  // of jobs: whether chance averages out with that of other rows
  std::vector<Plan*> grown;
  std::size_t work = 0;
  for (Plan& plan : plans) {
    if (std::any_of(plan.jobs.begin(), plan.jobs.end(), [](const Job& job) { return job.n_whole() == 0; })) continue;
    const auto is_new = [](const Job& job) { return job.n_whole() > job.n_used; };
    if (plan.has_found() && std::none_of(plan.jobs.begin(), plan.jobs.end(), is_new)) continue;
    const auto n_sampled = std::count_if(plan.jobs.begin(), plan.jobs.end(),
                                         [](const Job& job) { return job.n_whole() < all_pairs(job.players.size()); });
    for (Job& job : plan.jobs) {
      if (!is_new(job)) continue;
      jobs.push_back(&job);
      among_many.push_back(n_sampled >= many_rows);
    }
    grown.push_back(&plan);
    work += plan.n_coalitions() * n_outputs_ * 32;
  }
  parallel_for(threads_for(num_threads_, work), jobs.size(), [&](std::size_t j) {
    Job& job = *jobs[j];
    job.n_used = job.n_whole();
    const std::size_t n_coalitions = 2 * job.n_used;
    const std::span<const double> worths = std::span(job.worths).first(n_coalitions * n_outputs_);
    const Design design = n_coalitions < job.design.n_coalitions() ? job.design.prefix(n_coalitions) : job.design;
    const Estimator estimator(
        design,
        {.ridge = options_.ridge, .standard_errors = !job.exact(), .doubts_fits = !among_many[j], .num_threads = 1});
    job.found = estimator({worths, n_outputs_});
    if (job.exact()) {
      job.found.standard_errors.assign(job.found.values.size(), 0);
      job.found.degrees_of_freedom = std::numeric_limits<double>::infinity();
    }
    job.spread.assign(n_outputs_, 0);
    for (std::size_t s = 0; s < n_coalitions; ++s) {
      for (std::size_t o = 0; o < n_outputs_; ++o) {
        const double deviation = worths[s * n_outputs_ + o] - job.found.mean_worth[o];
        job.spread[o] += deviation * deviation / static_cast<double>(n_coalitions);
      }
    }
  });
  for (Plan* plan : grown) combine(*plan);
}

// Estimates plans whose look is complete, and asks the rules.
void CrossedExplanations::settle(std::span<Plan> plans) {
  estimate(plans);
  for (Plan& plan : plans) {
    if (plan.is_over()) continue;
    ++plan.n_done;
    const auto& freedom = plan.found.degrees_of_freedom;
    double hidden = 1;  // in every row's blocks
    bool all_exact = true;
    for (const Job& job : plan.jobs) {
      if (job.exact()) continue;
      all_exact = false;
      const double blocks = static_cast<double>(job.n_used / job.design.hadamard()->order());
      hidden *= std::min(1.0, static_cast<double>(job.players.size()) /
                                  static_cast<double>(job.design.hadamard()->order()) * std::exp2(1 - blocks));
    }
    const Look look{.values = plan.found.values,
                    .standard_errors = plan.found.standard_errors,
                    .n_outputs = n_outputs_,
                    .degrees_of_freedom = *std::min_element(freedom.begin(), freedom.end()),
                    .hidden = all_exact ? 0 : hidden};
    if (options_.rules.any()) plan.stopped = met(options_.rules, look, plan.n_done);
    if (!plan.stopped && plan.n_done == plan.n_looks) plan.stopped = Stopped::budget;
    if (plan.stopped)
      for (Job& job : plan.jobs) job.worths = {};
  }
}

void CrossedExplanations::combine(Plan& plan) {
  const std::size_t n = n_players(), k = n_outputs_;
  Found& found = plan.found;
  for (std::vector<double>* each : {&found.values, &found.standard_errors, &found.background_errors})
    each->assign(n * k, 0);
  found.r2.assign(k, 0);
  found.degrees_of_freedom.assign(k, 0);
  for (std::size_t o = 0; o < k; ++o) combine(plan, o);
  found.n_background = rows_.table().n_background - plan.allocation.n_costly + plan.allocation.drawn.size();
}

// Half the mean square of what each player's values change by from one drawn row to the next, by their gaps: the variance
// of rows of like gaps, as a systematic sample has it, with that of their estimates.
std::vector<double> CrossedExplanations::sample_spreads(const Plan& plan, std::size_t o) const {
  const std::size_t n = n_players();
  std::vector<const Job*> job_of(rows_.table().n_background);
  for (const Job& job : plan.jobs) job_of[job.background] = &job;
  std::vector<double> before(n), after(n), result(n, 0);
  const std::vector<std::size_t>& drawn = plan.allocation.drawn;
  for (std::size_t d = 0; d < drawn.size(); ++d) {
    const Job& job = *job_of[drawn[d]];
    std::ranges::fill(after, 0);
    for (std::size_t i = 0; i < job.players.size(); ++i) after[job.players[i]] = job.found.values[i * n_outputs_ + o];
    if (d > 0)
      for (std::size_t i = 0; i < n; ++i) result[i] += (after[i] - before[i]) * (after[i] - before[i]);
    after.swap(before);
  }
  for (double& each : result) each /= 2 * static_cast<double>(drawn.size() - 1);
  return result;
}

// The mean over background rows of one output. Of the costly rows a random sample may stand for all of them.
void CrossedExplanations::combine(Plan& plan, std::size_t o) const {
  const Allocation& allocation = plan.allocation;
  Found& found = plan.found;
  const std::size_t n = n_players(), k = n_outputs_;
  const double all = static_cast<double>(rows_.table().n_background);
  const double costly = static_cast<double>(allocation.n_costly), drawn = static_cast<double>(allocation.drawn.size());
  const double left_out = costly > 0 ? 1 - drawn / costly : 0;

  // A design without spare columns cannot judge its residual variance: it is taken to be as the other rows suggest, if
  // they are three times as many. Their weights are larger, but only a guess: a smaller one takes nothing off.
  double known = 0, known_weight = 0, known_freedom = 0, n_known = 0, n_unknown = 0;
  for (const Job& job : plan.jobs) {
    const double variance = mean_variance(job.found, o);
    if (!job.exact() && std::isnan(variance)) ++n_unknown;
    if (job.exact() || std::isnan(variance)) continue;
    const double residual = variance * static_cast<double>(job.n_used);
    known += residual;
    known_freedom += residual * residual / std::max(1.0, job.found.degrees_of_freedom);
    known_weight += allocation.weights[job.background];
    ++n_known;
  }

  // Of each player: sums over the costly rows, with their variances, and over the others.
  struct Sums {
    double value = 0, square = 0, variance = 0, other_value = 0, other_square = 0;
  };
  std::vector<Sums> sums(n);
  double explained = 0, spread = 0, freedom = 0, total_variance = 0, suggested = 0;
  for (const Job& job : plan.jobs) {
    const bool is_costly = job.players.size() > 1;
    const double share = is_costly ? costly / drawn : 1;
    double pooled = mean_variance(job.found, o), of_job = 0;
    const bool own = !std::isnan(pooled);
    if (!own) {
      const double relative = allocation.weights[job.background] * n_known / known_weight;
      pooled = n_known > 0 && n_known >= 3 * n_unknown
                   ? known / n_known * std::max(1.0, relative) / static_cast<double>(job.n_used)
                   : unknown;
    }
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
    if (!(of_job > 0)) continue;
    total_variance += of_job;
    if (own)
      freedom += of_job * of_job / std::max(1.0, job.found.degrees_of_freedom);
    else
      suggested += of_job;
  }
  // All that others suggest errs together.
  if (suggested > 0) freedom += suggested * suggested * known_freedom / (known * known);
  found.r2[o] = spread > 0 ? explained / spread : 1;

  const double share = costly > 0 ? costly / drawn : 1;
  const std::vector<double> spreads = left_out > 0 && drawn > 1 ? sample_spreads(plan, o) : std::vector(n, unknown);
  double subset_variance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Sums& sum = sums[i];
    const double value = (share * sum.value + sum.other_value) / all;
    // Where no design can judge its errors, the spread of the drawn rows' values holds them too.
    const bool unjudged = left_out > 0 && drawn > 1 && std::isnan(sum.variance);
    const double own = unjudged ? 0 : sum.variance;
    double variance = own * share * share / (all * all);
    if (left_out > 0) {
      const double between = spreads[i] - own / drawn;
      const double of_subset =
          costly * costly / (all * all) * (unjudged ? 1 : left_out) * std::max(between, 0.0) / drawn;
      variance += drawn > 1 ? of_subset : unknown;
      subset_variance += of_subset;
    }
    found.values[i * k + o] = value;
    found.standard_errors[i * k + o] = std::sqrt(variance);
    // What the estimates' own errors add to the spread of the rows' values is taken out of it.
    const double mean_square = (share * (sum.square - own) + sum.other_square) / all;
    const double between = std::max(0.0, mean_square - value * value + variance) * all / (all - 1);
    found.background_errors[i * k + o] = all > 1 && std::isfinite(variance) ? std::sqrt(between / all) : unknown;
  }
  // Their values are 0 for want of rows that would tell.
  for (const std::uint32_t i : plan.unseen)
    found.standard_errors[i * k + o] = found.background_errors[i * k + o] = unknown;
  // Differences of neighbours tell less than as many that are independent.
  if (subset_variance > 0)
    freedom += subset_variance * subset_variance / std::max(1.0, (drawn - 1) * freedom_of_differences);
  total_variance += subset_variance;
  found.degrees_of_freedom[o] =
      freedom > 0 ? total_variance * total_variance / freedom : std::numeric_limits<double>::infinity();
}

// What is known of the first count plans becomes the run's result, after that of those which are over.
void CrossedExplanations::publish(std::span<const Plan> plans) {
  const std::size_t n = n_players(), k = n_outputs_;
  const auto append = [](std::vector<double>& all, const std::vector<double>& of_plan, std::size_t size) {
    if (of_plan.empty())
      all.resize(all.size() + size, unknown);
    else
      all.insert(all.end(), of_plan.begin(), of_plan.end());
  };
  values_.resize(n_final_ * n * k);
  standard_errors_.resize(n_final_ * n * k);
  background_errors_.resize(n_final_ * n * k);
  r2_.resize(n_final_ * k);
  degrees_of_freedom_.resize(n_final_ * k);
  n_rows_.resize(n_final_);
  n_background_.resize(n_final_);
  stopped_.resize(n_final_);
  for (const Plan& plan : plans) {
    append(values_, plan.found.values, n * k);
    append(standard_errors_, plan.found.standard_errors, n * k);
    append(background_errors_, plan.found.background_errors, n * k);
    append(r2_, plan.found.r2, k);
    append(degrees_of_freedom_, plan.found.degrees_of_freedom, k);
    n_rows_.push_back(plan.n_rows);
    n_background_.push_back(plan.found.n_background);
    stopped_.push_back(plan.stopped.value_or(Stopped::running));
    for (const Job& job : plan.jobs) {
      if (job.n_used == 0) continue;
      if (job.found.rank < job.players.size()) rank_ = std::min(rank_, job.found.rank);
      condition_number_ = std::max(condition_number_, job.found.condition_number);
    }
  }
}

// Look after look over a group of plans, until each is over.
void CrossedExplanations::run_group(const Model& model, std::span<std::uint8_t> buffer, std::span<Plan> plans) {
  const auto stop = [&](Stopped why) {
    for (Plan& plan : plans)
      if (!plan.stopped) plan.stopped = why;
  };
  while (std::any_of(plans.begin(), plans.end(), [](const Plan& plan) { return !plan.is_over(); })) {
    if (!evaluate(model, buffer, plans)) {
      for (Plan& plan : plans) keep_whole(plan);
      estimate(plans);
      return stop(Stopped::deadline);
    }
    if (!options_.callback) continue;
    publish(plans);
    if (options_.callback()) return stop(Stopped::callback);
  }
}

void CrossedExplanations::run(const Model& model, std::span<std::uint8_t> buffer) {
  start_ = now();
  const MaskedTable& table = rows_.table();
  background_outputs_ = evaluate_background(model, buffer);
  explicand_outputs_ = call_on(table.explicands, table.n_explicands, model, buffer);
  for (std::size_t x = 0; x < table.n_explicands; ++x)
    if (!std::all_of(explicand_output(x), explicand_output(x) + n_outputs_, [](double y) { return std::isfinite(y); }))
      throw std::domain_error("the model's output is not finite for row " + std::to_string(x) + " of X");
  // A callback sees all explicands at once, a deadline as many as can be planned in a quarter of the time.
  const std::size_t most_bytes =
      std::isinf(options_.deadline) && !options_.callback ? group_bytes : std::numeric_limits<std::size_t>::max();
  std::vector<Plan> plans;
  while (n_final_ < table.n_explicands) {
    plans.clear();
    std::size_t bytes = 0;
    const double begin = now(), left = options_.deadline - (begin - start_);
    while (n_final_ + plans.size() < table.n_explicands && bytes < most_bytes) {
      const std::size_t explicand = n_final_ + plans.size();
      const double passed = std::isinf(left) ? 0 : now() - begin;
      if (passed >= left) {
        plans.push_back({.explicand = explicand, .allocation = {}, .jobs = {}, .stopped = Stopped::deadline});
        continue;
      }
      if (!options_.callback && !plans.empty() && passed > left / 4) break;
      plans.push_back(plan(explicand));
      bytes += plans.back().n_coalitions() * n_outputs_ * sizeof(double) + plans.back().jobs.size() * job_bytes;
    }
    try {
      run_group(model, buffer, plans);
    } catch (...) {
      const auto first_without = std::find_if(plans.begin(), plans.end(), [](const Plan& p) { return !p.has_found(); });
      publish({plans.begin(), first_without});
      throw;
    }
    publish(plans);
    n_final_ += plans.size();
  }
  n_model_rows_ = std::accumulate(n_rows_.begin(), n_rows_.end(), table.n_background + table.n_explicands);
}

}  // namespace banzhaf
