// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Least squares on Sylvester's blocks by transforms, without storing or factoring a matrix.
#pragma once

#include <memory>

#include "designs/hadamard_pairs.hpp"
#include "regression/regression.hpp"

namespace banzhaf {

/// For complete blocks, X^T X = order x blocks x I, so beta is X^T y divided by order x blocks. The rows of an
/// incomplete block add a term whose eigenvalues are at most those of one block. Conjugate gradients then need only a
/// few transforms.
class BlockRegression final : public LeastSquares {
 public:
  BlockRegression(std::shared_ptr<const HadamardPairs> pairs, std::size_t n_players, double ridge, bool doubts_fits,
                  int num_threads);

  [[nodiscard]] std::size_t rank() const noexcept override { return n_players_; }
  [[nodiscard]] double condition_number() const noexcept override { return condition_number_; }
  [[nodiscard]] double degrees_of_freedom() const noexcept override;
  /// Variances come from the differences between blocks, shrunk towards the residual variance, which all players share.
  [[nodiscard]] Fit fit(const Targets& targets, bool variances) const override;

 private:
  template <typename Number>
  [[nodiscard]] std::vector<double> column_sums(Number&& number, std::size_t block) const;
  [[nodiscard]] std::vector<double> player_sums(const std::vector<double>& table, std::size_t block) const;
  [[nodiscard]] std::vector<double> block_product(const std::vector<double>& beta, std::size_t block) const;
  [[nodiscard]] std::vector<double> apply(const std::vector<double>& beta) const;
  [[nodiscard]] std::vector<double> solve(const std::vector<double>& sums) const;
  [[nodiscard]] std::size_t n_in_block(std::size_t block) const;
  [[nodiscard]] bool one_parity() const;
  [[nodiscard]] double hidden_share() const;

  std::shared_ptr<const HadamardPairs> pairs_;
  std::size_t n_players_;
  std::size_t n_all_;  // blocks, including an incomplete one
  double ridge_;
  bool doubts_fits_;
  int num_threads_;
  double condition_number_ = 1;
};

}  // namespace banzhaf
