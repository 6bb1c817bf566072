// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Any bytes are either opened as the file of a tree explainer, which then explains rows, or refused.
//
// If the first byte is even, the other bytes are a file, whose checksums are computed anew. Otherwise they are sections
// of a sound file: for each the identity (1 byte), the size (2 bytes, lowest first) and the content. So a mutation
// reaches what checks the content.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <vector>

#include "banzhaf/tree_file.hpp"
#include "formats/sections.hpp"
#include "trees/saved.hpp"

namespace {

using namespace banzhaf;

std::vector<std::byte> file_of(std::span<const std::byte> input) {
  std::vector<formats::Section> sections;
  while (input.size() >= 3) {
    const auto identity = std::to_integer<std::uint32_t>(input[0]);
    const std::size_t size = std::to_integer<std::size_t>(input[1]) | std::to_integer<std::size_t>(input[2]) << 8;
    input = input.subspan(3);
    const std::span<const std::byte> content = input.first(std::min(size, input.size()));
    // From 128 on, a section is one that a reader need not know.
    sections.push_back({identity & 127, identity < 128, content});
    input = input.subspan(content.size());
  }
  return formats::write_sections(sections);
}

void open_and_use(std::span<const std::byte> file) {
  try {
    const TreeExplainer explainer = load_tree_explainer(file);
    const std::size_t n_features = explainer.n_features(), n_values = explainer.n_players() * explainer.n_outputs();
    std::vector<double> rows(10 * n_features);
    const double cells[] = {0, 1, -1, 0.5, 1e300, std::numeric_limits<double>::quiet_NaN(), 2, 3};
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = cells[(i * 5 + i / n_features) % 8];
    std::vector<double> values(10 * n_values), outputs(10 * explainer.n_outputs());
    explainer.explain(rows, values, 1);
    explainer.predict(rows, outputs, 1);
    // A row alone takes another way through the code.
    std::vector<double> alone(n_values);
    explainer.explain(std::span(rows).first(n_features), alone, 1);
    for (std::size_t i = 0; i < n_values; ++i)
      if (alone[i] != values[i] && !(std::isnan(alone[i]) && std::isnan(values[i]))) std::abort();
    explainer.shapley(rows, values, 1);
    if (const std::size_t n_players = explainer.n_players(); n_players >= 2 && n_players <= 50) {
      std::vector<double> pairs(10 * explainer.n_interactions(2) * explainer.n_outputs());
      explainer.interactions(rows, 2, pairs, 1);
    }
    if (explainer.column_names().size() != n_features || explainer.player_names().size() != explainer.n_players())
      std::abort();
  } catch (const std::invalid_argument&) {
    // The bytes were refused, as they should be.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> input = std::as_bytes(std::span(data, size)).subspan(1);
  if (data[0] % 2 != 0) {
    open_and_use(file_of(input));
    return 0;
  }
  std::vector<std::byte> file(input.begin(), input.end());
  open_and_use(file);
  formats::renew_checksums(file);
  open_and_use(file);
  return 0;
}
