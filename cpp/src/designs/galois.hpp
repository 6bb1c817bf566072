// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Finite fields, small enough to be tabulated: GF(2^r) for nested blocks, GF(q) of odd q for Paley's matrices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace banzhaf {

/// GF(2^r), an element being the bits of a polynomial modulo an irreducible one of degree r.
class BinaryField {
 public:
  /// r from 0 (one element, 0) to 20.
  explicit BinaryField(unsigned r);

  [[nodiscard]] unsigned degree() const noexcept { return r_; }
  [[nodiscard]] std::uint32_t multiply(std::uint32_t a, std::uint32_t b) const noexcept;
  [[nodiscard]] std::uint32_t power(std::uint32_t a, std::uint32_t exponent) const noexcept;

 private:
  unsigned r_;
  std::uint32_t modulus_;
};

/// p and k with p^k = q, p prime; p = 0 if q is no prime power.
struct PrimePower {
  std::uint32_t p = 0;
  std::uint32_t k = 0;
};
[[nodiscard]] PrimePower prime_power(std::uint32_t q) noexcept;

/// The quadratic character of differences in GF(q), q an odd prime power: elements are 0, ..., q - 1, the digits of
/// their base-p expansion being the coefficients of a polynomial.
class QuadraticCharacter {
 public:
  /// Throws std::invalid_argument if q is no odd prime power.
  explicit QuadraticCharacter(std::uint32_t q);

  /// 1 if a - b is a square other than 0, -1 if it is none, 0 if a = b.
  [[nodiscard]] int of_difference(std::uint32_t a, std::uint32_t b) const noexcept;

 private:
  PrimePower size_;
  std::vector<std::int8_t> character_;
};

}  // namespace banzhaf
