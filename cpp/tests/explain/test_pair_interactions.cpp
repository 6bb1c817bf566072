// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks which evaluations a run keeps, and the interactions that follow from them.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "banzhaf/crossed.hpp"
#include "banzhaf/kept_rows.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

constexpr std::size_t n = 9, n_background = 3, n_rows = 2;

struct Data {
  std::vector<double> background = testing::normals(n_background * n, 1);
  std::vector<double> explicands = testing::normals(n_rows * n, 2);

  [[nodiscard]] MaskedTable table() const {
    return {background.data(), explicands.data(), n_background, n_rows, n, sizeof(double), n, {}};
  }
  // A product of two columns and one of three.
  [[nodiscard]] static double model(const double* row) {
    return 3 * row[0] * row[1] - row[2] * row[3] * row[8] + row[4];
  }
  [[nodiscard]] double truth(std::size_t x, std::size_t i, std::size_t j) const {
    double sum = 0;
    for (std::size_t b = 0; b < n_background; ++b) {
      const double *one = &explicands[x * n], *other = &background[b * n];
      const double change = (one[i] - other[i]) * (one[j] - other[j]) / n_background;
      if (i == 0 && j == 1) sum += 3 * change;
      const std::size_t third = 2 + 3 + 8 - i - j;
      if (third < n && i >= 2 && j != i && (i == 2 || i == 3) && (j == 3 || j == 8) && i + j != 4)
        sum -= change * (one[third] + other[third]) / 2;
    }
    return sum;
  }
};

KeptRows run(const Data& data, CrossedOptions options) {
  CrossedExplanations explanations(data.table(), std::move(options));
  std::vector<std::uint8_t> buffer(1000 * n * sizeof(double));
  const Model model = [&](std::size_t count, std::vector<double>& outputs) {
    for (std::size_t r = 0; r < count; ++r) {
      double row[n];
      std::memcpy(row, buffer.data() + r * sizeof(row), sizeof(row));
      outputs.push_back(Data::model(row));
    }
  };
  explanations.run(model, buffer);
  return explanations.take_kept();
}

void check_values() {
  const Data data;
  constexpr std::size_t all = std::size_t{1} << n;
  // All coalitions, and the complete nested design of eight blocks. No more than three players interact.
  for (const std::size_t each : {all, std::size_t{2 * 8 * 16}}) {
    const KeptRows kept = run(data, {.budget = n_background * each, .most_kept = std::size_t{1} << 30, .seed = 5});
    CHECK(kept.keeping == Keeping::kept && kept.rows.size() == n_rows);
    const PairInteractions found = pair_interactions(kept);
    std::size_t at = 0;
    for (std::size_t x = 0; x < n_rows; ++x)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j, ++at) {
          CHECK(std::abs(found.values[at] - data.truth(x, i, j)) < 1e-12);
          CHECK(found.standard_errors[at] < 1e-12);
        }
    CHECK(at == found.values.size());
    CHECK(pair_interactions(kept, 3).values == found.values);
  }
}

void check_keeping() {
  const Data data;
  const CrossedOptions options{.budget = n_background * 64, .seed = 5};
  const auto keeping = [&](std::size_t most, double deadline, std::size_t budget) {
    CrossedOptions changed = options;
    changed.most_kept = most;
    changed.deadline = deadline;
    changed.budget = budget;
    return run(data, changed).keeping;
  };
  const double never = options.deadline;
  const std::size_t bytes = n_rows * options.budget * sizeof(double);
  CHECK(keeping(0, never, options.budget) == Keeping::off);
  CHECK(keeping(bytes, never, options.budget) == Keeping::kept);
  CHECK(keeping(bytes - 1, never, options.budget) == Keeping::large);
  CHECK(keeping(bytes, 1e6, options.budget) == Keeping::kept);
  CHECK(keeping(bytes, 1e6, n_background * 24) == Keeping::timed);

  KeptRows kept = run(data, {.budget = n_background * 64, .most_kept = bytes, .seed = 5});
  kept.rows[0].worths.pop_back();
  CHECK(testing::throws<std::invalid_argument>([&] { (void)pair_interactions(kept); }, "worths"));
  CHECK(testing::throws<std::invalid_argument>([] { (void)pair_interactions({}); }, "not kept"));
}

}  // namespace

int main() {
  check_values();
  check_keeping();
  return testing::finish();
}
