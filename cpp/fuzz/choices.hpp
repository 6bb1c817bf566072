// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT
// What a fuzz target decides by its input, byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace banzhaf::fuzz {

class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  // The next byte; 0 when all are used up.
  std::size_t byte() {
    if (bytes_.empty()) return 0;
    const std::size_t found = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return found;
  }

  template <class T, std::size_t n>
  const T& one_of(const T (&options)[n]) {
    return options[byte() % n];
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace banzhaf::fuzz
