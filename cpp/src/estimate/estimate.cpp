// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The evaluation loop, and what each design's worths go through.
#include "banzhaf/estimate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "banzhaf/transform.hpp"
#include "estimate/baselines.hpp"
#include "kernels/kernels.hpp"
#include "regression/blocks.hpp"
#include "regression/products.hpp"
#include "regression/regression.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
// Sums are made in blocks of this size: they are the same for any number of threads.
constexpr std::size_t moment_block = std::size_t{1} << 14;
constexpr std::size_t batch_bytes = std::size_t{1} << 22;  // of coalitions as one byte per player

/// Rows 2p and 2p + 1, S and its complement 2^n - 1 - S, or any two of the caller's.
struct Unit {
  std::size_t first;
  std::size_t second;  // the same as first if the unit is one coalition
};

bool all_finite(std::span<const double> worths) {
  return std::all_of(worths.begin(), worths.end(), [](double x) { return std::isfinite(x); });
}

// That of the largest finite worth, if squares of the worths could leave the range of numbers; else 0.
int exponent_of_extreme(std::span<const double> worths) {
  double largest = 0;
  for (const double worth : worths)
    if (std::isfinite(worth)) largest = std::max(largest, std::abs(worth));
  if (largest == 0 || (largest > 1e-100 && largest < 1e100)) return 0;
  return std::ilogb(largest);
}

// Where each of all 2^n coalitions stands; empty unless every one is there just once.
std::vector<std::size_t> rows_by_coalition(CoalitionsView coalitions) {
  const std::size_t n = coalitions.n_rows;
  if (coalitions.n_players > max_exhaustive_players || n != std::size_t{1} << coalitions.n_players) return {};
  std::vector<std::size_t> rows(n, n);
  for (std::size_t r = 0; r < n; ++r) {
    std::size_t& row = rows[*coalitions.row(r)];
    if (row != n) return {};
    row = r;
  }
  return rows;
}

// Pairs each coalition with a complement of it; false if one has none.
bool match_complements(CoalitionsView coalitions, std::vector<Unit>& units) {
  const std::size_t n = coalitions.n_rows, words = coalitions.words_per_row();
  if (n % 2 != 0) return false;
  const auto key = [words](const std::uint64_t* row) {
    return std::string_view(reinterpret_cast<const char*>(row), words * sizeof(std::uint64_t));
  };
  std::vector<std::uint64_t> wanted(words);
  const std::uint64_t last = ~std::uint64_t{0} >> (64 * words - coalitions.n_players);
  const auto complements = [&](std::size_t a, std::size_t b) {
    const std::uint64_t *x = coalitions.row(a), *y = coalitions.row(b);
    for (std::size_t w = 0; w + 1 < words; ++w)
      if ((x[w] ^ y[w]) != ~std::uint64_t{0}) return false;
    return (x[words - 1] ^ y[words - 1]) == last;
  };
  // The two orders in which such samples come, before any hashing: neighbours, and two halves.
  const auto pairs_up = [&](auto first, auto second) {
    for (std::size_t p = 0; p < n / 2; ++p)
      if (!complements(first(p), second(p))) return false;
    units.reserve(n / 2);
    for (std::size_t p = 0; p < n / 2; ++p) units.push_back({first(p), second(p)});
    return true;
  };
  if (pairs_up([](std::size_t p) { return 2 * p; }, [](std::size_t p) { return 2 * p + 1; })) return true;
  if (pairs_up([](std::size_t p) { return p; }, [n](std::size_t p) { return p + n / 2; })) return true;
  std::unordered_map<std::string_view, std::vector<std::size_t>> waiting;
  for (std::size_t r = 0; r < n; ++r) {
    complement({coalitions.row(r), words}, coalitions.n_players, wanted);
    const auto partner = waiting.find(key(wanted.data()));
    if (partner != waiting.end() && !partner->second.empty()) {
      units.push_back({partner->second.back(), r});
      partner->second.pop_back();
    } else {
      waiting[key(coalitions.row(r))].push_back(r);
    }
  }
  if (2 * units.size() == n) return true;
  units.clear();
  return false;
}

// The sum over rows [first, last) of the squared differences from the rows as far from the end; of one output.
double square_of_differences(std::span<const double> table, std::size_t first, std::size_t last) {
  // Eight sums that do not wait for one another.
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> parts{};
  const double* mirror = &table[table.size() - 1];
  std::size_t s = first;
  for (; s + lanes <= last; s += lanes) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const double d = table[s + l] - *(mirror - s - l);
      parts[l] += d * d;
    }
  }
  for (; s < last; ++s) parts[0] += (table[s] - *(mirror - s)) * (table[s] - *(mirror - s));
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

// By a table of the rows that are there already, half of it empty.
std::size_t count_distinct_rows(std::span<const std::uint64_t> rows, std::size_t words) {
  const std::size_t n = rows.size() / words, size = std::bit_ceil(2 * n);
  std::vector<std::size_t> places(size, n);
  std::size_t n_distinct = 0;
  for (std::size_t r = 0; r < n; ++r) {
    const std::uint64_t* row = &rows[r * words];
    std::uint64_t hash = 0;
    for (std::size_t w = 0; w < words; ++w) {
      hash = (hash ^ row[w]) * 0x9E3779B97F4A7C15U;
      hash ^= hash >> 32;
    }
    std::size_t place = hash & (size - 1);
    while (places[place] != n && !std::equal(row, row + words, &rows[places[place] * words]))
      place = (place + 1) & (size - 1);
    if (places[place] != n) continue;
    places[place] = r;
    ++n_distinct;
  }
  return n_distinct;
}

}  // namespace

std::size_t Evaluations::default_batch_size(std::size_t n_players) noexcept {
  return std::clamp<std::size_t>(batch_bytes / n_players, 16, 65'536);
}

void Evaluations::evaluate(const Game& game, std::size_t batch_size, OnNonfinite on_nonfinite) {
  evaluate_until(design_.n_coalitions(), game, batch_size, on_nonfinite);
}

void Evaluations::evaluate_until(std::size_t n_coalitions, const Game& game, std::size_t batch_size,
                                 OnNonfinite on_nonfinite) {
  const std::size_t n_players = design_.n_players();
  n_coalitions = std::min(n_coalitions, design_.n_coalitions());
  if (batch_size == 0) batch_size = default_batch_size(n_players);
  Coalitions batch;
  std::vector<double> worths;
  for (std::size_t first = n_evaluated(); first < n_coalitions; first = n_evaluated()) {
    batch.resize(std::min(batch_size, n_coalitions - first), n_players);
    design_.fill(first, batch);
    worths.clear();
    game(batch.view(), worths);
    const std::size_t n_rows = batch.n_rows();
    const std::size_t n_outputs = n_outputs_ == 0 ? worths.size() / n_rows : n_outputs_;
    if (worths.size() != n_rows * n_outputs || n_outputs == 0)
      throw std::invalid_argument("the game gave " + std::to_string(worths.size()) + " worths for " +
                                  std::to_string(n_rows) + " coalitions" +
                                  (n_outputs_ > 1 ? " of " + std::to_string(n_outputs_) + " outputs" : ""));
    if (n_outputs_ == 0) worths_.reserve(n_coalitions * n_outputs);
    n_outputs_ = n_outputs;
    if (on_nonfinite == OnNonfinite::raise) {
      for (std::size_t r = 0; r < n_rows; ++r) {
        if (all_finite(std::span(worths).subspan(r * n_outputs, n_outputs))) continue;
        worths_.insert(worths_.end(), worths.begin(), worths.begin() + static_cast<std::ptrdiff_t>(r * n_outputs));
        throw std::domain_error("the worth of coalition " + to_string(batch.view(), r) + " is not finite");
      }
    }
    worths_.insert(worths_.end(), worths.begin(), worths.end());
  }
}

struct Estimator::State {
  EstimateOptions options;
  std::size_t n_players = 0;
  std::size_t n_coalitions = 0;
  std::optional<Design> design;
  Coalitions own;  // the caller's coalitions, if there is no design
  bool in_twos = false;
  bool transform = false;
  std::vector<std::size_t> order;  // where coalition S of a complete table stands; empty: at row S
  std::vector<Unit> units;         // empty if the design's own order needs no list
  std::size_t n_units = 0;
  std::size_t n_distinct = 0;
  std::unique_ptr<const LeastSquares> regression;

  [[nodiscard]] Unit in_order(std::size_t p) const { return in_twos ? Unit{2 * p, 2 * p + 1} : Unit{p, p}; }
  [[nodiscard]] Unit unit(std::size_t p) const { return units.empty() ? in_order(p) : units[p]; }

  // Rows of X: the first coalition of each unit.
  [[nodiscard]] CoalitionsView rows(std::size_t first, std::size_t count, Coalitions& scratch) const {
    if (!design && units.empty()) return own.view().rows(first, count);
    scratch.resize(count, n_players);
    for (std::size_t p = 0; p < count; ++p) {
      const std::size_t row = unit(first + p).first;
      if (design) {
        design->fill_row(row, scratch.row(p));
      } else {
        const std::uint64_t* source = own.view().row(row);
        std::copy_n(source, words_for(n_players), scratch.row(p).begin());
      }
    }
    return scratch.view();
  }

  [[nodiscard]] RowSource row_source() const {
    return [this](std::size_t first, std::size_t count, Coalitions& scratch) { return rows(first, count, scratch); };
  }

  // Whether transforms solve the least squares; else a dense system does.
  [[nodiscard]] bool by_blocks() const {
    const HadamardPairs* blocks = design ? design->hadamard().get() : nullptr;
    return blocks != nullptr && units.empty() && blocks->sylvester() && blocks->n_blocks() > 0;
  }

  void prepare() {
    if (transform) {
      n_distinct = n_coalitions;
      return;
    }
    if (units.empty()) n_units = in_twos ? n_coalitions / 2 : n_coalitions;
    if (n_units == 0) throw std::invalid_argument("no coalition has a finite worth");
    n_distinct = count_distinct();
    if (options.method != Method::regression || (design && design->kind() == DesignKind::walks)) return;
    // A pair's row of A is half of X's and stands twice, once negated; a single coalition's stands once.
    const double ridge = (in_twos ? 2 : 4) * options.ridge;
    if (by_blocks())
      regression = std::make_unique<BlockRegression>(design->hadamard(), n_players, ridge, options.doubts_fits,
                                                     options.num_threads);
    else
      regression = std::make_unique<Regression>(
          row_source(), n_units, n_players,
          RegressionOptions{.intercept = !in_twos,
                            .ridge = ridge,
                            .doubts_fits = options.doubts_fits,
                            .drawn = design && design->kind() == DesignKind::paired && units.empty(),
                            .num_threads = options.num_threads});
  }

  // From the blocks' sums of worths and of their squares, both from an origin on.
  static void set_moments(const std::vector<double>& sums, double origin, std::size_t n_used, double& mean,
                          double& square_around) {
    double sum = 0, square = 0;
    for (std::size_t b = 0; b < sums.size() / 2; ++b) {
      sum += sums[2 * b];
      square += sums[2 * b + 1];
    }
    const double count = static_cast<double>(n_used);
    mean = origin + sum / count;
    square_around = std::max(0.0, square - sum * (sum / count));
  }

  struct Moments {
    std::vector<double> means;
    std::vector<double> squares;      // around the means
    std::vector<double> differences;  // squared, between a table's complements; empty if not made on the way
  };
  [[nodiscard]] Moments moments(Worths given) const {
    const std::span<const double> worths = given.values;
    const std::size_t n_outputs = given.n_outputs;
    std::vector<double> means(n_outputs), squares(n_outputs), differences;
    const bool whole = transform || units.empty();
    const std::size_t n_used = whole ? n_coalitions : n_units * (in_twos ? 2 : 1);
    constexpr std::size_t block = moment_block;
    const std::size_t n_blocks = ceil_div(n_used, block);
    // A block and its mirror image together, while both are in the cache.
    const bool mirrored = transform && order.empty() && n_outputs == 1 && n_blocks > 1;
    if (mirrored) {
      const double origin = worths[0];
      std::vector<double> sums(2 * n_blocks), mirror_sums(n_blocks / 2);
      parallel_for(threads_for(options.num_threads, n_used), n_blocks / 2, [&](std::size_t b) {
        mirror_sums[b] = square_of_differences(worths, b * block, (b + 1) * block);
        for (const std::size_t c : {b, n_blocks - 1 - b})
          kernels().add_moments(&worths[c * block], origin, block, &sums[2 * c]);
      });
      set_moments(sums, origin, n_used, means[0], squares[0]);
      differences = {std::accumulate(mirror_sums.begin(), mirror_sums.end(), 0.0)};
      return {std::move(means), std::move(squares), std::move(differences)};
    }
    for (std::size_t o = 0; o < n_outputs; ++o) {
      // Summed from some worth on, so that worths which are all alike have no variance by rounding.
      const double origin = worths[(whole ? 0 : unit(0).first) * n_outputs + o];
      std::vector<double> sums(2 * n_blocks);
      parallel_for(threads_for(options.num_threads, n_used), n_blocks, [&](std::size_t b) {
        const std::size_t first = b * block, count = std::min(block, n_used - first);
        if (whole && n_outputs == 1) {
          kernels().add_moments(&worths[first], origin, count, &sums[2 * b]);
          return;
        }
        std::vector<double> column(count);
        for (std::size_t j = 0; j < count; ++j) {
          std::size_t row = first + j;
          if (!whole) row = !in_twos ? unit(row).first : row % 2 == 0 ? unit(row / 2).first : unit(row / 2).second;
          column[j] = worths[row * n_outputs + o];
        }
        kernels().add_moments(column.data(), origin, count, &sums[2 * b]);
      });
      set_moments(sums, origin, n_used, means[o], squares[o]);
    }
    return {std::move(means), std::move(squares), std::move(differences)};
  }

  // What regression, Monte Carlo and MSR look at: a pair's difference, a walk's gain, or a worth as it is.
  [[nodiscard]] std::vector<double> targets(Worths worths) const {
    const std::size_t n_outputs = worths.n_outputs;
    const double sign = design && design->kind() == DesignKind::walks ? -1 : 1;
    std::vector<double> result(n_units * n_outputs);
    for (std::size_t p = 0; p < n_units; ++p) {
      const Unit u = unit(p);
      for (std::size_t o = 0; o < n_outputs; ++o) {
        const double worth = worths.row(u.first)[o];
        result[p * n_outputs + o] = in_twos ? sign * (worth - worths.row(u.second)[o]) : worth;
      }
    }
    return result;
  }

  // The variance of the halves of pairs' sums and differences, from the worths' squares around their mean and the
  // squares of the differences: the two parts add up to the worths' own variance.
  void split_variance(const std::vector<double>& squares, const std::vector<double>& difference_squares,
                      std::size_t n_pairs, bool all, Estimate& result) const {
    for (std::size_t o = 0; o < result.n_outputs; ++o) {
      const double pairs = static_cast<double>(n_pairs);
      const double even = std::max(0.0, squares[o] - difference_squares[o] / 2) / 2;
      result.odd_variances[o] = difference_squares[o] / 4 / pairs;
      // Of a sample, the mean is estimated too.
      result.even_variances[o] = all ? even / pairs : n_pairs > 1 ? even / (pairs - 1) : unknown;
    }
  }

  // Of a complete table: a coalition's complement stands as far from the end as it does from the beginning.
  [[nodiscard]] std::vector<double> squares_of_differences(Worths table) const {
    const std::size_t n_outputs = table.n_outputs;
    const std::size_t half = n_coalitions / 2, n_blocks = ceil_div(half, moment_block);
    std::vector<double> sums(n_blocks * n_outputs), result(n_outputs);
    parallel_for(threads_for(options.num_threads, half * n_outputs), n_blocks, [&](std::size_t b) {
      const std::size_t first = b * moment_block, last = std::min(half, first + moment_block);
      if (n_outputs == 1) {
        sums[b] = square_of_differences(table.values, first, last);
        return;
      }
      for (std::size_t s = first; s < last; ++s) {
        for (std::size_t o = 0; o < n_outputs; ++o) {
          const double d = table.row(s)[o] - table.row(n_coalitions - 1 - s)[o];
          sums[b * n_outputs + o] += d * d;
        }
      }
    });
    for (std::size_t b = 0; b < n_blocks; ++b)
      for (std::size_t o = 0; o < n_outputs; ++o) result[o] += sums[b * n_outputs + o];
    return result;
  }

  // Coalitions that differ: of pairs, twice the pairs that do, each by whichever of its two lacks player 0.
  [[nodiscard]] std::size_t count_distinct() const {
    if (design && design->hadamard() && design->hadamard()->all_distinct()) return 2 * n_units;
    const std::size_t words = words_for(n_players);
    const bool pairs = in_twos && !(design && design->kind() == DesignKind::walks);
    std::vector<std::uint64_t> kept(n_units * words);
    Coalitions scratch;
    constexpr std::size_t chunk = 8192;
    for (std::size_t first = 0; first < n_units; first += chunk) {
      const CoalitionsView some = rows(first, std::min(chunk, n_units - first), scratch);
      for (std::size_t p = 0; p < some.n_rows; ++p) {
        const std::span<std::uint64_t> row(&kept[(first + p) * words], words);
        std::copy_n(some.row(p), words, row.begin());
        if (pairs && (row[0] & 1U) != 0) complement(row, n_players, row);
      }
    }
    return (pairs ? 2 : 1) * count_distinct_rows(kept, words);
  }

  void by_transform(Worths worths, const Moments& moments, Estimate& result) const {
    const std::vector<double>& squares = moments.squares;
    std::vector<double> sorted;
    for (const std::size_t row : order) sorted.insert(sorted.end(), worths.row(row).begin(), worths.row(row).end());
    const Worths table = order.empty() ? worths : Worths{sorted, worths.n_outputs};
    result.values = banzhaf_values(table, n_players, options.num_threads);
    split_variance(squares, moments.differences.empty() ? squares_of_differences(table) : moments.differences,
                   n_coalitions / 2, true, result);
    result.standard_errors.assign(result.values.size(), 0);
    for (std::size_t o = 0; o < result.n_outputs; ++o) {
      double explained = 0;
      for (std::size_t i = 0; i < n_players; ++i)
        explained += result.values[i * result.n_outputs + o] * result.values[i * result.n_outputs + o];
      explained *= static_cast<double>(n_coalitions) / 4;
      result.r2[o] = squares[o] > 0 ? std::min(1.0, explained / squares[o]) : 1;
    }
  }

  void by_regression(Worths worths, const std::vector<double>& squares, Estimate& result) const {
    const std::size_t n_outputs = result.n_outputs;
    const std::vector<double> terms = targets(worths);
    LeastSquares::Fit fit = regression->fit({terms, n_outputs}, options.standard_errors);
    const double scale = in_twos ? 1 : 2;
    result.values = std::move(fit.coefficients);
    for (double& value : result.values) value *= scale;
    if (options.standard_errors) {
      result.standard_errors = std::move(fit.variances);
      for (double& error : result.standard_errors) error = scale * std::sqrt(error);
    }
    std::vector<double> difference_squares(n_outputs);
    // The even part of a pair is never explained: what is left is all but what the regression took from the odd part.
    for (std::size_t o = 0; o < n_outputs; ++o) {
      double total = squares[o];
      if (in_twos) {
        total = 0;
        for (std::size_t p = 0; p < n_units; ++p) total += terms[p * n_outputs + o] * terms[p * n_outputs + o];
        difference_squares[o] = total;
      }
      const double explained = (total - fit.residual_squares[o]) / (in_twos ? 2 : 1);
      result.r2[o] = squares[o] > 0 ? explained / squares[o] : 1;
    }
    if (in_twos) split_variance(squares, difference_squares, n_units, false, result);
  }

  void by_means(Worths worths, Estimate& result) const {
    const std::size_t n_outputs = result.n_outputs;
    const std::vector<double> terms = targets(worths);
    Means means;
    if (options.method == Method::msr) {
      means = msr(row_source(), {terms, n_outputs}, n_players, options.num_threads);
    } else {
      std::vector<std::size_t> players(n_units);
      for (std::size_t p = 0; p < n_units; ++p) players[p] = unit(p).first / 2 % n_players;
      means = monte_carlo(players, {terms, n_outputs}, n_players);
    }
    result.values = std::move(means.values);
    if (options.standard_errors) result.standard_errors = std::move(means.standard_errors);
    std::fill(result.r2.begin(), result.r2.end(), unknown);
  }
};

void Estimator::check_size(const Design& design) {
  State state;
  state.design = design;
  if (design.kind() == DesignKind::exhaustive || design.kind() == DesignKind::walks || state.by_blocks()) return;
  Regression::check_size(design.n_coalitions() / (design.in_twos() ? 2 : 1), design.n_players());
}

Estimator::Estimator(const Design& design, EstimateOptions options) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->n_players = design.n_players();
  state->n_coalitions = design.n_coalitions();
  state->design = design;
  state->in_twos = design.in_twos();
  state->transform = design.kind() == DesignKind::exhaustive;
  state->prepare();
  state_ = std::move(state);
}

Estimator::Estimator(const Design& design, EstimateOptions options, Worths worths) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->n_players = design.n_players();
  state->n_coalitions = design.n_coalitions();
  state->design = design;
  const bool exhaustive = design.kind() == DesignKind::exhaustive;
  // A table with holes cannot be transformed: it is a sample of pairs.
  state->in_twos = design.in_twos() || exhaustive;
  const std::size_t n_units = state->in_twos ? design.n_coalitions() / 2 : design.n_coalitions();
  for (std::size_t p = 0; p < n_units; ++p) {
    const Unit unit = exhaustive ? Unit{p, design.n_coalitions() - 1 - p} : state->in_order(p);
    if (all_finite(worths.row(unit.first)) && all_finite(worths.row(unit.second))) state->units.push_back(unit);
  }
  state->n_units = state->units.size();
  if (state->n_units == 0) throw std::domain_error("no coalition has a finite worth");
  state->prepare();
  state_ = std::move(state);
}

Estimator::Estimator(Coalitions coalitions, EstimateOptions options) {
  if (coalitions.n_players() == 0) throw std::invalid_argument("coalitions must have players");
  auto state = std::make_unique<State>();
  state->options = options;
  state->n_players = coalitions.n_players();
  state->n_coalitions = coalitions.n_rows();
  state->own = std::move(coalitions);
  state->order = rows_by_coalition(state->own.view());
  state->transform = !state->order.empty();
  if (!state->transform) state->in_twos = match_complements(state->own.view(), state->units);
  state->n_units = state->units.size();
  state->prepare();
  state_ = std::move(state);
}

Estimator::~Estimator() = default;
Estimator::Estimator(Estimator&&) noexcept = default;
Estimator& Estimator::operator=(Estimator&&) noexcept = default;

std::size_t Estimator::rank() const noexcept {
  return state_->regression ? state_->regression->rank() : state_->n_players;
}

double Estimator::condition_number() const noexcept {
  if (state_->regression) return state_->regression->condition_number();
  return state_->transform ? 1 : unknown;
}

double Estimator::degrees_of_freedom() const noexcept {
  const State& state = *state_;
  if (state.transform) return infinity;
  if (state.regression) return state.regression->degrees_of_freedom();
  const std::size_t n = state.n_units;
  if (state.options.method == Method::msr) return n > 2 ? static_cast<double>(n - 2) : 0;
  // Deviations of the player with the fewest gains, and the one that all players' variance counts for.
  const std::size_t gains = n / state.n_players;
  return gains < 2 ? 0 : static_cast<double>(gains);
}

Estimate Estimator::operator()(Worths worths) const {
  const std::size_t n_outputs = worths.n_outputs;
  const State& state = *state_;
  if (!worths.has_rows(state.n_coalitions)) throw std::invalid_argument("worths must hold one row for each coalition");
  Estimate result;
  result.n_players = state.n_players;
  result.n_outputs = n_outputs;
  result.n_evaluations = state.n_coalitions;
  result.n_dropped = state.transform ? 0 : state.n_coalitions - state.n_units * (state.in_twos ? 2 : 1);
  result.r2.assign(n_outputs, 0);
  result.even_variances.assign(n_outputs, unknown);
  result.odd_variances.assign(n_outputs, unknown);
  result.n_distinct = state.n_distinct;
  State::Moments moments = state.moments(worths);
  const auto suspicious = [](double square) { return !(square > 1e-200 && square < 1e200); };
  if (std::ranges::any_of(moments.squares, suspicious))
    if (const int exponent = exponent_of_extreme(worths.values); exponent != 0) return scaled(worths, exponent);
  result.mean_worth = std::move(moments.means);
  if (state.transform)
    state.by_transform(worths, moments, result);
  else if (state.regression)
    state.by_regression(worths, moments.squares, result);
  else
    state.by_means(worths, result);
  result.rank = rank();
  result.condition_number = condition_number();
  result.degrees_of_freedom = degrees_of_freedom();
  if (result.standard_errors.empty()) result.standard_errors.assign(result.values.size(), unknown);
  return result;
}

// Of worths whose squares would be infinite or 0: divided by a power of 2 beforehand.
Estimate Estimator::scaled(Worths worths, int exponent) const {
  std::vector<double> small(worths.values.begin(), worths.values.end());
  for (double& worth : small) worth = std::ldexp(worth, -exponent);
  Estimate result = (*this)({small, worths.n_outputs});
  for (std::vector<double>* linear : {&result.values, &result.standard_errors, &result.mean_worth})
    for (double& each : *linear) each = std::ldexp(each, exponent);
  for (std::vector<double>* square : {&result.even_variances, &result.odd_variances})
    for (double& each : *square) each = std::ldexp(std::ldexp(each, exponent), exponent);
  return result;
}

Estimate estimate(const Evaluations& evaluations, const EstimateOptions& options, OnNonfinite on_nonfinite) {
  const Worths worths = evaluations.worths();
  const bool holes = on_nonfinite == OnNonfinite::drop && !all_finite(worths.values);
  const Estimator estimator =
      holes ? Estimator(evaluations.design(), options, worths) : Estimator(evaluations.design(), options);
  return estimator(worths);
}

Estimate estimate(const Game& game, const Design& design, const EstimateOptions& options, std::size_t batch_size,
                  OnNonfinite on_nonfinite) {
  if (options.method == Method::regression) Estimator::check_size(design);
  Evaluations evaluations(design);
  evaluations.evaluate(game, batch_size, on_nonfinite);
  return estimate(evaluations, options, on_nonfinite);
}

}  // namespace banzhaf
