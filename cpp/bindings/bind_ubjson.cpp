// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// UBJSON documents as Python objects.
#include <pybind11/stl.h>

#include <cstring>
#include <type_traits>

#include "arrays.hpp"
#include "binders.hpp"
#include "formats/ubjson.hpp"

namespace banzhaf::bindings {
namespace {

py::str to_python(const formats::Text& text) {
  PyObject* decoded = PyUnicode_DecodeUTF8(text.data(), extent(text.size()), nullptr);
  if (decoded == nullptr) {
    PyErr_Clear();
    throw std::invalid_argument("data must be UBJSON: a text is not UTF-8");
  }
  return py::reinterpret_steal<py::str>(decoded);
}

py::array to_python(const formats::Numbers& numbers) {
  py::array array(py::dtype(formats::number_kind(numbers.kind).name), extent(numbers.size()));
  if (!numbers.bytes.empty()) std::memcpy(array.mutable_data(), numbers.bytes.data(), numbers.bytes.size());
  return array;
}

py::object to_python(const formats::Value& value);

py::list to_python(const formats::List& values) {
  py::list items(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) items[i] = to_python(values[i]);
  return items;
}

py::dict to_python(const formats::Object& object) {
  py::dict members;
  for (const auto& [name, value] : object) members[to_python(name)] = to_python(value);
  return members;
}

py::dict to_python(const formats::Table& table) {
  py::dict columns;
  for (const formats::Column& column : table) {
    if (column.has_values) {
      columns[to_python(column.name)] = to_python(column.values);
      continue;
    }
    py::array_t<std::int64_t> sizes(extent(column.sizes.size()));
    std::copy(column.sizes.begin(), column.sizes.end(), sizes.mutable_data());
    columns[to_python(column.name)] = py::make_tuple(sizes, to_python(column.numbers));
  }
  return columns;
}

py::object to_python(const formats::Value& value) {
  return std::visit(
      [](const auto& held) -> py::object {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>)
          return py::none();
        else if constexpr (std::is_arithmetic_v<Held>)
          return py::cast(held);
        else
          return to_python(*held);
      },
      value.held);
}

}  // namespace

void bind_ubjson(py::module_& module) {
  module.def(
      "parse_ubjson",
      [](const py::buffer& data, const std::vector<std::string>& tables) {
        const py::buffer_info info = data.request();
        if (info.ndim > 1 || (info.ndim == 1 && info.shape[0] > 1 && info.strides[0] != info.itemsize))
          throw std::invalid_argument("data must be contiguous bytes");
        const std::string_view bytes(static_cast<const char*>(info.ptr),
                                     static_cast<std::size_t>(info.size * info.itemsize));
        return to_python(formats::parse_ubjson(bytes, tables));
      },
      py::arg("data"), py::arg("tables") = std::vector<std::string>{},
      "Parse a UBJSON document into dict, list, str, numbers and ndarrays. An array of objects whose name is in tables "
      "becomes one dict of columns, each a list or a pair (sizes, concatenated arrays).");
}

}  // namespace banzhaf::bindings
