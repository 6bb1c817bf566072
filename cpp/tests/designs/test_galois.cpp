// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks the axioms of the fields on all elements, and the quadratic character by its sums.
#include <set>

#include "check.hpp"
#include "designs/galois.hpp"

int main() {
  using namespace banzhaf;
  for (unsigned r = 1; r <= 9; ++r) {
    const BinaryField field(r);
    const std::uint32_t size = std::uint32_t{1} << r;
    bool right = true;
    for (std::uint32_t a = 1; a < size; ++a) {
      // Multiplication by a is a bijection with a fixed 0. There are no divisors of zero, so every element has an
      // inverse.
      std::set<std::uint32_t> products;
      for (std::uint32_t b = 0; b < size; ++b) {
        products.insert(field.multiply(a, b));
        right &= field.multiply(a, b) == field.multiply(b, a);
        right &= field.multiply(a, b ^ 1U) == (field.multiply(a, b) ^ a);
      }
      right &= products.size() == size && *products.rbegin() == size - 1;
      right &= field.power(a, size - 1) == 1 && field.power(a, 3) == field.multiply(a, field.multiply(a, a));
    }
    CHECK(right);
  }
  for (unsigned r = 10; r <= 20; ++r) {
    // Too large for all elements: x^(2^r) = x must hold, which fails for most reducible moduli.
    const BinaryField field(r);
    std::uint32_t x = 2;
    for (unsigned i = 0; i < r; ++i) x = field.multiply(x, x);
    CHECK(x == 2);
    // By shifts and one subtraction of the modulus a step, whose low part is x^r.
    const std::uint32_t top = field.multiply(std::uint32_t{1} << (r - 1), 2);
    const auto slowly = [&](std::uint32_t a, std::uint32_t b) {
      std::uint32_t product = 0;
      for (; b != 0; b >>= 1) {
        if ((b & 1U) != 0) product ^= a;
        a = ((a << 1) & ((std::uint32_t{1} << r) - 1)) ^ (((a >> (r - 1)) & 1U) != 0 ? top : 0U);
      }
      return product;
    };
    bool right = true;
    const Multiplier times(field, top | 5U);
    for (std::uint32_t i = 0, a = 1, b = 3; i < 500; ++i) {
      right &= times(a) == field.multiply(top | 5U, a);
      right &= field.multiply(a, b) == slowly(a, b) && field.square(a) == slowly(a, a);
      right &= field.power(a, 5) == slowly(a, slowly(slowly(a, a), slowly(a, a)));
      a = (a * 1'664'525U + 1'013'904'223U) & ((std::uint32_t{1} << r) - 1);
      b = (b * 22'695'477U + 1U) & ((std::uint32_t{1} << r) - 1);
    }
    CHECK(right);
  }
  CHECK(testing::throws<std::invalid_argument>([] { BinaryField field(21); }, "degree"));

  CHECK(prime_power(243).p == 3 && prime_power(243).k == 5);
  CHECK(prime_power(1).p == 0 && prime_power(12).p == 0 && prime_power(2).k == 1 && prime_power(169).p == 13);
  for (const std::uint32_t q : {3, 5, 7, 9, 25, 27, 49, 81, 101, 121, 125}) {
    const QuadraticCharacter character(q);
    bool right = true;
    for (std::uint32_t a = 0; a < q; ++a) {
      int sum = 0, correlation = 0;
      for (std::uint32_t b = 0; b < q; ++b) {
        sum += character.of_difference(a, b);
        correlation += character.of_difference(a, b) * character.of_difference(0, b);
        right &= character.of_difference(a, b) == (q % 4 == 1 ? 1 : -1) * character.of_difference(b, a);
      }
      // There are as many squares as other elements, and a shifted character is almost orthogonal to itself.
      right &= sum == 0 && correlation == (a == 0 ? static_cast<int>(q) - 1 : -1) && character.of_difference(a, a) == 0;
    }
    CHECK(right);
  }
  CHECK(testing::throws<std::invalid_argument>([] { QuadraticCharacter character(15); }, "odd prime"));
  CHECK(testing::throws<std::invalid_argument>([] { QuadraticCharacter character(8); }, "odd prime"));
  return testing::finish();
}
