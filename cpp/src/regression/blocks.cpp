// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Transforms into and out of blocks, conjugate gradients for an incomplete block, and variances between blocks.
#include "regression/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "banzhaf/transform.hpp"
#include "kernels/kernels.hpp"
#include "regression/dense.hpp"
#include "regression/spread.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

// The number of observations for which the shared residual variance counts, beside those of the blocks.
constexpr double shared_weight = 4;

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

bool minus(const std::vector<std::uint64_t>& signs, std::size_t i) { return ((signs[i / 64] >> (i % 64)) & 1U) != 0; }

}  // namespace

BlockRegression::BlockRegression(std::shared_ptr<const HadamardPairs> pairs, std::size_t n_players, double ridge,
                                 bool doubts_fits, int num_threads)
    : pairs_(std::move(pairs)),
      n_players_(n_players),
      n_all_((pairs_->n_pairs() + pairs_->order() - 1) / pairs_->order()),
      ridge_(ridge),
      doubts_fits_(doubts_fits),
      num_threads_(num_threads) {
  if (n_all_ == pairs_->n_blocks()) return;
  const double largest = largest_eigenvalue(
      n_players, [&](const std::vector<double>& v, std::vector<double>& image) { image = apply(v); });
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

// Returns the sums over the rows of a block in every column of the transform, where number(a) is the number of row a.
template <typename Number>
std::vector<double> BlockRegression::column_sums(Number&& number, std::size_t block) const {
  std::vector<double> table(pairs_->order());
  const std::size_t first = block * pairs_->order();
  for (std::size_t a = 0; a < n_in_block(block); ++a) table[pairs_->row_in_block(first + a)] = number(a);
  walsh_hadamard(table, num_threads_);
  return table;
}

// Returns X_j^T y_j for a block, from its column sums.
std::vector<double> BlockRegression::player_sums(const std::vector<double>& table, std::size_t block) const {
  std::vector<std::uint64_t> signs(words_for(n_players_));
  pairs_->fill_signs(block, signs);
  std::vector<double> sums(n_players_);
  // A coalition contains a player if the parity is odd, so X_ai = -(-1)^<a, x_i>, times the sign of the column.
  for (std::size_t i = 0; i < n_players_; ++i) {
    const double sum = table[pairs_->column(i)];
    sums[i] = minus(signs, i) ? sum : -sum;
  }
  return sums;
}

// Returns X_j beta for the rows of a block.
std::vector<double> BlockRegression::block_product(const std::vector<double>& beta, std::size_t block) const {
  std::vector<double> table(pairs_->order());
  std::vector<std::uint64_t> signs(words_for(n_players_));
  pairs_->fill_signs(block, signs);
  for (std::size_t i = 0; i < n_players_; ++i) table[pairs_->column(i)] = minus(signs, i) ? beta[i] : -beta[i];
  walsh_hadamard(table, num_threads_);
  if (block < pairs_->n_blocks() && !pairs_->is_shuffled()) return table;
  std::vector<double> product(n_in_block(block));
  for (std::size_t a = 0; a < product.size(); ++a)
    product[a] = table[pairs_->row_in_block(block * pairs_->order() + a)];
  return product;
}

// Returns (X^T X + ridge) beta.
std::vector<double> BlockRegression::apply(const std::vector<double>& beta) const {
  const double diagonal = static_cast<double>(pairs_->order() * pairs_->n_blocks()) + ridge_;
  std::vector<double> result(n_players_);
  if (n_all_ > pairs_->n_blocks()) {
    const std::vector<double> rows = block_product(beta, n_all_ - 1);
    result = player_sums(column_sums([&](std::size_t a) { return rows[a]; }, n_all_ - 1), n_all_ - 1);
  }
  for (std::size_t i = 0; i < n_players_; ++i) result[i] += diagonal * beta[i];
  return result;
}

std::vector<double> BlockRegression::solve(const std::vector<double>& sums) const {
  const double diagonal = static_cast<double>(pairs_->order() * pairs_->n_blocks()) + ridge_;
  std::vector<double> beta(sums);
  for (double& b : beta) b /= diagonal;
  if (n_all_ == pairs_->n_blocks()) return beta;
  const auto dot = [&](const std::vector<double>& a, const std::vector<double>& b) {
    return kernels().dot(a.data(), b.data(), n_players_);
  };
  std::vector<double> residual(sums), image = apply(beta);
  for (std::size_t i = 0; i < n_players_; ++i) residual[i] -= image[i];
  std::vector<double> direction(residual);
  double square = dot(residual, residual);
  const double enough = 1e-31 * dot(sums, sums);
  // The condition number of the system is at most 2, so each step removes at least four fifths of the error.
  for (int step = 0; step < 60 && square > enough; ++step) {
    image = apply(direction);
    const double length = square / dot(direction, image);
    for (std::size_t i = 0; i < n_players_; ++i) {
      beta[i] += length * direction[i];
      residual[i] -= length * image[i];
    }
    const double next = dot(residual, residual);
    for (std::size_t i = 0; i < n_players_; ++i) direction[i] = residual[i] + next / square * direction[i];
    square = next;
  }
  return beta;
}

// Returns whether all coalitions have even sizes, or all have odd sizes: the x_i are then all elements of the field and
// add up to 0. Until the first stage is complete, a vote that is not linear may look linear on all of these coalitions.
bool BlockRegression::one_parity() const {
  return n_players_ == pairs_->order() && n_players_ <= 16 && pairs_->n_blocks() < pairs_->stage_blocks();
}

// If all 8 elements of GF(8) are in use, the interaction of all players except i falls on i with the same sign in all
// blocks of the stage. No residual and no block shows it. Its size is guessed by assuming equal sizes of the orders 3,
// 5 and 7. It counts for more as the stage progresses, because the other interactions cancel. With 16 or more players,
// it would have order 15.
double BlockRegression::hidden_share() const {
  const double n = static_cast<double>(n_players_), stage = static_cast<double>(pairs_->stage_blocks());
  const double blocks = static_cast<double>(pairs_->n_blocks());
  if (n_players_ != 8 || pairs_->order() != 8 || pairs_->n_blocks() > pairs_->stage_blocks()) return 0;
  return std::max(0.6 / blocks, blocks / stage) / (n * (n - 2) / 2);
}

LeastSquares::Fit BlockRegression::fit(const Targets& targets, bool variances) const {
  const std::size_t n_outputs = targets.n_outputs();
  const std::size_t order = pairs_->order(), n_blocks = pairs_->n_blocks(), n = n_players_;
  Fit result;
  result.coefficients.resize(n * n_outputs);
  result.residual_squares.resize(n_outputs);
  if (variances) result.variances.resize(n * n_outputs);
  const double spare = static_cast<double>(pairs_->n_pairs()) - static_cast<double>(n);
  // Outputs are independent of each other. A single output runs its transforms on several threads instead.
  const std::size_t work = n_outputs > 1 ? pairs_->n_pairs() * n_outputs * 8 : 0;
  parallel_for(threads_for(num_threads_, work), n_outputs, [&](std::size_t o) {
    std::vector<double> sums(n);
    for (std::size_t block = 0; block < n_all_; ++block) {
      const std::vector<double> of_block =
          player_sums(column_sums([&](std::size_t a) { return targets(block * order + a, o); }, block), block);
      for (std::size_t i = 0; i < n; ++i) sums[i] += of_block[i];
    }
    const std::vector<double> beta = solve(sums);
    double residual_square = 0, target_square = 0;
    for (std::size_t p = 0; p < pairs_->n_pairs(); ++p) target_square += targets(p, o) * targets(p, o);
    BlockSpread spread(*pairs_, n, variances, num_threads_);
    for (std::size_t block = 0; block < n_all_; ++block) {
      const std::vector<double> product = block_product(beta, block);
      std::vector<double> residuals(n_in_block(block));
      for (std::size_t a = 0; a < residuals.size(); ++a) {
        residuals[a] = targets(block * order + a, o) - product[a];
        residual_square += residuals[a] * residuals[a];
      }
      if (!variances || n_blocks < 2 || block >= n_blocks) continue;
      // What the block would add to beta: its own estimate less that of all blocks.
      const std::vector<double> table = column_sums([&](std::size_t a) { return residuals[a]; }, block);
      spread.add(table, player_sums(table, block));
    }
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
    for (std::size_t i = 0; i < n; ++i) {
      // In units of one row: deviations are sums over a block, so their squares grow with the order.
      const double pooled =
          (shared_weight * per_row + spread.square(i) / static_cast<double>(order)) / (shared_weight + between);
      result.variances[i * n_outputs + o] = std::max({pooled / n_pairs + never_seen, spread.between_stages(i), least});
    }
  });
  return result;
}

}  // namespace banzhaf
