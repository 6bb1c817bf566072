// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The C interface takes any sizes: it accepts those that fit one another, and refuses the others before it touches
// memory. The first byte chooses the function, and each of the others a size or a null pointer.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "banzhaf.h"
#include "choices.hpp"

namespace {

constexpr std::uint64_t sizes[] = {0,
                                   1,
                                   2,
                                   3,
                                   4,
                                   6,
                                   8,
                                   9,
                                   12,
                                   24,
                                   64,
                                   std::uint64_t{1} << 31,
                                   std::uint64_t{1} << 32,
                                   std::uint64_t{1} << 58,
                                   (std::uint64_t{1} << 60) - 1,
                                   std::uint64_t{1} << 61,
                                   std::uint64_t{1} << 63,
                                   ~std::uint64_t{0}};
constexpr std::uint64_t most_real = 64;  // larger sizes are lies, which only sizes that fit could make true

const banzhaf_explainer* explainer() {
  static const banzhaf_explainer* const opened = [] {
    std::ifstream file(BANZHAF_FUZZ_TREES, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    banzhaf_explainer* made = nullptr;
    // The first byte belongs to the fuzz target of such files.
    if (bytes.empty() || banzhaf_open_bytes(bytes.data() + 1, bytes.size() - 1, &made, nullptr, 0) != BANZHAF_OK)
      std::abort();
    return made;
  }();
  return opened;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  banzhaf::fuzz::Choices choices(std::span(data, size));
  const std::size_t function = choices.byte() % 8;
  const std::uint64_t n_cells = choices.one_of(sizes), n_values = choices.one_of(sizes), order = choices.one_of(sizes);
  if (n_cells > most_real && n_values > most_real) return 0;  // they might fit one another
  const auto num_threads = static_cast<std::int32_t>(choices.byte() % 3) - 1;
  const std::uint64_t error_size = choices.byte() % 40;
  const std::size_t nulls = choices.byte();
  // Memory of exactly the sizes, so that a sanitizer sees what lies beyond them.
  std::vector<double> cells(n_cells <= most_real ? n_cells : 1), values(n_values <= most_real ? n_values : 1);
  std::vector<char> error(error_size);
  double* const rows = (nulls & 1U) != 0 ? nullptr : cells.data();
  double* const out = (nulls & 2U) != 0 ? nullptr : values.data();
  char* const reason = (nulls & 4U) != 0 ? nullptr : error.data();
  const banzhaf_explainer* const used = (nulls & 24U) == 24U ? nullptr : explainer();
  std::int32_t status = BANZHAF_OK;
  switch (function) {
    case 0:
      status = banzhaf_explain(used, rows, n_cells, out, n_values, num_threads, reason, error_size);
      break;
    case 1:
      status = banzhaf_shapley(used, rows, n_cells, out, n_values, num_threads, reason, error_size);
      break;
    case 2:
      status = banzhaf_predict(used, rows, n_cells, out, n_values, num_threads, reason, error_size);
      break;
    case 3:
      status = banzhaf_interactions(used, rows, n_cells, order, out, n_values, num_threads, reason, error_size);
      break;
    case 4:
      status = banzhaf_base_values(used, out, n_values, reason, error_size);
      break;
    case 5: {
      banzhaf_explainer* made = nullptr;
      status = banzhaf_open_bytes(rows, n_cells <= most_real ? n_cells * sizeof(double) : 8, &made, reason, error_size);
      if ((status == BANZHAF_OK) != (made != nullptr)) std::abort();
      banzhaf_close(made);
      break;
    }
    case 6:
      for (const char* name :
           {banzhaf_feature_name(used, order), banzhaf_player_name(used, order), banzhaf_output_name(used, order)})
        if (name != nullptr && std::string(name).size() > 1000) std::abort();
      break;
    default:
      if (banzhaf_n_interactions(used, order) > std::uint64_t{1} << 32) std::abort();
  }
  if (status != BANZHAF_OK && status != BANZHAF_INVALID_ARGUMENT && status != BANZHAF_BAD_FILE) std::abort();
  if (reason != nullptr && error_size > 0 && status != BANZHAF_OK && std::string(reason).size() >= error_size)
    std::abort();
  return 0;
}
