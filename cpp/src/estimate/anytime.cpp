// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The loop from check to check, with batches that fit into the time left. At the end, worths return to the order of the
// design. A look is a check: the moment when rules and callback see the current estimate.
#include "banzhaf/anytime.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "designs/hadamard_pairs.hpp"
#include "estimate/rules.hpp"
#include "interactions/adjust.hpp"
#include "support/deadline.hpp"

namespace banzhaf {
namespace {

// A batch may take this share of the time left, so that several shorter ones follow it.
constexpr double share_of_rest = 0.25;
// A timed batch may be this many times larger than the one before, because small batches predict little about large
// ones.
constexpr std::size_t most_growth = 4;

// The share of the time in which the design itself may be searched for.
constexpr double share_of_search = 0.25;

// If less than this share of the whole time is left, no further batch is worth its call.
constexpr double least_share = 0.005;
// The last estimate may take this many times as long as the last look, scaled by size.
constexpr double caution = 1.5;
// The share of the time left that a look may take to find interactions, and the share of the whole time that is kept for
// finding them at the end.
constexpr double interactions_of_look = 0.25, interactions_of_all = 0.3;
// Finding interactions may take this many times as long as estimated.
constexpr double slowness = 2.2;

bool any_finite(std::span<const double> worths) {
  return std::any_of(worths.begin(), worths.end(), [](double x) { return std::isfinite(x); });
}

std::size_t unit_of(const Design& design) { return design.in_twos() ? 2 : 1; }

// Returns the numbers of coalitions after which to look. Rules apply from the first look at which errors can be
// estimated.
std::vector<std::size_t> look_sizes(const Design& design) {
  const std::size_t n = design.n_players();
  std::vector<std::size_t> sizes;
  if (const HadamardPairs* pairs = design.hadamard().get()) {
    sizes = looks(1, pairs->n_pairs() / pairs->order() + 1);
    // A complete stage has its own look, because the error falls suddenly there.
    if (pairs->stage_blocks() > 1 && pairs->stage_blocks() <= pairs->n_blocks()) sizes.push_back(pairs->stage_blocks());
    for (std::size_t& size : sizes) size *= 2 * pairs->order();
    // So has each complete repetition of all coalitions.
    if (design.kind() == DesignKind::repeated)
      for (const std::size_t times : looks(1, design.n_coalitions() / (2 * pairs->n_pairs()) + 1))
        sizes.push_back(times * 2 * pairs->n_pairs());
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  } else if (design.kind() != DesignKind::exhaustive) {
    // A quarter more equations than unknowns, or two gains per player.
    const std::size_t first = design.kind() == DesignKind::walks ? 2 * n : n + n / 4 + 8;
    sizes = looks(first, design.n_coalitions() / unit_of(design));
    for (std::size_t& size : sizes) size *= unit_of(design);
  }
  while (!sizes.empty() && sizes.back() >= design.n_coalitions()) sizes.pop_back();
  return sizes;
}

double hidden_after(const Design& design, std::size_t n_coalitions) {
  const HadamardPairs* pairs = design.hadamard().get();
  if (pairs == nullptr) return 0;
  // If all coalitions are evaluated, no interaction is hidden.
  if (design.kind() == DesignKind::repeated && n_coalitions >= 2 * pairs->n_pairs()) return 0;
  const std::size_t n_blocks = n_coalitions / 2 / pairs->order();
  return pairs->fresh() ? hidden_probability_of_fresh(n_blocks, design.n_players()) : hidden_probability(n_blocks);
}

bool is_everything(const Design& design, std::size_t n_coalitions) {
  return design.kind() == DesignKind::hadamard && design.n_players() <= max_exhaustive_players &&
         n_coalitions == std::size_t{1} << design.n_players();
}

// Returns the first n_coalitions worths in the order of the exhaustive design.
std::vector<double> in_exhaustive_order(const GameEvaluation& evaluation) {
  const std::size_t n_outputs = evaluation.n_outputs();
  std::vector<double> table(evaluation.worths().values.size());
  Coalitions row(1, evaluation.design().n_players());
  for (std::size_t r = 0; r < evaluation.n_evaluated(); ++r) {
    evaluation.design().fill_row(r, row.row(0));
    std::ranges::copy(evaluation.worths().row(r), &table[row.row(0)[0] * n_outputs]);
  }
  return table;
}

// Returns the same worths in the order of the prefix, whose complete blocks have the usual order of rows.
std::vector<double> in_block_order(const GameEvaluation& evaluation, const HadamardPairs& prefix) {
  const std::size_t row_size = 2 * evaluation.n_outputs();  // of a pair
  const HadamardPairs& shuffled = *evaluation.design().hadamard();
  std::vector<double> worths(prefix.n_pairs() * row_size);
  for (std::size_t p = 0; p < prefix.n_pairs(); ++p) {
    const std::size_t block = p / prefix.order();
    const std::size_t place = block < prefix.n_blocks() ? block * prefix.order() + shuffled.row_in_block(p) : p;
    std::copy_n(&evaluation.worths().values[p * row_size], row_size, &worths[place * row_size]);
  }
  return worths;
}

// The design of what was evaluated, in its usual order.
struct Evaluated {
  Design design;
  std::optional<std::vector<double>> worths;  // nothing if they have this order already
};

Evaluated in_usual_order(const GameEvaluation& evaluation) {
  const Design& design = evaluation.design();
  if (is_everything(design, evaluation.n_evaluated()))
    return {Design(DesignKind::exhaustive, design.n_players(), 0, 0), in_exhaustive_order(evaluation)};
  Design prefix = design.prefix(evaluation.n_evaluated());
  if (!design.hadamard() || !design.hadamard()->is_shuffled() || prefix.kind() == DesignKind::repeated)
    return {std::move(prefix), std::nullopt};
  prefix = design.unshuffled().prefix(evaluation.n_evaluated());
  std::vector<double> worths = in_block_order(evaluation, *prefix.hadamard());
  return {std::move(prefix), std::move(worths)};
}

class AnytimeEstimation {
 public:
  AnytimeEstimation(GameEvaluation& evaluation, const Game& game, const Anytime& anytime,
                    const EstimateOptions& options, std::size_t batch_size, OnNonfinite on_nonfinite)
      : evaluation_(evaluation),
        game_(game),
        anytime_(anytime),
        options_(options),
        most_(batch_size > 0 ? batch_size : GameEvaluation::default_batch_size(evaluation.design().n_players())),
        on_nonfinite_(on_nonfinite),
        deadline_(anytime.deadline, anytime.clock) {}

  Estimate operator()() {
    const Design& design = evaluation_.design();
    const bool timed = deadline_.is_set();
    std::size_t n_asked = 0;
    for (const std::size_t size : look_sizes(design)) {
      const double hidden = hidden_after(design, size);
      const bool asks = anytime_.rules.any() && hidden <= 1 - anytime_.rules.confidence;
      // A deadline needs looks too, to know how much time to leave for the last estimate.
      if (!asks && !anytime_.callback && !timed) continue;
      if (!evaluate_until(size)) return finish(look(), Stopped::deadline);
      if (!any_finite(evaluation_.worths().values)) continue;
      const double before = deadline_.now();
      const Estimate& found = look(asks || anytime_.callback ? interactions_of_look : 0);
      seconds_per_coalition_of_look_ = (deadline_.now() - before) / static_cast<double>(size);
      if (asks) {
        if (const auto rule = ask(found, hidden, ++n_asked)) return finish(found, *rule);
      }
      if (anytime_.callback && anytime_.callback(found)) return finish(found, Stopped::callback);
    }
    const bool all = evaluate_until(design.n_coalitions());
    const Estimate& found = look();
    if (!all) return finish(found, Stopped::deadline);
    const double hidden = std::isinf(found.degrees_of_freedom) ? 0 : hidden_after(design, design.n_coalitions());
    const auto rule = anytime_.rules.any() ? ask(found, hidden, n_asked + 1) : std::nullopt;
    return finish(found, rule.value_or(Stopped::budget));
  }

 private:
  // Returns the estimate from everything that was evaluated, and computes it only once. If there is a deadline, finding
  // interactions may take this share of the time left.
  const Estimate& look(double share = 1) {
    if (latest_.n_evaluations == evaluation_.n_evaluated() && share <= latest_share_) return latest_;
    EstimateOptions options(options_);
    if (share == 0) options.interactions = Interactions::none;
    if (deadline_.is_set()) options.interaction_seconds = share * std::max(0.0, deadline_.left());
    latest_ = estimate_so_far(evaluation_, options, on_nonfinite_);
    latest_share_ = share;
    return latest_;
  }

  static Estimate finish(Estimate found, Stopped why) {
    found.stopped = why;
    return found;
  }

  [[nodiscard]] std::optional<Stopped> ask(const Estimate& found, double hidden, std::size_t number) const {
    return met(anytime_.rules,
               {.values = found.values,
                .standard_errors = found.standard_errors,
                .n_outputs = found.n_outputs,
                .degrees_of_freedom = found.degrees_of_freedom,
                .hidden = hidden},
               number);
  }

  // Evaluates size coalitions, and returns whether the deadline allowed it.
  bool evaluate_until(std::size_t size) {
    if (!deadline_.is_set()) {
      evaluation_.evaluate_until(size, game_, most_, on_nonfinite_);
      return true;
    }
    const std::size_t unit = unit_of(evaluation_.design());
    while (evaluation_.n_evaluated() < size) {
      const std::size_t done = evaluation_.n_evaluated();
      std::size_t batch = unit;
      const double before = deadline_.now();
      if (done > 0) {
        const double reserve =
            caution * seconds_per_coalition_of_look_ * static_cast<double>(done) + for_interactions();
        const double left = deadline_.left() - reserve;
        const double least =
            std::max(seconds_per_coalition_ * static_cast<double>(unit), least_share * deadline_.seconds());
        if (!(left > least)) return false;
        const double fits = share_of_rest * left / seconds_per_coalition_;
        const std::size_t most = std::min(most_, most_growth * last_batch_);
        batch = fits < static_cast<double>(most) ? static_cast<std::size_t>(fits) : most;
        batch = std::max(unit, batch / unit * unit);
      }
      batch = std::min(batch, size - done);
      // A user's smallest batches may separate the coalitions of a pair. Both calls then count as one batch.
      evaluation_.evaluate_until(done + batch, game_, std::min(batch, most_), on_nonfinite_);
      seconds_per_coalition_ = std::max(1e-12, (deadline_.now() - before) / static_cast<double>(batch));
      last_batch_ = batch;
    }
    return true;
  }

  // The time to keep for finding interactions at the end, unless the last look took it too. If that would be too long,
  // the time is better spent on evaluations.
  [[nodiscard]] double for_interactions() const {
    if (options_.interactions == Interactions::none || latest_share_ > 0) return 0;
    const std::size_t n_pairs = evaluation_.n_evaluated() / 2;
    const Design& design = evaluation_.design();
    const double wanted = slowness * 1e-9 * estimated_operations(design.n_players(), n_pairs, in_blocks(design.kind()));
    return wanted <= interactions_of_all * deadline_.seconds() ? wanted : 0;
  }

  GameEvaluation& evaluation_;
  const Game& game_;
  const Anytime& anytime_;
  const EstimateOptions& options_;
  std::size_t most_;
  OnNonfinite on_nonfinite_;
  Deadline deadline_;
  Estimate latest_;
  double latest_share_ = 0;
  std::size_t last_batch_ = 1;
  double seconds_per_coalition_ = 0;          // of the last batch
  double seconds_per_coalition_of_look_ = 0;  // of the last look
};

}  // namespace

Estimate estimate_so_far(const GameEvaluation& evaluation, const EstimateOptions& options, OnNonfinite on_nonfinite) {
  const Evaluated found = in_usual_order(evaluation);
  const Worths worths = found.worths ? Worths{*found.worths, evaluation.n_outputs()} : evaluation.worths();
  const bool holes = on_nonfinite == OnNonfinite::drop && !std::all_of(worths.values.begin(), worths.values.end(),
                                                                       [](double x) { return std::isfinite(x); });
  const Estimator estimator = holes ? Estimator(found.design, options, worths) : Estimator(found.design, options);
  return estimator(worths);
}

std::vector<std::size_t> rows_in_design(const Design& design, std::size_t first, std::size_t count) {
  if (first > design.n_coalitions() || count > design.n_coalitions() - first)
    throw std::invalid_argument("first + count must be at most the number of coalitions");
  std::vector<std::size_t> rows(count);
  const HadamardPairs* const pairs = design.hadamard().get();
  if (is_everything(design, design.n_coalitions())) {
    Coalitions some(count, design.n_players());
    design.fill(first, some);
    for (std::size_t r = 0; r < count; ++r) rows[r] = some.row(r)[0];
    return rows;
  }
  for (std::size_t r = 0; r < count; ++r) {
    rows[r] = first + r;
    if (pairs == nullptr || !pairs->is_shuffled()) continue;
    // A repeated design begins again after its last block. An incomplete block has the same rows in both orders.
    const std::size_t p = rows[r] / 2 % pairs->n_pairs(), block = p / pairs->order();
    if (block < pairs->n_blocks()) rows[r] += 2 * (block * pairs->order() + pairs->row_in_block(p)) - 2 * p;
  }
  return rows;
}

Design anytime_design(const Design& design, bool deadline) {
  if (design.kind() != DesignKind::exhaustive) return deadline ? design.shuffled() : design;
  const Design blocks(DesignKind::hadamard, design.n_players(), design.n_coalitions(), design.seed());
  return deadline ? blocks.shuffled() : blocks;
}

Design anytime_design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed, double deadline) {
  const Deadline for_search(share_of_search * deadline);
  return anytime_design(Design(kind, n_players, budget, seed, for_search), for_search.is_set());
}

GameEvaluation in_design_order(GameEvaluation evaluation) {
  Evaluated found = in_usual_order(evaluation);
  const std::size_t n_outputs = evaluation.n_outputs();
  return {std::move(found.design), found.worths ? std::move(*found.worths) : evaluation.take_worths(), n_outputs};
}

Estimate estimate(GameEvaluation& evaluation, const Game& game, const Anytime& anytime, const EstimateOptions& options,
                  std::size_t batch_size, OnNonfinite on_nonfinite) {
  require_valid(anytime.rules, evaluation.design().n_players());
  if (!(anytime.deadline > 0)) throw std::invalid_argument("deadline must be positive");
  if (anytime.rules.any() && !options.standard_errors)
    throw std::invalid_argument("standard_errors must be true for tolerance and top_k, which depend on them");
  return AnytimeEstimation(evaluation, game, anytime, options, batch_size, on_nonfinite)();
}

Estimate estimate(const Game& game, const Design& design, const Anytime& anytime, const EstimateOptions& options,
                  std::size_t batch_size, OnNonfinite on_nonfinite) {
  if (options.method == Method::regression) Estimator::check_size(design);
  GameEvaluation evaluation(anytime_design(design, std::isfinite(anytime.deadline)));
  return estimate(evaluation, game, anytime, options, batch_size, on_nonfinite);
}

}  // namespace banzhaf
