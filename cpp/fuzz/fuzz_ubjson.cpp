// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Any bytes are a document or are refused, and what is made of them is in proportion to their number.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <type_traits>

#include "formats/ubjson.hpp"

namespace {

using namespace banzhaf::formats;

// Values and numbers in what was parsed.
std::size_t count(const Value& value) {
  return std::visit(
      [](const auto& held) -> std::size_t {
        using Held = std::decay_t<decltype(held)>;
        std::size_t n = 1;
        if constexpr (std::is_same_v<Held, std::unique_ptr<Text>> || std::is_same_v<Held, std::unique_ptr<Numbers>>) {
          n += held->size();
        } else if constexpr (std::is_same_v<Held, std::unique_ptr<List>>) {
          for (const Value& item : *held) n += count(item);
        } else if constexpr (std::is_same_v<Held, std::unique_ptr<Object>>) {
          for (const auto& [name, member] : *held) n += name.size() + count(member);
        } else if constexpr (std::is_same_v<Held, std::unique_ptr<Table>>) {
          for (const Column& column : *held) {
            n += column.name.size() + column.sizes.size() + column.numbers.size();
            for (const Value& cell : column.values) n += count(cell);
          }
        }
        return n;
      },
      value.held);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Value value = parse_ubjson({reinterpret_cast<const char*>(data), size}, {"t", "trees"});
    // A byte is a value at most, an absent constant another, and so is a cell that a table lacks.
    if (count(value) > 3 * size) std::abort();
  } catch (const std::invalid_argument&) {
    // Refused, as it should be.
  }
  return 0;
}
