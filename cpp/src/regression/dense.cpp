// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The algorithms of dense.hpp.
#include "regression/dense.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "kernels/kernels.hpp"
#include "regression/products.hpp"
#include "support/interrupt.hpp"
#include "support/large_pages.hpp"
#include "support/parallel.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Block = Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>;
using ConstBlock = Eigen::Map<const RowMajor, 0, Eigen::OuterStride<>>;

// Below this size, packing for a product takes longer than it saves.
constexpr std::size_t leaf = 64;
constexpr std::size_t inner_block = 256;
constexpr std::size_t row_block = 96;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }
Block block(double* a, std::size_t rows, std::size_t columns, std::size_t ld) {
  return {a, index(rows), index(columns), Eigen::OuterStride<>(index(ld))};
}
ConstBlock block(const double* a, std::size_t rows, std::size_t columns, std::size_t ld) {
  return {a, index(rows), index(columns), Eigen::OuterStride<>(index(ld))};
}

std::size_t halve(std::size_t size) { return (size / 2 + leaf - 1) / leaf * leaf; }

// Packs count x n_inner elements into panels of the given width, padded with zeros. The inner index is the slowest
// within a panel.
void pack_panel(Strided source, std::size_t count, std::size_t n_inner, std::size_t width, double* out) {
  for (std::size_t k = 0; k < n_inner; ++k, out += width) {
    const double* from = source.data + k * source.column_stride;
    for (std::size_t i = 0; i < count; ++i) out[i] = from[i * source.row_stride];
    for (std::size_t i = count; i < width; ++i) out[i] = 0;
  }
}

// What is 0 or not wanted in a product, and is left out: what is above the diagonal of c, above that of a or b, or below
// that of a. Zeros do not change a sum.
enum class Shape { full, lower_c, lower_a, upper_a, lower_b };

// Computes c += alpha a b, for an alpha of 1 or -1.
void multiply(std::size_t n_rows, std::size_t n_columns, std::size_t n_inner, double alpha, Strided a, Strided b,
              double* c, std::size_t ld, Shape shape, int num_threads) {
  const Kernels& use = kernels();
  const std::size_t tile_rows = use.tile_rows, tile_columns = use.tile_columns;
  const std::size_t panels = ceil_div(n_columns, tile_columns);
  const std::size_t threads = threads_for(num_threads, n_rows * n_columns * n_inner / 8);
  std::vector<double> packed_b(panels * tile_columns * std::min(n_inner, inner_block));
  for (std::size_t k0 = 0; k0 < n_inner; k0 += inner_block) {
    const std::size_t depth = std::min(inner_block, n_inner - k0);
    parallel_for(threads, panels, [&](std::size_t p) {
      const std::size_t j0 = p * tile_columns;
      const Strided from = b.at(k0, j0);
      pack_panel({from.data, from.column_stride, from.row_stride}, std::min(tile_columns, n_columns - j0), depth,
                 tile_columns, packed_b.data() + p * tile_columns * depth);
    });
    parallel_for(threads, ceil_div(n_rows, row_block), [&](std::size_t task) {
      alignas(64) double tile[512];
      std::vector<double> packed_a(tile_rows * depth);
      const std::size_t last = std::min(n_rows, (task + 1) * row_block);
      for (std::size_t i0 = task * row_block; i0 < last; i0 += tile_rows) {
        const std::size_t rows = std::min(tile_rows, last - i0);
        pack_panel(a.at(i0, k0), rows, depth, tile_rows, packed_a.data());
        for (std::size_t p = 0; p < panels; ++p) {
          const std::size_t j0 = p * tile_columns, columns = std::min(tile_columns, n_columns - j0);
          if (shape == Shape::lower_c && j0 >= i0 + rows) break;
          std::size_t from = k0, to = k0 + depth;
          if (shape == Shape::lower_a) to = std::min(to, i0 + rows);
          if (shape == Shape::upper_a) from = std::max(from, i0);
          if (shape == Shape::lower_b) from = std::max(from, j0);
          if (from >= to) continue;
          use.multiply_tile(to - from, packed_a.data() + (from - k0) * tile_rows,
                            packed_b.data() + (p * depth + from - k0) * tile_columns, tile);
          for (std::size_t i = 0; i < rows; ++i)
            use.add_scaled(tile + i * tile_columns, alpha, columns, c + (i0 + i) * ld + j0);
        }
      }
    });
  }
}

// Solves x l^T = b in place, for b of n_rows x size.
void solve_right(const double* l, std::size_t size, std::size_t ld, double* b, std::size_t n_rows, int num_threads) {
  if (size <= leaf) {
    constexpr std::size_t rows = 64;
    parallel_for(threads_for(num_threads, n_rows * size * size / 2), ceil_div(n_rows, rows), [&](std::size_t task) {
      const std::size_t first = task * rows;
      auto part = block(b + first * ld, std::min(rows, n_rows - first), size, ld);
      block(l, size, size, ld).transpose().triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(part);
    });
    return;
  }
  const std::size_t half = halve(size), rest = size - half;
  solve_right(l, half, ld, b, n_rows, num_threads);
  const double* below = l + half * ld;
  multiply_add(n_rows, rest, half, -1, {b, ld, 1}, {below, 1, ld}, b + half, ld, false, num_threads);
  solve_right(below + half, rest, ld, b + half, n_rows, num_threads);
}

// Solves x l = b in place, for b of n_rows x size.
void solve_right_plain(const double* l, std::size_t size, std::size_t ld, double* b, std::size_t n_rows,
                       int num_threads) {
  if (size <= leaf) {
    constexpr std::size_t rows = 64;
    parallel_for(threads_for(num_threads, n_rows * size * size / 2), ceil_div(n_rows, rows), [&](std::size_t task) {
      const std::size_t first = task * rows;
      auto part = block(b + first * ld, std::min(rows, n_rows - first), size, ld);
      block(l, size, size, ld).triangularView<Eigen::Lower>().solveInPlace<Eigen::OnTheRight>(part);
    });
    return;
  }
  const std::size_t half = halve(size), rest = size - half;
  const double* below = l + half * ld;
  solve_right_plain(below + half, rest, ld, b + half, n_rows, num_threads);
  multiply_add(n_rows, half, rest, -1, {b + half, ld, 1}, {below, ld, 1}, b, ld, false, num_threads);
  solve_right_plain(l, half, ld, b, n_rows, num_threads);
}

// Computes L from a recursively, and returns the smallest pivot as a share of its diagonal entry.
double factor(double* a, std::size_t size, std::size_t ld, const double* diagonal, int num_threads) {
  if (size <= leaf) {
    auto part = block(a, size, size, ld);
    const Eigen::LLT<Eigen::Ref<RowMajor>> decomposition(part);
    if (decomposition.info() != Eigen::Success) return 0;
    double least = 1;
    for (std::size_t i = 0; i < size; ++i) {
      const double pivot = a[i * ld + i] * a[i * ld + i];
      // Written so that NaN counts as no pivot.
      least = pivot / diagonal[i] < least ? pivot / diagonal[i] : (pivot / diagonal[i] >= least ? least : 0);
    }
    return least;
  }
  const std::size_t half = halve(size), rest = size - half;
  const double first = factor(a, half, ld, diagonal, num_threads);
  if (!(first > 0)) return 0;
  double* below = a + half * ld;
  solve_right(a, half, ld, below, rest, num_threads);
  multiply_add(rest, rest, half, -1, {below, ld, 1}, {below, 1, ld}, below + half, ld, true, num_threads);
  return std::min(first, factor(below + half, rest, ld, diagonal + half, num_threads));
}

// Computes the lower triangle of w = l^-1. w must be 0 at the start.
void invert_lower(const double* l, double* w, std::size_t size, std::size_t ld, int num_threads) {
  if (size <= leaf) {
    // Above its diagonal, the inverse is 0, so each panel of columns starts at its own row.
    constexpr std::size_t panel = 16;
    for (std::size_t j = 0; j < size; j += panel) {
      const std::size_t rest = size - j;
      auto part = block(w + j * ld + j, rest, std::min(panel, rest), ld);
      part.setIdentity();
      block(l + j * ld + j, rest, rest, ld).triangularView<Eigen::Lower>().solveInPlace(part);
    }
    return;
  }
  const std::size_t half = halve(size), rest = size - half;
  invert_lower(l, w, half, ld, num_threads);
  invert_lower(l + half * ld + half, w + half * ld + half, rest, ld, num_threads);
  std::vector<double> product(rest * half);
  multiply(rest, half, half, 1, {l + half * ld, ld, 1}, {w, ld, 1}, product.data(), half, Shape::lower_b, num_threads);
  multiply(rest, half, rest, -1, {w + half * ld + half, ld, 1}, {product.data(), half, 1}, w + half * ld, ld,
           Shape::lower_a, num_threads);
}

// Adds w^T w to out, both as lower triangles, for a lower triangular w.
void gram_of_lower(const double* w, double* out, std::size_t size, std::size_t ld, int num_threads) {
  if (size <= leaf) {
    multiply_add(size, size, size, 1, {w, 1, ld}, {w, ld, 1}, out, ld, true, num_threads);
    return;
  }
  const std::size_t half = halve(size), rest = size - half;
  const double* below = w + half * ld;
  gram_of_lower(w, out, half, ld, num_threads);
  multiply_add(half, half, rest, 1, {below, 1, ld}, {below, ld, 1}, out, ld, true, num_threads);
  multiply(rest, half, rest, 1, {below + half, 1, ld}, {below, ld, 1}, out + half * ld, ld, Shape::upper_a,
           num_threads);
  gram_of_lower(below + half, out + half * ld + half, rest, ld, num_threads);
}

std::vector<double> random_start(std::size_t size) {
  std::vector<double> v(size);
  std::vector<std::uint64_t> words(size);
  random_words(0, Stream::coalitions, 0, words);
  for (std::size_t i = 0; i < size; ++i) v[i] = 0.5 + static_cast<double>(words[i] >> 11) * 0x1p-53;
  return v;
}

/// What a Krylov space shows of an operator: the ends of its spectrum, from inside, and a vector for the lower end.
struct Ritz {
  double largest;
  double least;
  std::vector<double> lowest;
};

Ritz lanczos(std::size_t size, const Operator& apply, std::vector<double> v, std::size_t most_steps) {
  const Kernels& use = kernels();
  const std::size_t steps = std::min(size, most_steps);
  std::vector<std::vector<double>> basis;
  std::vector<double> image(size);
  Eigen::VectorXd diagonal(index(steps)), beside(index(steps));
  std::size_t done = 0;
  double norm = std::sqrt(use.dot(v.data(), v.data(), size));
  while (done < steps) {
    for (double& x : v) x /= norm;
    checkpoint();
    basis.push_back(v);
    apply(v, image);
    diagonal[index(done)] = use.dot(v.data(), image.data(), size);
    v.swap(image);
    // The new vector is made orthogonal to all earlier ones, which is cheap because there are few steps.
    for (const std::vector<double>& q : basis)
      use.add_scaled(q.data(), -use.dot(q.data(), v.data(), size), size, v.data());
    norm = std::sqrt(use.dot(v.data(), v.data(), size));
    beside[index(done)] = norm;
    ++done;
    if (norm <= 1e-12 * std::abs(diagonal[0])) break;
  }
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(diagonal.head(index(done)), beside.head(index(done - 1)));
  Ritz result{solver.eigenvalues()[index(done - 1)], solver.eigenvalues()[0], std::vector<double>(size)};
  for (std::size_t k = 0; k < done; ++k)
    use.add_scaled(basis[k].data(), solver.eigenvectors()(index(k), 0), size, result.lowest.data());
  return result;
}

/// A symmetric matrix as q t q^T with tridiagonal t.
struct Tridiagonal {
  Eigen::VectorXd diagonal, beside;
  Eigen::MatrixXd q;
};

// Householder's reductions and their product, with the same bits as Eigen's, and a checkpoint after each.
Tridiagonal tridiagonalise(Eigen::MatrixXd a) {
  const Eigen::Index n = a.rows();
  Eigen::VectorXd scales(n - 1), workspace(n);
  for (Eigen::Index i = 0; i + 1 < n; ++i) {
    checkpoint();
    const Eigen::Index rest = n - i - 1;
    auto vector = a.col(i).tail(rest);
    auto corner = a.bottomRightCorner(rest, rest);
    auto image = scales.tail(rest);  // stored after the scales that are known
    double scale, length;
    vector.makeHouseholderInPlace(scale, length);
    vector[0] = 1;
    image.noalias() = corner.selfadjointView<Eigen::Lower>() * (scale * vector);
    image += scale * -0.5 * image.dot(vector) * vector;
    corner.selfadjointView<Eigen::Lower>().rankUpdate(vector, image, -1.0);
    vector[0] = length;
    scales[i] = scale;
  }
  Tridiagonal result{a.diagonal(), a.diagonal<-1>(), {}};
  a.diagonal().setOnes();
  a.triangularView<Eigen::StrictlyUpper>().setZero();
  for (Eigen::Index k = n - 2; k >= 0; --k) {
    checkpoint();
    const Eigen::Index rest = n - k - 1;
    a.bottomRightCorner(rest, rest).applyHouseholderOnTheLeft(a.col(k).tail(rest - 1), scales[k], workspace.data());
    a.col(k).tail(rest).setZero();
  }
  result.q = std::move(a);
  return result;
}

// Replaces the diagonal by sorted eigenvalues, and q by eigenvectors, with implicit QR steps.
void diagonalise(Tridiagonal& t) {
  constexpr Eigen::Index most_steps = 30;  // for each eigenvalue, as in LAPACK
  constexpr double precision = 1 / std::numeric_limits<double>::epsilon();
  const Eigen::Index n = t.diagonal.size();
  Eigen::Index start = 0, end = n - 1;
  for (Eigen::Index step = 0; end > 0 && step < most_steps * n; ++step) {
    checkpoint();
    for (Eigen::Index i = start; i < end; ++i) {
      const double beside = precision * t.beside[i];
      if (std::abs(t.beside[i]) < std::numeric_limits<double>::min() ||
          beside * beside <= std::abs(t.diagonal[i]) + std::abs(t.diagonal[i + 1]))
        t.beside[i] = 0;
    }
    while (end > 0 && t.beside[end - 1] == 0) --end;
    if (end == 0) break;
    start = end - 1;
    while (start > 0 && t.beside[start - 1] != 0) --start;
    Eigen::internal::tridiagonal_qr_step<Eigen::ColMajor>(t.diagonal.data(), t.beside.data(), start, end, t.q.data(),
                                                          n);
  }
  for (Eigen::Index i = 0; i + 1 < n; ++i) {
    Eigen::Index least;
    t.diagonal.segment(i, n - i).minCoeff(&least);
    if (least == 0) continue;
    std::swap(t.diagonal[i], t.diagonal[i + least]);
    t.q.col(i).swap(t.q.col(i + least));
  }
}

}  // namespace

void multiply_add(std::size_t n_rows, std::size_t n_columns, std::size_t n_inner, double alpha, Strided a, Strided b,
                  double* c, std::size_t ld, bool lower_only, int num_threads) {
  multiply(n_rows, n_columns, n_inner, alpha, a, b, c, ld, lower_only ? Shape::lower_c : Shape::full, num_threads);
}

double cholesky(double* a, std::size_t size, int num_threads) {
  std::vector<double> diagonal(size);
  for (std::size_t i = 0; i < size; ++i) diagonal[i] = a[i * size + i];
  return factor(a, size, size, diagonal.data(), num_threads);
}

void cholesky_solve(const double* l, std::size_t size, double* b) {
  Eigen::Map<Eigen::VectorXd> x(b, index(size));
  block(l, size, size, size).triangularView<Eigen::Lower>().solveInPlace(x);
  block(l, size, size, size).transpose().triangularView<Eigen::Upper>().solveInPlace(x);
}

void cholesky_solve_rows(const double* l, std::size_t size, double* b, std::size_t n_rows, int num_threads) {
  solve_right(l, size, size, b, n_rows, num_threads);
  solve_right_plain(l, size, size, b, n_rows, num_threads);
}

std::vector<double> cholesky_inverse(const double* l, std::size_t size, int num_threads) {
  std::vector<double> w = large_zeros<double>(size * size), inverse = large_zeros<double>(size * size);
  invert_lower(l, w.data(), size, size, num_threads);
  gram_of_lower(w.data(), inverse.data(), size, size, num_threads);
  constexpr std::size_t tile = 16;  // a tile's columns stay in the cache
  for (std::size_t i0 = 0; i0 < size; i0 += tile)
    for (std::size_t j0 = 0; j0 <= i0; j0 += tile)
      for (std::size_t i = i0; i < std::min(size, i0 + tile); ++i)
        for (std::size_t j = j0; j < std::min(i, j0 + tile); ++j) inverse[j * size + i] = inverse[i * size + j];
  return inverse;
}

Spectrum spectrum(const double* a, std::size_t size) {
  Spectrum result{std::vector<double>(size), std::vector<double>(size * size)};
  if (size == 1) return {{a[0]}, {1}};
  Eigen::MatrixXd matrix = block(a, size, size, size).triangularView<Eigen::Lower>();
  // Entries of at most 1 cannot overflow, and their products do not matter if they underflow.
  const double largest = matrix.cwiseAbs().maxCoeff(), scale = largest == 0 ? 1 : largest;
  matrix.triangularView<Eigen::Lower>() /= scale;
  Tridiagonal t = tridiagonalise(std::move(matrix));
  diagonalise(t);
  Eigen::Map<Eigen::VectorXd>(result.values.data(), index(size)) = t.diagonal * scale;
  block(result.vectors.data(), size, size, size) = t.q;
  return result;
}

double largest_eigenvalue(std::size_t size, const Operator& apply) {
  return lanczos(size, apply, random_start(size), 8).largest;
}

Ends spectrum_ends(std::size_t size, const Operator& apply, const Operator& apply_inverse) {
  const Ritz there = lanczos(size, apply, random_start(size), 8);
  // If the operator itself has nearly found the vector, a few more steps are enough.
  const bool near = there.largest < 16 * there.least;
  const Ritz back = lanczos(size, apply_inverse, there.lowest, near ? 4 : 9);
  return {there.largest, 1 / back.largest};
}

void symmetric_product(const double* a, std::size_t size, const double* v, double* out) {
  const Kernels& use = kernels();
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = use.dot(a + i * size, v, i + 1);
    use.add_scaled(a + i * size, v[i], i, out);
  }
}

}  // namespace banzhaf
