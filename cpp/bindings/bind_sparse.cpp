// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Sparse fits of numbers on coalitions, by themselves. Estimates use them within the core.
#include <pybind11/stl.h>

#include "arrays.hpp"
#include "banzhaf/coalitions.hpp"
#include "binders.hpp"
#include "designs/coalition_bits.hpp"
#include "regression/lasso.hpp"
#include "regression/sparse_regression.hpp"

namespace banzhaf::bindings {
namespace {

// The rows of X as bits by player.
Coalitions columns_of_rows(const BoolArray& coalitions) {
  Coalitions columns;
  transpose(packed(coalitions, "coalitions").view(), columns, 1);
  return columns;
}

std::vector<double> numbers_of(const DoubleArray& numbers, const BoolArray& coalitions) {
  require_dimensions(numbers, 1, "numbers");
  if (rows_of(numbers) != rows_of(coalitions)) throw std::invalid_argument("numbers must hold one for each coalition");
  const std::span<const double> all = to_span(numbers);
  return {all.begin(), all.end()};
}

DoubleArray dense(const SparseVector& found, std::size_t size) {
  std::vector<double> all(size);
  for (std::size_t k = 0; k < found.places.size(); ++k) all[found.places[k]] = found.numbers[k];
  return to_array(all, {extent(size)});
}

}  // namespace

void bind_sparse(py::module_& module) {
  module.def(
      "lasso",
      [](const BoolArray& coalitions, const DoubleArray& numbers, const std::vector<double>& penalties,
         bool intercept) {
        const Coalitions columns = columns_of_rows(coalitions);
        const SignColumns x(columns.view(), std::vector<std::uint8_t>(rows_of(coalitions), 1), intercept);
        Lasso lasso(x, numbers_of(numbers, coalitions));
        py::list path;
        for (const double penalty : penalties) {
          if (!lasso.solve(penalty)) break;
          path.append(dense(lasso.coefficients(), columns_of(coalitions)));
        }
        return path;
      },
      py::arg("coalitions").noconvert(), py::arg("numbers").noconvert(), py::arg("penalties"), py::arg("intercept"));

  module.def(
      "sparse_regression",
      [](const BoolArray& coalitions, const DoubleArray& numbers, bool intercept, int num_threads) {
        const Coalitions columns = columns_of_rows(coalitions);
        const std::vector<double> y = numbers_of(numbers, coalitions);
        SparseFit found;
        {
          const Released no_gil;  // both arrays stay referenced by the caller
          found = SparseRegression(columns.view(), {.intercept = intercept, .num_threads = num_threads}).fit(y);
        }
        return py::make_tuple(dense(found.coefficients, columns_of(coalitions)),
                              to_array(found.held_out, {extent(found.held_out.size())}), found.penalty, found.mixture);
      },
      py::arg("coalitions").noconvert(), py::arg("numbers").noconvert(), py::arg("intercept"), py::arg("num_threads"));
}

}  // namespace banzhaf::bindings
