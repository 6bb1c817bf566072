// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The quantile of Student's t: bisection on its incomplete beta function.
#include "support/statistics.hpp"

#include <cmath>
#include <initializer_list>
#include <limits>
#include <stdexcept>

namespace banzhaf {
namespace {

// The regularised incomplete beta function by Lentz's continued fraction (Numerical Recipes, 6.4; DLMF 8.17.22).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, 1 - x);
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x)) / a;
  constexpr double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < tiny ? tiny : d);
  double fraction = d;
  for (int m = 1; m < 10'000; ++m) {
    for (const double term : {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                              -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))}) {
      d = 1 + term * d;
      c = 1 + term / c;
      d = 1 / (std::abs(d) < tiny ? tiny : d);
      c = std::abs(c) < tiny ? tiny : c;
      fraction *= c * d;
    }
    if (std::abs(c * d - 1) < 1e-16) break;
  }
  return front * fraction;
}

// P(T > t) for t >= 0.
double upper_tail(double t, double nu) {
  if (std::isinf(nu) || nu > 1e8) return 0.5 * std::erfc(t / std::sqrt(2.0));
  return 0.5 * incomplete_beta(0.5 * nu, 0.5, nu / (nu + t * t));
}

}  // namespace

double student_t_quantile(double probability, double degrees_of_freedom) {
  if (!(probability > 0 && probability < 1))
    throw std::invalid_argument("probability must lie strictly between 0 and 1");
  if (!(degrees_of_freedom > 0)) throw std::invalid_argument("degrees_of_freedom must be positive");
  if (probability == 0.5) return 0;
  const double tail = probability < 0.5 ? probability : 1 - probability;
  double low = 0, high = 1;
  while (upper_tail(high, degrees_of_freedom) > tail && high < 1e300) {
    low = high;
    high *= 2;
  }
  for (int i = 0; i < 200 && high - low > 1e-15 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (upper_tail(middle, degrees_of_freedom) > tail ? low : high) = middle;
  }
  const double t = 0.5 * (low + high);
  return probability < 0.5 ? -t : t;
}

}  // namespace banzhaf
