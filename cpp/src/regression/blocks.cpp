// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Transforms into and out of blocks, conjugate gradients for an incomplete block, and variances between blocks.
#include "regression/blocks.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "banzhaf/transform.hpp"
#include "kernels/kernels.hpp"
#include "regression/dense.hpp"
#include "regression/spread.hpp"
#include "support/large_pages.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

// The number of observations for which the shared residual variance counts, beside those of the blocks.
constexpr double shared_weight = 4;

// A transform up to this size is one call of the kernel.
constexpr std::size_t short_table = 1024;

// Aliased interactions are few and uneven, so their tails are longer than those of a normal variable. This share of the
// degrees of freedom allows for it with one block and with two. With more blocks, changing signs mix the interactions.
constexpr double lost_to_one_block = 0.6, lost_to_two_blocks = 0.5;

// The largest share of rows that may be off, at 95 % confidence, if no contrast of this number is: the rule of three.
double unseen_share(double n_contrasts) { return std::min(1.0, 3 / n_contrasts); }

// Returns whether all differences are 0 or of the same size, like those of a vote.
bool are_votes(const Targets& targets, std::size_t output) {
  double size = 0;
  for (std::size_t p = 0; p < targets.n_rows(); ++p) {
    const double target = std::abs(targets(p, output));
    if (target == 0) continue;
    if (size == 0) size = target;
    if (std::abs(target - size) > 1e-12 * size) return false;
  }
  return true;
}

// Returns x if the column of player i has a minus, otherwise -x.
double with_sign(double x, const std::uint64_t* signs, std::size_t i) {
  const std::uint64_t plus = (~(signs[i / 64] >> (i % 64)) & 1U) << 63;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) ^ plus);
}

}  // namespace

BlockRegression::BlockRegression(std::shared_ptr<const HadamardPairs> pairs, std::size_t n_players, double ridge,
                                 bool doubts_fits, int num_threads, double known_condition)
    : pairs_(std::move(pairs)),
      n_players_(n_players),
      n_all_((pairs_->n_pairs() + pairs_->order() - 1) / pairs_->order()),
      ridge_(ridge),
      doubts_fits_(doubts_fits),
      num_threads_(num_threads) {
  if (n_all_ == pairs_->n_blocks()) return;
  if (known_condition > 0) {
    condition_number_ = known_condition;
    return;
  }
  Scratch scratch;
  const double largest = largest_eigenvalue(
      n_players, [&](const std::vector<double>& v, std::vector<double>& image) { apply(v, scratch, image); });
  // The complete blocks give a close lower bound of the smallest eigenvalue.
  const double least = static_cast<double>(pairs_->order() * pairs_->n_blocks()) + ridge_;
  condition_number_ = std::sqrt(std::max(1.0, largest / least));
}

double BlockRegression::degrees_of_freedom() const noexcept {
  const double spare = static_cast<double>(pairs_->n_pairs()) - static_cast<double>(n_players_);
  const double n_blocks = static_cast<double>(pairs_->n_blocks());
  const double contrasts = std::min(spare, shared_weight + n_blocks - 1);
  const double lost = n_blocks == 1 ? lost_to_one_block : n_blocks == 2 ? lost_to_two_blocks : 0;
  return contrasts > 0 ? std::max(1.0, contrasts - lost) : 0;
}

std::size_t BlockRegression::n_in_block(std::size_t block) const {
  return std::min(pairs_->order(), pairs_->n_pairs() - block * pairs_->order());
}

void BlockRegression::transform(std::vector<double>& table) const {
  if (table.size() <= short_table)
    kernels().hadamard(table.data(), table.size(), 1);
  else
    walsh_hadamard(table, num_threads_);
}

// Sets the table to the sums over the rows of a block in every column of the transform, where number(a) is the number of
// row a.
template <typename Number>
void BlockRegression::set_column_sums(Number&& number, std::size_t block, std::vector<double>& table) const {
  const std::span<const std::uint32_t> rows = pairs_->row_order(block);
  if (rows.empty()) {
    reserve_large(table, pairs_->order());
    table.resize(pairs_->order());
    for (std::size_t a = 0; a < table.size(); ++a) table[a] = number(a);
  } else {
    reserve_large(table, pairs_->order());
    table.assign(pairs_->order(), 0);
    for (std::size_t a = 0; a < rows.size(); ++a) table[rows[a]] = number(a);
  }
  transform(table);
}

// Sets the sums to X_j^T y_j for a block, from its column sums.
void BlockRegression::set_player_sums(const std::vector<double>& table, std::size_t block,
                                      std::vector<std::uint64_t>& signs, std::vector<double>& sums) const {
  signs.resize(words_for(n_players_));
  pairs_->fill_signs(block, signs);
  reserve_large(sums, n_players_);
  sums.resize(n_players_);
  // A coalition contains a player if the parity is odd, so X_ai = -(-1)^<a, x_i>, times the sign of the column.
  const std::span<const std::uint32_t> columns = pairs_->columns(block);
  for (std::size_t i = 0; i < n_players_; ++i) sums[i] = with_sign(table[columns[i]], signs.data(), i);
}

// Sets scratch.table to X_j beta for the rows of a block.
void BlockRegression::set_product(const std::vector<double>& beta, std::size_t block, Scratch& scratch) const {
  std::vector<double>& table = scratch.table;
  reserve_large(table, pairs_->order());
  table.assign(pairs_->order(), 0);
  scratch.signs.resize(words_for(n_players_));
  pairs_->fill_signs(block, scratch.signs);
  const std::span<const std::uint32_t> columns = pairs_->columns(block);
  for (std::size_t i = 0; i < n_players_; ++i) table[columns[i]] = with_sign(beta[i], scratch.signs.data(), i);
  transform(table);
  const std::span<const std::uint32_t> rows = pairs_->row_order(block);
  if (rows.empty()) return;
  scratch.of_block.resize(rows.size());
  for (std::size_t a = 0; a < rows.size(); ++a) scratch.of_block[a] = table[rows[a]];
  table.swap(scratch.of_block);
}

// Sets the result to (X^T X + ridge) beta.
void BlockRegression::apply(const std::vector<double>& beta, Scratch& scratch, std::vector<double>& result) const {
  const double diagonal = static_cast<double>(pairs_->order() * pairs_->n_blocks()) + ridge_;
  result.assign(n_players_, 0);
  if (n_all_ > pairs_->n_blocks()) {
    set_product(beta, n_all_ - 1, scratch);
    scratch.rows.swap(scratch.table);
    set_column_sums([&](std::size_t a) { return scratch.rows[a]; }, n_all_ - 1, scratch.table);
    set_player_sums(scratch.table, n_all_ - 1, scratch.signs, result);
  }
  for (std::size_t i = 0; i < n_players_; ++i) result[i] += diagonal * beta[i];
}

// Solves for scratch.beta, from scratch.sums.
void BlockRegression::solve(Scratch& scratch) const {
  const double diagonal = static_cast<double>(pairs_->order() * pairs_->n_blocks()) + ridge_;
  const std::vector<double>& sums = scratch.sums;
  std::vector<double>& beta = scratch.beta;
  beta.resize(n_players_);
  for (std::size_t i = 0; i < n_players_; ++i) beta[i] = sums[i] / diagonal;
  if (n_all_ == pairs_->n_blocks()) return;
  const auto dot = [&](const std::vector<double>& a, const std::vector<double>& b) {
    return kernels().dot(a.data(), b.data(), n_players_);
  };
  std::vector<double>&residual = scratch.residuals, &direction = scratch.direction, &image = scratch.image;
  residual = sums;
  apply(beta, scratch, image);
  for (std::size_t i = 0; i < n_players_; ++i) residual[i] -= image[i];
  direction = residual;
  double square = dot(residual, residual);
  const double enough = 1e-31 * dot(sums, sums);
  // The condition number of the system is at most 2, so each step removes at least four fifths of the error.
  for (int step = 0; step < 60 && square > enough; ++step) {
    apply(direction, scratch, image);
    const double length = square / dot(direction, image);
    for (std::size_t i = 0; i < n_players_; ++i) {
      beta[i] += length * direction[i];
      residual[i] -= length * image[i];
    }
    const double next = dot(residual, residual);
    for (std::size_t i = 0; i < n_players_; ++i) direction[i] = residual[i] + next / square * direction[i];
    square = next;
  }
}

// Returns whether all coalitions have even sizes, or all have odd sizes: the x_i are then all elements of the field and
// add up to 0. A vote that is not linear may look linear on all of these coalitions. Nested blocks keep the parity until
// the first stage is complete, but the signs of fresh blocks may change it.
bool BlockRegression::one_parity() const {
  if (n_players_ != pairs_->order() || n_players_ > 16) return false;
  if (!pairs_->fresh()) return pairs_->n_blocks() < pairs_->stage_blocks();
  const auto odd = [&](std::size_t block) {
    std::uint64_t signs = 0;
    pairs_->fill_signs(block, {&signs, 1});
    return std::popcount(signs) % 2 == 1;
  };
  for (std::size_t block = 1; block < n_all_; ++block)
    if (odd(block) != odd(0)) return false;
  return true;
}

// If all 8 elements of GF(8) are in use, the interaction of all players except i falls on i with the same sign in all
// blocks of the stage. No residual and no block shows it. Its size is guessed by assuming equal sizes of the orders 3,
// 5 and 7. It counts for more as the stage progresses, because the other interactions cancel. With 16 or more players,
// it would have order 15.
double BlockRegression::hidden_share() const {
  const double n = static_cast<double>(n_players_), stage = static_cast<double>(pairs_->stage_blocks());
  const double blocks = static_cast<double>(pairs_->n_blocks());
  if (n_players_ != 8 || pairs_->order() != 8 || pairs_->fresh() || pairs_->n_blocks() > pairs_->stage_blocks())
    return 0;
  return std::max(0.6 / blocks, blocks / stage) / (n * (n - 2) / 2);
}

LeastSquares::Fit BlockRegression::fit(const Targets& targets, bool variances) const {
  Fit result;
  set_sizes(targets.n_outputs(), variances, result);
  // Outputs are independent of each other. A single output runs its transforms on several threads instead.
  parallel_for(threads_for(num_threads_, targets.n_outputs() > 1 ? pairs_->n_pairs() * targets.n_outputs() * 8 : 0),
               targets.n_outputs(), [&](std::size_t o) {
                 Scratch scratch;
                 fit_output(targets, o, variances, scratch, result);
               });
  return result;
}

void BlockRegression::fit(const Targets& targets, bool variances, Scratch& scratch, Fit& result) const {
  set_sizes(targets.n_outputs(), variances, result);
  for (std::size_t o = 0; o < targets.n_outputs(); ++o) fit_output(targets, o, variances, scratch, result);
}

void BlockRegression::set_sizes(std::size_t n_outputs, bool variances, Fit& result) const {
  result.coefficients.resize(n_players_ * n_outputs);
  result.residual_squares.resize(n_outputs);
  result.variances.resize(variances ? n_players_ * n_outputs : 0);
  result.unseen_variances.resize(variances ? n_outputs : 0);
}

// Whether all blocks are complete, in their usual order, and small enough to be transformed together.
bool BlockRegression::is_short() const {
  return n_all_ == pairs_->n_blocks() && !pairs_->is_shuffled() && pairs_->n_pairs() <= short_table;
}

BlockRegression::Squares BlockRegression::fit_short(const Targets& targets, std::size_t o, bool variances,
                                                    Scratch& scratch) const {
  const std::size_t order = pairs_->order(), n = n_players_, n_pairs = pairs_->n_pairs(), words = words_for(n);
  std::vector<double>&table = scratch.table, &residuals = scratch.residuals, &sums = scratch.sums;
  Squares squares;
  residuals.resize(n_pairs);
  for (std::size_t p = 0; p < n_pairs; ++p) {
    residuals[p] = targets(p, o);
    squares.target += residuals[p] * residuals[p];
  }
  table.assign(residuals.begin(), residuals.end());
  kernels().hadamard(table.data(), order, n_all_);
  scratch.signs.resize(n_all_ * words);
  sums.assign(n, 0);
  for (std::size_t block = 0; block < n_all_; ++block) {
    std::uint64_t* const signs = &scratch.signs[block * words];
    pairs_->fill_signs(block, {signs, words});
    const std::uint32_t* const columns = pairs_->columns(block).data();
    for (std::size_t i = 0; i < n; ++i) sums[i] += with_sign(table[block * order + columns[i]], signs, i);
  }
  solve(scratch);
  std::ranges::fill(table, 0.0);
  for (std::size_t block = 0; block < n_all_; ++block) {
    const std::uint64_t* const signs = &scratch.signs[block * words];
    const std::uint32_t* const columns = pairs_->columns(block).data();
    for (std::size_t i = 0; i < n; ++i) table[block * order + columns[i]] = with_sign(scratch.beta[i], signs, i);
  }
  kernels().hadamard(table.data(), order, n_all_);
  for (std::size_t p = 0; p < n_pairs; ++p) {
    residuals[p] -= table[p];
    squares.residual += residuals[p] * residuals[p];
  }
  if (!variances) return squares;
  scratch.spread.reset(*pairs_, n, true, num_threads_);
  if (n_all_ < 2) return squares;
  // What a block would add to beta: its own estimate less that of all blocks.
  kernels().hadamard(residuals.data(), order, n_all_);
  scratch.of_block.resize(n);
  for (std::size_t block = 0; block < n_all_; ++block) {
    const std::uint64_t* const signs = &scratch.signs[block * words];
    const std::uint32_t* const columns = pairs_->columns(block).data();
    for (std::size_t i = 0; i < n; ++i)
      scratch.of_block[i] = with_sign(residuals[block * order + columns[i]], signs, i);
    scratch.spread.add(std::span(residuals).subspan(block * order, order), scratch.of_block);
  }
  return squares;
}

BlockRegression::Squares BlockRegression::fit_long(const Targets& targets, std::size_t o, bool variances,
                                                   Scratch& scratch) const {
  const std::size_t order = pairs_->order(), n_blocks = pairs_->n_blocks(), n = n_players_;
  scratch.sums.assign(n, 0);
  for (std::size_t block = 0; block < n_all_; ++block) {
    if (block % 64 == 63) checkpoint();
    set_column_sums([&](std::size_t a) { return targets(block * order + a, o); }, block, scratch.table);
    set_player_sums(scratch.table, block, scratch.signs, scratch.of_block);
    for (std::size_t i = 0; i < n; ++i) scratch.sums[i] += scratch.of_block[i];
  }
  solve(scratch);
  Squares squares;
  for (std::size_t p = 0; p < pairs_->n_pairs(); ++p) squares.target += targets(p, o) * targets(p, o);
  if (variances) scratch.spread.reset(*pairs_, n, true, num_threads_);
  std::vector<double>& residuals = scratch.residuals;
  for (std::size_t block = 0; block < n_all_; ++block) {
    if (block % 64 == 63) checkpoint();
    set_product(scratch.beta, block, scratch);
    residuals.resize(n_in_block(block));
    for (std::size_t a = 0; a < residuals.size(); ++a) {
      residuals[a] = targets(block * order + a, o) - scratch.table[a];
      squares.residual += residuals[a] * residuals[a];
    }
    if (!variances || n_blocks < 2 || block >= n_blocks) continue;
    // What the block would add to beta: its own estimate less that of all blocks.
    set_column_sums([&](std::size_t a) { return residuals[a]; }, block, scratch.table);
    set_player_sums(scratch.table, block, scratch.signs, scratch.of_block);
    scratch.spread.add(scratch.table, scratch.of_block);
  }
  return squares;
}

void BlockRegression::fit_output(const Targets& targets, std::size_t o, bool variances, Scratch& scratch,
                                 Fit& result) const {
  const std::size_t n_outputs = targets.n_outputs();
  const std::size_t order = pairs_->order(), n_blocks = pairs_->n_blocks(), n = n_players_;
  const double spare = static_cast<double>(pairs_->n_pairs()) - static_cast<double>(n);
  const auto [residual_square, target_square] =
      is_short() ? fit_short(targets, o, variances, scratch) : fit_long(targets, o, variances, scratch);
  const std::vector<double>& beta = scratch.beta;
  const BlockSpread& spread = scratch.spread;
  result.residual_squares[o] = residual_square;
  for (std::size_t i = 0; i < n; ++i) result.coefficients[i * n_outputs + o] = beta[i];
  if (!variances) return;
  const double n_pairs = static_cast<double>(pairs_->n_pairs());
  if (spare > 0 && doubts_fits_ && fits_by_chance(residual_square, target_square, spare)) {
    for (std::size_t i = 0; i < n; ++i) result.variances[i * n_outputs + o] = target_square / n_pairs / n_pairs;
    return;
  }
  double per_row = spare > 0 ? residual_square / spare : std::numeric_limits<double>::quiet_NaN();
  if (doubts_fits_ && one_parity() && vanishes(residual_square, target_square) && are_votes(targets, o))
    per_row = unseen_share(spare) * target_square / n_pairs;
  const double between = static_cast<double>(n_blocks) - 1, never_seen = hidden_share() * per_row;
  const double least = spread.hidden();
  result.unseen_variances[o] = std::max(never_seen, least);
  for (std::size_t i = 0; i < n; ++i) {
    // In units of one row: deviations are sums over a block, so their squares grow with the order.
    const double pooled =
        (shared_weight * per_row + spread.square(i) / static_cast<double>(order)) / (shared_weight + between);
    result.variances[i * n_outputs + o] = std::max({pooled / n_pairs + never_seen, spread.between_stages(i), least});
  }
}

}  // namespace banzhaf
