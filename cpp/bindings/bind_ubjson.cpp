// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Universal Binary JSON (https://ubjson.org), as far as XGBoost writes it: numbers keep all their bits, arrays stay arrays.
#include <pybind11/stl.h>

#include <bit>
#include <concepts>
#include <cstring>
#include <optional>
#include <string_view>

#include "arrays.hpp"
#include "binders.hpp"

namespace banzhaf::bindings {
namespace {

constexpr int most_levels = 200;  // of containers in containers: a document must not exhaust the stack

[[noreturn]] void fail(const char* why) { throw std::invalid_argument(std::string("data must be UBJSON: ") + why); }

/// How the format writes one kind of number: big-endian.
struct NumberKind {
  std::size_t size = 0;  // bytes; 0 for what is no number
  const char* dtype = nullptr;
};

constexpr NumberKind number_kind(char kind) {
  switch (kind) {
    case 'i':
      return {1, "i1"};
    case 'U':
      return {1, "u1"};
    case 'I':
      return {2, "i2"};
    case 'l':
      return {4, "i4"};
    case 'L':
      return {8, "i8"};
    case 'd':
      return {4, "f4"};
    case 'D':
      return {8, "f8"};
    default:
      return {};
  }
}

/// Copies numbers of `size` bytes into this machine's byte order.
void to_native(const char* from, std::size_t count, std::size_t size, char* to) {
  if (count == 0) return;
  if (std::endian::native == std::endian::big || size == 1) {
    std::memcpy(to, from, count * size);
    return;
  }
  for (std::size_t i = 0; i < count; ++i, from += size, to += size) std::reverse_copy(from, from + size, to);
}

py::array make_array(char kind, const char* native, std::size_t count) {
  py::array array(py::dtype(number_kind(kind).dtype), extent(count));
  if (count > 0) std::memcpy(array.mutable_data(), native, count * number_kind(kind).size);
  return array;
}

/// What the objects of an array hold under one name: their arrays end to end, or a list.
struct Column {
  explicit Column(std::string_view its_name) : name(its_name) {}

  std::string name;
  char kind = 0;  // of the arrays' numbers; 0 as long as all are empty
  bool has_values = false;
  std::vector<std::int64_t> sizes;
  std::vector<char> numbers;
  py::list values;

  [[nodiscard]] std::size_t n_rows() const { return has_values ? values.size() : sizes.size(); }

  void pad(std::size_t n_rows_wanted) {
    while (n_rows() < n_rows_wanted) {
      if (has_values)
        values.append(py::none());
      else
        sizes.push_back(0);
    }
  }

  [[nodiscard]] py::object finished() {
    if (has_values) return values;
    py::array_t<std::int64_t> found(extent(sizes.size()));
    std::copy(sizes.begin(), sizes.end(), found.mutable_data());
    const char known = kind == 0 ? 'd' : kind;
    return py::make_tuple(found, make_array(known, numbers.data(), numbers.size() / number_kind(known).size));
  }
};

class Parser {
 public:
  Parser(std::string_view data, const std::vector<std::string>& tables) : data_(data), tables_(tables) {}

  py::object document() {
    py::object value = read_value(take(), "");
    if (at_ != data_.size()) fail("something follows the value");
    return value;
  }

 private:
  struct Header {
    char kind = 0;  // of all items, if they share one
    std::optional<std::size_t> count;
  };

  [[nodiscard]] char peek() const {
    if (at_ >= data_.size()) fail("it ends early");
    return data_[at_];
  }

  char take() {
    const char byte = peek();
    ++at_;
    return byte;
  }

  /// The next `count` items of `size` bytes.
  const char* take_bytes(std::size_t count, std::size_t size = 1) {
    if (count > (data_.size() - at_) / size) fail("it ends early");
    const char* first = data_.data() + at_;
    at_ += count * size;
    return first;
  }

  template <typename T>
  T take_number() {
    char native[sizeof(T)];
    to_native(take_bytes(1, sizeof(T)), 1, sizeof(T), native);
    T number;
    std::memcpy(&number, native, sizeof(T));
    return number;
  }

  std::int64_t read_integer(char kind) {
    switch (kind) {
      case 'i':
        return take_number<std::int8_t>();
      case 'U':
        return take_number<std::uint8_t>();
      case 'I':
        return take_number<std::int16_t>();
      case 'l':
        return take_number<std::int32_t>();
      case 'L':
        return take_number<std::int64_t>();
      default:
        fail("an integer is missing");
    }
  }

  std::size_t read_count() {
    const std::int64_t count = read_integer(take());
    if (count < 0) fail("a count is negative");
    return static_cast<std::size_t>(count);
  }

  std::string_view read_text() {
    const std::size_t length = read_count();
    return {take_bytes(length), length};
  }

  static py::str to_python(std::string_view text) {
    PyObject* decoded = PyUnicode_DecodeUTF8(text.data(), extent(text.size()), nullptr);
    if (decoded == nullptr) {
      PyErr_Clear();
      fail("a text is not UTF-8");
    }
    return py::reinterpret_steal<py::str>(decoded);
  }

  Header read_header() {
    Header header;
    if (peek() == '$') {
      ++at_;
      header.kind = take();
    }
    if (peek() == '#') {
      ++at_;
      header.count = read_count();
      // Constants of one kind take no bytes at all, so that nothing else would bound their number.
      if (header.kind == 'T' || header.kind == 'F' || header.kind == 'Z') n_constants_ += *header.count;
      if (*header.count > data_.size() || n_constants_ > data_.size()) fail("it ends early");
    } else if (header.kind != 0) {
      fail("a kind without a count");
    }
    return header;
  }

  /// Calls item(kind) for each item of a container whose header has been read.
  template <std::invocable<char> Item>
  void for_each_item(const Header& header, Item item) {
    for (std::size_t i = 0; header.count ? i < *header.count : peek() != ']'; ++i)
      item(header.kind != 0 ? header.kind : take());
    if (!header.count) ++at_;
  }

  /// Calls member(name) for each member of an object, which reads the value; its kind is header.kind or the next byte.
  template <std::invocable<std::string_view, std::size_t> Member>
  void for_each_member(const Header& header, Member member) {
    for (std::size_t i = 0; header.count ? i < *header.count : peek() != '}'; ++i) member(read_text(), i);
    if (!header.count) ++at_;
  }

  py::object read_value(char kind, std::string_view name) {
    switch (kind) {
      case '[':
        return nested([&] { return read_array(name); });
      case '{':
        return nested([&] { return read_object(); });
      case 'S':
        return to_python(read_text());
      case 'C':
        return to_python({take_bytes(1), 1});
      case 'd':
        return py::float_(take_number<float>());
      case 'D':
        return py::float_(take_number<double>());
      case 'T':
        return py::bool_(true);
      case 'F':
        return py::bool_(false);
      case 'Z':
        return py::none();
      default:
        return py::int_(read_integer(kind));
    }
  }

  template <std::invocable Read>
  py::object nested(Read read) {
    if (++level_ > most_levels) fail("too many levels");
    py::object value = read();
    --level_;
    return value;
  }

  py::object read_array(std::string_view name) {
    const Header header = read_header();
    if (const std::size_t size = number_kind(header.kind).size; size > 0) {
      std::vector<char> native(*header.count * size);
      to_native(take_bytes(*header.count, size), *header.count, size, native.data());
      return make_array(header.kind, native.data(), *header.count);
    }
    if (std::find(tables_.begin(), tables_.end(), name) != tables_.end()) return read_table(header);
    py::list items;
    for_each_item(header, [&](char kind) { items.append(read_value(kind, "")); });
    return items;
  }

  py::object read_object() {
    const Header header = read_header();
    py::dict members;
    for_each_member(header, [&](std::string_view name, std::size_t) {
      const py::str key = to_python(name);
      members[key] = read_value(header.kind != 0 ? header.kind : take(), name);
    });
    return members;
  }

  py::object read_table(const Header& header) {
    std::vector<Column> columns;
    std::size_t n_rows = 0;
    for_each_item(header, [&](char kind) {
      if (kind != '{') fail("a table has an item that is no object");
      const Header inner = read_header();
      for_each_member(inner, [&](std::string_view name, std::size_t place) {
        Column& column = column_of(columns, name, place);
        if (column.n_rows() > n_rows) fail("an object has a name twice");
        column.pad(n_rows);
        read_cell(inner.kind != 0 ? inner.kind : take(), column);
      });
      ++n_rows;
    });
    // Every cell that is there takes a byte or more.
    if (n_rows > 0 && columns.size() > data_.size() / n_rows) fail("a table lacks most of its cells");
    py::dict found;
    for (Column& column : columns) {
      column.pad(n_rows);
      found[to_python(column.name)] = column.finished();
    }
    return found;
  }

  /// Objects name their members in the same order, nearly always.
  static Column& column_of(std::vector<Column>& columns, std::string_view name, std::size_t place) {
    if (place < columns.size() && columns[place].name == name) return columns[place];
    for (Column& column : columns) {
      if (column.name == name) return column;
    }
    return columns.emplace_back(name);
  }

  void read_cell(char kind, Column& column) {
    if (kind == '[' && peek() == '$') {
      const Header header = read_header();
      if (const std::size_t size = number_kind(header.kind).size; size > 0 && !column.has_values) {
        const char* first = take_bytes(*header.count, size);
        column.sizes.push_back(static_cast<std::int64_t>(*header.count));
        if (*header.count == 0) return;
        if (column.kind == 0) column.kind = header.kind;
        if (column.kind != header.kind) fail("a table's arrays are of several kinds");
        const std::size_t end = column.numbers.size();
        column.numbers.resize(end + *header.count * size);
        to_native(first, *header.count, size, column.numbers.data() + end);
        return;
      }
      fail("a table's column holds arrays and other values");
    }
    if (!column.has_values && column.n_rows() > 0) {
      if (!column.numbers.empty()) fail("a table's column holds arrays and other values");
      // All empty so far: rows that lacked the name.
      column.has_values = true;
      for (std::size_t i = 0; i < column.sizes.size(); ++i) column.values.append(py::none());
    }
    column.has_values = true;
    column.values.append(read_value(kind, column.name));
  }

  std::string_view data_;
  const std::vector<std::string>& tables_;
  std::size_t at_ = 0;
  std::size_t n_constants_ = 0;  // in arrays and objects of nothing else
  int level_ = 0;
};

}  // namespace

void bind_ubjson(py::module_& module) {
  module.def(
      "parse_ubjson",
      [](const py::buffer& data, const std::vector<std::string>& tables) {
        const py::buffer_info info = data.request();
        if (info.ndim > 1 || (info.ndim == 1 && info.shape[0] > 1 && info.strides[0] != info.itemsize))
          throw std::invalid_argument("data must be contiguous bytes");
        return Parser({static_cast<const char*>(info.ptr), static_cast<std::size_t>(info.size * info.itemsize)}, tables)
            .document();
      },
      py::arg("data"), py::arg("tables") = std::vector<std::string>{},
      "Read a document into dict, list, str, numbers and ndarrays; an array of objects under a name in tables becomes "
      "one "
      "dict of columns: (sizes, all arrays end to end), or a list.");
}

}  // namespace banzhaf::bindings
