// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares models that are C functions with the same models in C++, for both designs, any batch and number of threads.
#include <cmath>
#include <limits>

#include "banzhaf/crossed.hpp"
#include "banzhaf/native_model.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;
using testing::throws;

double output_of(const float* row, std::size_t n_columns) {
  double sum = 0;
  for (std::size_t j = 0; j < n_columns; ++j) sum += static_cast<double>(row[j]) * static_cast<double>(j + 1);
  return std::tanh(sum / 50) + static_cast<double>(row[0] * row[1]);
}

extern "C" {

static int curved(const void* rows, std::size_t n_rows, std::size_t n_columns, double* outputs, std::size_t n_outputs,
                  void*) {
  const auto* cells = static_cast<const float*>(rows);
  for (std::size_t r = 0; r < n_rows; ++r)
    for (std::size_t o = 0; o < n_outputs; ++o)
      outputs[r * n_outputs + o] = output_of(cells + r * n_columns, n_columns) * static_cast<double>(o + 1);
  return 0;
}

static int failing(const void*, std::size_t, std::size_t, double*, std::size_t, void*) { return -4; }

// Writes only outputs of rows whose first cell is not above 0.
static int silent(const void* rows, std::size_t n_rows, std::size_t n_columns, double* outputs, std::size_t, void*) {
  const auto* cells = static_cast<const float*>(rows);
  for (std::size_t r = 0; r < n_rows; ++r)
    if (!(cells[r * n_columns] > 0)) outputs[r] = 1;
  return 0;
}
}

banzhaf_model described(banzhaf_model_function function, std::size_t n_outputs = 1) {
  return {.version = BANZHAF_NATIVE_VERSION,
          .flags = 0,
          .function = function,
          .data = nullptr,
          .n_columns = 0,
          .n_outputs = n_outputs,
          .error_text = nullptr,
          .cell_type = BANZHAF_FLOAT32};
}

struct Rows {
  Rows(std::size_t n_rows, unsigned seed, float shift) {
    for (const double x : testing::normals(n_rows * n_columns, seed)) cells.push_back(static_cast<float>(x) + shift);
  }
  static constexpr std::size_t n_columns = 9;
  std::vector<float> cells;
};

MaskedTable table_of(const Rows& background, const Rows& explicands) {
  return {.background = background.cells.data(),
          .explicands = explicands.cells.data(),
          .n_background = background.cells.size() / Rows::n_columns,
          .n_explicands = explicands.cells.size() / Rows::n_columns,
          .n_columns = Rows::n_columns,
          .cell_bytes = sizeof(float),
          .n_players = Rows::n_columns};
}

void check_values() {
  const Rows background(12, 1, -5), explicands(3, 2, 0);
  const Design design(DesignKind::paired, Rows::n_columns, 60, 3);
  const auto estimator = std::make_shared<const Estimator>(design, EstimateOptions{});
  const NativeModel native(described(&curved, 2));
  CHECK(native.cell_bytes() == 4 && native.n_outputs() == 2 && native.num_threads() == 0);
  for (const bool crossed : {true, false}) {
    const auto run_of = [&](int threads) -> std::unique_ptr<Explanations> {
      const MaskedTable table = table_of(background, explicands);
      if (crossed)
        return std::make_unique<CrossedExplanations>(table,
                                                     CrossedOptions{.budget = 400, .seed = 7, .num_threads = threads});
      return std::make_unique<SharedExplanations>(table, design, estimator, threads);
    };
    std::vector<std::uint8_t> buffer(1000 * Rows::n_columns * sizeof(float));
    const Model plain = [&](std::size_t n_rows, std::vector<double>& outputs) {
      const auto* cells = reinterpret_cast<const float*>(buffer.data());
      for (std::size_t r = 0; r < n_rows; ++r)
        for (int o = 0; o < 2; ++o)
          outputs.push_back(output_of(cells + r * Rows::n_columns, Rows::n_columns) * (o + 1));
    };
    const auto expected = run_of(1);
    expected->run(plain, buffer);
    for (const int threads : {1, 3}) {
      for (const std::size_t batch : {1, 7, 1000}) {
        std::vector<std::uint8_t> memory(batch * Rows::n_columns * sizeof(float));
        const auto found = run_of(threads);
        found->run(native.with_threads(threads).reading(memory.data(), Rows::n_columns), memory);
        CHECK(found->values() == expected->values() && found->base_values() == expected->base_values());
        CHECK(found->standard_errors() == expected->standard_errors());
      }
    }
  }
}

void check_refusals() {
  const Rows background(2, 1, -5), explicands(1, 2, 5);
  std::vector<std::uint8_t> buffer(100 * Rows::n_columns * sizeof(float));
  const auto run = [&](const banzhaf_model& model) {
    CrossedExplanations crossed(table_of(background, explicands), {.budget = 100});
    crossed.run(NativeModel(model).reading(buffer.data(), Rows::n_columns), buffer);
  };
  CHECK(throws<std::runtime_error>([&] { run(described(&failing)); }, "model returned the error -4"));
  CHECK(throws<std::domain_error>([&] { run(described(&silent)); }, "not finite for row 0 of X"));
  banzhaf_model model = described(&curved);
  model.n_columns = 10;
  CHECK(throws<std::invalid_argument>([&] { run(model); }, "model is for 10 columns, got 9"));
  model = described(&curved);
  model.cell_type = 99;
  CHECK(throws<std::invalid_argument>([&] { run(model); }, "cell_type"));
  model.cell_type = 0;
  CHECK(throws<std::invalid_argument>([&] { run(model); }, "cell_type"));
  model = described(&curved);
  model.version = 0;
  CHECK(throws<std::invalid_argument>([&] { run(model); }, "version 0"));
  CHECK(throws<std::invalid_argument>([] { const NativeModel made(described(&curved), -1); }, "num_threads"));
  const std::pair<banzhaf_cell_type, std::size_t> sizes[] = {
      {BANZHAF_BOOL, 1},   {BANZHAF_INT8, 1},   {BANZHAF_UINT8, 1},  {BANZHAF_INT16, 2},
      {BANZHAF_UINT16, 2}, {BANZHAF_INT32, 4},  {BANZHAF_UINT32, 4}, {BANZHAF_FLOAT32, 4},
      {BANZHAF_INT64, 8},  {BANZHAF_UINT64, 8}, {BANZHAF_FLOAT64, 8}};
  for (const auto& [type, bytes] : sizes) {
    model = described(&curved);
    model.cell_type = type;
    CHECK(NativeModel(model).cell_bytes() == bytes);
  }
}

}  // namespace

int main() {
  check_values();
  check_refusals();
  return banzhaf::testing::finish();
}
