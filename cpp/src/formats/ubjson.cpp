// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Reads UBJSON, and trusts no count before the bytes for it have been found.
#include "formats/ubjson.hpp"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <unordered_map>

namespace banzhaf::formats {
namespace {

constexpr int most_levels = 50;  // levels of containers; they take 40 KiB of a stack that may have only 128

[[noreturn]] void fail(const char* why) { throw std::invalid_argument(std::string("data must be UBJSON: ") + why); }

/// Copies big-endian numbers of `size` bytes in the byte order of this machine.
void to_native(const char* from, std::size_t count, std::size_t size, char* to) {
  if (count == 0) return;
  if (std::endian::native == std::endian::big || size == 1) {
    std::memcpy(to, from, count * size);
    return;
  }
  for (std::size_t i = 0; i < count; ++i, from += size, to += size) std::reverse_copy(from, from + size, to);
}

template <typename T>
Value hold(T value) {
  return {std::make_unique<T>(std::move(value))};
}

/// A column of a table while it is read: the objects that have filled it so far.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(std::string_view name) { column_.name = name; }

  [[nodiscard]] bool has_values() const { return column_.has_values; }
  [[nodiscard]] bool is_empty() const { return column_.numbers.bytes.empty(); }
  [[nodiscard]] std::size_t n_rows() const { return column_.has_values ? column_.values.size() : column_.sizes.size(); }

  void pad(std::size_t n_rows) {
    if (column_.has_values)
      column_.values.resize(n_rows);
    else
      column_.sizes.resize(n_rows);
  }

  void add_array(char kind, const char* big_endian, std::size_t count) {
    column_.sizes.push_back(static_cast<std::int64_t>(count));
    if (count == 0) return;
    if (is_empty()) column_.numbers.kind = kind;
    if (column_.numbers.kind != kind) fail("a table's arrays are of several kinds");
    const std::size_t end = column_.numbers.bytes.size(), size = number_kind(kind).size;
    column_.numbers.bytes.resize(end + count * size);
    to_native(big_endian, count, size, column_.numbers.bytes.data() + end);
  }

  void add_value(Value value) {
    if (!column_.has_values) {
      if (!is_empty()) fail("a table's column holds arrays and other values");
      // All entries so far are empty, because the earlier objects lacked the name.
      column_.has_values = true;
      column_.values.resize(column_.sizes.size());
      column_.sizes.clear();
    }
    column_.values.push_back(std::move(value));
  }

  [[nodiscard]] Column finished(std::size_t n_rows) {
    pad(n_rows);
    return std::move(column_);
  }

 private:
  Column column_;
};

class Parser {
 public:
  Parser(std::string_view data, const std::vector<std::string>& tables) : data_(data), tables_(tables) {}

  Value document() {
    Value value = read_value(take(), "");
    if (at_ != data_.size()) fail("bytes follow the value");
    return value;
  }

 private:
  struct Header {
    char kind = 0;  // of all items, if they have the same
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

  /// Returns the next `count` items of `size` bytes.
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

  Header read_header() {
    Header header;
    if (peek() == '$') {
      ++at_;
      header.kind = take();
    }
    if (peek() == '#') {
      ++at_;
      header.count = read_count();
      // Constants of one kind take no bytes at all, so only this limit bounds their number.
      if (header.kind == 'T' || header.kind == 'F' || header.kind == 'Z') {
        if (*header.count > data_.size() - n_constants_) fail("it ends early");
        n_constants_ += *header.count;
      }
      if (*header.count > data_.size()) fail("it ends early");
    } else if (header.kind != 0) {
      fail("a type has no count");
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

  /// Calls member(name, kind, place) for each member of an object. member reads the value.
  template <std::invocable<std::string_view, char, std::size_t> Member>
  void for_each_member(const Header& header, Member member) {
    for (std::size_t i = 0; header.count ? i < *header.count : peek() != '}'; ++i) {
      const std::string_view name = read_text();
      member(name, header.kind != 0 ? header.kind : take(), i);
    }
    if (!header.count) ++at_;
  }

  Value read_value(char kind, std::string_view name) {
    switch (kind) {
      case '[':
      case '{': {
        if (++level_ > most_levels) fail("it has too many levels");
        Value value = kind == '[' ? read_array(name) : read_object();
        --level_;
        return value;
      }
      case 'S':
        return hold(Text(read_text()));
      case 'C':
        return hold(Text(take_bytes(1), 1));
      case 'd':
        return {static_cast<double>(take_number<float>())};
      case 'D':
        return {take_number<double>()};
      case 'T':
        return {true};
      case 'F':
        return {false};
      case 'Z':
        return {};
      default:
        return {read_integer(kind)};
    }
  }

  Value read_array(std::string_view name) {
    const Header header = read_header();
    if (const std::size_t size = number_kind(header.kind).size; size > 0) {
      const char* first = take_bytes(*header.count, size);
      Numbers numbers{header.kind, std::vector<char>(*header.count * size)};
      to_native(first, *header.count, size, numbers.bytes.data());
      return hold(std::move(numbers));
    }
    if (std::find(tables_.begin(), tables_.end(), name) != tables_.end()) return hold(read_table(header));
    List items;
    for_each_item(header, [&](char kind) { items.push_back(read_value(kind, "")); });
    return hold(std::move(items));
  }

  Value read_object() {
    const Header header = read_header();
    Object members;
    for_each_member(header, [&](std::string_view name, char kind, std::size_t) {
      members.emplace_back(name, read_value(kind, name));
    });
    return hold(std::move(members));
  }

  Table read_table(const Header& header) {
    std::vector<ColumnBuilder> columns;
    std::vector<std::string_view> names;  // of the columns, as views of the document
    std::unordered_map<std::string_view, std::size_t> places;
    std::size_t n_rows = 0;
    for_each_item(header, [&](char kind) {
      if (kind != '{') fail("a table has an item that is not an object");
      const Header inner = read_header();
      for_each_member(inner, [&](std::string_view name, char cell, std::size_t place) {
        // Objects nearly always name their members in the same order.
        if (place >= names.size() || names[place] != name)
          place = places.try_emplace(name, columns.size()).first->second;
        if (place == columns.size()) {
          columns.emplace_back(name);
          names.push_back(name);
        }
        ColumnBuilder& column = columns[place];
        if (column.n_rows() > n_rows) fail("an object has the same name twice");
        pad(column, n_rows, columns.size());
        read_cell(cell, name, column);
      });
      ++n_rows;
    });
    Table table;
    table.reserve(columns.size());
    for (ColumnBuilder& column : columns) {
      pad(column, n_rows, columns.size());
      table.push_back(column.finished(n_rows));
    }
    return table;
  }

  /// Every cell that exists takes at least a byte. The number of missing cells is limited in proportion.
  void pad(ColumnBuilder& column, std::size_t n_rows, std::size_t n_columns) const {
    if (n_rows > 0 && n_columns > data_.size() / n_rows) fail("a table lacks most of its cells");
    column.pad(n_rows);
  }

  void read_cell(char kind, std::string_view name, ColumnBuilder& column) {
    if (kind != '[' || peek() != '$') {
      column.add_value(read_value(kind, name));
      return;
    }
    const Header header = read_header();
    const std::size_t size = number_kind(header.kind).size;
    if (size == 0 || column.has_values()) fail("a table's column holds arrays and other values");
    column.add_array(header.kind, take_bytes(*header.count, size), *header.count);
  }

  std::string_view data_;
  const std::vector<std::string>& tables_;
  std::size_t at_ = 0;
  std::size_t n_constants_ = 0;  // in arrays and objects that hold nothing else
  int level_ = 0;
};

}  // namespace

NumberKind number_kind(char kind) noexcept {
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

Value parse_ubjson(std::string_view data, const std::vector<std::string>& tables) {
  return Parser(data, tables).document();
}

}  // namespace banzhaf::formats
