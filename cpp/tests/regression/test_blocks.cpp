// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares least squares by transforms with the dense solution.
#include <bit>
#include <cmath>
#include <memory>

#include "check.hpp"
#include "designs/hadamard_pairs.hpp"
#include "regression/blocks.hpp"
#include "regression/regression.hpp"

namespace {

using namespace banzhaf;
using testing::close;

void check_transform(Blocks blocks) {
  for (const std::size_t n : {1, 3, 10, 16, 70}) {
    for (const double ridge : {0.0, 2.5}) {
      const std::size_t order = std::bit_ceil(n);
      for (const std::size_t n_pairs : {order, order + 1, 3 * order, 3 * order + order / 2}) {
        if (n < 10 && n_pairs > (std::size_t{1} << (n - 1))) continue;
        const auto pairs = std::make_shared<const HadamardPairs>(n, n_pairs, 5, Deadline{}, blocks);
        const RowSource rows = [&](std::size_t first, std::size_t count, Coalitions& scratch) {
          scratch.resize(count, n);
          for (std::size_t p = 0; p < count; ++p) pairs->fill_row(first + p, scratch.row(p));
          return scratch.view();
        };
        const std::vector<double> targets = testing::normals(n_pairs * 3, 8);
        const BlockRegression fast(pairs, n, ridge, true, 2);
        const Regression plain(rows, n_pairs, n, {.ridge = ridge});
        const LeastSquares::Fit a = fast.fit(Worths{targets, 3}, true), b = plain.fit(Worths{targets, 3}, false);
        bool same = true;
        for (std::size_t i = 0; i < 3 * n; ++i) same &= close(a.coefficients[i], b.coefficients[i], 1e-12);
        for (std::size_t o = 0; o < 3; ++o) same &= close(a.residual_squares[o], b.residual_squares[o], 1e-10);
        CHECK(same);
        if (n >= 3) CHECK(close(fast.condition_number(), plain.condition_number(), 0.05));
        CHECK(fast.rank() == n);
        // The bits of one output do not depend on the others.
        std::vector<double> second(n_pairs);
        for (std::size_t p = 0; p < n_pairs; ++p) second[p] = targets[3 * p + 1];
        const LeastSquares::Fit alone = fast.fit(Worths{second, 1}, true);
        same = true;
        for (std::size_t i = 0; i < n; ++i) {
          same &= alone.coefficients[i] == a.coefficients[3 * i + 1];
          same &= alone.variances[i] == a.variances[3 * i + 1] || (alone.variances[i] != alone.variances[i]);
        }
        CHECK(same);
      }
    }
  }
}

// An interaction of 5 players in addition to a linear game. No other interaction can be hidden. After two stages, every
// variance is large enough for an error of that size.
void check_hidden() {
  const std::size_t n = 12, n_pairs = 272;  // 16 blocks, twice the smallest stage, and one more
  const auto pairs = std::make_shared<const HadamardPairs>(n, n_pairs, 3);
  CHECK(pairs->has_labels() && pairs->stage_blocks() == 16);
  Coalitions row(1, n);
  std::vector<double> targets(n_pairs * 2);
  for (std::size_t p = 0; p < n_pairs; ++p) {
    pairs->fill_row(p, row.row(0));
    const auto sign = [&](std::size_t i) { return ((row.row(0)[0] >> i) & 1U) != 0 ? 1.0 : -1.0; };
    double product = 1;
    for (std::size_t i = 2; i < 7; ++i) product *= sign(i);
    for (std::size_t i = 0; i < n; ++i) targets[2 * p] += static_cast<double>(i) * sign(i);
    targets[2 * p + 1] = targets[2 * p] + product;
  }
  const LeastSquares::Fit fit = BlockRegression(pairs, n, 0, true, 1).fit(Worths{targets, 2}, true);
  for (std::size_t i = 0; i < n; ++i) {
    CHECK(fit.variances[2 * i] < 1e-20);
    CHECK(std::abs(fit.coefficients[2 * i + 1] - static_cast<double>(i)) < 0.1);  // it is not on a player's column
    CHECK(close(fit.variances[2 * i + 1], 1.0 / 49, 1e-2));
  }
}

// If as many players as columns, the coalitions of a block have even sizes, or all have odd sizes. A vote may then look
// linear. Its errors are 0 only once both parities have been seen.
void check_parity() {
  const std::size_t n = 8;
  std::size_t n_alike = 0;
  for (std::uint64_t seed = 0; seed < 32; ++seed) {
    const auto pairs = std::make_shared<const HadamardPairs>(n, 3 * n, seed, Deadline{}, Blocks::fresh);
    bool odd = false, even = false;
    Coalitions row(1, n);
    std::vector<double> targets(3 * n);
    for (std::size_t p = 0; p < 3 * n; ++p) {
      pairs->fill_row(p, row.row(0));
      (std::popcount(row.row(0)[0]) % 2 == 1 ? odd : even) = true;
      targets[p] = (row.row(0)[0] & 1U) != 0 ? 1 : -1;
    }
    n_alike += odd && even ? 0 : 1;
    const LeastSquares::Fit fit = BlockRegression(pairs, n, 0, true, 1).fit(Worths{targets, 1}, true);
    CHECK((fit.variances[0] < 1e-20) == (odd && even));
  }
  CHECK(n_alike > 2 && n_alike < 16);  // a quarter of them on average
}

void check_stuck_probability() {
  CHECK(close(HadamardPairs(100, 128 * 128, 1).stuck_probability(), 1.0 / 128, 1e-9));
  CHECK(close(HadamardPairs(100, 4 * 128 * 128, 1).stuck_probability(), (1.0 / 128 + 1.0 / 8) / 128, 1e-9));
  CHECK(close(HadamardPairs(100, 3 * 128, 1).stuck_probability(), 1.0 / 128 + 1.0 / 4, 1e-9));
  CHECK(close(HadamardPairs(64, 32 * 64, 1).stuck_probability(), 1.0 / 32, 1e-6));  // Kerdock's
  CHECK(HadamardPairs(64, 64, 1).stuck_probability() == 1);
}

}  // namespace

int main() {
  check_transform(Blocks::nested);
  check_transform(Blocks::fresh);
  check_parity();
  check_hidden();
  check_stuck_probability();
  return testing::finish();
}
