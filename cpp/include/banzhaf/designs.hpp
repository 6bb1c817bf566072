// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Defines designs, which choose the coalitions to evaluate. Each row is made from the seed and its number alone.
///
/// For example:
/// @code{.cpp}
/// const banzhaf::Design design(banzhaf::DesignKind::paired, 10, 200, 42);
/// banzhaf::Coalitions some(3, 10);
/// design.fill(50, some);                                         // coalitions 50, 51 and 52
/// design.n_coalitions();                                         // 200
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

class Deadline;
class HadamardPairs;
class WeightedCoalitions;

/// How a design chooses coalitions. A pair is a coalition and its complement, in rows 2p and 2p + 1.
enum class DesignKind {
  independent,  ///< Each coalition is uniform and independent of all others.
  hadamard,     ///< Pairs from full Hadamard designs (blocks), whose columns are orthogonal. Blocks are nested.
  fresh,        ///< The same, but each block after the first has random columns and signs of its own.
  paired,       ///< Pairs whose first coalition is uniform: the design of Kernel Banzhaf.
  exhaustive,   ///< All 2^n coalitions. The binary digits of the row's number are the players.
  repeated,     ///< All 2^n coalitions as pairs in the order of Hadamard designs, again and again, for noisy games.
  walks,        ///< Monte Carlo: a coalition without player p % n, then with it, in rows 2p and 2p + 1.
  ends,         ///< Pairs of all players and none, then of each player alone and all others, for Shapley values.
  weighted,  ///< For values with a probability p: those of largest weight once each, and random ones. See Design::weighted.
  drawn,   ///< The same, but all coalitions are random. The evaluation may end anywhere.
  biased,  ///< Each player is in with probability p, independently of all others: see Design::weighted.
};

/// Returns whether a design consists of Hadamard blocks: nested ones, or fresh ones.
[[nodiscard]] constexpr bool in_blocks(DesignKind kind) noexcept {
  return kind == DesignKind::hadamard || kind == DesignKind::fresh;
}

/// The largest number of players for which all coalitions can be evaluated.
inline constexpr std::size_t max_exhaustive_players = 30;

/// Returns whether fresh blocks give lower errors than nested ones, if interactions are then taken out of the error.
///
/// The rule was measured: see docs/theory/hadamard.md and `python -m bench.block_choice`.
/// @param n_players the number of players
/// @param n_pairs the number of pairs
[[nodiscard]] bool fresh_blocks_suit(std::size_t n_players, std::size_t n_pairs) noexcept;

/// Returns the number of coalitions that a design evaluates with a budget.
/// @throws std::invalid_argument as the constructor of Design does
[[nodiscard]] std::size_t count_coalitions(DesignKind kind, std::size_t n_players, std::size_t budget);

/// The coalitions to evaluate, as rows that can be made in any order.
///
/// A design is immutable, so one object can serve many threads. The same arguments always give the same coalitions.
class Design {
 public:
  /// Makes a design that evaluates at most budget coalitions.
  ///
  /// DesignKind::exhaustive ignores the budget and evaluates all 2^n_players coalitions. DesignKind::hadamard and
  /// DesignKind::fresh never evaluate more than that. With all coalitions, the blocks are always nested.
  /// @param kind how coalitions are chosen
  /// @param n_players the number of players, from 1 to max_players
  /// @param budget the largest number of coalitions
  /// @param seed the seed of the random numbers
  /// @throws std::invalid_argument if n_players is out of range, or the budget is too small for the kind
  Design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed);
  /// Makes the same design under a deadline.
  ///
  /// The search for better coalitions ends at the deadline, so Hadamard designs may use random rows instead.
  /// @param kind how coalitions are chosen
  /// @param n_players the number of players, from 1 to max_players
  /// @param budget the largest number of coalitions
  /// @param seed the seed of the random numbers
  /// @param deadline when to end the search
  /// @throws std::invalid_argument if n_players is out of range, or the budget is too small for the kind
  Design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed, const Deadline& deadline);

  /// Makes a design for values with a probability p: the mean of what a player adds to a coalition of the others, each of
  /// whom is in with probability p.
  ///
  /// DesignKind::weighted evaluates the coalitions with the largest weights once each, and draws the others so that
  /// sizes with small weights occur more often. DesignKind::drawn draws all coalitions in that way. It suits noisy games,
  /// and evaluations that may end early. DesignKind::biased draws all coalitions as p says.
  /// @param kind DesignKind::weighted, DesignKind::drawn or DesignKind::biased
  /// @param n_players the number of players, from 1 to max_players
  /// @param budget the largest number of coalitions
  /// @param seed the seed of the random numbers
  /// @param p the probability, strictly between 0 and 1
  /// @return the design
  /// @throws std::invalid_argument if kind, n_players, budget or p is out of range
  [[nodiscard]] static Design weighted(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed,
                                       double p);

  /// Returns how coalitions are chosen.
  [[nodiscard]] DesignKind kind() const noexcept { return kind_; }
  /// Returns the number of players.
  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  /// Returns the number of coalitions.
  [[nodiscard]] std::size_t n_coalitions() const noexcept { return n_coalitions_; }
  /// Returns the seed.
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  /// Returns the probability with which each player is in: 0.5 unless Design::weighted made the design.
  [[nodiscard]] double p() const noexcept;
  /// Returns whether rows 2p and 2p + 1 belong together.
  [[nodiscard]] bool in_twos() const noexcept {
    return kind_ != DesignKind::independent && kind_ != DesignKind::exhaustive && !draws_weighted();
  }
  /// Returns whether Design::weighted made the design.
  [[nodiscard]] bool draws_weighted() const noexcept {
    return kind_ == DesignKind::weighted || kind_ == DesignKind::drawn || kind_ == DesignKind::biased;
  }
  /// Returns the distribution of a design that Design::weighted made, or null.
  [[nodiscard]] const std::shared_ptr<const WeightedCoalitions>& weights() const noexcept { return weights_; }

  /// Returns the pairs of a nested, fresh or repeated Hadamard design, or null for other kinds.
  [[nodiscard]] const std::shared_ptr<const HadamardPairs>& hadamard() const noexcept { return hadamard_; }

  /// Returns the first n_coalitions as a design of their own.
  ///
  /// If rows belong together in twos, an odd number is rounded down. If a repeated design is cut before all 2^n
  /// coalitions, the result is a nested Hadamard design.
  [[nodiscard]] Design prefix(std::size_t n_coalitions) const;
  /// Returns the same coalitions in an order that may end anywhere: the rows of each Hadamard design are shuffled.
  [[nodiscard]] Design shuffled() const;
  /// Returns the design whose shuffled() is this one.
  [[nodiscard]] Design unshuffled() const;

  /// Writes rows from row first on, as many as out has.
  void fill(std::size_t first, Coalitions& out) const;
  /// Writes one row into the words of out.
  void fill_row(std::size_t row, std::span<std::uint64_t> out) const;

 private:
  Design(DesignKind kind, std::size_t n_players, std::size_t n_coalitions, std::uint64_t seed,
         std::shared_ptr<const WeightedCoalitions> weights);

  DesignKind kind_;
  std::size_t n_players_;
  std::size_t n_coalitions_;
  std::uint64_t seed_;
  std::shared_ptr<const HadamardPairs> hadamard_;
  std::shared_ptr<const WeightedCoalitions> weights_;
};

}  // namespace banzhaf
