// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Universal Binary JSON (https://ubjson.org), as far as XGBoost writes it: numbers keep all their bits, arrays stay arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace banzhaf::formats {

/// How the format writes one kind of number; size 0 for what is no number.
struct NumberKind {
  std::size_t size = 0;
  const char* name = nullptr;  ///< as NumPy names it
};

[[nodiscard]] NumberKind number_kind(char kind) noexcept;

/// An array of numbers of one kind, in this machine's byte order.
struct Numbers {
  char kind = 'D';
  std::vector<char> bytes;

  [[nodiscard]] std::size_t size() const noexcept { return bytes.size() / number_kind(kind).size; }
};

struct Value;
using Text = std::string;  ///< bytes; not known to be UTF-8
using List = std::vector<Value>;
using Object = std::vector<std::pair<Text, Value>>;  ///< in the document's order; a name may come twice

struct Column;
using Table = std::vector<Column>;

/// A document or a part of one. Small, as a byte of the document may be a value.
struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::unique_ptr<Text>, std::unique_ptr<Numbers>,
               std::unique_ptr<List>, std::unique_ptr<Object>, std::unique_ptr<Table>>
      held;
};

/// What the objects of an array hold under one name: if all are arrays of numbers, these end to end; else one value each.
struct Column {
  Text name;
  bool has_values = false;
  std::vector<std::int64_t> sizes;  ///< of each object's array; 0 where it lacks the name
  Numbers numbers;
  List values;  ///< null where an object lacks the name
};

/// Reads a document. An array of objects under a name in tables becomes a Table. Memory and time are bounded by a constant
/// for each byte, and the stack by 50 levels of containers. Throws std::invalid_argument for all that is damaged or
/// unknown.
[[nodiscard]] Value parse_ubjson(std::string_view data, const std::vector<std::string>& tables = {});

}  // namespace banzhaf::formats
