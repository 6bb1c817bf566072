// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Interactions of two players: an unbiased estimate for each background row, and their mean.
//
// The even half s = v(S) + v(S^c) of a pair is a constant plus 2 c_T chi_T(S) over sets T of two, four, ... players. The
// interaction index of two players is 4 c_T, which is twice the coefficient of chi_T in s.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "banzhaf/designs.hpp"
#include "banzhaf/kept_rows.hpp"
#include "designs/hadamard_pairs.hpp"
#include "explain/allocation.hpp"
#include "explain/design_cache.hpp"
#include "explain/places.hpp"
#include "explain/players.hpp"
#include "explain/scale.hpp"
#include "interactions/pair_signs.hpp"
#include "interactions/terms.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_folds = 4;
// A share of the half's square that may be nothing but rounding.
constexpr double rounding = 1e-28;
// A column whose mean leaves less than this of its square says nothing.
constexpr double least_share = 1e-6;

double sum_of_products(std::span<const double> a, std::span<const double> b) {
  double sums[4] = {};
  std::size_t p = 0;
  for (; p + 4 <= a.size(); p += 4)
    for (std::size_t t = 0; t < 4; ++t) sums[t] += a[p + t] * b[p + t];
  for (; p < a.size(); ++p) sums[0] += a[p] * b[p];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

std::size_t pair_number(std::size_t i, std::size_t k, std::size_t n) { return i * (2 * n - i - 1) / 2 + k - i - 1; }

// The estimates of one design: the coefficients in the even half, for each output in a unit of its own.
struct Found {
  std::vector<double> coefficients;  // pairs x outputs
  std::vector<double> variances;     // pairs x outputs
  std::vector<double> left;          // outputs: the variance of the half that the pairs leave
  std::vector<int> exponents;        // outputs: the unit is 2^exponent, so that squares stay in the range of doubles
};

// The design of one background row, with the signs of its pairs.
class EvenHalves {
 public:
  EvenHalves(const KeptDesign& kept, std::span<const std::uint32_t> players, std::uint64_t seed, bool noisy)
      : design_(kept.fresh ? DesignKind::fresh : DesignKind::hadamard, players.size(), 2 * kept.n_pairs,
                seed_of_background(seed, kept.background)),
        n_(players.size()),
        n_pairs_(kept.n_used),
        exact_(!noisy && kept.n_used >= all_pairs(n_)) {
    Coalitions first(n_pairs_, n_);
    // A noisy model may have all coalitions several times.
    for (std::size_t p = 0; p < n_pairs_; ++p) design_.fill_row(2 * (p % kept.n_pairs), first.row(p));
    signs_ = PairSigns(first.view());
    columns_.resize(n_ * n_pairs_);
    for (std::size_t i = 0; i < n_; ++i) signs_.expand(i, column(i));
    const HadamardPairs& pairs = *design_.hadamard();
    order_ = pairs.order();
    complete_ = pairs.sylvester() && !pairs.fresh() && n_pairs_ >= HadamardPairs::least_stage_pairs(n_) &&
                n_pairs_ % (pairs.stage_blocks() * order_) == 0;
    // Only blocks that share nothing can check a fit to the others.
    if (pairs.fresh() && n_pairs_ >= 2 * order_ && !exact_) fitter_.emplace(signs_, places_of(pairs, n_pairs_));
  }

  [[nodiscard]] Found operator()(std::span<const double> worths, std::size_t n_outputs) const {
    const std::size_t n_sets = n_ * (n_ - 1) / 2;
    Found found{std::vector<double>(n_sets * n_outputs), std::vector<double>(n_sets * n_outputs),
                std::vector<double>(n_outputs), std::vector<int>(n_outputs)};
    for (std::size_t o = 0; o < n_outputs; ++o) estimate(worths, n_outputs, o, found);
    return found;
  }

 private:
  [[nodiscard]] std::span<double> column(std::size_t i) { return std::span(columns_).subspan(i * n_pairs_, n_pairs_); }
  [[nodiscard]] std::span<const double> column(std::size_t i) const {
    return std::span(columns_).subspan(i * n_pairs_, n_pairs_);
  }

  void estimate(std::span<const double> worths, std::size_t k, std::size_t o, Found& found) const {
    const auto pairs = static_cast<double>(n_pairs_);
    std::vector<double> even(n_pairs_), odd(n_pairs_);
    double mean = 0, largest = 0;
    for (std::size_t s = o; s < worths.size(); s += k) largest = std::max(largest, std::abs(worths[s]));
    // The unit of worths that are all 0 must not be the largest one.
    found.exponents[o] = largest > 0 ? scale_exponent(largest) : -1000;
    const double unit = std::ldexp(1.0, -found.exponents[o]);
    for (std::size_t p = 0; p < n_pairs_; ++p) {
      const double one = worths[2 * p * k + o] * unit, other = worths[(2 * p + 1) * k + o] * unit;
      even[p] = one + other;
      odd[p] = one - other;
      mean += even[p] / pairs;
    }
    double all = 0;
    for (const double each : even) all += each * each;
    for (double& each : even) each -= mean;
    std::vector<double> fitted(n_ * (n_ - 1) / 2, 0.0);
    if (fitter_) leave_out_fits(odd, even, fitted);
    double square = 0;
    for (const double each : even) square += each * each;
    // Nothing but rounding is left.
    if (square <= rounding * all) square = 0;
    const double variance = n_pairs_ > 1 ? square / (pairs - 1) : unknown;
    double explained = 0;
    std::size_t set = 0;
    std::vector<double> product(n_pairs_);
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t p = 0; p < n_pairs_; ++p) product[p] = column(i)[p] * even[p];
      for (std::size_t j = i + 1; j < n_; ++j, ++set) {
        // The mean of the half is taken out of the column too. Fits take out a mean of their own.
        const double overlap = fitter_ ? 0 : sum_of_products(column(i), column(j)) / pairs;
        const double share = 1 - overlap * overlap;
        double rest = sum_of_products(product, column(j)) / pairs;
        const double own = share > least_share ? variance / (pairs * share) : unknown;
        rest = share > least_share ? rest / share : unknown;
        found.coefficients[set * k + o] = fitted[set] + rest;
        found.variances[set * k + o] = own;
        if (!std::isnan(rest)) explained += rest * rest - (complete_ || exact_ ? 0 : own);
      }
    }
    found.left[o] = std::max(0.0, variance - std::max(0.0, explained));
    if (exact_) {
      for (std::size_t s = o; s < found.variances.size(); s += k) found.variances[s] = 0;
      found.left[o] = 0;
    } else if (complete_) {
      const double left = left_by_pairs(found, k, o, even) / pairs;
      for (std::size_t s = o; s < found.variances.size(); s += k) found.variances[s] = left / pairs;
      found.left[o] = left;
    }
  }

  // Returns the square of what the coefficients leave. All columns of two players are orthogonal to each other.
  [[nodiscard]] double left_by_pairs(const Found& found, std::size_t k, std::size_t o, std::vector<double> rest) const {
    for (std::size_t i = 0, set = 0; i < n_; ++i)
      for (std::size_t j = i + 1; j < n_; ++j, ++set) {
        const double coefficient = found.coefficients[set * k + o];
        for (std::size_t p = 0; p < n_pairs_; ++p) rest[p] -= coefficient * column(i)[p] * column(j)[p];
      }
    return sum_of_products(rest, rest);
  }

  // Subtracts from the half of each pair what a fit to the other folds predicts. fitted gets the mean of the fits.
  void leave_out_fits(std::span<const double> odd, std::span<double> even, std::span<double> fitted) const {
    const std::size_t n_blocks = (n_pairs_ + order_ - 1) / order_, n_folds = std::min(most_folds, n_blocks);
    const std::vector<double> halves(even.begin(), even.end());
    std::vector<double> predicted(n_pairs_);
    std::vector<std::uint8_t> held(n_pairs_);
    for (std::size_t fold = 0; fold < n_folds; ++fold) {
      std::size_t n_held = 0;
      for (std::size_t p = 0; p < n_pairs_; ++p) {
        held[p] = p / order_ % n_folds == fold ? 1 : 0;
        n_held += held[p];
      }
      const PairStrengths strengths = fitter_->fit_pairs(odd, halves, {}, held);
      fitter_->predict(strengths.terms, predicted);
      double constant = 0;
      for (std::size_t p = 0; p < n_pairs_; ++p)
        if (held[p] == 0) constant += halves[p] - predicted[p];
      constant /= static_cast<double>(n_pairs_ - n_held);
      for (std::size_t p = 0; p < n_pairs_; ++p)
        if (held[p] != 0) even[p] = halves[p] - predicted[p] - constant;
      const double part = static_cast<double>(n_held) / static_cast<double>(n_pairs_);
      for (const Term& term : strengths.terms)
        fitted[pair_number(term.players[0], term.players[1], n_)] += part * term.coefficient;
    }
  }

  Design design_;
  std::size_t n_, n_pairs_, order_ = 1;
  bool exact_, complete_ = false;
  PairSigns signs_;
  std::vector<double> columns_;  // +1 and -1
  std::optional<TermsFitter> fitter_;
};

std::vector<std::uint32_t> players_of(const KeptRow& row, std::size_t design, std::size_t n_words) {
  std::vector<std::uint32_t> players;
  add_players(std::span(row.players).subspan(design * n_words, n_words), players);
  return players;
}

void require_consistent(const KeptRows& kept) {
  if (kept.keeping != Keeping::kept) throw std::invalid_argument("the evaluations of the run were not kept");
  const std::size_t n_words = words_for(kept.n_players);
  for (const KeptRow& row : kept.rows) {
    std::size_t n_worths = 0;
    if (row.players.size() != row.designs.size() * n_words)
      throw std::invalid_argument("players must have the words of each design");
    for (std::size_t d = 0; d < row.designs.size(); ++d) {
      const KeptDesign& design = row.designs[d];
      const std::vector<std::uint32_t> players = players_of(row, d, n_words);
      if (design.n_used < 1 || design.n_used > std::numeric_limits<std::size_t>::max() / 4 / kept.n_outputs ||
          players.size() < 2 || players.back() >= kept.n_players)
        throw std::invalid_argument("designs must have two players and one pair at least");
      n_worths += 2 * design.n_used * kept.n_outputs;
    }
    if (row.worths.size() != n_worths) throw std::invalid_argument("worths must be those of all designs");
  }
}

// The mean over the background rows of one explained row.
class RowMean {
 public:
  RowMean(const KeptRows& kept, std::size_t row, PairInteractions& result)
      : kept_(kept),
        row_(kept.rows[row]),
        n_(kept.n_players),
        k_(kept.n_outputs),
        n_sets_(n_ * (n_ - 1) / 2),
        first_(row * n_sets_ * k_),
        first_output_(row * k_),
        result_(result) {}

  void operator()(int num_threads) {
    const std::size_t n_words = words_for(n_);
    std::vector<std::vector<std::uint32_t>> players;
    std::vector<std::size_t> starts;
    std::size_t work = 0, start = 0;
    for (std::size_t d = 0; d < row_.designs.size(); ++d) {
      players.push_back(players_of(row_, d, n_words));
      starts.push_back(start);
      start += 2 * row_.designs[d].n_used * k_;
      work += row_.designs[d].n_used * players[d].size() * players[d].size() * k_;
    }
    std::vector<Found> found(row_.designs.size());
    parallel_for(threads_for(num_threads, work), row_.designs.size(), [&](std::size_t d) {
      const KeptDesign& design = row_.designs[d];
      const std::span<const double> worths = std::span(row_.worths).subspan(starts[d], 2 * design.n_used * k_);
      found[d] = EvenHalves(design, players[d], kept_.seed, kept_.noisy)(worths, k_);
    });
    for (std::size_t o = 0; o < k_; ++o) add(players, found, o);
  }

 private:
  void add(const std::vector<std::vector<std::uint32_t>>& players, const std::vector<Found>& found, std::size_t o) {
    std::vector<double> sums(n_sets_), squares(n_sets_), variances(n_sets_);
    std::vector<bool> shown(n_sets_);
    double of_all = 0, freedom = 0, left = 0;
    int exponent = -1000;  // of the unit of all designs together
    for (const Found& each : found) exponent = std::max(exponent, each.exponents[o]);
    for (std::size_t d = 0; d < found.size(); ++d) {
      const std::vector<std::uint32_t>& own = players[d];
      // The index is twice the coefficient in the half.
      const double unit = std::ldexp(1.0, found[d].exponents[o] - exponent), factor = 2 * row_.designs[d].factor * unit;
      double of_design = 0;
      for (std::size_t i = 0, set = 0; i < own.size(); ++i) {
        for (std::size_t j = i + 1; j < own.size(); ++j, ++set) {
          const std::size_t to = pair_number(own[i], own[j], n_);
          const double z = factor * found[d].coefficients[set * k_ + o];
          const double variance = factor * factor * found[d].variances[set * k_ + o];
          sums[to] += z;
          squares[to] += z * z;
          variances[to] += variance;
          shown[to] = true;
          of_design += variance;
        }
      }
      of_all += of_design;
      freedom += of_design * of_design / std::max(1.0, static_cast<double>(row_.designs[d].n_used) - 1);
      // An even half is twice the mean of two worths.
      left += row_.designs[d].factor * (found[d].left[o] * unit * unit) / 4;
    }
    const bool sampled = row_.n_drawn > 0;
    const auto drawn = static_cast<double>(row_.n_drawn);
    for (std::size_t s = 0; s < n_sets_; ++s) {
      const std::size_t at = first_ + s * k_ + o;
      const bool known = row_.has_values && (shown[s] || !sampled);
      double variance = variances[s];
      // The spread of the drawn rows includes the errors of their estimates.
      if (sampled)
        variance = drawn > 1 ? std::max(0.0, squares[s] - sums[s] * sums[s] / drawn) * drawn / (drawn - 1) : unknown;
      result_.values[at] = known ? std::ldexp(sums[s], exponent) : unknown;
      result_.standard_errors[at] = known ? std::ldexp(std::sqrt(variance), exponent) : unknown;
    }
    double& degrees = result_.degrees_of_freedom[first_output_ + o];
    degrees = freedom > 0 ? of_all * of_all / freedom : std::numeric_limits<double>::infinity();
    if (sampled) degrees = std::max(1.0, drawn - 1);
    result_.unresolved_variance[first_output_ + o] = row_.has_values ? std::ldexp(left, 2 * exponent) : unknown;
  }

  const KeptRows& kept_;
  const KeptRow& row_;
  std::size_t n_, k_, n_sets_, first_, first_output_;
  PairInteractions& result_;
};

}  // namespace

PairInteractions pair_interactions(const KeptRows& kept, int num_threads) {
  require_consistent(kept);
  const std::size_t n_sets = kept.n_players * (kept.n_players - 1) / 2, n_rows = kept.rows.size();
  PairInteractions result;
  result.values.resize(n_rows * n_sets * kept.n_outputs);
  result.standard_errors.resize(result.values.size());
  result.degrees_of_freedom.resize(n_rows * kept.n_outputs);
  result.unresolved_variance.resize(n_rows * kept.n_outputs);
  for (std::size_t row = 0; row < n_rows; ++row) RowMean(kept, row, result)(num_threads);
  return result;
}

}  // namespace banzhaf
