// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Large arrays in large pages, whose first use takes less time.
#pragma once

#include <cstddef>
#include <vector>

namespace banzhaf {

/// Asks the system for large pages for memory that is not in use yet. Does nothing for less than 4 MiB, or on a system
/// without them.
void prefer_large_pages(void* memory, std::size_t bytes) noexcept;

/// Makes room for count numbers, in large pages if there are many.
template <typename T>
void reserve_large(std::vector<T>& numbers, std::size_t count) {
  if (count <= numbers.capacity()) return;
  numbers.clear();  // nothing to move
  numbers.reserve(count);
  prefer_large_pages(numbers.data(), count * sizeof(T));
}

/// Returns count zeros.
template <typename T>
[[nodiscard]] std::vector<T> large_zeros(std::size_t count) {
  std::vector<T> numbers;
  reserve_large(numbers, count);
  numbers.resize(count);
  return numbers;
}

template <typename T>
[[nodiscard]] std::vector<T> large_copy(const std::vector<T>& of) {
  std::vector<T> numbers;
  reserve_large(numbers, of.size());
  numbers.assign(of.begin(), of.end());
  return numbers;
}

}  // namespace banzhaf
