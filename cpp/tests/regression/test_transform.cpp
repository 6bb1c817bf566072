// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares the transform with its definition, and the folding with the transform.
#include <bit>
#include <cmath>

#include "banzhaf/transform.hpp"
#include "check.hpp"

int main() {
  using namespace banzhaf;
  using testing::close;
  for (std::size_t n = 0; n <= 8; ++n) {
    const std::size_t size = std::size_t{1} << n;
    const std::vector<double> values = testing::normals(size, static_cast<unsigned>(n));
    std::vector<double> fast(values);
    walsh_hadamard(fast, 2);
    bool right = true;
    for (std::size_t t = 0; t < size; ++t) {
      double sum = 0;
      for (std::size_t s = 0; s < size; ++s) sum += std::popcount(s & t) % 2 == 0 ? values[s] : -values[s];
      right &= close(fast[t], sum, 1e-12);
    }
    CHECK(right);
  }
  // Larger than one block, with odd and even numbers of long steps: twice gives 2^n times the input, whatever the
  // threads.
  for (const std::size_t n : {13, 14, 15, 16, 17, 18}) {
    const std::size_t size = std::size_t{1} << n;
    const std::vector<double> values = testing::normals(size, 3);
    std::vector<double> one(values), two(values);
    walsh_hadamard(one, 1);
    walsh_hadamard(two, 7);
    CHECK(one == two);
    const std::vector<double> first = banzhaf_values({values, 1}, n, 2);
    bool right = first == banzhaf_values({values, 1}, n, 1);
    for (std::size_t i = 0; i < n; ++i)
      right &= close(first[i], -std::ldexp(one[std::size_t{1} << i], 1 - static_cast<int>(n)), 1e-12);
    CHECK(right);
    walsh_hadamard(one, 2);
    right = true;
    for (std::size_t s = 0; s < size; ++s) right &= close(std::ldexp(one[s], -static_cast<int>(n)), values[s], 1e-11);
    CHECK(right);
  }
  // Several outputs are several games.
  const std::size_t n = 15, k = 3, size = std::size_t{1} << n;
  const std::vector<double> worths = testing::normals(size * k, 4);
  const std::vector<double> together = banzhaf_values({worths, k}, n, 2);
  for (std::size_t o = 0; o < k; ++o) {
    std::vector<double> alone(size);
    for (std::size_t s = 0; s < size; ++s) alone[s] = worths[s * k + o];
    const std::vector<double> values = banzhaf_values({alone, 1}, n, 2);
    bool right = true;
    for (std::size_t i = 0; i < n; ++i) right &= close(together[i * k + o], values[i], 1e-13);
    CHECK(right);
  }
  CHECK(testing::throws<std::invalid_argument>(
      [] {
        std::vector<double> v(3);
        walsh_hadamard(v);
      },
      "2^n"));
  std::vector<double> two(2);
  CHECK(testing::throws<std::invalid_argument>([&] { walsh_hadamard(two, -3); }, "num_threads must be positive"));
  CHECK(testing::throws<std::invalid_argument>([&] { (void)banzhaf_values({two, 1}, 1, -3); }, "num_threads"));
  const std::vector<double> three(3);
  CHECK(testing::throws<std::invalid_argument>([&] { static_cast<void>(banzhaf_values({three, 1}, 2)); }, "worths"));
  return testing::finish();
}
