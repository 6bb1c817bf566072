// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Hadamard designs: pairs whose +-1 matrix has orthogonal columns, in one block or several.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "designs/fresh_blocks.hpp"
#include "designs/hadamard_matrices.hpp"
#include "support/deadline.hpp"

namespace banzhaf {

/// What the blocks of a Hadamard design share.
enum class Blocks {
  nested,  ///< All have the same columns. Their signs differ, so that a stage cancels interactions of low orders.
  fresh,   ///< Each block has random columns and signs of its own, so blocks are independent of each other.
};

/// The pairs of a Hadamard design. A block is a full Hadamard design, and a stage is a complete nested design of many
/// blocks.
///
/// With at least 2^r >= n pairs, the blocks have order 2^r, and each has orthogonal columns. Row a of block j contains
/// player i if <a, x_i> + <b_j, x_i^3> + <c_j, x_i^5> + ... + s_i is odd. The x_i are different random elements of
/// GF(2^r), and s holds random bits. The b_j are all different, then the c_j, and so on. For even r, the signs of block
/// j are first those of the quadratic form of a Kerdock set, so that half as many blocks make a stage.
///
/// Fresh blocks have the same orders. Row a of block j contains player i if <a, x_ij> + s_ij is odd. The x_ij of one
/// block are different random elements, and s_ij are random bits. Block 0 is that of the nested design.
///
/// With fewer pairs, there is one matrix of the largest order that the pairs fill. The remaining pairs are a random
/// part of one more block. If no order fits, but there is at least a pair per player, the rows are those of a weighing
/// design, whose columns are nearly orthogonal. Otherwise, they are random rows of the smallest order >= n.
class HadamardPairs {
 public:
  /// After the deadline, random rows take the place of a weighing design, which takes time to search for.
  HadamardPairs(std::size_t n_players, std::size_t n_pairs, std::uint64_t seed, const Deadline& deadline = {},
                Blocks blocks = Blocks::nested);

  /// Returns the first n_pairs from the same blocks. With a complete block or more, the constructor makes the same
  /// pairs for this number, unless it then uses Kerdock's forms.
  [[nodiscard]] HadamardPairs prefix(std::size_t n_pairs) const;
  /// Returns the same pairs, with the rows of each block in random order. Such a sequence may end anywhere, in a random
  /// part of its last block. The sums of shuffled blocks are no transforms.
  [[nodiscard]] HadamardPairs shuffled() const;
  /// Returns the design whose shuffled() is this one.
  [[nodiscard]] HadamardPairs unshuffled() const;
  [[nodiscard]] bool is_shuffled() const noexcept { return !shuffle_.empty(); }

  [[nodiscard]] std::size_t order() const noexcept { return order_; }
  /// Returns the order of a design that is not made yet.
  [[nodiscard]] static std::size_t order_of(std::size_t n_players, std::size_t n_pairs);
  [[nodiscard]] std::size_t n_pairs() const noexcept { return n_pairs_; }
  /// Returns the number of complete blocks. Block j has the pairs [j order, (j + 1) order).
  [[nodiscard]] std::size_t n_blocks() const noexcept { return n_pairs_ / order_; }
  /// Returns whether the blocks are Sylvester's, whose sums are Walsh-Hadamard transforms.
  [[nodiscard]] bool sylvester() const noexcept { return !matrix_; }
  /// Returns whether blocks after the first have columns and signs of their own.
  [[nodiscard]] bool fresh() const noexcept { return fresh_ != nullptr; }
  /// Returns the blocks after which every interaction of order below 5 has cancelled, or 0 if they are not Sylvester's.
  /// Fresh blocks have no stage, so this is 1.
  [[nodiscard]] std::size_t stage_blocks() const noexcept { return stage_blocks_; }

  /// Returns the blocks of the smallest stage of n_players, for as many pairs as there can be.
  [[nodiscard]] static std::size_t least_stage_pairs(std::size_t n_players) noexcept;
  /// Returns the blocks of the stage that ends with these blocks or is the next to be completed: all forms or powers in
  /// use are then used up. It is at least n_blocks, or 1 if the blocks are not Sylvester's.
  [[nodiscard]] std::size_t complete_blocks() const noexcept;
  /// Whether the signs of the blocks come from powers. If so, block j has the label b_j, one of stage_blocks.
  [[nodiscard]] bool has_labels() const noexcept { return !stages_.empty() && kerdock_.n_rows() == 0; }
  [[nodiscard]] std::uint32_t label(std::size_t block) const noexcept { return orders_.front()[block % stage_blocks_]; }
  /// Returns the probability that an interaction on a player's column keeps its sign in all complete blocks, if all
  /// sums of powers are equally likely for it. For one stage alone, it is 1 / stage_blocks. For nested blocks only.
  [[nodiscard]] double stuck_probability() const noexcept;
  /// Returns whether no coalition occurs twice, by construction.
  [[nodiscard]] bool all_distinct() const noexcept;

  /// Returns about how much memory the object uses, without what all objects share.
  [[nodiscard]] std::size_t n_bytes() const noexcept;

  /// Writes the first coalition of pair p. The second is its complement.
  void fill_row(std::size_t p, std::span<std::uint64_t> out) const;
  /// Writes the same as fill_row, in less time. p is at least 1, and `before` is the first coalition of pair p - 1.
  void fill_row_after(std::size_t p, std::span<const std::uint64_t> before, std::span<std::uint64_t> out) const;

  /// For Sylvester's blocks: the index of each player in the transform, the signs of their columns in a block as bits (1
  /// for minus), and the row of pair p in its block.
  [[nodiscard]] std::span<const std::uint32_t> columns(std::size_t block) const noexcept {
    return fresh_ && block > 0 ? fresh_->columns(block) : std::span<const std::uint32_t>(columns_);
  }
  void fill_signs(std::size_t block, std::span<std::uint64_t> out) const;
  /// Returns the generators of a block, one row each: row a of the block is its signs, xor generator t for each bit t of
  /// a.
  [[nodiscard]] CoalitionsView generators(std::size_t block) const noexcept {
    return fresh_ && block > 0 ? fresh_->generators(block) : generators_.view();
  }
  [[nodiscard]] std::uint32_t row_in_block(std::size_t p) const noexcept;
  /// Returns the row of each pair of a block, or nothing if they are in the usual order.
  [[nodiscard]] std::span<const std::uint32_t> row_order(std::size_t block) const noexcept {
    if (!shuffle_.empty()) return std::span(shuffle_).first(std::min(order_, n_pairs_ - block * order_));
    return block < n_blocks() ? std::span<const std::uint32_t>() : last_rows_;
  }

 private:
  void make_generators(std::uint64_t seed, std::size_t n_blocks);
  void make_kerdock(std::uint64_t seed);
  [[nodiscard]] std::vector<std::uint32_t> rows_in_random_order(std::size_t count) const;

  std::size_t n_players_;
  std::size_t n_pairs_;
  std::uint64_t seed_;
  std::size_t order_ = 1;
  std::size_t stage_blocks_ = 0;
  std::shared_ptr<const HadamardMatrix> matrix_;  // if it is not Sylvester's
  std::shared_ptr<const Coalitions> weighing_;    // the rows that are used if no order fits
  std::vector<std::uint32_t> columns_;            // one for each player
  std::vector<std::uint32_t> last_rows_;          // the rows of the incomplete block that are used
  std::vector<std::uint32_t> shuffle_;            // the order of the rows of each block, if it was changed
  std::shared_ptr<const FreshBlocks> fresh_;      // the blocks after the first, if they share nothing
  Coalitions generators_;         // row t: bit t of every x_i or column, then the independent bits of their powers
  Coalitions signs_;              // s, or without generators, one row per block
  Coalitions kerdock_;            // the quadratic form of each block, if it is used
  std::vector<unsigned> stages_;  // independent bits of x^3, x^5, ...
  std::vector<std::vector<std::uint32_t>> orders_;  // for each stage, the order of its combinations
  Coalitions known_signs_;                          // fill_signs() of all blocks, if they are few
};

}  // namespace banzhaf
