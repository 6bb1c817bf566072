// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Interactions of three and five players, found in the odd halves of pairs, and those of two players, found in the even
// halves.
//
// A pair of complements S, S^c has the odd half d = v(S) - v(S^c) and the even half s = v(S) + v(S^c). With x_i = +1 for
// players of S and -1 for others, d is a sum of products of one, three, five, ... players, and s of none, two, four, ...
// The coefficients of three players are learnt from d under a prior that is a mixture of a point at zero and of normal
// distributions of several widths (adaptive shrinkage). Its weights depend on how strongly the three pairs within the
// three players interact, which s shows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "interactions/pair_signs.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

class BlockLayout;

/// The coefficient of a product of players' signs.
struct Term {
  static constexpr std::size_t most_players = 5;

  std::array<std::uint32_t, most_players> players{};  ///< ascending; those from `order` on are 0
  std::uint8_t order = 0;                             ///< the number of players
  double coefficient = 0;                             ///< its posterior mean
  double error = 0;                                   ///< its posterior standard deviation
};

/// The sum of terms, as a prediction of the half that they were fitted to.
class TermsModel : public OddModel {
 public:
  std::vector<Term> terms;  ///< those with a coefficient other than 0, the largest first

  void predict(const PairSigns& pairs, std::span<double> out) const override;
};

/// The interactions of two players.
struct PairStrengths {
  std::size_t n_players = 0;
  std::vector<Term> terms;  ///< the largest coefficient first; pairs without one have the coefficient 0
};

/// What limits the search for terms.
struct TermsOptions {
  /// Whether sets of five players are searched. They are unions of two sets of three that the fit kept.
  bool sets_of_five = true;
  /// Sets of five need at least this many pairs for each player.
  std::size_t pairs_per_player_for_five = 10;
  /// The most sets of three that a round of the search adds. The fit holds at most three times as many sets.
  std::size_t most_added = 4000;
  /// The most rounds of the search.
  std::size_t most_rounds = 6;
  /// The most additions for all correlations of one round. With more players, only those that stand out are combined.
  double most_additions = 4e8;
  /// Threads for the search, or 0 for default_num_threads(). They do not change the result.
  int num_threads = 1;
  /// After the deadline, the search for more terms ends with those found.
  Deadline deadline{};
  /// Pair strengths to use in place of those that the even halves show.
  const PairStrengths* strengths = nullptr;
};

/// Fits terms to the halves of given pairs, and to parts of them.
///
/// The object finds out once how the pairs are arranged. If they are Sylvester's Hadamard blocks, every product of
/// players is a column of the block's Hadamard matrix. A fit then works on the Walsh-Hadamard transforms of the blocks,
/// in which a product has one entry for each block. Other pairs are fitted from their bits.
///
/// It refers to the pairs, which must outlive it. Its functions may run on several threads at once.
class TermsFitter {
 public:
  /// @param pairs the signs of all pairs
  /// @param places for incomplete or shuffled blocks, the place of each pair: block x order + row. Without them, pair p
  ///   is at place p.
  explicit TermsFitter(const PairSigns& pairs, std::span<const std::uint32_t> places = {});
  ~TermsFitter();
  TermsFitter(TermsFitter&&) noexcept;
  TermsFitter& operator=(TermsFitter&&) noexcept;

  /// Fits interactions of three and five players to the odd halves.
  /// @param odd the odd half of each pair
  /// @param even the even half of each pair
  /// @param options what limits the search
  /// @param held_out for each pair, whether the fit must not see its halves; empty for none. A fit is fastest if whole
  ///   blocks are held out.
  /// @return the terms. There are none if less than two pairs for each player are left, or nothing but rounding.
  [[nodiscard]] TermsModel fit(std::span<const double> odd, std::span<const double> even, const TermsOptions& options,
                               std::span<const std::uint8_t> held_out = {}) const;
  /// Fits interactions of two players to the even halves. The odd halves choose the players if there are too many.
  [[nodiscard]] PairStrengths fit_pairs(std::span<const double> odd, std::span<const double> even,
                                        const TermsOptions& options, std::span<const std::uint8_t> held_out = {}) const;
  /// Fits interactions of two and four players to the even halves. Sets of four are all there are, or unions of two sets
  /// of two that the fit kept. They need as many pairs as sets of five do.
  [[nodiscard]] TermsModel fit_even(std::span<const double> odd, std::span<const double> even,
                                    const TermsOptions& options, std::span<const std::uint8_t> held_out = {}) const;
  /// Predicts all pairs, as TermsModel::predict does up to rounding, in less time.
  void predict(std::span<const Term> terms, std::span<double> out) const;

  /// Returns the pairs of a block if the pairs are Sylvester's blocks, otherwise 0.
  [[nodiscard]] std::size_t order() const noexcept;

 private:
  [[nodiscard]] PairStrengths fit_pairs_and_fours(std::span<const double> odd, std::span<const double> even,
                                                  const TermsOptions& options, std::span<const std::uint8_t> held_out,
                                                  bool with_fours) const;

  const PairSigns* pairs_;
  std::unique_ptr<const BlockLayout> layout_;  // null for pairs in no blocks
};

/// Fits once: see TermsFitter.
[[nodiscard]] TermsModel fit_terms(const PairSigns& pairs, std::span<const double> odd, std::span<const double> even,
                                   const TermsOptions& options = {});
/// Fits once: see TermsFitter.
[[nodiscard]] PairStrengths fit_pairs(const PairSigns& pairs, std::span<const double> odd, std::span<const double> even,
                                      const TermsOptions& options = {});

}  // namespace banzhaf
