// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Dense symmetric systems: recursive blocked algorithms whose products are ours and whose small blocks are Eigen's.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace banzhaf {

/// A matrix in memory that belongs to somebody else, read with any strides.
struct Strided {
  const double* data;
  std::size_t row_stride;
  std::size_t column_stride;

  [[nodiscard]] Strided at(std::size_t row, std::size_t column) const noexcept {
    return {data + row * row_stride + column * column_stride, row_stride, column_stride};
  }
};

/// c += alpha a b for c of n_rows x n_columns, row-major with rows ld apart. lower_only may skip what lies above the
/// diagonal of c. Every element is summed in one fixed order.
void multiply_add(std::size_t n_rows, std::size_t n_columns, std::size_t n_inner, double alpha, Strided a, Strided b,
                  double* c, std::size_t ld, bool lower_only, int num_threads);

/// Replaces the lower triangle of a (size x size, row-major) by L with L L^T = a.
/// Returns the least pivot, as a share of its row's diagonal entry; 0 where one is not positive: a is then spoilt.
[[nodiscard]] double cholesky(double* a, std::size_t size, int num_threads);

/// Solves L L^T x = b in place for one vector: several at once would round each by who its neighbours are.
void cholesky_solve(const double* l, std::size_t size, double* b);

/// Solves L L^T x = b in place for each of the n_rows rows of b (n_rows x size).
void cholesky_solve_rows(const double* l, std::size_t size, double* b, std::size_t n_rows, int num_threads);

/// (L L^T)^-1, both triangles.
[[nodiscard]] std::vector<double> cholesky_inverse(const double* l, std::size_t size, int num_threads);

/// Eigenvalues, ascending, and eigenvectors in the columns of a row-major matrix; only a's lower triangle is read.
struct Spectrum {
  std::vector<double> values;
  std::vector<double> vectors;
};
[[nodiscard]] Spectrum spectrum(const double* a, std::size_t size);

/// image = A v for a symmetric A.
using Operator = std::function<void(const std::vector<double>& v, std::vector<double>& image)>;

/// The largest eigenvalue of a positive definite operator by a few Lanczos steps: from below, within some per cent.
[[nodiscard]] double largest_eigenvalue(std::size_t size, const Operator& apply);

/// The ends of a positive definite operator's spectrum, each from inside, within some per cent: the least one is sought
/// by the inverse, from where the operator itself has found small eigenvalues.
struct Ends {
  double largest;
  double least;
};
[[nodiscard]] Ends spectrum_ends(std::size_t size, const Operator& apply, const Operator& apply_inverse);

/// out = a v, of which only a's lower triangle is read.
void symmetric_product(const double* a, std::size_t size, const double* v, double* out);

}  // namespace banzhaf
