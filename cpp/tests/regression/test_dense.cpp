// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks products, factors, inverses and spectra at sizes around those of the blocks.
#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "regression/dense.hpp"
#include "support/interrupt.hpp"

namespace {

using banzhaf::testing::close;
using banzhaf::testing::normals;

std::vector<double> plain_product(const std::vector<double>& a, const std::vector<double>& b, std::size_t rows,
                                  std::size_t inner, std::size_t columns) {
  std::vector<double> c(rows * columns);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < inner; ++k)
      for (std::size_t j = 0; j < columns; ++j) c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
  return c;
}

bool all_close(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!close(a[i], b[i], tolerance)) return false;
  return a.size() == b.size();
}

std::vector<double> positive_definite(std::size_t n, unsigned seed) {
  const std::vector<double> a = normals(n * (n + 5), seed);
  std::vector<double> gram(n * n);
  banzhaf::multiply_add(n, n, n + 5, 1, {a.data(), n + 5, 1}, {a.data(), 1, n + 5}, gram.data(), n, false, 1);
  for (std::size_t i = 0; i < n; ++i) gram[i * n + i] += 1;
  return gram;
}

}  // namespace

int main() {
  using namespace banzhaf;
  for (const std::size_t rows : {1, 13, 100}) {
    for (const std::size_t columns : {1, 17, 96}) {
      for (const std::size_t inner : {1, 40, 300}) {
        const std::vector<double> a = normals(rows * inner, 1), b = normals(inner * columns, 2);
        std::vector<double> expected = plain_product(a, b, rows, inner, columns), c(rows * columns, 2);
        for (double& x : expected) x = 2 - 0.5 * x;
        multiply_add(rows, columns, inner, -0.5, {a.data(), inner, 1}, {b.data(), columns, 1}, c.data(), columns, false,
                     2);
        CHECK(all_close(c, expected, 1e-12));
      }
    }
  }
  for (const std::size_t n : {1, 2, 63, 64, 65, 130, 333}) {
    const std::vector<double> gram = positive_definite(n, static_cast<unsigned>(n));
    std::vector<double> one(gram), two(gram), lower(n * n);
    CHECK(cholesky(one.data(), n, 1) > 0);
    CHECK(cholesky(two.data(), n, 2) > 0);
    bool alike = true;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        lower[i * n + j] = one[i * n + j];
        alike &= one[i * n + j] == two[i * n + j];
      }
    }
    CHECK(alike);
    std::vector<double> upper(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) upper[j * n + i] = lower[i * n + j];
    CHECK(all_close(plain_product(lower, upper, n, n, n), gram, 1e-11));
    const std::vector<double> inverse = cholesky_inverse(lower.data(), n, 2);
    std::vector<double> identity(n * n);
    for (std::size_t i = 0; i < n; ++i) identity[i * n + i] = 1;
    CHECK(all_close(plain_product(inverse, gram, n, n, n), identity, 1e-8));
    const std::vector<double> x = normals(n, 9);
    std::vector<double> b = plain_product(gram, x, n, n, 1);
    cholesky_solve(lower.data(), n, b.data());
    CHECK(all_close(b, x, 1e-8));
    const std::vector<double> xs = normals(5 * n, 10);
    std::vector<double> rows = plain_product(xs, gram, 5, n, n);
    cholesky_solve_rows(lower.data(), n, rows.data(), 5, 2);
    CHECK(all_close(rows, xs, 1e-8));
    const Spectrum found = spectrum(gram.data(), n);
    CHECK(std::is_sorted(found.values.begin(), found.values.end()));
    std::vector<double> scaled(found.vectors), transposed(n * n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        scaled[i * n + k] *= found.values[k];
        transposed[k * n + i] = found.vectors[i * n + k];
      }
    }
    CHECK(all_close(plain_product(scaled, transposed, n, n, n), gram, 1e-10));
    const double largest = largest_eigenvalue(
        n, [&](const std::vector<double>& v, std::vector<double>& image) { image = plain_product(gram, v, n, n, 1); });
    CHECK(largest <= found.values.back() * (1 + 1e-9) && largest >= 0.95 * found.values.back());
    std::vector<double> image(n);
    symmetric_product(one.data(), n, x.data(), image.data());
    std::vector<double> symmetric(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) symmetric[i * n + j] = symmetric[j * n + i] = lower[i * n + j];
    CHECK(all_close(image, plain_product(symmetric, x, n, n, 1), 1e-12));
    for (const double shift : {0.0, 2.0, 1e4}) {
      std::vector<double> shifted(gram);
      for (std::size_t i = 0; i < n; ++i) shifted[i * n + i] += shift;
      std::vector<double> shifted_factor(shifted);
      CHECK(cholesky(shifted_factor.data(), n, 1) > 0);
      const Ends ends = spectrum_ends(
          n,
          [&](const std::vector<double>& v, std::vector<double>& out) {
            symmetric_product(shifted.data(), n, v.data(), out.data());
          },
          [&](const std::vector<double>& v, std::vector<double>& out) {
            out = v;
            cholesky_solve(shifted_factor.data(), n, out.data());
          });
      const double top = found.values.back() + shift, bottom = found.values.front() + shift;
      CHECK(ends.largest <= top * (1 + 1e-9) && ends.largest >= 0.95 * top);
      CHECK(ends.least >= bottom * (1 - 1e-9) && ends.least <= 1.15 * bottom);
    }
  }
  std::vector<double> indefinite{1, 0, 2, 1};
  CHECK(cholesky(indefinite.data(), 2, 1) == 0);
  // A caller can end each of them: factors, inverses and spectra.
  const auto ends = [](const std::function<void()>& body) {
    return banzhaf::testing::throws<std::domain_error>(
        [&] {
          const InterruptScope scope([] { throw std::domain_error("ended"); }, std::chrono::milliseconds(0));
          body();
        },
        "ended");
  };
  constexpr std::size_t size = 300;
  const std::vector<double> regular = positive_definite(size, 1);
  CHECK(ends([&] {
    std::vector<double> factor(regular);
    static_cast<void>(cholesky(factor.data(), size, 1));
  }));
  CHECK(ends([&] { static_cast<void>(cholesky_inverse(regular.data(), size, 1)); }));
  CHECK(ends([&] { static_cast<void>(spectrum(regular.data(), size)); }));
  return banzhaf::testing::finish();
}
