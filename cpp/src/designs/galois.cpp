// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Arithmetic of polynomials over GF(2) and GF(p).
#include "designs/galois.hpp"

#include <bit>
#include <stdexcept>
#include <string>

namespace banzhaf {
namespace {

// Returns the remainder of one polynomial over GF(2) divided by another.
std::uint32_t remainder(std::uint32_t a, std::uint32_t b) noexcept {
  const auto width = static_cast<unsigned>(std::bit_width(b));
  for (auto top = static_cast<unsigned>(std::bit_width(a)); top >= width; --top)
    if ((a >> (top - 1)) & 1U) a ^= b << (top - width);
  return a;
}

// Returns the smallest irreducible polynomial of degree r, by trial division.
std::uint32_t irreducible(unsigned r) {
  for (std::uint32_t candidate = std::uint32_t{1} << r;; ++candidate) {
    bool divisible = false;
    for (std::uint32_t divisor = 2; !divisible && 2 * (static_cast<unsigned>(std::bit_width(divisor)) - 1) <= r;
         ++divisor)
      divisible = remainder(candidate, divisor) == 0;
    if (!divisible) return candidate;
  }
}

using Polynomial = std::vector<std::uint32_t>;  // coefficients modulo p, lowest first

Polynomial digits(std::uint32_t x, std::uint32_t p, std::uint32_t k) {
  Polynomial result(k);
  for (std::uint32_t& digit : result) {
    digit = x % p;
    x /= p;
  }
  return result;
}

std::uint32_t number(const Polynomial& a, std::uint32_t p) {
  std::uint32_t x = 0;
  for (std::size_t i = a.size(); i-- > 0;) x = x * p + a[i];
  return x;
}

// Returns a modulo the monic polynomial x^k + modulus.
Polynomial reduce(Polynomial a, const Polynomial& modulus, std::uint32_t p) {
  const std::size_t k = modulus.size();
  for (std::size_t i = a.size(); i-- > k;) {
    const std::uint64_t lead = a[i];
    for (std::size_t j = 0; j < k; ++j)
      a[i - k + j] = static_cast<std::uint32_t>((a[i - k + j] + lead * (p - modulus[j])) % p);
    a.pop_back();
  }
  return a;
}

Polynomial square(const Polynomial& a, const Polynomial& modulus, std::uint32_t p) {
  Polynomial product(2 * a.size() - 1);
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a.size(); ++j)
      product[i + j] = static_cast<std::uint32_t>((product[i + j] + std::uint64_t{a[i]} * a[j]) % p);
  return reduce(std::move(product), modulus, p);
}

// Returns the low coefficients of a monic irreducible polynomial of degree k, which no monic polynomial of at most half
// its degree divides.
Polynomial irreducible(std::uint32_t p, std::uint32_t k) {
  std::uint32_t q = 1;
  for (std::uint32_t i = 0; i < k; ++i) q *= p;
  for (std::uint32_t low = 0; low < q; ++low) {
    Polynomial candidate = digits(low, p, k);
    candidate.push_back(1);
    bool divisible = false;
    std::uint32_t count = p;
    for (std::uint32_t degree = 1; !divisible && 2 * degree <= k; ++degree, count *= p) {
      for (std::uint32_t d = 0; !divisible && d < count; ++d)
        divisible = number(reduce(candidate, digits(d, p, degree), p), p) == 0;
    }
    candidate.pop_back();
    if (!divisible) return candidate;
  }
  throw std::logic_error("there is an irreducible polynomial of every degree");
}

}  // namespace

BinaryField::BinaryField(unsigned r) : r_(r), modulus_(r > 0 ? irreducible(r) : 1) {
  if (r > 20) throw std::invalid_argument("the degree must be at most 20, got " + std::to_string(r));
}

// Returns a polynomial of degree below 2 r modulo the field's. Its high part is folded down once for each low term of the
// modulus, of which there are few.
std::uint32_t BinaryField::reduce(std::uint64_t a) const noexcept {
  const std::uint32_t low = modulus_ ^ (std::uint32_t{1} << r_);
  for (std::uint64_t high = a >> r_; high != 0; high = a >> r_) {
    a ^= high << r_;
    for (std::uint32_t rest = low; rest != 0; rest &= rest - 1) a ^= high << std::countr_zero(rest);
  }
  return static_cast<std::uint32_t>(a);
}

std::uint32_t BinaryField::multiply(std::uint32_t a, std::uint32_t b) const noexcept {
  // Two bits of b at a time, without branches that a CPU cannot predict.
  const std::uint64_t once = a, twice = once << 1;
  std::uint64_t product = 0;
  for (unsigned shift = 0; b != 0; shift += 2, b >>= 2)
    product ^= ((once & (0 - std::uint64_t{b & 1U})) ^ (twice & (0 - std::uint64_t{(b >> 1) & 1U}))) << shift;
  return reduce(product);
}

std::uint32_t BinaryField::square(std::uint32_t a) const noexcept {
  // The square of a sum is the sum of the squares, so zeros go between the bits.
  std::uint64_t x = a;
  x = (x | x << 16) & 0x0000ffff0000ffffU;
  x = (x | x << 8) & 0x00ff00ff00ff00ffU;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fU;
  x = (x | x << 2) & 0x3333333333333333U;
  x = (x | x << 1) & 0x5555555555555555U;
  return reduce(x);
}

std::uint32_t BinaryField::power(std::uint32_t a, std::uint32_t exponent) const noexcept {
  std::uint32_t result = r_ > 0 ? 1 : 0;
  for (unsigned bit = static_cast<unsigned>(std::bit_width(exponent)); bit-- > 0;) {
    result = square(result);
    if ((exponent >> bit) & 1U) result = result == 1 ? a : multiply(result, a);
  }
  return result;
}

Multiplier::Multiplier(const BinaryField& field, std::uint32_t factor) {
  for (unsigned byte = 0; byte < 3; ++byte) {
    for (std::uint32_t bit = 0; bit < 8; ++bit) {
      const std::uint32_t place = 8 * byte + bit, top = std::uint32_t{1} << bit;
      const std::uint32_t product = place < field.degree() ? field.multiply(factor, std::uint32_t{1} << place) : 0;
      for (std::uint32_t rest = 0; rest < top; ++rest) table_[byte][top | rest] = table_[byte][rest] ^ product;
    }
  }
}

PrimePower prime_power(std::uint32_t q) noexcept {
  if (q < 2) return {};
  std::uint32_t p = q;
  for (std::uint32_t d = 2; d * d <= q; ++d) {
    if (q % d == 0) {
      p = d;
      break;
    }
  }
  std::uint32_t k = 0;
  while (q % p == 0) {
    q /= p;
    ++k;
  }
  return q == 1 ? PrimePower{p, k} : PrimePower{};
}

QuadraticCharacter::QuadraticCharacter(std::uint32_t q) : size_(prime_power(q)), character_(q, -1) {
  if (size_.p < 3) throw std::invalid_argument("q must be a power of an odd prime, got " + std::to_string(q));
  const Polynomial modulus = irreducible(size_.p, size_.k);
  for (std::uint32_t x = 1; x < q; ++x)
    character_[number(square(digits(x, size_.p, size_.k), modulus, size_.p), size_.p)] = 1;
  character_[0] = 0;
}

int QuadraticCharacter::of_difference(std::uint32_t a, std::uint32_t b) const noexcept {
  if (size_.k == 1) return character_[a >= b ? a - b : a + size_.p - b];
  std::uint32_t difference = 0, place = 1;
  for (std::uint32_t i = 0; i < size_.k; ++i, place *= size_.p, a /= size_.p, b /= size_.p)
    difference += (a % size_.p + size_.p - b % size_.p) % size_.p * place;
  return character_[difference];
}

}  // namespace banzhaf
