// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Masks rows, calls the model and keeps the worths, from check to check.
#include "banzhaf/crossed.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "estimate/fit_blocks.hpp"
#include "estimate/rules.hpp"
#include "explain/adjust_rows.hpp"
#include "explain/coalition_writer.hpp"
#include "explain/design_cache.hpp"
#include "explain/plan.hpp"
#include "support/deadline.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t group_bytes = std::size_t{1} << 26;  // of worths and designs before their estimates
constexpr std::size_t job_bytes = 1024;                    // of one row's design, roughly
constexpr std::size_t rows_per_task = 8;                   // of estimates
constexpr std::ptrdiff_t many_rows = 8;                    // among so many rows, few have residuals of 0 by chance

// Under a deadline: the share of the time in which better designs may be searched for, and how batches start and grow.
constexpr double share_of_search = 0.25;
constexpr std::size_t first_batch = 16;
constexpr std::size_t most_growth = 4;

// Without a branch for each number, because nearly always all are finite.
bool all_finite(std::span<const double> outputs) {
  constexpr std::uint64_t exponent = 0x7ff0000000000000U;
  bool finite = true;
  for (const double y : outputs) finite &= (std::bit_cast<std::uint64_t>(y) & exponent) != exponent;
  return finite;
}

// Outputs of the model for coalitions of a design, from the first one on.
struct RowAnswers {
  RowDesign* job;
  std::size_t first;
};

// A row whose worths are there. doubts_fits says whether its fit may be perfect by chance, because few rows have spare
// contrasts.
struct ReadyDesign {
  RowDesign* job;
  bool doubts_fits;
};

// Returns the probability that an interaction is hidden in the blocks of every row.
double hidden_probability_of(const Plan& plan) {
  double hidden = 1;
  bool all_whole = true;
  for (const RowDesign& job : plan.jobs) {
    if (job.has_all()) continue;
    all_whole = false;
    const auto order = static_cast<double>(job.order());
    const double blocks = static_cast<double>(job.n_used() / job.order());
    hidden *= std::min(1.0, static_cast<double>(job.players().size()) / order * std::exp2(1 - blocks));
  }
  return all_whole ? 0 : hidden;
}

}  // namespace

// What all runs on a background share.
class PreparedCrossed {
 public:
  PreparedCrossed(MaskedTable table, CrossedOptions chosen)
      : options(std::move(chosen)), rows(std::move(table)), designs(rows.table().n_background, options.seed) {
    require_threads(options.num_threads);
    if (options.budget < 2)
      throw std::invalid_argument("budget must be at least 2 model evaluations, a coalition and its complement");
    if (!(options.ridge >= 0)) throw std::invalid_argument("ridge must not be negative");
  }

  CrossedOptions options;
  MaskedRows rows;
  DesignCache designs;
};

namespace {

// The memory of a run, which the next run on the same thread uses again. It holds no results.
struct Workspace {
  std::vector<Plan> plans{};
  PlanScratch planning{};
  BlockScratch estimating{};
  std::vector<std::uint64_t> columns{};               // of the rows that wait
  std::vector<MaskedRows::Stretch> stretches{};       // the rows that wait
  std::vector<RowAnswers> answers{};                  // where their outputs go
  std::vector<std::pair<Plan*, RowDesign*>> asked{};  // the plans and designs that they are for
  std::vector<ReadyDesign> ready{};

  void forget_rows() {
    stretches.clear();
    answers.clear();
    asked.clear();
  }

  [[nodiscard]] std::size_t n_bytes() const {
    std::size_t bytes = columns.capacity() * sizeof(std::uint64_t) + planning.rows.capacity() * sizeof(BackgroundRow) +
                        stretches.capacity() * (sizeof(MaskedRows::Stretch) + sizeof(RowAnswers));
    for (const Plan& plan : plans)
      for (const RowDesign& job : plan.memory) bytes += job.n_bytes();
    return bytes;
  }
};

constexpr std::size_t most_kept = std::size_t{1} << 20;  // bytes of a thread's workspace after a run

thread_local std::unique_ptr<Workspace> idle_workspace;

// Takes the thread's workspace, or makes one if a run of this thread has it already: a model may explain another model.
class Borrowed {
 public:
  Borrowed() : mine_(std::move(idle_workspace)) {
    if (!mine_) mine_ = std::make_unique<Workspace>();
    mine_->forget_rows();  // a model's exception may have left some
  }
  ~Borrowed() {
    if (mine_->n_bytes() <= most_kept) idle_workspace = std::move(mine_);
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  Workspace* operator->() const { return mine_.get(); }

 private:
  std::unique_ptr<Workspace> mine_;
};

}  // namespace

CrossedExplanations::CrossedExplanations(MaskedTable table, CrossedOptions options)
    : CrossedExplanations(std::make_shared<const PreparedCrossed>(table, options), table.explicands, table.n_explicands,
                          options, {}, {}) {}

CrossedExplanations::CrossedExplanations(std::shared_ptr<const PreparedCrossed> prepared, const void* explicands,
                                         std::size_t n_explicands, CrossedOptions options,
                                         std::span<const double> background_outputs, BackgroundCheck check)
    : Explanations({prepared, &prepared->rows}, explicands, n_explicands, options.num_threads),
      prepared_(std::move(prepared)),
      options_(std::move(options)),
      rank_(n_players()) {
  require_valid(options_.rules, n_players());
  if (std::isnan(options_.deadline)) throw std::invalid_argument("deadline must be a number of seconds");
  set_known_outputs(background_outputs, std::move(check));
  // The largest possible number, or the largest integer if that is smaller.
  const std::size_t at_least_one = std::max<std::size_t>(1, n_explicands_);
  const std::size_t most = std::numeric_limits<std::size_t>::max() / 4 / at_least_one;
  n_model_rows_ = n_evaluated_background() + at_least_one * (1 + std::min(options_.budget, most));
}

CrossedExplanations::~CrossedExplanations() = default;

// One run: plans in groups, and the rows that wait for the next call of the model.
class CrossedExplanations::Evaluation {
 public:
  Evaluation(CrossedExplanations& all, const Model& model, const BatchMemory& memory)
      : all_(all),
        options_(all.options_),
        model_(model),
        memory_(memory),
        deadline_(options_.deadline, options_.clock),
        search_left_(share_of_search * options_.deadline),
        designs_(all.prepared_->designs),
        writer_(all.rows_->table()) {}

  void operator()() {
    const double start = deadline_.is_set() ? deadline_.now() : 0;
    const std::size_t n_evaluated = all_.n_evaluated_background();
    background_outputs_ = all_.evaluate_unmasked(model_, memory_);
    if (deadline_.is_set())
      seconds_per_row_ = (deadline_.now() - start) / static_cast<double>(n_evaluated + all_.n_explicands_);
    for (std::size_t x = 0; x < all_.n_explicands_; ++x)
      if (!all_finite(explicand_output(x)))
        throw std::domain_error("model must return finite numbers, but its output is not finite for row " +
                                std::to_string(all_.row_number(x)) + " of X");
    most_rows_ = memory_().size() / all_.rows_->row_bytes();
    const Planner planner(*all_.rows_, all_.explicands_, options_, background_outputs_, all_.n_outputs_);
    all_.kept_ = {};
    if (options_.most_kept > 0) {
      all_.kept_ = {.keeping = Keeping::running,
                    .n_players = all_.n_players(),
                    .n_outputs = all_.n_outputs_,
                    .seed = options_.seed,
                    .noisy = options_.noisy};
      all_.kept_.rows.resize(all_.n_explicands_);
    }
    while (n_final_ < all_.n_explicands_) {
      const std::span<Plan> plans = plan_group(planner);
      try {
        run_group(planner, plans);
      } catch (...) {
        const auto first_without = std::ranges::find_if(plans, [](const Plan& plan) { return !plan.has_found(); });
        publish(plans.first(static_cast<std::size_t>(first_without - plans.begin())));
        throw;
      }
      publish(plans);
      n_final_ += plans.size();
    }
    if (all_.kept_.keeping == Keeping::running) all_.kept_.keeping = Keeping::kept;
    all_.n_model_rows_ =
        std::accumulate(all_.row_costs_.begin(), all_.row_costs_.end(), n_evaluated + all_.n_explicands_);
  }

 private:
  [[nodiscard]] std::span<const double> explicand_output(std::size_t x) const {
    return std::span<const double>(all_.predictions_).subspan(x * all_.n_outputs_, all_.n_outputs_);
  }
  [[nodiscard]] std::span<const double> background_output(std::size_t b) const {
    return std::span(background_outputs_).subspan(b * all_.n_outputs_, all_.n_outputs_);
  }

  // A callback needs all explicands at once. A deadline takes as many as can be planned in a quarter of the time.
  std::span<Plan> plan_group(const Planner& planner) {
    const std::size_t most_bytes =
        deadline_.is_set() || options_.callback ? std::numeric_limits<std::size_t>::max() : group_bytes;
    std::vector<Plan>& plans = work_->plans;
    std::size_t bytes = 0, n_plans = 0;
    const Deadline for_plans = deadline_.is_set() ? deadline_.from_now(deadline_.left() / 4) : Deadline();
    while (n_final_ + n_plans < all_.n_explicands_ && bytes < most_bytes) {
      const std::size_t explicand = n_final_ + n_plans;
      const bool is_late = deadline_.has_passed();
      if (!is_late && !options_.callback && n_plans > 0 && for_plans.has_passed()) break;
      if (n_plans == plans.size()) plans.emplace_back();
      Plan& plan = plans[n_plans++];
      if (is_late) {
        plan.clear(explicand);
        plan.stopped = Stopped::deadline;
        continue;
      }
      planner(explicand, explicand_output(explicand), plan, work_->planning);
      bytes += plan.n_coalitions() * all_.n_outputs_ * sizeof(double) + plan.jobs.size() * job_bytes;
    }
    return std::span(plans).first(n_plans);
  }

  // Runs check after check over a group of plans, until each has ended.
  void run_group(const Planner& planner, std::span<Plan> plans) {
    const auto stop = [&](Stopped why) {
      for (Plan& plan : plans) {
        if (plan.stopped) continue;
        plan.stopped = why;
        keep(planner, plan);
      }
    };
    while (std::ranges::any_of(plans, [](const Plan& plan) { return !plan.is_over(); })) {
      if (!evaluate(planner, plans)) {
        for (Plan& plan : plans) planner.keep_whole(plan);
        estimate(planner, plans);
        return stop(Stopped::deadline);
      }
      if (!options_.callback) continue;
      publish(plans);
      if (options_.callback()) return stop(Stopped::callback);
    }
  }

  // Evaluates what the next check of each plan needs, and returns false if the deadline came first. Plans are estimated
  // as soon as they are complete.
  bool evaluate(const Planner& planner, std::span<Plan> plans) {
    n_complete_ = n_settled_ = 0;
    batch_started_ = deadline_.is_set() ? deadline_.now() : 0;
    set_batch();
    if (batch_ == 0) return false;
    for (Plan& plan : plans) {
      for (const std::size_t next : plan.order) {
        if (plan.is_over()) break;
        if (!evaluate(planner, plans, plan, plan.jobs[next])) return false;
      }
      ++n_complete_;
      if (n_waiting_ == 0 && !flush(planner, plans)) return false;
    }
    return n_waiting_ == 0 || flush(planner, plans);
  }

  bool evaluate(const Planner& planner, std::span<Plan> plans, Plan& plan, RowDesign& job) {
    const std::size_t k = all_.n_outputs_, target = job.targets[plan.n_done], words = writer_.n_words();
    prepare(planner, job);
    job.reserve(target, k);
    work_->asked.push_back({&plan, &job});
    if (!job.has_asked(target)) writer_.start(job.design(), job.players(), 2 * job.n_all(), job.n_asked());
    while (job.n_ends_left() > 0) {
      const std::size_t n_rows = std::min(batch_ - n_waiting_, job.n_ends_left());
      std::uint64_t* columns = make_room(n_rows);
      const std::size_t first = 2 * job.players().size() - job.n_ends_left();
      for (std::size_t r = 0; r < n_rows; ++r)
        writer_.write_end((first + r) / 2, (first + r) % 2 == 1, columns + r * words);
      if (!add_waiting(planner, plans, plan, job, job.ask_ends(n_rows, k), n_rows)) return false;
    }
    while (!job.has_asked(target)) {
      // The explicand and the background row themselves are known already.
      if (!options_.noisy && (writer_.at_empty() || writer_.at_full())) {
        job.answer(job.ask(1),
                   writer_.at_empty() ? background_output(job.background()) : explicand_output(plan.explicand), k);
        writer_.skip();
        continue;
      }
      const std::size_t room = std::min(batch_ - n_waiting_, 2 * target - job.n_asked());
      const std::size_t n_rows = writer_.write(room, !options_.noisy, make_room(room));
      if (!add_waiting(planner, plans, plan, job, job.ask(n_rows), n_rows)) return false;
    }
    return true;
  }

  // Returns the place of the coalitions of more rows, after those that wait.
  std::uint64_t* make_room(std::size_t n_rows) {
    const std::size_t words = writer_.n_words(), size = (n_waiting_ + n_rows) * words;
    if (work_->columns.size() < size) work_->columns.resize(size);
    return work_->columns.data() + n_waiting_ * words;
  }

  // Has rows of a design wait for the next call, after make_room(). If the batch is full, it calls the model, and returns
  // false if the deadline has passed.
  bool add_waiting(const Planner& planner, std::span<Plan> plans, Plan& plan, RowDesign& job, std::size_t first,
                   std::size_t n_rows) {
    work_->answers.push_back({&job, first});
    work_->stretches.push_back({plan.explicand, job.background(), n_rows});
    n_waiting_ += n_rows;
    plan.row_cost += n_rows;
    if (n_waiting_ < batch_) return true;
    if (!flush(planner, plans)) return false;
    work_->asked.push_back({&plan, &job});
    return true;
  }

  // Subtracts the time of this search from the time that searches may take.
  void prepare(const Planner& planner, RowDesign& job) {
    if (!deadline_.is_set()) return job.prepare(designs_, deadline_, planner.search());
    const double before = deadline_.now();
    job.prepare(designs_, deadline_.from_now(search_left_));
    search_left_ -= deadline_.now() - before;
  }

  // Calls the model on the rows that wait, and returns false if the deadline has passed.
  bool flush(const Planner& planner, std::span<Plan> plans) {
    const std::size_t k = all_.n_outputs_, n_rows = n_waiting_;
    if (n_rows > 0) {
      all_.rows_->write(all_.explicands_, work_->stretches, work_->columns.data(), memory_().data(), all_.num_threads_);
      all_.call(model_, n_rows);
      if (!all_finite(all_.outputs_)) refuse(planner, plans);
    }
    std::size_t row = 0;
    for (std::size_t s = 0; s < work_->stretches.size(); ++s) {
      const std::size_t count = work_->stretches[s].n_rows;
      const auto& [job, first] = work_->answers[s];
      job->answer(first, std::span(all_.outputs_).subspan(row * k, count * k), k);
      row += count;
    }
    for (const auto& [plan, job] : work_->asked) job->answered();
    if (deadline_.is_set()) estimate_asked();
    n_waiting_ = 0;
    work_->forget_rows();
    settle_complete(planner, plans);
    if (deadline_.is_set()) {
      const double now = deadline_.now();
      if (n_rows > 0) seconds_per_row_ = (now - batch_started_) / static_cast<double>(n_rows);
      batch_started_ = now;
      if (n_rows > 0) last_batch_ = n_rows;
    }
    set_batch();
    return batch_ > 0;
  }

  // Throws because an output of the model is not finite, and settles the plans before that of its row.
  void refuse(const Planner& planner, std::span<Plan> plans) {
    const std::size_t k = all_.n_outputs_;
    std::size_t row = 0;
    for (std::size_t s = 0; s < work_->stretches.size(); ++s) {
      const MaskedRows::Stretch& stretch = work_->stretches[s];
      const auto& [job, first] = work_->answers[s];
      for (std::size_t r = 0; r < stretch.n_rows; ++r, ++row) {
        const std::span<const double> output = std::span(all_.outputs_).subspan(row * k, k);
        if (all_finite(output)) {
          job->answer(first + r, output, k);
          continue;
        }
        n_complete_ = stretch.explicand - plans.front().explicand;
        settle_complete(planner, plans);
        throw std::domain_error("model must return finite numbers, but its output is not finite for row " +
                                std::to_string(all_.row_number(stretch.explicand)) + " of X, background row " +
                                std::to_string(all_.rows_->background_number(stretch.background)) + " and coalition " +
                                coalition_text(row));
      }
    }
  }

  // Returns the players of a row that waits.
  [[nodiscard]] std::string coalition_text(std::size_t row) const {
    const MaskedTable& table = all_.rows_->table();
    const std::uint64_t* columns = &work_->columns[row * writer_.n_words()];
    Coalitions players(1, table.n_players);
    for (std::size_t j = 0; j < table.n_columns; ++j) {
      const std::size_t player = table.player_of_column.empty() ? j : table.player_of_column[j];
      if (((columns[j / 64] >> (j % 64)) & 1U) != 0) players.row(0)[player / 64] |= std::uint64_t{1} << (player % 64);
    }
    return to_string(players.view(), 0);
  }

  void set_batch() {
    const std::size_t most = most_rows_;
    batch_ = most;
    if (deadline_.is_set()) batch_ = deadline_.fitting(std::min(most, most_growth * last_batch_), seconds_per_row_);
  }

  // Under a deadline, each row is estimated as soon as possible, so that the time for this is counted.
  void estimate_asked() {
    std::vector<ReadyDesign>& ready = work_->ready;
    ready.clear();
    for (const auto& [plan, job] : work_->asked) {
      const std::size_t check = plan->n_done;
      if (!job->is_evaluated(job->targets[check]) || !job->is_new()) continue;
      const auto n_sampled = std::ranges::count_if(
          plan->jobs, [&](const RowDesign& other) { return other.targets[check] < other.n_all(); });
      ready.push_back({job, n_sampled < many_rows});
      plan->has_news = true;
    }
    estimate_rows(ready);
  }

  void settle_complete(const Planner& planner, std::span<Plan> plans) {
    const std::span<Plan> complete = plans.subspan(n_settled_, n_complete_ - n_settled_);
    for (Plan& plan : complete)
      for (RowDesign& job : plan.jobs) job.answered();
    settle(planner, complete);
    n_settled_ = n_complete_;
  }

  // Estimates from the whole blocks that were evaluated. A plan without one in any row stays as it is.
  void estimate(const Planner& planner, std::span<Plan> plans) {
    std::vector<ReadyDesign>& ready = work_->ready;
    ready.clear();
    std::vector<Plan*> grown;
    for (Plan& plan : plans) {
      const auto has_none = [](const RowDesign& job) { return job.n_whole() == 0; };
      if (!plan.kept && std::ranges::any_of(plan.jobs, has_none)) continue;
      const auto is_new = [](const RowDesign& job) { return job.is_new(); };
      if (plan.has_found() && !plan.has_news && std::ranges::none_of(plan.jobs, is_new)) continue;
      const auto n_sampled = std::ranges::count_if(plan.jobs, [](const RowDesign& job) { return job.is_sampled(); });
      for (RowDesign& job : plan.jobs)
        if (job.is_new() || job.is_adjusted()) ready.push_back({&job, n_sampled < many_rows});
      grown.push_back(&plan);
    }
    estimate_rows(ready);
    for (Plan* plan : grown) {
      planner.average_of(*plan, work_->planning);
      if (options_.shapley) planner.average_shapley_of(*plan, explicand_output(plan->explicand), work_->planning);
      plan->has_news = false;
    }
    // The plain values are there if an interrupt ends this.
    if (options_.interactions != Interactions::none)
      for (Plan* plan : grown) adjust(planner, *plan);
  }

  // Takes interactions out of the estimates. It may take long, so it is not for runs with a deadline.
  void adjust(const Planner& planner, Plan& plan) {
    plan.adjustment = {.outcome = RowsAdjusted::late};
    if (!options_.finds_interactions()) return;
    plan.adjustment =
        adjust_rows(plan.jobs, planner.factors_of(plan),
                    {.n_outputs = all_.n_outputs_, .ridge = options_.ridge, .num_threads = options_.num_threads});
    if (plan.adjustment.n_rows == 0) return;
    planner.average_of(plan, work_->planning);
    if (options_.shapley) planner.average_shapley_of(plan, explicand_output(plan.explicand), work_->planning);
  }

  void estimate_rows(std::span<const ReadyDesign> ready) {
    std::size_t work = 0;
    for (const ReadyDesign& each : ready) work += 2 * each.job->n_pairs() * all_.n_outputs_ * 32;
    const std::size_t threads = threads_for(options_.num_threads, work);
    const auto estimate_one = [&](std::size_t r, BlockScratch& scratch) {
      ready[r].job->estimate(all_.n_outputs_, options_.ridge, ready[r].doubts_fits, scratch);
    };
    if (threads == 1) {
      for (std::size_t r = 0; r < ready.size(); ++r) {
        if (r % rows_per_task == 0) checkpoint();
        estimate_one(r, work_->estimating);
      }
      return;
    }
    parallel_for(threads, (ready.size() + rows_per_task - 1) / rows_per_task, [&](std::size_t task) {
      BlockScratch scratch;
      for (std::size_t r = task * rows_per_task; r < std::min(ready.size(), (task + 1) * rows_per_task); ++r)
        estimate_one(r, scratch);
    });
  }

  // Estimates the plans whose check is complete, and applies the rules.
  void settle(const Planner& planner, std::span<Plan> plans) {
    estimate(planner, plans);
    for (Plan& plan : plans) {
      if (plan.is_over()) continue;
      ++plan.n_done;
      if (options_.rules.any()) {
        const Look look{.values = plan.found.values,
                        .standard_errors = plan.found.standard_errors,
                        .n_outputs = all_.n_outputs_,
                        .degrees_of_freedom = std::ranges::min(plan.found.degrees_of_freedom),
                        .hidden = hidden_probability_of(plan)};
        plan.stopped = met(options_.rules, look, plan.n_done);
      }
      if (!plan.stopped && plan.n_done == plan.n_checks) plan.stopped = Stopped::budget;
      if (!plan.stopped) continue;
      keep(planner, plan);
      // A plan on its own leaves its memory to the next run.
      if (all_.n_explicands_ > 1)
        for (RowDesign& job : plan.jobs) job.forget();
    }
  }

  // Copies the evaluations of a plan that has ended, as long as there is room for them.
  void keep(const Planner& planner, const Plan& plan) {
    KeptRows& kept = all_.kept_;
    if (kept.keeping != Keeping::running) return;
    std::size_t bytes = 0;
    bool is_timed = false;
    for (const RowDesign& job : plan.jobs) {
      bytes += 2 * job.n_used() * all_.n_outputs_ * sizeof(double);
      // Fewer pairs may need a search, which ends at the deadline.
      is_timed |= deadline_.is_set() && job.n_pairs() < std::bit_ceil(job.players().size());
    }
    n_kept_bytes_ += bytes;
    if (n_kept_bytes_ > options_.most_kept || is_timed) {
      kept = {.keeping = is_timed ? Keeping::timed : Keeping::large};
      return;
    }
    kept.rows[plan.explicand] = planner.kept_of(plan, work_->planning);
  }

  // Adds what is known of the plans to the results, after the plans that have ended.
  void publish(std::span<const Plan> plans) {
    const std::size_t n = all_.n_players(), k = all_.n_outputs_;
    const auto append = [&](std::vector<double>& results, std::vector<double> Average::* member, std::size_t size) {
      append_found(results, n_final_, plans, member, size);
    };
    append(all_.values_, &Average::values, n * k);
    append(all_.standard_errors_, &Average::standard_errors, n * k);
    append(all_.background_errors_, &Average::background_errors, n * k);
    append(all_.r2_, &Average::r2, k);
    append(all_.degrees_of_freedom_, &Average::degrees_of_freedom, k);
    if (options_.shapley) publish_shapley(plans);
    all_.row_costs_.resize(n_final_);
    all_.n_background_.resize(n_final_);
    all_.stopped_.resize(n_final_);
    all_.adjustments_.resize(n_final_);
    for (const Plan& plan : plans) {
      all_.row_costs_.push_back(plan.row_cost);
      all_.n_background_.push_back(plan.n_background);
      all_.stopped_.push_back(plan.stopped.value_or(Stopped::running));
      all_.adjustments_.push_back(plan.adjustment);
      for (const RowDesign& job : plan.jobs) {
        if (job.n_used() == 0) continue;
        if (job.rank() < job.players().size()) all_.rank_ = std::min(all_.rank_, job.rank());
        all_.condition_number_ = std::max(all_.condition_number_, job.condition_number());
      }
    }
  }

  void publish_shapley(std::span<const Plan> plans) {
    const std::size_t size = all_.n_players() * all_.n_outputs_;
    const auto append = [&](std::vector<double>& results, auto&& of) {
      results.resize(n_final_ * size);
      for (const Plan& plan : plans) {
        const std::vector<double>& found = of(plan.shapley);
        const bool known = plan.has_found() && found.size() == size;
        if (known)
          results.insert(results.end(), found.begin(), found.end());
        else
          results.resize(results.size() + size, unknown);
      }
    };
    ShapleyResults& all = all_.shapley_;
    append(all.values, [](const ShapleySums& of) -> const auto& { return of.found.values; });
    append(all.sampling_errors, [](const ShapleySums& of) -> const auto& { return of.found.standard_errors; });
    append(all.background_errors, [](const ShapleySums& of) -> const auto& { return of.found.background_errors; });
    append(all.unresolved_errors, [](const ShapleySums& of) -> const auto& { return of.unresolved; });
  }

  CrossedExplanations& all_;
  const CrossedOptions& options_;
  const Model& model_;
  const BatchMemory& memory_;
  Deadline deadline_;
  double search_left_;          // seconds
  double seconds_per_row_ = 0;  // of the last batch, including everything that it takes
  double batch_started_ = 0;
  std::size_t last_batch_ = first_batch;

  std::vector<double> background_outputs_;
  std::size_t n_final_ = 0;       // explicands that have ended
  std::size_t n_complete_ = 0;    // plans of the group whose rows were all requested
  std::size_t n_settled_ = 0;     // of these, the plans that have been estimated
  std::size_t batch_ = 0;         // rows in the next call
  std::size_t most_rows_ = 0;     // in a batch
  std::size_t n_kept_bytes_ = 0;  // so far, whether they were kept or not
  std::size_t n_waiting_ = 0;     // rows that wait for the next call
  Borrowed work_{};
  const DesignCache& designs_;
  CoalitionWriter writer_;
};

void CrossedExplanations::run(const Model& model, const BatchMemory& memory) { Evaluation(*this, model, memory)(); }

CrossedExplainer::CrossedExplainer(MaskedTable table, const CrossedOptions& options) {
  table.explicands = nullptr;
  table.n_explicands = 0;
  CrossedOptions chosen{.budget = options.budget,
                        .ridge = options.ridge,
                        .noisy = options.noisy,
                        .interactions = options.interactions,
                        .shapley = options.shapley,
                        .seed = options.seed,
                        .num_threads = options.num_threads};
  prepared_ = std::make_shared<const PreparedCrossed>(std::move(table), std::move(chosen));
}

CrossedExplanations CrossedExplainer::start(const void* explicands, std::size_t n_explicands, CrossedLimits limits,
                                            std::span<const double> background_outputs) const {
  CrossedOptions options = prepared_->options;
  options.rules = limits.rules;
  options.deadline = limits.deadline;
  options.callback = std::move(limits.callback);
  options.clock = std::move(limits.clock);
  options.most_kept = limits.most_kept;
  options.row_numbers = std::move(limits.row_numbers);
  return {prepared_, explicands, n_explicands, std::move(options), background_outputs, std::move(limits.check)};
}

std::vector<double> CrossedExplainer::background_outputs(const Model& model, const BatchMemory& memory) const {
  CrossedExplanations run = start(nullptr, 0);
  return run.evaluate_background(model, memory);
}

std::size_t CrossedExplainer::n_background() const noexcept { return prepared_->rows.table().n_background; }
std::size_t CrossedExplainer::n_columns() const noexcept { return prepared_->rows.table().n_columns; }
std::size_t CrossedExplainer::cell_bytes() const noexcept { return prepared_->rows.table().cell_bytes; }

}  // namespace banzhaf
