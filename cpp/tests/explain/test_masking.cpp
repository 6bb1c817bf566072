// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares masked rows and explanations with rows that are assembled cell by cell.
#include <algorithm>
#include <cstring>

#include "banzhaf/explain.hpp"
#include "banzhaf/masking.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

template <typename Cell>
void check_cells(bool grouped) {
  const std::size_t n_background = 5, n_explicands = 3, n_columns = 71, n_players = grouped ? 9 : n_columns;
  std::vector<Cell> background(n_background * n_columns), explicands(n_explicands * n_columns);
  for (std::size_t i = 0; i < background.size(); ++i) background[i] = static_cast<Cell>(3 * i + 1);
  for (std::size_t i = 0; i < explicands.size(); ++i) explicands[i] = static_cast<Cell>(7 * i + 2);
  std::vector<std::uint32_t> player_of_column;
  if (grouped)
    for (std::size_t j = 0; j < n_columns; ++j)
      player_of_column.push_back(static_cast<std::uint32_t>(j * 5 % n_players));
  const MaskedRows rows({background.data(), explicands.data(), n_background, n_explicands, n_columns, sizeof(Cell),
                         n_players, player_of_column});
  Coalitions coalitions(200, n_players);
  Design(DesignKind::independent, n_players, 200, 1).fill(0, coalitions);
  std::vector<MaskedRows::Part> parts;
  std::size_t n_rows = 0;
  for (std::size_t s = 0; s < 200; ++s) {
    const std::size_t first = s % 3, count = 1 + s % (n_background - first);
    parts.push_back({s % n_explicands, s, first, count, n_rows});
    n_rows += count;
  }
  std::vector<Cell> out(n_rows * n_columns);
  rows.write(parts, coalitions.view(), reinterpret_cast<std::uint8_t*>(out.data()), 2);
  bool right = true;
  for (const MaskedRows::Part& part : parts) {
    for (std::size_t r = 0; r < part.n_rows; ++r) {
      for (std::size_t j = 0; j < n_columns; ++j) {
        const bool present = coalitions.view().contains(part.coalition, grouped ? player_of_column[j] : j);
        right &= out[(part.first_out + r) * n_columns + j] ==
                 (present ? explicands[part.explicand * n_columns + j]
                          : background[(part.first_background + r) * n_columns + j]);
      }
    }
  }
  CHECK(right);
}

void check_explanations() {
  const std::size_t n = 6, n_background = 4, n_explicands = 3;
  const std::vector<double> background = testing::normals(n_background * n, 1),
                            explicands = testing::normals(n_explicands * n, 2);
  const std::vector<double> weights = testing::normals(n, 3);
  const Design design(DesignKind::paired, n, 40, 9);
  const auto estimator = std::make_shared<const Estimator>(design, EstimateOptions{});
  const auto explain = [&](std::size_t batch, std::size_t fail_at, Explanations& run) {
    std::vector<std::uint8_t> buffer(batch * n * sizeof(double));
    std::size_t calls = 0;
    const Model model = [&](std::size_t n_rows, std::vector<double>& outputs) {
      if (++calls == fail_at) throw std::runtime_error("the model's own");
      for (std::size_t r = 0; r < n_rows; ++r) {
        double row[6];
        std::memcpy(row, buffer.data() + r * sizeof(row), sizeof(row));
        double sum = row[0] * row[1];
        for (std::size_t j = 0; j < n; ++j) sum += weights[j] * row[j];
        outputs.push_back(sum);
      }
    };
    run.run(model, buffer);
  };
  const MaskedTable table{background.data(), explicands.data(), n_background, n_explicands, n, sizeof(double), n, {}};
  SharedExplanations whole(table, design, estimator, 2);
  explain(1000, 0, whole);
  CHECK(whole.n_explained() == n_explicands && whole.n_model_rows() == n_background * (1 + n_explicands * 40));
  // The model has order 2, so pairs are exact: player i adds w_i (x_i - mean b_i), and its share of the product.
  bool right = true;
  for (std::size_t x = 0; x < n_explicands; ++x) {
    for (std::size_t i = 0; i < n; ++i) {
      double expected = 0;
      for (std::size_t b = 0; b < n_background; ++b) {
        const double own = explicands[x * n + i], other = background[b * n + i];
        expected += weights[i] * (own - other);
        if (i > 1) continue;
        const std::size_t partner = 1 - i;
        expected += 0.5 * (own - other) * (explicands[x * n + partner] + background[b * n + partner]);
      }
      right &= testing::close(whole.values()[x * n + i], expected / n_background, 1e-11);
    }
  }
  CHECK(right);
  for (const std::size_t batch : {1, 3, 7, 150}) {
    SharedExplanations again(table, design, estimator, 1);
    explain(batch, 0, again);
    CHECK(again.values() == whole.values() && again.standard_errors() == whole.standard_errors());
  }
  // The first explicand is complete when the model fails: the background takes one call, and an explicand 160 rows.
  SharedExplanations failing(table, design, estimator, 1);
  CHECK(testing::throws<std::runtime_error>([&] { explain(100, 4, failing); }, "the model's own"));
  CHECK(failing.n_explained() == 1 &&
        std::equal(failing.values().begin(), failing.values().end(), whole.values().begin()));
}

}  // namespace

int main() {
  for (const bool grouped : {false, true}) {
    check_cells<std::uint8_t>(grouped);
    check_cells<std::uint16_t>(grouped);
    check_cells<float>(grouped);
    check_cells<double>(grouped);
  }
  check_explanations();
  return testing::finish();
}
