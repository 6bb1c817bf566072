// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Hadamard designs: pairs whose +-1 matrix has orthogonal columns, block after block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "designs/hadamard_matrices.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

/// The pairs of a Hadamard design. With at least 2^r >= n of them, blocks of order 2^r, each a complete orthogonal design:
/// row a of block j holds player i if <a, x_i> + <b_j, x_i^3> + <c_j, x_i^5> + ... + s_i is odd, the x_i being different
/// random elements of GF(2^r), s random bits, and the b_j (then c_j, ...) all different. For even r, and as long as they
/// last, the signs of block j are those of a Kerdock set's quadratic form instead: half as many blocks make a stage. With
/// fewer pairs, one matrix of the largest order that they fill. What is left over is a random part of one more block. If
/// there is no such order, but at least a pair for each player, rows of a weighing design whose columns are nearly
/// orthogonal; with fewer pairs, or too many players for that, random rows of the smallest order from n on.
class HadamardPairs {
 public:
  /// Past the deadline no weighing design is searched: random rows take its place.
  HadamardPairs(std::size_t n_players, std::size_t n_pairs, std::uint64_t seed, const Deadline& deadline = {});

  /// The first n_pairs of them, from the same blocks: with one complete block or more, what the constructor makes of
  /// that many pairs, unless it takes Kerdock's forms for these alone.
  [[nodiscard]] HadamardPairs prefix(std::size_t n_pairs) const;
  /// The same pairs, those of each block in a random order: a sequence that may end anywhere, with a random part of its
  /// last block. Once shuffled, its own sums are no transforms.
  [[nodiscard]] HadamardPairs shuffled() const;
  /// The other way.
  [[nodiscard]] HadamardPairs unshuffled() const;
  [[nodiscard]] bool is_shuffled() const noexcept { return !shuffle_.empty(); }

  [[nodiscard]] std::size_t order() const noexcept { return order_; }
  /// The same for a design that is not made yet.
  [[nodiscard]] static std::size_t order_of(std::size_t n_players, std::size_t n_pairs);
  [[nodiscard]] std::size_t n_pairs() const noexcept { return n_pairs_; }
  /// Complete blocks: rows [j order, (j + 1) order) for j below it.
  [[nodiscard]] std::size_t n_blocks() const noexcept { return n_pairs_ / order_; }
  /// Whether the blocks are Sylvester's, whose sums are Walsh-Hadamard transforms.
  [[nodiscard]] bool sylvester() const noexcept { return !matrix_; }
  /// Blocks after which every interaction of order below 5 has cancelled; 0 if the blocks are not Sylvester's.
  [[nodiscard]] std::size_t stage_blocks() const noexcept { return stage_blocks_; }

  /// The same for n_players alone, when as many pairs as may be are asked for.
  [[nodiscard]] static std::size_t least_stage_pairs(std::size_t n_players) noexcept;
  /// Blocks after which the forms or powers that are in use have been used up: the complete stage that ends these blocks
  /// or comes next. At least n_blocks; 1 if the blocks are not Sylvester's.
  [[nodiscard]] std::size_t complete_blocks() const noexcept;
  /// Whether the blocks' signs are those of powers; if so, the label b_j of block j, which is one of stage_blocks.
  [[nodiscard]] bool has_labels() const noexcept { return !stages_.empty() && kerdock_.n_rows() == 0; }
  [[nodiscard]] std::uint32_t label(std::size_t block) const noexcept { return orders_.front()[block % stage_blocks_]; }
  /// The probability that an interaction which falls on a player's column keeps its sign in all complete blocks, if it
  /// is as likely to have any sum of powers. That for a stage alone is 1 / stage_blocks.
  [[nodiscard]] double stuck_probability() const noexcept;
  /// Whether no coalition comes twice, by construction.
  [[nodiscard]] bool all_distinct() const noexcept;

  /// Writes the first coalition of pair p; the other is its complement.
  void fill_row(std::size_t p, std::span<std::uint64_t> out) const;

  /// For Sylvester's blocks: the transform's index of a player, the sign of its column in a block as a bit (1 for minus),
  /// and the row of its block that pair p is.
  [[nodiscard]] std::uint32_t column(std::size_t player) const noexcept { return columns_[player]; }
  void fill_signs(std::size_t block, std::span<std::uint64_t> out) const;
  [[nodiscard]] std::uint32_t row_in_block(std::size_t p) const noexcept;

 private:
  void make_generators(std::uint64_t seed);
  void make_kerdock(std::uint64_t seed);
  [[nodiscard]] std::vector<std::uint32_t> rows_in_random_order(std::size_t count) const;

  std::size_t n_players_;
  std::size_t n_pairs_;
  std::uint64_t seed_;
  std::size_t order_ = 1;
  std::size_t stage_blocks_ = 0;
  std::shared_ptr<const HadamardMatrix> matrix_;  // if not Sylvester's
  std::shared_ptr<const Coalitions> weighing_;    // what is taken instead, if no order fits
  std::vector<std::uint32_t> columns_;            // of each player
  std::vector<std::uint32_t> last_rows_;          // which rows of the incomplete block are taken
  std::vector<std::uint32_t> shuffle_;            // the order of every block's rows, if not their own
  Coalitions generators_;         // row t: bit t of every x_i; then the independent bits of their powers
  Coalitions signs_;              // s; without generators, one for each block
  Coalitions kerdock_;            // each block's quadratic form, instead of what follows
  std::vector<unsigned> stages_;  // independent bits of x^3, x^5, ...
  std::vector<std::vector<std::uint32_t>> orders_;  // of each stage, the order in which its combinations come
};

}  // namespace banzhaf
