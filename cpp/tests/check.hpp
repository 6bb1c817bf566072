// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A minimal test library: checks that count, print failures and continue.
#pragma once

#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace banzhaf::testing {

inline int n_checks = 0;
inline int n_failures = 0;

inline void report(bool passed, const char* text, const char* file, int line) {
  ++n_checks;
  if (passed) return;
  ++n_failures;
  std::printf("%s:%d: failed: %s\n", file, line, text);
}

/// Ends a test program. Its exit code is 0 if there were checks and all of them passed.
[[nodiscard]] inline int finish() {
  std::printf("%d passed, %d failed\n", n_checks - n_failures, n_failures);
  return n_failures == 0 && n_checks > 0 ? 0 : 1;
}

template <typename Error>
bool throws(const std::function<void()>& body, const std::string& part) {
  try {
    body();
  } catch (const Error& error) {
    return std::string(error.what()).find(part) != std::string::npos;
  }
  return false;
}

inline bool close(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance * (1 + std::abs(b)); }

inline std::vector<double> normals(std::size_t count, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (double& v : values) v = normal(engine);
  return values;
}

}  // namespace banzhaf::testing

#define CHECK(condition) ::banzhaf::testing::report((condition), #condition, __FILE__, __LINE__)
