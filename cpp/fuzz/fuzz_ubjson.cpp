// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Any bytes are either read as a document or refused, and the result is at most proportional to their number.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <type_traits>

#include "formats/ubjson.hpp"

namespace {

using namespace banzhaf::formats;

// Counts the values and numbers of a document.
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
    // Each byte makes at most one value, plus one for an absent constant and one for a missing cell of a table.
    if (count(value) > 3 * size) std::abort();
  } catch (const std::invalid_argument&) {
    // The bytes were refused, as they should be.
  }
  return 0;
}
