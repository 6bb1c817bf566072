// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Designs: which coalitions are evaluated, as rows that can be made in any order from (seed, row). For example
//   const banzhaf::Design design(banzhaf::DesignKind::paired, 10, 200, 42);
//   banzhaf::Coalitions some(3, 10);
//   design.fill(50, some);                                         // coalitions 50, 51 and 52
//   design.n_coalitions();                                         // 200
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

class Deadline;
class HadamardPairs;

enum class DesignKind {
  independent,  ///< each coalition uniform on its own
  hadamard,     ///< pairs too, from blocks whose columns are orthogonal
  paired,       ///< a uniform coalition, then its complement: rows 2p and 2p + 1
  exhaustive,   ///< all 2^n, row r holding the players of r's binary digits
  repeated,     ///< all 2^n, pair after pair in the order of Hadamard blocks, again and again: for games with noise
  walks,        ///< Monte Carlo: S without player p % n, then S with it: rows 2p and 2p + 1
};

/// The most players whose coalitions can all be evaluated.
inline constexpr std::size_t max_exhaustive_players = 30;

/// How many coalitions a design of a kind evaluates for a budget. Throws as the constructor of Design does.
[[nodiscard]] std::size_t count_coalitions(DesignKind kind, std::size_t n_players, std::size_t budget);

class Design {
 public:
  /// Spends at most budget evaluations; exhaustive spends 2^n_players and ignores it, hadamard spends no more than that.
  /// Throws std::invalid_argument for n_players outside [1, max_players] or a budget too small for the kind.
  Design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed);
  /// The same where time is short: past the deadline nothing is searched for, and hadamard may take random rows instead.
  Design(DesignKind kind, std::size_t n_players, std::size_t budget, std::uint64_t seed, const Deadline& deadline);

  [[nodiscard]] DesignKind kind() const noexcept { return kind_; }
  [[nodiscard]] std::size_t n_players() const noexcept { return n_players_; }
  [[nodiscard]] std::size_t n_coalitions() const noexcept { return n_coalitions_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  /// Whether rows 2p and 2p + 1 belong together.
  [[nodiscard]] bool in_twos() const noexcept {
    return kind_ != DesignKind::independent && kind_ != DesignKind::exhaustive;
  }

  /// The blocks of a Hadamard design, or those of all 2^n that are repeated; null for others.
  [[nodiscard]] const std::shared_ptr<const HadamardPairs>& hadamard() const noexcept { return hadamard_; }

  /// Its first n_coalitions (of a design in twos: whole twos of them) as a design of their own: of repeated ones
  /// that are not all 2^n yet, a Hadamard design.
  [[nodiscard]] Design prefix(std::size_t n_coalitions) const;
  /// The same coalitions in an order that may end anywhere: Hadamard's blocks shuffled, others as they are.
  [[nodiscard]] Design shuffled() const;
  /// The other way.
  [[nodiscard]] Design unshuffled() const;

  /// Writes rows first, first + 1, ...: as many as out has.
  void fill(std::size_t first, Coalitions& out) const;
  /// Writes one row.
  void fill_row(std::size_t row, std::span<std::uint64_t> out) const;

 private:
  DesignKind kind_;
  std::size_t n_players_;
  std::size_t n_coalitions_;
  std::uint64_t seed_;
  std::shared_ptr<const HadamardPairs> hadamard_;
};

}  // namespace banzhaf
