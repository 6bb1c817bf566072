// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Makes the rows of each kind of design.
#include "banzhaf/designs.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <utility>

#include "designs/coalition_bits.hpp"
#include "designs/hadamard_pairs.hpp"
#include "designs/weighted.hpp"
#include "support/deadline.hpp"
#include "support/interrupt.hpp"
#include "support/random.hpp"

namespace banzhaf {

namespace {

// Nested blocks put interactions on the same columns, so that different sets of them look alike. They tell them apart
// only if there are few players, and the pairs are at least this share of the square of the order.
constexpr std::size_t most_nested_players = 20;
constexpr double least_nested_share = 0.2;
// With fewer pairs, interactions are not looked for, and nested blocks have the lower variance.
constexpr std::size_t least_adjusted_pairs = 64;

}  // namespace

bool fresh_blocks_suit(std::size_t n_players, std::size_t n_pairs) noexcept {
  const std::size_t order = std::bit_ceil(n_players);
  if (n_pairs < std::max(2 * order, least_adjusted_pairs)) return false;
  // A complete nested design leaves no interaction of three or four players in the values.
  if (n_pairs == HadamardPairs::least_stage_pairs(n_players) || n_pairs % (order * order) == 0) return false;
  const double size = static_cast<double>(order);
  return n_players > most_nested_players || static_cast<double>(n_pairs) < least_nested_share * size * size;
}

std::size_t count_coalitions(DesignKind kind, std::size_t n_players, std::size_t budget) {
  if (n_players < 1 || n_players > max_players)
    throw std::invalid_argument("n_players must be between 1 and " + std::to_string(max_players) + ", got " +
                                std::to_string(n_players));
  const auto require = [&](std::size_t least, const char* what) {
    if (budget < least)
      throw std::invalid_argument("budget must be at least " + std::to_string(least) + " for " + what + ", got " +
                                  std::to_string(budget));
  };
  switch (kind) {
    case DesignKind::independent:
    case DesignKind::weighted:
    case DesignKind::drawn:
    case DesignKind::biased:
      require(2, "independent coalitions");
      return budget;
    case DesignKind::hadamard:
    case DesignKind::fresh:
      require(2, "one pair of coalitions");
      if (n_players < 63) budget = std::min(budget, std::size_t{1} << n_players);
      return budget / 2 * 2;
    case DesignKind::paired:
      require(2, "one pair of coalitions");
      return budget / 2 * 2;
    case DesignKind::walks:
      require(2 * n_players, "two evaluations for each player");
      return budget / 2 * 2;
    case DesignKind::ends:
      require(2 * (n_players + 1), "the coalitions of 0, 1, n_players - 1 and n_players players");
      return 2 * (n_players + 1);
    case DesignKind::repeated:
      require(2, "one pair of coalitions");
      [[fallthrough]];
    case DesignKind::exhaustive:
      if (n_players > max_exhaustive_players)
        throw std::invalid_argument("n_players must be at most " + std::to_string(max_exhaustive_players) +
                                    " to evaluate all 2^n_players coalitions, got " + std::to_string(n_players));
      return kind == DesignKind::repeated ? budget / 2 * 2 : std::size_t{1} << n_players;
  }
  throw std::invalid_argument("unknown design");
}

Design::Design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed)
    : Design(kind, n_players, budget, seed, Deadline{}) {}

Design::Design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed, const Deadline& deadline)
    : kind_(kind), n_players_(n_players), n_coalitions_(count_coalitions(kind, n_players, budget)), seed_(seed) {
  if (draws_weighted()) throw std::invalid_argument("a weighted design needs a probability: use Design::weighted");
  const bool repeated = kind == DesignKind::repeated;
  const std::size_t n_pairs = (repeated ? std::size_t{1} << n_players : n_coalitions_) / 2;
  // Only nested blocks have all coalitions.
  if (kind == DesignKind::fresh && n_players < 63 && n_coalitions_ == std::size_t{1} << n_players)
    kind_ = DesignKind::hadamard;
  if (repeated || in_blocks(kind_))
    hadamard_ = std::make_shared<const HadamardPairs>(n_players, n_pairs, seed, deadline,
                                                      kind_ == DesignKind::fresh ? Blocks::fresh : Blocks::nested);
}

Design::Design(DesignKind kind, std::size_t n_players, std::size_t n_coalitions, std::uint64_t seed,
               std::shared_ptr<const WeightedCoalitions> weights)
    : kind_(kind), n_players_(n_players), n_coalitions_(n_coalitions), seed_(seed), weights_(std::move(weights)) {}

Design Design::weighted(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed, double p) {
  if (kind != DesignKind::weighted && kind != DesignKind::drawn && kind != DesignKind::biased)
    throw std::invalid_argument("a design with a probability must be weighted, drawn or biased");
  if (!(p > 0 && p < 1)) throw std::invalid_argument("p must be strictly between 0 and 1");
  const std::size_t n_coalitions = count_coalitions(kind, n_players, budget);
  const Draws draws = kind == DesignKind::biased     ? Draws::plain
                      : kind == DesignKind::weighted ? Draws::complete
                                                     : Draws::flat;
  return {kind, n_players, n_coalitions, seed,
          std::make_shared<const WeightedCoalitions>(n_players, n_coalitions, p, draws)};
}

double Design::p() const noexcept { return weights_ ? weights_->p() : 0.5; }

Design Design::prefix(std::size_t n_coalitions) const {
  Design result(*this);
  result.n_coalitions_ = std::min(in_twos() ? n_coalitions / 2 * 2 : n_coalitions, n_coalitions_);
  if (kind_ == DesignKind::repeated) {
    if (result.n_coalitions_ >= std::size_t{1} << n_players_) return result;
    result.kind_ = DesignKind::hadamard;
  }
  if (hadamard_) result.hadamard_ = std::make_shared<const HadamardPairs>(hadamard_->prefix(result.n_coalitions_ / 2));
  return result;
}

Design Design::shuffled() const {
  Design result(*this);
  if (hadamard_) result.hadamard_ = std::make_shared<const HadamardPairs>(hadamard_->shuffled());
  return result;
}

Design Design::unshuffled() const {
  Design result(*this);
  if (hadamard_) result.hadamard_ = std::make_shared<const HadamardPairs>(hadamard_->unshuffled());
  return result;
}

void Design::fill_row(std::size_t row, std::span<std::uint64_t> out) const {
  if (kind_ == DesignKind::exhaustive) {
    out[0] = row;
    return;
  }
  if (hadamard_) {
    hadamard_->fill_row(row / 2 % hadamard_->n_pairs(), out);
    if (row % 2 == 1) complement(out, n_players_, out);
    return;
  }
  if (kind_ == DesignKind::ends) {
    std::ranges::fill(out, 0);
    if (row >= 2) out[(row / 2 - 1) / 64] = std::uint64_t{1} << ((row / 2 - 1) % 64);
    if ((row < 2) == (row % 2 == 0)) complement(out, n_players_, out);
    return;
  }
  if (weights_) {
    weights_->fill_row(row, seed_, out);
    return;
  }
  const std::size_t draw = kind_ == DesignKind::independent ? row : row / 2;
  const Stream stream = kind_ == DesignKind::walks ? Stream::walks : Stream::coalitions;
  random_words(seed_, stream, draw * out.size(), out);
  clear_beyond(out, n_players_);
  if (kind_ == DesignKind::walks) {
    const std::size_t player = draw % n_players_;
    const std::uint64_t bit = std::uint64_t{1} << (player % 64);
    out[player / 64] = row % 2 == 0 ? out[player / 64] & ~bit : out[player / 64] | bit;
  } else if (kind_ == DesignKind::paired && row % 2 == 1) {
    complement(out, n_players_, out);
  }
}

void Design::fill(std::size_t first, Coalitions& out) const {
  for (std::size_t r = 0; r < out.n_rows(); ++r) {
    if (r % 1024 == 0) checkpoint();
    const bool complements = in_twos() && kind_ != DesignKind::walks;
    if (complements && (first + r) % 2 == 1 && r > 0)
      complement(out.row(r - 1), n_players_, out.row(r));
    else if (const std::size_t p = (first + r) / 2; hadamard_ && r > 1 && p % hadamard_->n_pairs() > 0)
      hadamard_->fill_row_after(p % hadamard_->n_pairs(), out.row(r - 2), out.row(r));
    else
      fill_row(first + r, out.row(r));
  }
}

}  // namespace banzhaf
