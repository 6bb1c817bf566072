// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Least squares on Sylvester's blocks by transforms, without storing or factoring a matrix.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "designs/hadamard_pairs.hpp"
#include "regression/regression.hpp"
#include "regression/spread.hpp"

namespace banzhaf {

/// For complete blocks, X^T X = order x blocks x I, so beta is X^T y divided by order x blocks. The rows of an
/// incomplete block add a term whose eigenvalues are at most those of one block. Conjugate gradients then need only a
/// few transforms.
class BlockRegression final : public LeastSquares {
 public:
  /// known_condition is condition_number() of an earlier object with the same pairs and ridge, or 0. Computing it takes
  /// long, compared with a fit, if there is an incomplete block.
  BlockRegression(std::shared_ptr<const HadamardPairs> pairs, std::size_t n_players, double ridge, bool doubts_fits,
                  int num_threads, double known_condition = 0);

  [[nodiscard]] std::size_t rank() const noexcept override { return n_players_; }
  [[nodiscard]] double condition_number() const noexcept override { return condition_number_; }
  [[nodiscard]] double degrees_of_freedom() const noexcept override;
  /// Variances come from the differences between blocks, shrunk towards the residual variance, which all players share.
  [[nodiscard]] Fit fit(const Targets& targets, bool variances) const override;

  /// Memory that fits on one thread can share.
  struct Scratch {
    std::vector<double> table{}, of_block{}, sums{}, beta{}, residuals{}, direction{}, image{}, rows{};
    std::vector<std::uint64_t> signs{};
    BlockSpread spread{};
  };
  /// Fits in the memory of the result, on one thread.
  void fit(const Targets& targets, bool variances, Scratch& scratch, Fit& result) const;

 private:
  void set_sizes(std::size_t n_outputs, bool variances, Fit& result) const;
  void fit_output(const Targets& targets, std::size_t output, bool variances, Scratch& scratch, Fit& result) const;
  /// The sums of squares of the residuals and of the targets.
  struct Squares {
    double residual = 0, target = 0;
  };
  /// Both set scratch.beta, and scratch.spread if variances are wanted.
  Squares fit_short(const Targets& targets, std::size_t output, bool variances, Scratch& scratch) const;
  Squares fit_long(const Targets& targets, std::size_t output, bool variances, Scratch& scratch) const;
  [[nodiscard]] bool is_short() const;
  void transform(std::vector<double>& table) const;
  template <typename Number>
  void set_column_sums(Number&& number, std::size_t block, std::vector<double>& table) const;
  void set_player_sums(const std::vector<double>& table, std::size_t block, std::vector<std::uint64_t>& signs,
                       std::vector<double>& sums) const;
  void set_product(const std::vector<double>& beta, std::size_t block, Scratch& scratch) const;
  void apply(const std::vector<double>& beta, Scratch& scratch, std::vector<double>& result) const;
  void solve(Scratch& scratch) const;
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
