// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Transforms of complete tables of worths.
#include "arrays.hpp"
#include "banzhaf/transform.hpp"
#include "binders.hpp"

namespace banzhaf::bindings {

void bind_transform(py::module_& module) {
  module.def(
      "walsh_hadamard",
      [](DoubleArray& values, int num_threads) {
        const std::span<double> span{values.mutable_data(), static_cast<std::size_t>(values.size())};
        const Released no_gil;  // the array stays referenced by the caller
        walsh_hadamard(span, num_threads);
      },
      py::arg("values").noconvert(), py::arg("num_threads") = 0);
}

}  // namespace banzhaf::bindings
