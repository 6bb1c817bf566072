// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Reads Universal Binary JSON (https://ubjson.org) as XGBoost writes it. Numbers keep all their bits, and arrays stay
// arrays.
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

/// How the format writes one kind of number. The size is 0 for everything else.
struct NumberKind {
  std::size_t size = 0;
  const char* name = nullptr;  ///< NumPy's name
};

[[nodiscard]] NumberKind number_kind(char kind) noexcept;

/// An array of numbers of one kind, in the byte order of this machine.
struct Numbers {
  char kind = 'D';
  std::vector<char> bytes;

  [[nodiscard]] std::size_t size() const noexcept { return bytes.size() / number_kind(kind).size; }
};

struct Value;
using Text = std::string;  ///< bytes, which may not be valid UTF-8
using List = std::vector<Value>;
using Object = std::vector<std::pair<Text, Value>>;  ///< in the order of the document; a name may occur twice

struct Column;
using Table = std::vector<Column>;

/// A document or a part of one. It is small, because a single byte of the document may be a value.
struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::unique_ptr<Text>, std::unique_ptr<Numbers>,
               std::unique_ptr<List>, std::unique_ptr<Object>, std::unique_ptr<Table>>
      held;
};

/// The values of one name in the objects of an array. If all of them are arrays of numbers, they are joined end to end.
struct Column {
  Text name;
  bool has_values = false;
  std::vector<std::int64_t> sizes;  ///< of the array in each object, or 0 if the object lacks the name
  Numbers numbers;
  List values;  ///< null if an object lacks the name
};

/// Reads a document. An array of objects becomes a Table if its name is in tables. Memory and time are bounded by a
/// constant per byte, and the stack by 50 levels of containers. Throws std::invalid_argument if the document is damaged
/// or has unknown parts.
[[nodiscard]] Value parse_ubjson(std::string_view data, const std::vector<std::string>& tables = {});

}  // namespace banzhaf::formats
