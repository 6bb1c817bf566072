// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Conversions between NumPy arrays and the core's vectors.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "banzhaf/worths.hpp"
#include "gil.hpp"

namespace banzhaf::bindings {

/// C-contiguous float64 only. Other arrays are refused, because Python has already converted what users pass.
using DoubleArray = py::array_t<double, py::array::c_style>;
using FloatArray = py::array_t<float, py::array::c_style>;
using BoolArray = py::array_t<bool, py::array::c_style>;
using ByteArray = py::array_t<std::uint8_t, py::array::c_style>;

/// Largest array to copy while holding the lock, because releasing the lock would take longer than the copy.
constexpr std::size_t short_copy = std::size_t{1} << 16;

inline py::ssize_t extent(std::size_t size) { return static_cast<py::ssize_t>(size); }

inline DoubleArray to_array(std::span<const double> values, const std::vector<py::ssize_t>& shape) {
  DoubleArray array(shape);
  double* const cells = array.mutable_data();
  if (values.size() <= short_copy) {
    std::copy(values.begin(), values.end(), cells);
    return array;
  }
  const Released no_gil;  // nobody else has the array yet
  std::copy(values.begin(), values.end(), cells);
  return array;
}

/// An array that owns the vector's memory. A vector that grew far beyond its content is copied first.
inline DoubleArray owned(std::vector<double> values, const std::vector<py::ssize_t>& shape) {
  if (values.capacity() / 2 > values.size()) values.shrink_to_fit();
  auto kept = std::make_unique<std::vector<double>>(std::move(values));
  const double* const cells = kept->data();
  const py::capsule owner(kept.get(), [](void* vector) { delete static_cast<std::vector<double>*>(vector); });
  kept.release();
  return DoubleArray(shape, cells, owner);
}

inline std::span<const double> to_span(const DoubleArray& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

inline std::size_t rows_of(const py::array& array) { return static_cast<std::size_t>(array.shape(0)); }
inline std::size_t columns_of(const py::array& array) { return static_cast<std::size_t>(array.shape(1)); }

inline void require_dimensions(const py::array& array, py::ssize_t dimensions, const char* name) {
  if (array.ndim() != dimensions)
    throw std::invalid_argument(std::string(name) + " must have " + std::to_string(dimensions) + " dimensions");
}

/// The coalitions in an array's rows.
inline Coalitions packed(const BoolArray& flags, const char* name) {
  require_dimensions(flags, 2, name);
  Coalitions rows;
  pack(reinterpret_cast<const std::uint8_t*>(flags.data()), rows_of(flags), columns_of(flags), rows, 1);
  return rows;
}

/// A view of an array's rows of worths; the array must outlive it.
inline Worths to_worths(const DoubleArray& array, const char* name) {
  require_dimensions(array, 2, name);
  return {to_span(array), columns_of(array)};
}

/// Appends what the callback returned, a float64 array of n_rows rows, to out.
inline void append_rows(const Returned& returned, std::size_t n_rows, std::vector<double>& out) {
  const auto array = py::cast<DoubleArray>(returned.get());
  require_dimensions(array, 2, "what the callback returned");
  if (rows_of(array) != n_rows)
    throw std::invalid_argument("the callback must return " + std::to_string(n_rows) + " rows, got " +
                                std::to_string(rows_of(array)));
  const std::span<const double> values = to_span(array);
  if (values.size() <= short_copy) {
    out.insert(out.end(), values.begin(), values.end());
    return;
  }
  const Released no_gil;  // the array stays referenced here
  out.insert(out.end(), values.begin(), values.end());
}

}  // namespace banzhaf::bindings
