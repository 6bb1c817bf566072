// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Finite fields that are small enough for tables: GF(2^r) for nested blocks, and GF(q) with odd q for Paley's matrices.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace banzhaf {

/// The field GF(2^r). An element is the bits of a polynomial modulo an irreducible polynomial of degree r.
class BinaryField {
 public:
  /// r is from 0 (the one element 0) to 20.
  explicit BinaryField(unsigned r);

  [[nodiscard]] unsigned degree() const noexcept { return r_; }
  [[nodiscard]] std::uint32_t multiply(std::uint32_t a, std::uint32_t b) const noexcept;
  [[nodiscard]] std::uint32_t square(std::uint32_t a) const noexcept;
  [[nodiscard]] std::uint32_t power(std::uint32_t a, std::uint32_t exponent) const noexcept;

 private:
  [[nodiscard]] std::uint32_t reduce(std::uint64_t a) const noexcept;

  unsigned r_;
  std::uint32_t modulus_;
};

/// Products of elements with one factor, by three look-ups.
class Multiplier {
 public:
  Multiplier(const BinaryField& field, std::uint32_t factor);

  [[nodiscard]] std::uint32_t operator()(std::uint32_t a) const noexcept {
    return table_[0][a & 255U] ^ table_[1][(a >> 8) & 255U] ^ table_[2][a >> 16];
  }

 private:
  std::array<std::array<std::uint32_t, 256>, 3> table_{};  // for each byte of a
};

/// The p and k with p^k = q and p prime, or p = 0 if q is not a power of a prime.
struct PrimePower {
  std::uint32_t p = 0;
  std::uint32_t k = 0;
};
[[nodiscard]] PrimePower prime_power(std::uint32_t q) noexcept;

/// The quadratic character of differences in GF(q), where q is an odd power of a prime. The elements are 0, ..., q - 1.
/// Their digits in base p are the coefficients of a polynomial.
class QuadraticCharacter {
 public:
  /// Throws std::invalid_argument if q is not an odd power of a prime.
  explicit QuadraticCharacter(std::uint32_t q);

  /// Returns 0 if a = b, 1 if a - b is another square, and -1 if it is no square.
  [[nodiscard]] int of_difference(std::uint32_t a, std::uint32_t b) const noexcept;

 private:
  PrimePower size_;
  std::vector<std::int8_t> character_;
};

}  // namespace banzhaf
