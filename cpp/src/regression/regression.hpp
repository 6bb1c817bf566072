// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Least squares on the +-1 matrix X of coalitions, X_pi = +1 if player i is in row p, else -1.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/worths.hpp"

namespace banzhaf {

/// Gives rows [first, first + count): a view of memory of its own, or of scratch, which it may fill.
using RowSource = std::function<CoalitionsView(std::size_t first, std::size_t count, Coalitions& scratch)>;

struct RegressionOptions {
  bool intercept = false;   ///< a constant that is not penalised and not reported
  double ridge = 0;         ///< penalty on the squared coefficients
  bool doubts_fits = true;  ///< whether a fit may be exact by chance: see fits_by_chance
  bool drawn = false;       ///< rows are independent and uniform: large systems then sum them for variances at random
  int num_threads = 0;      ///< 0: OMP_NUM_THREADS if set, else the usable CPUs
};

/// A system prepared once for any number of right-hand sides.
class LeastSquares {
 public:
  virtual ~LeastSquares() = default;

  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  /// Of the (penalised) X: largest over least singular value, estimated to some per cent; infinite below full rank.
  [[nodiscard]] virtual double condition_number() const noexcept = 0;
  /// Of Student's t for intervals; 0 if nothing is left to judge errors by.
  [[nodiscard]] virtual double degrees_of_freedom() const noexcept = 0;

  struct Fit {
    std::vector<double> coefficients;      ///< players x outputs
    std::vector<double> variances;         ///< players x outputs, NaN where they cannot be told; empty unless asked for
    std::vector<double> residual_squares;  ///< outputs
  };
  /// targets: one row for each of X. Each output's result does not depend on what stands beside it.
  [[nodiscard]] virtual Fit fit(Worths targets, bool variances) const = 0;
};

/// Residuals that vanish on so few spare contrasts are no proof of an exact fit: until there are this many, their
/// variance is taken to be that of the targets themselves, which it cannot exceed.
inline constexpr double convincing_contrasts = 16;
[[nodiscard]] inline bool vanishes(double residual_square, double target_square) noexcept {
  return residual_square <= 1e-24 * target_square;
}
[[nodiscard]] inline bool fits_by_chance(double residual_square, double target_square, double n_spare) noexcept {
  return n_spare < convincing_contrasts && vanishes(residual_square, target_square);
}

/// min ||X beta - y||^2 + ridge ||beta||^2, factored once for any number of y. With fewer rows than players it is
/// solved in its dual form; where beta is not determined, it is the one of least norm.
/// Memory: O(min(rows, players)^2 + players x chunk); the rows are asked for chunk by chunk, several times.
class Regression final : public LeastSquares {
 public:
  /// Throws std::invalid_argument if the system is too large to hold.
  Regression(RowSource rows, std::size_t n_rows, std::size_t n_players, RegressionOptions options = {});

  /// Throws as the constructor does.
  static void check_size(std::size_t n_rows, std::size_t n_players);

  /// Of X (of its centred columns, with an intercept), by Cholesky pivots or, where they are small, eigenvalues.
  [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
  [[nodiscard]] double condition_number() const noexcept override { return condition_number_; }
  /// Rows less what was fitted to them; fewer where few sums stand for the rows.
  [[nodiscard]] double degrees_of_freedom() const noexcept override;
  /// variances are heteroscedasticity-robust with each row its own unit: MacKinnon and White's (1985) HC2 or, for
  /// drawn rows of many players, an unbiased estimate of it from few random sums of rows.
  [[nodiscard]] Fit fit(Worths targets, bool variances) const override;

 private:
  [[nodiscard]] std::vector<double> gram_of_players() const;
  [[nodiscard]] std::vector<double> gram_of_rows() const;
  void factorise(std::vector<double> gram);
  void solve(std::vector<double>& b, std::size_t n_outputs) const;
  void add_transposed_product(const std::vector<double>& targets, std::size_t n_outputs,
                              std::vector<double>& out) const;
  void for_columns(const std::function<void(std::size_t first, CoalitionsView columns)>& body) const;
  void subtract_product(const std::vector<double>& beta, std::size_t n_outputs, std::vector<double>& residuals) const;
  void centre(std::vector<double>& targets, std::size_t n_outputs) const;
  [[nodiscard]] double n_spare() const noexcept;
  [[nodiscard]] bool by_sums() const noexcept;
  [[nodiscard]] std::vector<double> robust_variances(const std::vector<double>& residuals, std::size_t n_outputs) const;
  [[nodiscard]] std::vector<double> variances_by_sums(const std::vector<double>& residuals,
                                                      std::size_t n_outputs) const;
  [[nodiscard]] double mean_leverage() const;
  [[nodiscard]] std::vector<double> inverse() const;

  RowSource rows_;
  std::size_t n_rows_;
  std::size_t n_players_;
  RegressionOptions options_;
  bool dual_;
  std::size_t size_;                  // of the system that is solved
  Coalitions columns_;                // the rows transposed, if one chunk holds them all
  std::vector<double> column_means_;  // of X, with an intercept
  std::vector<double> factor_;        // Cholesky's, or the pseudo-inverse itself below full rank
  bool pseudo_inverse_ = false;
  std::vector<bool> estimable_;  // players that the rows determine, below full rank
  std::size_t rank_ = 0;
  double condition_number_ = 0;
};

}  // namespace banzhaf
