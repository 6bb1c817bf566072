// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Least squares on the +-1 matrix X of coalitions, where X_pi is +1 if row p contains player i, otherwise -1.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/worths.hpp"

namespace banzhaf {

/// Returns rows [first, first + count) as a view of its own memory, or of scratch, which it may fill.
using RowSource = std::function<CoalitionsView(std::size_t first, std::size_t count, Coalitions& scratch)>;

struct RegressionOptions {
  bool intercept = false;   ///< whether there is a constant, which is not penalised and not returned
  double ridge = 0;         ///< the penalty on the squared coefficients
  bool doubts_fits = true;  ///< whether a perfect fit may be perfect by chance: see fits_by_chance
  bool drawn = false;       ///< whether rows are independent and uniform, so that random sums can give variances
  int num_threads = 0;      ///< 0 means default_num_threads()
};

/// The numbers to fit, one row for each row of X: given rows, or the differences of neighbours in twice as many rows of
/// worths, which are not stored.
class Targets {
 public:
  Targets(Worths rows) : rows_(rows) {}
  [[nodiscard]] static Targets differences(Worths pairs) {
    Targets targets(pairs);
    targets.of_pairs_ = true;
    return targets;
  }

  [[nodiscard]] std::size_t n_outputs() const noexcept { return rows_.n_outputs; }
  [[nodiscard]] bool has_rows(std::size_t count) const noexcept {
    return rows_.has_rows(of_pairs_ ? 2 * count : count);
  }
  [[nodiscard]] std::size_t n_rows() const noexcept { return of_pairs_ ? rows_.n_rows() / 2 : rows_.n_rows(); }
  [[nodiscard]] double operator()(std::size_t row, std::size_t output) const noexcept {
    const std::size_t k = rows_.n_outputs;
    if (!of_pairs_) return rows_.values[row * k + output];
    return rows_.values[2 * row * k + output] - rows_.values[(2 * row + 1) * k + output];
  }

 private:
  Worths rows_;
  bool of_pairs_ = false;
};

/// A system that is prepared once for any number of right-hand sides.
class LeastSquares {
 public:
  virtual ~LeastSquares() = default;

  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  /// The condition number of the (penalised) X, estimated within a few per cent. It is infinite below full rank.
  [[nodiscard]] virtual double condition_number() const noexcept = 0;
  /// The degrees of freedom of Student's t for intervals, or 0 if nothing is left to estimate the errors.
  [[nodiscard]] virtual double degrees_of_freedom() const noexcept = 0;

  struct Fit {
    std::vector<double> coefficients;      ///< players x outputs
    std::vector<double> variances;         ///< players x outputs, NaN if unknown; empty unless asked for
    std::vector<double> residual_squares;  ///< outputs
    /// Outputs: the part of each variance that allows for interactions which no residual shows. Empty if there is none.
    std::vector<double> unseen_variances;
  };
  /// targets has one row for each row of X. The result of an output does not depend on the other outputs.
  [[nodiscard]] virtual Fit fit(const Targets& targets, bool variances) const = 0;
};

/// With fewer residual degrees of freedom (spare contrasts) than this, residuals of 0 do not prove a perfect fit. Their
/// variance is then taken to be that of the targets, which it cannot exceed.
inline constexpr double convincing_contrasts = 16;
[[nodiscard]] inline bool vanishes(double residual_square, double target_square) noexcept {
  return residual_square <= 1e-24 * target_square;
}
[[nodiscard]] inline bool fits_by_chance(double residual_square, double target_square, double n_spare) noexcept {
  return n_spare < convincing_contrasts && vanishes(residual_square, target_square);
}

/// Minimises
///
/// X beta - y
///
/// ^2 + ridge
///
/// beta
///
/// ^2, with one factorisation for any number of y. With fewer rows than players, it solves the dual form. If beta is
/// not determined, it is the minimum-norm solution.
///
/// The memory is O(min(rows, players)^2 + players x chunk). The rows are read several times, chunk by chunk.
class Regression final : public LeastSquares {
 public:
  /// Throws std::invalid_argument if the system is too large for memory.
  Regression(RowSource rows, std::size_t n_rows, std::size_t n_players, RegressionOptions options = {});

  /// Throws as the constructor does.
  static void check_size(std::size_t n_rows, std::size_t n_players);

  /// The rank of X (with an intercept, of its centred columns), from Cholesky pivots, or from eigenvalues if these are
  /// small.
  [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
  [[nodiscard]] double condition_number() const noexcept override { return condition_number_; }
  /// The number of rows less the fitted parameters, or less than that if few sums stand for the rows.
  [[nodiscard]] double degrees_of_freedom() const noexcept override;
  /// Variances are robust against heteroscedasticity, with each row as a unit of its own: the HC2 of MacKinnon and
  /// White (1985). For drawn rows of many players, they are an unbiased estimate of it from a few random sums of rows.
  [[nodiscard]] Fit fit(const Targets& targets, bool variances) const override;

  /// Returns whether there are fewer rows than unknowns, the rows are linearly independent, and there is no penalty. The
  /// solution then fits every row.
  [[nodiscard]] bool interpolates() const noexcept { return dual_ && !pseudo_inverse_ && options_.ridge == 0; }
  /// If the solution interpolates: returns for each row and output the target less what all other rows predict. Above a
  /// thousand rows, one divisor serves all rows.
  [[nodiscard]] std::vector<double> left_out_errors(const Targets& targets) const;

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
  [[nodiscard]] double trace_of_inverse() const;
  [[nodiscard]] std::vector<double> inverse() const;

  RowSource rows_;
  std::size_t n_rows_;
  std::size_t n_players_;
  RegressionOptions options_;
  bool dual_;
  std::size_t size_;                  // of the system
  Coalitions columns_;                // the transposed rows, if one chunk holds them all
  std::vector<double> column_means_;  // of X, if there is an intercept
  std::vector<double> factor_;        // Cholesky's, or the pseudo-inverse below full rank
  bool pseudo_inverse_ = false;
  std::vector<bool> estimable_;  // below full rank, the players that the rows determine
  std::size_t rank_ = 0;
  double condition_number_ = 0;
  double largest_eigenvalue_ = 0;  // of the system, if it is regular
};

}  // namespace banzhaf
