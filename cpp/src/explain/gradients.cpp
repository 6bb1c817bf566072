// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Writes points between rows, calls the model for gradients, and fits them, background row by background row.
#include "banzhaf/gradients.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "estimate/rules.hpp"
#include "explain/gradient_choice.hpp"
#include "explain/gradient_chunk.hpp"
#include "explain/gradient_plan.hpp"
#include "support/deadline.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t group_bytes = std::size_t{1} << 26;  // of plans that are evaluated together
constexpr std::size_t most_chunk = 1024;                   // pairs of points that are fitted together
constexpr std::size_t first_batch = 16, most_growth = 4;   // rows under a deadline

bool all_finite(std::span<const double> numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

// Coalitions of a background row: rows first, first + 1, ..., first + n_rows - 1 of some order.
struct CoalitionRows {
  GradientJob* job;
  std::size_t first, n_rows;
};

// Rows of a chunk in a batch.
struct Part {
  GradientChunk* chunk;
  std::size_t first, n_rows, first_in_batch;
};

}  // namespace

GradientExplanations::GradientExplanations(MaskedTable table, GradientOptions options, GradientModel gradients,
                                           std::span<const double> background_outputs, BackgroundCheck check)
    : Explanations(std::move(table), options.num_threads),
      options_(std::move(options)),
      gradients_(std::move(gradients)) {
  const MaskedTable& kept = rows_->table();
  if (kept.cell_bytes != 4 && kept.cell_bytes != 8)
    throw std::invalid_argument("cells must be floating numbers of 4 or 8 bytes for gradients");
  if (options_.budget < 2) throw std::invalid_argument("budget must be at least 2 model evaluations");
  if (!(options_.gradient_cost >= 0)) throw std::invalid_argument("gradient_cost must not be negative");
  require_valid(options_.rules, n_players());
  if (std::isnan(options_.deadline)) throw std::invalid_argument("deadline must be a number of seconds");
  set_known_outputs(background_outputs, std::move(check));
  const std::size_t at_least_one = std::max<std::size_t>(1, n_explicands_);
  const std::size_t most = std::numeric_limits<std::size_t>::max() / 4 / at_least_one;
  n_model_rows_ = n_evaluated_background() + at_least_one * (1 + std::min(options_.budget, most));
}

GradientExplanations::~GradientExplanations() = default;

class GradientExplanations::Evaluation {
 public:
  Evaluation(GradientExplanations& all, const Model& model, const BatchMemory& memory)
      : all_(all),
        options_(all.options_),
        table_(all.rows_->table()),
        model_(model),
        memory_(memory),
        deadline_(options_.deadline, options_.clock) {}

  void operator()() {
    all_.n_passed_ = 0;
    const std::size_t n_evaluated = all_.n_evaluated_background();
    background_outputs_ = all_.evaluate_unmasked(model_, memory_);
    for (std::size_t x = 0; x < all_.n_explicands_; ++x)
      if (!all_finite(explicand_output(x)))
        throw std::domain_error("model must return finite numbers, but its output is not finite for row " +
                                std::to_string(x) + " of X");
    const GradientPlanner planner(*all_.rows_, all_.explicands_, options_, background_outputs_, all_.n_outputs_);
    while (n_final_ < all_.n_explicands_) {
      std::vector<GradientPlan> plans = plan_group(planner);
      try {
        run_group(planner, plans);
      } catch (...) {
        for (GradientPlan& plan : plans)
          if (!plan.has_found() && plan.n_done > 0) take_gradients(planner, plan);
        const auto first_without =
            std::ranges::find_if(plans, [](const GradientPlan& plan) { return !plan.has_found(); });
        publish(planner, std::span(plans).first(static_cast<std::size_t>(first_without - plans.begin())));
        throw;
      }
      publish(planner, plans);
      n_final_ += plans.size();
    }
    all_.n_model_rows_ = n_evaluated + all_.n_explicands_ + all_.n_passed_;
  }

 private:
  [[nodiscard]] std::span<const double> explicand_output(std::size_t x) const {
    return std::span<const double>(all_.predictions_).subspan(x * all_.n_outputs_, all_.n_outputs_);
  }

  // A callback or a deadline needs all explicands at once.
  std::vector<GradientPlan> plan_group(const GradientPlanner& planner) {
    const std::size_t most_bytes =
        deadline_.is_set() || options_.callback ? std::numeric_limits<std::size_t>::max() : group_bytes;
    std::vector<GradientPlan> plans;
    for (std::size_t bytes = 0; n_final_ + plans.size() < all_.n_explicands_ && bytes < most_bytes;) {
      const std::size_t x = n_final_ + plans.size();
      plans.push_back(planner(x, explicand_output(x)));
      for (const GradientJob& job : plans.back().jobs)
        bytes += 5 * job.players.size() * (1 + all_.n_outputs_) * sizeof(double);
    }
    return plans;
  }

  void run_group(const GradientPlanner& planner, std::span<GradientPlan> plans) {
    const auto stop = [&](Stopped why) {
      for (GradientPlan& plan : plans)
        if (!plan.stopped) plan.stopped = why;
    };
    const auto is_open = [](const GradientPlan& plan) { return !plan.stopped; };
    // Gradients of some explicands must not take the time of others. A callback wants those of all before it.
    if (deadline_.is_set() && evaluate_coalitions(planner, plans, false)) return stop(Stopped::callback);
    for (bool is_first = true; std::ranges::any_of(plans, is_open); is_first = false) {
      bool in_time = (!is_first || evaluate_exact(plans)) && evaluate(plans);
      if (is_first && in_time && compare(planner, plans)) in_time = evaluate(plans);
      for (GradientPlan& plan : plans) {
        if (plan.stopped || plan.source == ValueSource::coalitions) continue;
        if (!in_time && !planner.keep_done(plan)) continue;
        ++plan.n_done;
        if (in_time && plan.n_done < plan.n_checks && !options_.rules.any() && !options_.callback) continue;
        take_gradients(planner, plan);
        if (in_time) plan.stopped = reason_to_stop(plan);
      }
      if (!in_time) {
        for (GradientPlan& plan : plans) keep_comparison(planner, plan);
        return stop(Stopped::deadline);
      }
      for (const bool is_compared : {false, true})
        if (is_first && evaluate_coalitions(planner, plans, is_compared)) return stop(Stopped::callback);
      if (options_.callback) {
        publish(planner, plans);
        if (options_.callback()) return stop(Stopped::callback);
      }
      for (GradientPlan& plan : plans)
        if (!plan.stopped) planner.divide_rest(plan);
    }
  }

  void take_gradients(const GradientPlanner& planner, GradientPlan& plan) const {
    planner.average_of(plan);
    plan.gradient_weights.assign(all_.n_outputs_, plan.gradient_rows > 0 ? 1 : 0);
  }

  // Has pairs of coalitions decide about the plans that need it. Returns false if there are none, or the deadline has
  // passed, so that they stay undecided.
  bool compare(const GradientPlanner& planner, std::span<GradientPlan> plans) {
    bool any = false;
    for (GradientPlan& plan : plans) {
      if (plan.source != ValueSource::undecided) continue;
      std::vector<double> residuals(all_.n_outputs_);
      if (!compare(plan, residuals)) return false;
      planner.decide(plan, residuals);
      any = true;
    }
    return any;
  }

  bool compare(GradientPlan& plan, std::span<double> residuals) {
    const std::size_t k = all_.n_outputs_, n_pairs = GradientPlanner::compared_pairs(plan.n_costly);
    std::vector<CoalitionRows> asked;
    std::vector<std::vector<std::uint8_t>> coalitions;
    for (GradientJob& job : plan.jobs) {
      if (job.is_exact) continue;
      asked.push_back({&job, 0, 2 * n_pairs});
      coalitions.push_back(compared_coalitions(n_pairs, job.players.size(), options_.seed,
                                               all_.rows_->background_number(job.background)));
    }
    std::vector<double> outputs, differences(n_pairs * k);
    const auto has = [&](std::size_t j, std::size_t row, std::size_t i) {
      return (coalitions[j][row / 2 * asked[j].job->players.size() + i] != 0) == (row % 2 == 0);
    };
    if (!evaluate_rows(plan, asked, has, outputs)) return false;
    const double* next = outputs.data();
    for (std::size_t j = 0; j < asked.size(); ++j) {
      for (std::size_t r = 0; r < n_pairs; ++r, next += 2 * k)
        for (std::size_t o = 0; o < k; ++o) differences[r * k + o] = next[o] - next[k + o];
      const double weight = all_.rows_->weight(asked[j].job->background);
      add_residuals(coalitions[j], differences, *asked[j].job, weight * weight, residuals);
    }
    return true;
  }

  // A comparison that the deadline has ended leaves its gradients.
  void keep_comparison(const GradientPlanner& planner, GradientPlan& plan) const {
    if (plan.stopped || plan.source != ValueSource::coalitions || plan.jobs.empty()) return;
    planner.average_of(plan);
    plan.gradient_weights.assign(all_.n_outputs_, 1);
  }

  // Takes the values of plans from a crossed design. If they were compared, it adds what their gradients have shown.
  // Returns whether the callback has stopped it.
  bool evaluate_coalitions(const GradientPlanner& planner, std::span<GradientPlan> plans, bool is_compared) {
    std::vector<GradientPlan*> chosen;
    for (GradientPlan& plan : plans)
      if (!plan.stopped && plan.source == ValueSource::coalitions && plan.jobs.empty() != is_compared)
        chosen.push_back(&plan);
    if (!chosen.empty()) evaluate_coalitions(planner, plans, chosen, is_compared);
    return std::ranges::any_of(chosen, [](const GradientPlan* plan) { return plan->stopped == Stopped::callback; });
  }

  void evaluate_coalitions(const GradientPlanner& planner, std::span<GradientPlan> plans,
                           std::span<GradientPlan* const> chosen, bool is_compared) {
    const std::size_t row_bytes = all_.rows_->row_bytes();
    std::vector<std::uint8_t> cells;
    CrossedLimits limits{.rules = options_.rules, .clock = options_.clock};
    for (const GradientPlan* plan : chosen) {
      const auto* row = static_cast<const std::uint8_t*>(all_.explicands_) + plan->explicand * row_bytes;
      cells.insert(cells.end(), row, row + row_bytes);
      limits.row_numbers.push_back(plan->explicand);
    }
    // The time left is divided among the plans that have not ended.
    const auto n_open = std::ranges::count_if(plans, [](const GradientPlan& plan) { return !plan.stopped; });
    if (deadline_.is_set())
      limits.deadline = deadline_.left() * static_cast<double>(chosen.size()) / static_cast<double>(n_open);
    std::vector<Average> of_gradients(chosen.size());
    if (is_compared) {
      for (std::size_t c = 0; c < chosen.size(); ++c) {
        planner.average_of(*chosen[c]);
        of_gradients[c] = std::exchange(chosen[c]->found, {});
      }
    }
    CrossedOptions options{.budget = planner.budget_of_coalitions(is_compared),
                           .noisy = options_.noisy,
                           .interactions = Interactions::automatic,
                           .seed = options_.seed,
                           .num_threads = options_.num_threads};
    const CrossedExplainer explainer(table_, options);
    std::optional<CrossedExplanations> run;
    std::vector<std::size_t> spent(chosen.size());
    const auto take = [&] {
      for (std::size_t c = 0; c < std::min(chosen.size(), run->n_explained()); ++c)
        take_coalitions(*run, c, of_gradients[c], *chosen[c], spent[c]);
    };
    if (options_.callback) {
      limits.callback = [&] {
        take();
        publish(planner, plans);
        return options_.callback();
      };
    }
    run.emplace(explainer.start(cells.data(), chosen.size(), std::move(limits), background_outputs_));
    try {
      run->run(model_, memory_);
    } catch (...) {
      take();
      throw;
    }
    take();
    all_.n_passed_ += chosen.size();
    for (std::size_t c = 0; c < chosen.size(); ++c) chosen[c]->stopped = run->stopped()[c];
  }

  // Sets the values of a plan from the results of a crossed design, number c of its explained rows. spent is what this
  // design has cost the plan so far.
  void take_coalitions(const CrossedExplanations& run, std::size_t c, const Average& of_gradients, GradientPlan& plan,
                       std::size_t& spent) const {
    const std::size_t k = all_.n_outputs_, width = all_.n_players() * k;
    const auto part = [c](const std::vector<double>& all, std::size_t size) {
      return std::vector<double>(all.begin() + static_cast<std::ptrdiff_t>(c * size),
                                 all.begin() + static_cast<std::ptrdiff_t>((c + 1) * size));
    };
    plan.found = {.values = part(run.values(), width),
                  .standard_errors = part(run.standard_errors(), width),
                  .background_errors = part(run.background_errors(), width),
                  .r2 = part(run.r2(), k),
                  .degrees_of_freedom = part(run.degrees_of_freedom(), k)};
    plan.n_background = run.n_background()[c];
    plan.adjustment = run.adjustments()[c];
    plan.gradient_weights.assign(k, 0);
    if (!of_gradients.values.empty()) plan.gradient_weights = combine(plan.found, of_gradients, all_.n_players(), k);
    const std::size_t cost = run.row_costs()[c];
    plan.value_rows += cost - spent;
    all_.n_passed_ += cost - spent;
    spent = cost;
  }

  [[nodiscard]] std::optional<Stopped> reason_to_stop(const GradientPlan& plan) const {
    if (options_.rules.any()) {
      const Look look{.values = plan.found.values,
                      .standard_errors = plan.found.standard_errors,
                      .n_outputs = all_.n_outputs_,
                      .degrees_of_freedom = std::ranges::min(plan.found.degrees_of_freedom),
                      .hidden = 0};
      if (const std::optional<Stopped> why = met(options_.rules, look, plan.n_done)) return why;
    }
    if (plan.n_done == plan.n_checks) return Stopped::budget;
    return std::nullopt;
  }

  // Evaluates all coalitions of the background rows with few players. Returns false if the deadline came first.
  bool evaluate_exact(std::span<GradientPlan> plans) {
    const std::size_t k = all_.n_outputs_;
    const auto has = [](std::size_t, std::size_t row, std::size_t i) { return ((row >> i) & 1U) != 0; };
    std::vector<double> outputs, worths;
    for (GradientPlan& plan : plans) {
      std::vector<CoalitionRows> asked;
      for (const std::size_t j : plan.order)
        if (GradientJob& job = plan.jobs[j]; job.is_exact)
          asked.push_back({&job, 1, (std::size_t{1} << job.players.size()) - 2});
      outputs.clear();
      const bool in_time = evaluate_rows(plan, asked, has, outputs);
      // The rows of the background and of the explicand are known, and the rest in their order.
      auto next = outputs.cbegin();
      for (const auto& [job, first, n_rows] : asked) {
        const auto size = static_cast<std::ptrdiff_t>(n_rows * k);
        if (outputs.cend() - next < size) break;
        const auto none = background_outputs_.cbegin() + static_cast<std::ptrdiff_t>(job->background * k);
        const std::span<const double> of_all = explicand_output(plan.explicand);
        worths.assign(none, none + static_cast<std::ptrdiff_t>(k));
        worths.insert(worths.end(), next, next + size);
        worths.insert(worths.end(), of_all.begin(), of_all.end());
        job->set_exact(worths, k);
        next += size;
      }
      if (!in_time) return false;
    }
    return true;
  }

  // Calls the model on coalitions of background rows, in whole batches, and appends its outputs. has says whether row
  // first + r of part j has the player i of its job. Returns false if the deadline came first.
  template <typename Has>
  bool evaluate_rows(GradientPlan& plan, std::span<const CoalitionRows> parts, const Has& has,
                     std::vector<double>& outputs) {
    const std::size_t words = words_for(table_.n_columns), most = memory_().size() / all_.rows_->row_bytes();
    std::vector<MaskedRows::Stretch> stretches;
    std::vector<std::uint64_t> columns;
    std::vector<bool> is_in(table_.n_players);
    for (std::size_t j = 0, done = 0; j < parts.size();) {
      if (deadline_.has_passed()) return false;
      // A deadline needs short calls.
      const std::size_t most_parts = deadline_.is_set() ? 1 : parts.size();
      std::size_t n_rows = 0;
      stretches.clear();
      columns.clear();
      while (j < parts.size() && n_rows < most && stretches.size() < most_parts) {
        const std::size_t count = std::min(most - n_rows, parts[j].n_rows - done);
        columns.resize((n_rows + count) * words);
        for (std::size_t r = 0; r < count; ++r)
          set_columns(
              parts[j].job->players, [&](std::size_t i) { return has(j, parts[j].first + done + r, i); }, is_in,
              &columns[(n_rows + r) * words]);
        if (count > 0) stretches.push_back({plan.explicand, parts[j].job->background, count});
        n_rows += count;
        done += count;
        if (done < parts[j].n_rows) continue;
        done = 0;
        ++j;
      }
      if (n_rows > 0) call_on_coalitions(plan, stretches, columns, n_rows);
      if (n_rows > 0) outputs.insert(outputs.end(), all_.outputs_.begin(), all_.outputs_.end());
    }
    return true;
  }

  // Calls the model on coalitions, given by their columns.
  void call_on_coalitions(GradientPlan& plan, std::span<const MaskedRows::Stretch> stretches,
                          std::span<const std::uint64_t> columns, std::size_t n_rows) {
    all_.rows_->write(all_.explicands_, stretches, columns.data(), memory_().data(), options_.num_threads);
    all_.call(model_, n_rows);
    const double* next = all_.outputs_.data();
    for (const MaskedRows::Stretch& each : stretches) {
      const std::size_t count = each.n_rows * all_.n_outputs_;
      if (!all_finite({next, count})) refuse("output", plan.explicand, each.background);
      next += count;
    }
    plan.value_rows += n_rows;
    all_.n_passed_ += n_rows;
  }

  // Sets the bits of the columns whose player is in a coalition. has says so of the first, second, ... of the players.
  template <typename Has>
  void set_columns(std::span<const std::uint32_t> players, const Has& has, std::vector<bool>& is_in,
                   std::uint64_t* out) const {
    if (table_.player_of_column.empty()) {
      for (std::size_t i = 0; i < players.size(); ++i)
        out[players[i] / 64] |= std::uint64_t{has(i)} << (players[i] % 64);
      return;
    }
    is_in.assign(table_.n_players, false);
    for (std::size_t i = 0; i < players.size(); ++i) is_in[players[i]] = has(i);
    for (std::size_t c = 0; c < table_.n_columns; ++c)
      if (is_in[table_.player_of_column[c]]) out[c / 64] |= std::uint64_t{1} << (c % 64);
  }

  // Evaluates gradients up to the target of each job. Returns false if the deadline came first.
  bool evaluate(std::span<GradientPlan> plans) {
    std::deque<GradientChunk> waiting = chunks_of(plans), active;
    const std::size_t most = all_.gradients_.memory().size() / all_.rows_->row_bytes();
    if (most == 0) throw std::invalid_argument("the memory for gradients must hold at least one row");
    std::vector<Part> parts;
    while (!waiting.empty() || !active.empty()) {
      std::size_t room = most;
      if (deadline_.is_set()) room = deadline_.fitting(std::min(most, most_growth * last_batch_), seconds_per_row_);
      if (room == 0) return false;
      const double start = deadline_.is_set() ? deadline_.now() : 0;
      const std::size_t n_new = open_chunks(room, waiting, active);
      const std::size_t n_rows = divide(room, active, parts);
      const std::size_t threads = threads_for(options_.num_threads, 16 * n_rows * table_.n_columns);
      const std::size_t first_new = active.size() - n_new;
      parallel_for(threads, n_new, [&](std::size_t c) {
        active[first_new + c].open(*all_.rows_, all_.explicands_, options_.seed, all_.n_outputs_);
      });
      std::uint8_t* const memory = all_.gradients_.memory().data();
      parallel_for(threads, parts.size(), [&](std::size_t p) {
        parts[p].chunk->write(parts[p].first, parts[p].n_rows,
                              memory + parts[p].first_in_batch * all_.rows_->row_bytes());
      });
      const GradientBatch found = call(n_rows);
      // From the last rows on, because these are the ones that the model left in the cache.
      parallel_for(threads, parts.size(), [&](std::size_t p) { add(parts[parts.size() - 1 - p], found); });
      for (const Part& part : parts) part.chunk->plan().gradient_rows += part.n_rows;
      all_.n_passed_ += n_rows;
      fit_complete(threads, active);
      if (deadline_.is_set()) seconds_per_row_ = (deadline_.now() - start) / static_cast<double>(n_rows);
      last_batch_ = n_rows;
    }
    return true;
  }

  [[nodiscard]] static std::deque<GradientChunk> chunks_of(std::span<GradientPlan> plans) {
    std::deque<GradientChunk> result;
    for (GradientPlan& plan : plans) {
      if (plan.stopped) continue;
      for (const std::size_t j : plan.order) {
        GradientJob& job = plan.jobs[j];
        if (job.is_exact) continue;
        const std::size_t count = job.target - job.n_asked, n_chunks = (count + most_chunk - 1) / most_chunk;
        for (std::size_t c = 0; c < n_chunks; ++c) {
          const std::size_t first = 2 * (c * (count / 2) / n_chunks), last = 2 * ((c + 1) * (count / 2) / n_chunks);
          result.emplace_back(plan, job, job.n_asked + first, last - first);
        }
        job.n_asked = job.target;
      }
    }
    return result;
  }

  // Moves as many chunks from waiting to active as fill the room. Returns how many.
  static std::size_t open_chunks(std::size_t room, std::deque<GradientChunk>& waiting,
                                 std::deque<GradientChunk>& active) {
    std::size_t rows = 0, n_new = 0;
    for (const GradientChunk& chunk : active) rows += chunk.n_unclaimed();
    for (; rows < room && !waiting.empty(); ++n_new) {
      rows += waiting.front().n_rows();
      active.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    return n_new;
  }

  // Divides a batch among the chunks. Returns its rows.
  static std::size_t divide(std::size_t room, std::deque<GradientChunk>& active, std::vector<Part>& parts) {
    parts.clear();
    std::size_t n_rows = 0;
    for (GradientChunk& chunk : active) {
      const std::size_t first = chunk.n_rows() - chunk.n_unclaimed(), count = chunk.claim(room - n_rows);
      if (count == 0) break;
      parts.push_back({&chunk, first, count, n_rows});
      n_rows += count;
    }
    return n_rows;
  }

  [[nodiscard]] GradientBatch call(std::size_t n_rows) const {
    const GradientBatch found = all_.gradients_.model(n_rows);
    const std::size_t n_outputs = n_rows * all_.n_outputs_;
    const std::size_t n_gradients = std::visit([](auto numbers) { return numbers.size(); }, found.gradients);
    if (found.outputs.size() != n_outputs || n_gradients != n_outputs * table_.n_columns)
      throw std::invalid_argument("model must return " + std::to_string(all_.n_outputs_) +
                                  " outputs with their gradients for each row, got " +
                                  std::to_string(found.outputs.size()) + " and " + std::to_string(n_gradients) +
                                  " numbers for " + std::to_string(n_rows) + " rows");
    return found;
  }

  void add(const Part& part, const GradientBatch& found) const {
    const std::size_t k = all_.n_outputs_, explicand = part.chunk->plan().explicand;
    if (!all_finite(found.outputs.subspan(part.first_in_batch * k, part.n_rows * k)))
      refuse("output", explicand, part.chunk->job().background);
    const bool is_finite = std::visit(
        [&](auto numbers) {
          return part.chunk->add(part.n_rows, numbers.data() + part.first_in_batch * k * table_.n_columns);
        },
        found.gradients);
    if (!is_finite) refuse("gradient", explicand, part.chunk->job().background);
  }

  // Fits the chunks that are complete, and forgets them.
  void fit_complete(std::size_t threads, std::deque<GradientChunk>& active) const {
    std::size_t n_complete = 0;
    while (n_complete < active.size() && active[n_complete].is_complete()) ++n_complete;
    std::vector<GradientFit> fits(n_complete);
    parallel_for(threads, n_complete, [&](std::size_t c) {
      if (!active[c].fit(fits[c])) refuse("gradient", active[c].plan().explicand, active[c].job().background);
    });
    for (const GradientFit& fit : fits) {
      const GradientChunk& chunk = active.front();
      GradientJob& job = chunk.job();
      job.add(fit, chunk.n_pairs());
      const std::vector<std::uint8_t> moves = chunk.moves();
      job.moves.resize(moves.size());
      for (std::size_t i = 0; i < moves.size(); ++i) job.moves[i] |= moves[i];
      active.pop_front();
    }
  }

  [[noreturn]] void refuse(const char* what, std::size_t explicand, std::size_t background) const {
    throw std::domain_error(std::string("model must return finite numbers, but its ") + what +
                            " is not finite between row " + std::to_string(explicand) + " of X and background row " +
                            std::to_string(all_.rows_->background_number(background)));
  }

  // Adds what is known of the plans to the results, after the plans that have ended.
  void publish(const GradientPlanner& planner, std::span<const GradientPlan> plans) {
    const std::size_t n = all_.n_players(), k = all_.n_outputs_;
    const auto append = [&](std::vector<double>& results, std::vector<double> Average::* member, std::size_t size) {
      append_found(results, n_final_, plans, member, size);
    };
    append(all_.values_, &Average::values, n * k);
    append(all_.standard_errors_, &Average::standard_errors, n * k);
    append(all_.background_errors_, &Average::background_errors, n * k);
    append(all_.r2_, &Average::r2, k);
    append(all_.degrees_of_freedom_, &Average::degrees_of_freedom, k);
    all_.row_costs_.resize(n_final_);
    all_.n_background_.resize(n_final_);
    all_.stopped_.resize(n_final_);
    all_.gradient_rows_.resize(n_final_);
    all_.flat_.resize(n_final_ * n);
    all_.gradient_weights_.resize(n_final_ * k);
    all_.adjustments_.resize(n_final_);
    for (const GradientPlan& plan : plans) {
      all_.row_costs_.push_back(planner.cost_of(plan));
      all_.n_background_.push_back(plan.has_found() ? plan.n_background : 0);
      all_.stopped_.push_back(plan.stopped.value_or(Stopped::running));
      all_.gradient_rows_.push_back(plan.gradient_rows);
      all_.adjustments_.push_back(plan.adjustment);
      all_.gradient_weights_.insert(all_.gradient_weights_.end(), plan.gradient_weights.begin(),
                                    plan.gradient_weights.end());
      all_.gradient_weights_.resize(all_.gradient_rows_.size() * k);
      std::vector<std::uint8_t> flat(n);
      if (plan.source == ValueSource::coalitions) {
        all_.flat_.insert(all_.flat_.end(), flat.begin(), flat.end());
        continue;
      }
      for (const bool moves : {false, true})
        for (const GradientJob& job : plan.jobs)
          for (std::size_t i = 0; i < job.moves.size(); ++i)
            if ((job.moves[i] != 0) == moves) flat[job.players[i]] = moves ? 0 : 1;
      all_.flat_.insert(all_.flat_.end(), flat.begin(), flat.end());
    }
  }

  GradientExplanations& all_;
  const GradientOptions& options_;
  const MaskedTable& table_;
  const Model& model_;
  const BatchMemory& memory_;
  Deadline deadline_;
  double seconds_per_row_ = 0;  // of the last batch of gradients
  std::size_t last_batch_ = first_batch;
  std::vector<double> background_outputs_;
  std::size_t n_final_ = 0;  // explicands that have ended
};

void GradientExplanations::run(const Model& model, const BatchMemory& memory) { Evaluation(*this, model, memory)(); }

}  // namespace banzhaf
