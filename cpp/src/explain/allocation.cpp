// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Gives all rows their smallest designs, then takes the best next step from a heap.
#include "explain/allocation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <queue>
#include <utility>

#include "designs/hadamard_pairs.hpp"
#include "designs/weighing.hpp"
#include "explain/row_sample.hpp"
#include "interactions/adjust.hpp"

namespace banzhaf {
namespace {

// The share of the mean square of all gaps that is added to a row's own square. It fits trees of depth 6 on the paper's
// eight data sets.
constexpr double common_share = 0.5;
// The share of the residual variance from orders that a complete stage does not cancel.
constexpr double beyond_stage = 0.02;

// Of a search for each model evaluation, in units of about a nanosecond. It counts work, so bits never depend on time.
constexpr double most_operations_per_evaluation = 3e5;

// The possible sizes of a row's design, and the squared error that is expected of each.
class Ladder {
 public:
  Ladder(std::size_t n_players, bool noisy)
      : n_(n_players),
        noisy_(noisy),
        all_(all_pairs(n_players)),
        block_(std::min(all_, std::bit_ceil(n_players))),
        stage_(std::min(all_, HadamardPairs::least_stage_pairs(n_players))),
        order_(order_above(n_players)),
        least_(n_players <= max_weighing_players ? std::min(all_, n_players) : order_),
        spare_(order_above(n_players + 1)) {
    // Evaluating all coalitions twice shows the noise.
    if (noisy && spare_ == all_) spare_ = 2 * all_;
  }

  [[nodiscard]] std::size_t least() const { return least_; }
  // The smallest size that leaves something to estimate the errors from.
  [[nodiscard]] std::size_t spare() const { return spare_; }
  // The smallest size in which interactions are sought.
  [[nodiscard]] std::size_t showing(const Search& search) const {
    const std::size_t n_blocks = std::max(least_blocks_for_interactions, least_pairs_for_interactions / block_);
    const std::size_t size = std::min(all_, n_blocks * block_);
    return size == all_ || search.covers(n_, size) ? size : least_;
  }
  [[nodiscard]] std::size_t stage() const { return stage_; }
  [[nodiscard]] std::size_t all() const { return all_; }

  // Returns the next size, or the same size if there is none. After a stage, only whole stages of all powers' blocks
  // help, because part of a second stage would undo what the first has cancelled.
  [[nodiscard]] std::size_t next(std::size_t pairs) const {
    if (noisy_ && pairs >= all_) return pairs + all_ * std::max<std::size_t>(1, pairs / all_ / 16);
    if (pairs < order_) return order_;
    if (pairs < block_) return block_;
    if (pairs % block_ != 0) return (pairs / block_ + 1) * block_;
    // Steps grow with the current size, so that no budget needs many steps.
    const std::size_t whole = block_ * block_, grown = (pairs + pairs / 32) / whole * whole;
    const std::size_t step = pairs < stage_ ? block_ : std::max(whole - pairs % whole, grown - std::min(pairs, grown));
    return all_ - pairs > step ? pairs + step : all_;
  }

  // After a stage: the largest number of stages that this many more pairs cover.
  [[nodiscard]] std::size_t fitting(std::size_t pairs, std::size_t more) const {
    if (noisy_ && pairs >= all_) return pairs + more;
    const std::size_t whole = block_ * block_;
    return pairs < stage_ ? pairs : std::max(pairs, (pairs + more) / whole * whole);
  }

  [[nodiscard]] double error(std::size_t pairs) const {
    if (pairs == all_) return 0;
    const double inverse = 1 / static_cast<double>(pairs);
    const double left = std::max(0.0, inverse - 1 / static_cast<double>(stage_));
    return static_cast<double>(n_) * (left + (noisy_ ? 1 : beyond_stage) * inverse);
  }

 private:
  [[nodiscard]] std::size_t order_above(std::size_t n) const {
    return std::min<std::size_t>(all_, HadamardMatrix::smallest_order(static_cast<std::uint32_t>(n)));
  }

  std::size_t n_;
  bool noisy_;
  std::size_t all_;
  std::size_t block_;
  std::size_t stage_;
  std::size_t order_;
  std::size_t least_;
  std::size_t spare_;
};

// The ladders of all numbers of players. Most rows have the same number.
class Ladders {
 public:
  explicit Ladders(bool noisy) : noisy_(noisy) {}

  const Ladder& operator[](std::size_t n_players) {
    if (n_players == last_players_) return *last_;
    last_players_ = n_players;
    last_ = &made_.try_emplace(n_players, n_players, noisy_).first->second;
    return *last_;
  }

 private:
  bool noisy_;
  std::map<std::size_t, Ladder> made_{};
  std::size_t last_players_ = ~std::size_t{0};
  const Ladder* last_ = nullptr;
};

struct Step {
  double gain;  // decrease of the squared error per model evaluation
  std::size_t row;
  std::size_t pairs;

  // If gains are equal, the first row comes first, so that the order never depends on the heap.
  bool operator<(const Step& other) const { return gain != other.gain ? gain < other.gain : row > other.row; }
};

}  // namespace

bool show_interactions(std::size_t n_pairs, std::size_t order) noexcept {
  return n_pairs >= std::max(least_pairs_for_interactions, least_blocks_for_interactions * order);
}

bool Search::covers(std::size_t n_players, std::size_t n_pairs) const {
  return interactions != Interactions::none && show_interactions(n_pairs, std::bit_ceil(n_players)) &&
         !is_costly(n_players, n_pairs);
}

bool Search::is_costly(std::size_t n_players, std::size_t n_pairs) const {
  const auto outputs = static_cast<double>(n_outputs), evaluations = 2 * static_cast<double>(n_pairs);
  return interactions == Interactions::automatic &&
         outputs * estimated_operations_of_terms(n_players, n_pairs) > most_operations_per_evaluation * evaluations;
}

std::size_t all_pairs(std::size_t n_players) noexcept {
  if (n_players == 0) return 0;
  return n_players > 60 ? std::numeric_limits<std::size_t>::max() / 4 : std::size_t{1} << (n_players - 1);
}

std::size_t model_rows(std::size_t n_players, std::size_t n_pairs, bool noisy) noexcept {
  return !noisy && n_pairs == all_pairs(n_players) && n_pairs > 0 ? 2 * n_pairs - 2 : 2 * n_pairs;
}

Allocation allocate(std::span<const BackgroundRow> rows, std::size_t budget, std::uint64_t seed, bool noisy,
                    const Search& search) {
  Allocation result;
  allocate(rows, budget, seed, noisy, search, result);
  return result;
}

void allocate(std::span<const BackgroundRow> rows, std::size_t budget, std::uint64_t seed, bool noisy,
              const Search& search, Allocation& result) {
  result.n_pairs.assign(rows.size(), 0);
  result.variances.assign(rows.size(), 1);
  result.n_costly = 0;
  result.drawn.clear();
  result.inclusion.clear();
  result.below_block = false;
  std::vector<std::size_t>& costly = result.drawn;
  Ladders ladders(noisy);
  const auto ladder = [&](std::size_t b) -> const Ladder& { return ladders[rows[b].n_players]; };
  const auto cost = [&](std::size_t b) { return model_rows(rows[b].n_players, result.n_pairs[b], noisy); };
  const bool seeks = search.interactions != Interactions::none;
  std::size_t all_least = 0, all_spare = 0, all_showing = 0;
  double squares = 0;
  for (std::size_t b = 0; b < rows.size(); ++b) {
    if (rows[b].n_players == 0) continue;
    result.n_pairs[b] = ladder(b).least();
    if (rows[b].n_players == 1 && !noisy) continue;
    costly.push_back(b);
    all_least += cost(b);
    all_spare += model_rows(rows[b].n_players, ladder(b).spare(), noisy);
    if (seeks) all_showing += model_rows(rows[b].n_players, ladder(b).showing(search), noisy);
    squares += rows[b].gap * rows[b].gap;
  }
  result.n_costly = costly.size();
  if (costly.empty()) return;
  // If all gaps are 0, all rows are treated alike.
  const double common = squares > 0 ? common_share * squares / static_cast<double>(costly.size()) : 1;
  for (std::size_t b = 0; b < rows.size(); ++b) result.variances[b] = rows[b].gap * rows[b].gap + common;

  if (all_least > budget) {
    std::ranges::stable_sort(costly, {}, [&](std::size_t b) { return rows[b].gap; });
    std::vector<std::size_t> costs(costly.size());
    std::ranges::transform(costly, costs.begin(), cost);
    std::vector<std::size_t> drawn;
    std::vector<double> weights;
    for (const std::size_t b : costly) weights.push_back(rows[b].weight);
    const bool alike = std::ranges::all_of(weights, [&](double weight) { return weight == weights.front(); });
    for (const std::size_t place : alike ? systematic_sample(costs, budget, seed)
                                         : weighted_sample(costs, weights, budget, seed, result.inclusion))
      drawn.push_back(costly[place]);
    for (const std::size_t b : costly) result.n_pairs[b] = 0;
    for (const std::size_t b : drawn) result.n_pairs[b] = ladder(b).least();
    costly = std::move(drawn);
    if (cost(costly.front()) > budget) {
      result.below_block = true;
      result.n_pairs[costly.front()] = budget / 2;
    }
  }
  if (result.below_block) return;

  if (all_spare <= budget)
    for (const std::size_t b : costly) result.n_pairs[b] = ladder(b).spare();
  if (seeks && all_showing <= budget)
    for (const std::size_t b : costly) result.n_pairs[b] = std::max(result.n_pairs[b], ladder(b).showing(search));
  std::size_t left = budget;
  for (const std::size_t b : costly) left -= cost(b);
  std::priority_queue<Step> steps;
  const auto push_next = [&](std::size_t b) {
    const std::size_t pairs = result.n_pairs[b], next = ladder(b).next(pairs);
    if (next == pairs) return;
    const double fall = ladder(b).error(pairs) - ladder(b).error(next);
    // Twice the weight, because the square has two factors.
    const double gain = result.variances[b] * fall * rows[b].weight * rows[b].weight;
    steps.push({gain / static_cast<double>(next - pairs), b, next});
  };
  for (const std::size_t b : costly) push_next(b);
  std::size_t best = rows.size();  // the first row whose next step was too expensive
  while (!steps.empty()) {
    const Step step = steps.top();
    steps.pop();
    const std::size_t n = rows[step.row].n_players, pairs = result.n_pairs[step.row];
    const std::size_t more = model_rows(n, step.pairs, noisy) - model_rows(n, pairs, noisy);
    if (more > left) {
      if (best == rows.size() && pairs < ladder(step.row).stage()) best = step.row;
      result.n_pairs[step.row] = ladder(step.row).fitting(pairs, left / 2);
      left -= 2 * (result.n_pairs[step.row] - pairs);
      continue;
    }
    left -= more;
    result.n_pairs[step.row] = step.pairs;
    push_next(step.row);
  }
  // The rest is part of a block, for the row that would have gained most from a whole one.
  if (best < rows.size()) result.n_pairs[best] += left / 2;
}

}  // namespace banzhaf
