// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Dense symmetric systems: recursive blocked algorithms with our own products, and Eigen for small blocks.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace banzhaf {

/// A view of a matrix with any strides. The memory belongs to the caller.
struct Strided {
  const double* data;
  std::size_t row_stride;
  std::size_t column_stride;

  [[nodiscard]] Strided at(std::size_t row, std::size_t column) const noexcept {
    return {data + row * row_stride + column * column_stride, row_stride, column_stride};
  }
};

/// Computes c += alpha a b for c of n_rows x n_columns, in row-major order with rows ld apart. lower_only may leave out
/// what is above the diagonal of c. Each element is summed in a fixed order.
void multiply_add(std::size_t n_rows, std::size_t n_columns, std::size_t n_inner, double alpha, Strided a, Strided b,
                  double* c, std::size_t ld, bool lower_only, int num_threads);

/// Replaces the lower triangle of a (size x size, row-major) by L with L L^T = a. Returns the smallest pivot as a share
/// of its diagonal entry, or 0 if a pivot is not positive. a is then unusable.
[[nodiscard]] double cholesky(double* a, std::size_t size, int num_threads);

/// Solves L L^T x = b in place for one vector. With several vectors at once, the rounding of each would depend on the
/// others.
void cholesky_solve(const double* l, std::size_t size, double* b);

/// Solves L L^T x = b in place for each of the n_rows rows of b (n_rows x size).
void cholesky_solve_rows(const double* l, std::size_t size, double* b, std::size_t n_rows, int num_threads);

/// Returns (L L^T)^-1, both triangles.
[[nodiscard]] std::vector<double> cholesky_inverse(const double* l, std::size_t size, int num_threads);

/// Eigenvalues in ascending order, and eigenvectors in the columns of a row-major matrix. Only the lower triangle of a
/// is read.
struct Spectrum {
  std::vector<double> values;
  std::vector<double> vectors;
};
[[nodiscard]] Spectrum spectrum(const double* a, std::size_t size);

/// Computes image = A v for a symmetric A.
using Operator = std::function<void(const std::vector<double>& v, std::vector<double>& image)>;

/// Estimates the largest eigenvalue of a positive definite operator from below, within a few per cent, by a few Lanczos
/// steps.
[[nodiscard]] double largest_eigenvalue(std::size_t size, const Operator& apply);

/// Estimates both ends of the spectrum of a positive definite operator from inside, within a few per cent. The search
/// for the smallest eigenvalue uses the inverse, and starts where the operator itself has found small eigenvalues.
struct Ends {
  double largest;
  double least;
};
[[nodiscard]] Ends spectrum_ends(std::size_t size, const Operator& apply, const Operator& apply_inverse);

/// Computes out = a v. Only the lower triangle of a is read.
void symmetric_product(const double* a, std::size_t size, const double* v, double* out);

}  // namespace banzhaf
