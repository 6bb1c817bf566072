// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Tests of uniformity with bounds that hold for any number of rows and players, so that uniform samples pass.
#include "estimate/unevenness.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "designs/coalition_bits.hpp"
#include "regression/products.hpp"

namespace banzhaf {
namespace {

// The logarithm of the largest probability, for each test, that uniform coalitions fail it.
const double most_chance = std::log(3e-6);
// The largest numbers of players and rows in the test for players that occur together.
constexpr std::size_t most_couples = 64, most_rows = 4096;

// Bounds the logarithm of P(mean of `count` squared standard normal variables >= mean), or <= mean if mean is below 1.
// Sums of signs have no heavier tails (Chernoff).
double chi_square_tail(double count, double mean) {
  if (mean <= 0) return -std::numeric_limits<double>::infinity();
  return -count / 2 * (mean - 1 - std::log(mean));
}

// Returns the logarithm of the share of each size among all coalitions.
std::vector<double> log_shares(std::size_t n) {
  const double players = static_cast<double>(n);
  std::vector<double> shares(n + 1);
  for (std::size_t s = 0; s <= n; ++s) {
    const double size = static_cast<double>(s);
    shares[s] =
        std::lgamma(players + 1) - std::lgamma(size + 1) - std::lgamma(players - size + 1) - players * std::log(2.0);
  }
  return shares;
}

// Bounds the logarithm of P(mean of (2 |S| - n)^2 / n over m coalitions >= mean), or <= mean if mean is below 1. Uses
// Chernoff's bound with the best of several exponents.
double size_tail(std::size_t n, double m, double mean) {
  const double players = static_cast<double>(n);
  const std::vector<double> shares = n > 1000 ? std::vector<double>() : log_shares(n);
  // Returns the logarithm of the mean of exp(t (2 |S| - n)^2 / n). For many players, it is that of a squared normal
  // variable.
  const auto log_mean_exp = [&](double t) {
    if (shares.empty()) return -0.5 * std::log1p(-2 * t);
    const auto term = [&](std::size_t s) {
      const double off = 2 * static_cast<double>(s) - players;
      return shares[s] + t * off * off / players;
    };
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t s = 0; s <= n; ++s) largest = std::max(largest, term(s));
    for (std::size_t s = 0; s <= n; ++s) sum += std::exp(term(s) - largest);
    return largest + std::log(sum);
  };
  double best = 0;
  for (double t = 1e-3; t < 1e4; t *= 1.25) {
    const double exponent = mean < 1 ? -t : t;
    if (exponent >= 0.5 && shares.empty()) break;
    best = std::min(best, m * (log_mean_exp(exponent) - exponent * mean));
  }
  return best;
}

// Copies the first coalition of each unit into one array.
Coalitions rows_of(const Sample& sample) {
  Coalitions rows(sample.n_units(), sample.n_players()), scratch;
  const std::size_t words = words_for(sample.n_players());
  for (std::size_t first = 0; first < sample.n_units(); first += chunk_rows) {
    const CoalitionsView some = sample.rows(first, std::min(chunk_rows, sample.n_units() - first), scratch);
    for (std::size_t r = 0; r < some.n_rows; ++r) std::copy_n(some.row(r), words, rows.row(first + r).begin());
  }
  return rows;
}

// Returns each coalition or its complement, whichever lacks player 0, once, because chance may pair a few coalitions.
// It uses only the first most_couples players and most_rows rows.
Coalitions for_couples(const Coalitions& rows, bool in_pairs) {
  if (in_pairs && rows.n_players() > 40) {  // chance repeats none of them
    Coalitions kept(std::min(rows.n_rows(), most_rows), std::min(rows.n_players(), most_couples));
    for (std::size_t r = 0; r < kept.n_rows(); ++r) kept.row(r)[0] = rows.view().row(r)[0];
    return kept;
  }
  Coalitions folded(std::min(rows.n_rows(), most_rows), rows.n_players());
  for (std::size_t r = 0; r < folded.n_rows(); ++r) {
    const std::span<std::uint64_t> row = folded.row(r);
    std::copy_n(rows.view().row(r), row.size(), row.begin());
    if ((row[0] & 1U) != 0) complement(row, rows.n_players(), row);
  }
  const Repeats found = find_repeats(folded.view());
  Coalitions kept(found.count.size(), std::min(rows.n_players(), most_couples));
  std::size_t n_kept = 0;
  for (std::size_t r = 0; r < folded.n_rows(); ++r)
    if (found.group[r] == n_kept) kept.row(n_kept++)[0] = folded.row(r)[0];
  return kept;
}

Coalitions transposed(const Coalitions& rows) {
  Coalitions columns;
  transpose(rows.view(), columns, 1);
  return columns;
}

Unevenness of_players(const Coalitions& columns) {
  const std::size_t n = columns.n_rows(), m = columns.n_players();
  const double rows = static_cast<double>(m), players = static_cast<double>(n);
  Unevenness worst;
  double squares = 0, total = 0, largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double count = static_cast<double>(count_players({columns.view().row(i), words_for(m)}));
    const double excess = 2 * count - rows;
    squares += excess * excess;
    total += count;
    if (std::abs(excess) <= largest) continue;
    largest = std::abs(excess);
    worst.player = i;
    worst.share = count / rows;
  }
  // Whether most of it comes from one player, or from many.
  const bool one = std::log(2 * players) - largest * largest / (2 * rows) < most_chance;
  if (one && largest * largest > squares / 2) {
    worst.kind = Unevenness::Kind::player;
  } else if (one || (squares > players * rows && chi_square_tail(players, squares / players / rows) < most_chance)) {
    worst.kind = Unevenness::Kind::inclusion;
    worst.share = total / rows / players;
  }
  return worst;
}

Unevenness of_sizes(const Sample& sample) {
  const double players = static_cast<double>(sample.n_players()), rows = static_cast<double>(sample.n_units());
  double squares = 0;
  Coalitions scratch;
  for (std::size_t first = 0; first < sample.n_units(); first += chunk_rows) {
    const CoalitionsView some = sample.rows(first, std::min(chunk_rows, sample.n_units() - first), scratch);
    for (std::size_t r = 0; r < some.n_rows; ++r) {
      const double off = 2 * static_cast<double>(count_players({some.row(r), some.words_per_row()})) - players;
      squares += off * off / players;
    }
  }
  const double mean = squares / rows;
  // Within four standard deviations, no bound is below most_chance.
  if (std::abs(mean - 1) < 4 * std::sqrt(2 / rows)) return {};
  if (size_tail(sample.n_players(), rows, mean) >= most_chance) return {};
  return {.kind = Unevenness::Kind::size, .player = 0, .share = mean};
}

Unevenness of_couples(const Coalitions& given, bool in_pairs) {
  const Coalitions columns = transposed(for_couples(given, in_pairs));
  const std::size_t n = columns.n_rows(), m = columns.n_players();
  const double rows = static_cast<double>(m), players = static_cast<double>(n);
  if (n < 2 || m < 2) return {};
  std::vector<std::uint32_t> counts(n * n);
  add_differences(columns.view(), counts, 1);
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double product = rows - 2.0 * counts[i * n + j];
      squares += product * product;
    }
  }
  const double couples = players * (players - 1) / 2, mean = squares / couples / rows;
  // The number of independent squares is the number of couples on the smaller side of X. Their tails are slightly
  // heavier than those of squared normal variables.
  const double independent = std::min(couples, rows * (rows - 1) / 2);
  if (mean < 1.3 || chi_square_tail(independent, 1 + (mean - 1) / 1.6) >= 2 * most_chance) return {};
  return {.kind = Unevenness::Kind::together, .player = 0, .share = mean};
}

}  // namespace

Unevenness unevenness_of(const Sample& sample) {
  if (sample.is_complete()) return {};
  const Coalitions rows = rows_of(sample);
  // A pair contains each player exactly once.
  if (!sample.in_pairs())
    if (const Unevenness found = of_players(transposed(rows)); found.kind != Unevenness::Kind::none) return found;
  if (const Unevenness found = of_sizes(sample); found.kind != Unevenness::Kind::none) return found;
  return of_couples(rows, sample.in_pairs());
}

}  // namespace banzhaf
