// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks that interactions are taken out of crossed explanations, and that nothing changes where they are not.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "banzhaf/crossed.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

constexpr std::size_t n = 20, n_background = 4, n_threes = 8;
constexpr std::size_t block = 32;

// A model with products of three columns, which are four apart, and a linear part.
struct Data {
  std::vector<double> background = testing::normals(n_background * n, 1);
  std::vector<double> explicand = testing::normals(n, 2);
  std::vector<double> weights = testing::normals(n, 3);
  std::vector<double> sizes = testing::normals(n_threes, 4);

  [[nodiscard]] MaskedTable table() const {
    return {background.data(), explicand.data(), n_background, 1, n, sizeof(double), n, {}};
  }
  static std::size_t column(std::size_t t, std::size_t place) { return (3 * t + 4 * place) % n; }

  [[nodiscard]] double model(const double* row) const {
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += weights[j] * row[j];
    for (std::size_t t = 0; t < n_threes; ++t)
      sum += sizes[t] * row[column(t, 0)] * row[column(t, 1)] * row[column(t, 2)];
    return sum;
  }
  [[nodiscard]] double truth(std::size_t i) const {
    double sum = 0;
    for (std::size_t b = 0; b < n_background; ++b) {
      const double* other = &background[b * n];
      double slope = weights[i];
      for (std::size_t t = 0; t < n_threes; ++t) {
        double product = sizes[t];
        bool has = false;
        for (std::size_t place = 0; place < 3; ++place) {
          const std::size_t j = column(t, place);
          if (j == i)
            has = true;
          else
            product *= (explicand[j] + other[j]) / 2;
        }
        if (has) slope += product;
      }
      sum += slope * (explicand[i] - other[i]) / n_background;
    }
    return sum;
  }
};

void explain(const Data& data, Explanations& run) {
  std::vector<std::uint8_t> buffer(1000 * n * sizeof(double));
  const Model model = [&](std::size_t n_rows, std::vector<double>& outputs) {
    for (std::size_t r = 0; r < n_rows; ++r) {
      double row[n];
      std::memcpy(row, buffer.data() + r * sizeof(row), sizeof(row));
      outputs.push_back(data.model(row));
    }
  };
  run.run(model, buffer);
}

double error_of(const Data& data, const Explanations& run) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::pow(run.values()[i] - data.truth(i), 2);
  return sum;
}

// Four blocks of a background row are fresh, eight of them are nested.
void check_errors(std::size_t n_blocks) {
  const Data data;
  double gain = 0;
  constexpr int n_seeds = 4;
  for (std::uint64_t seed = 0; seed < n_seeds; ++seed) {
    CrossedOptions options{.budget = n_background * 2 * block * n_blocks, .seed = seed};
    CrossedExplanations plain(data.table(), options);
    explain(data, plain);
    CHECK(plain.adjustments()[0].outcome == RowsAdjusted::off && plain.adjustments()[0].n_rows == 0);
    options.interactions = Interactions::automatic;
    CrossedExplanations run(data.table(), options);
    explain(data, run);
    CHECK(run.adjustments()[0].outcome == RowsAdjusted::adjusted && run.adjustments()[0].n_rows > 0);
    CHECK(run.n_model_rows() == plain.n_model_rows() && run.rank() == n);
    gain += std::log(error_of(data, plain) / error_of(data, run)) / n_seeds;

    if (seed > 0) continue;
    const CrossedExplainer prepared(data.table(), options);
    for (int again = 0; again < 2; ++again) {
      CrossedExplanations other = prepared.start(data.explicand.data(), 1);
      explain(data, other);
      CHECK(other.values() == run.values() && other.standard_errors() == run.standard_errors());
    }
    options.num_threads = 3;
    CrossedExplanations threads(data.table(), options);
    explain(data, threads);
    CHECK(threads.values() == run.values() && threads.standard_errors() == run.standard_errors());
  }
  CHECK(gain > std::log(n_blocks < 8 ? 2 : 4));
}

// Where nothing is sought, the coalitions and all bits are those of a plain run.
void check_without() {
  const Data data;
  const auto check_same = [&](CrossedOptions options, RowsAdjusted expected) {
    CrossedExplanations plain(data.table(), options);
    explain(data, plain);
    options.interactions = Interactions::automatic;
    CrossedExplanations run(data.table(), options);
    explain(data, run);
    CHECK(run.adjustments()[0].outcome == expected && run.adjustments()[0].n_rows == 0);
    CHECK(run.values() == plain.values() && run.standard_errors() == plain.standard_errors());
    CHECK(run.background_errors() == plain.background_errors());
  };
  check_same({.budget = n_background * 2 * block}, RowsAdjusted::few_pairs);
  check_same({.budget = n_background * 64 * block}, RowsAdjusted::nested);  // a complete stage
  check_same({.budget = n_background * 16 * block, .deadline = 1e9}, RowsAdjusted::late);
}

}  // namespace

int main() {
  check_errors(4);
  check_errors(8);
  check_without();
  return testing::finish();
}
