// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Coalitions of a design as boolean arrays.
#include <pybind11/stl.h>

#include <bit>
#include <optional>
#include <tuple>

#include "arrays.hpp"
#include "banzhaf/designs.hpp"
#include "binders.hpp"
#include "designs/hadamard_pairs.hpp"
#include "designs/weighing.hpp"

namespace banzhaf::bindings {

DesignKind design_kind(const std::string& name) {
  if (name == "hadamard") return DesignKind::hadamard;
  if (name == "independent") return DesignKind::independent;
  if (name == "paired") return DesignKind::paired;
  if (name == "exhaustive") return DesignKind::exhaustive;
  if (name == "repeated") return DesignKind::repeated;
  if (name == "walks") return DesignKind::walks;
  throw std::invalid_argument("unknown design: " + name);
}

void bind_designs(py::module_& module) {
  module.attr("MAX_PLAYERS") = max_players;
  module.attr("MAX_EXHAUSTIVE_PLAYERS") = max_exhaustive_players;
  module.attr("MAX_WEIGHING_PLAYERS") = max_weighing_players;
  module.def(
      "sample_size",
      [](const std::string& design, std::size_t n_players, std::size_t budget) {
        const Released no_gil;  // planning may take long
        return Design(design_kind(design), n_players, budget, 0).n_coalitions();
      },
      py::arg("design"), py::arg("n_players"), py::arg("budget"));
  // Of a Hadamard design's first blocks: the order of the least one, of Sylvester's, and how many complete the stage
  // that n_blocks are in.
  module.def(
      "hadamard_blocks",
      [](std::size_t n_players, std::size_t n_blocks, std::uint64_t seed) {
        const Released no_gil;  // planning may take long
        const std::size_t order = std::bit_ceil(n_players);
        const std::size_t least = HadamardMatrix::smallest_order(static_cast<std::uint32_t>(n_players));
        return std::tuple(least, order, HadamardPairs(n_players, n_blocks * order, seed).complete_blocks());
      },
      py::arg("n_players"), py::arg("n_blocks"), py::arg("seed"));
  module.def(
      "sample_coalitions",
      [](const std::string& kind, std::size_t n_players, std::size_t budget, std::uint64_t seed, std::size_t first,
         std::optional<std::size_t> count, int num_threads) {
        const Design design = [&] {
          const Released no_gil;  // planning may take long
          return Design(design_kind(kind), n_players, budget, seed);
        }();
        if (first > design.n_coalitions()) throw std::invalid_argument("first lies beyond the design");
        const std::size_t rest = design.n_coalitions() - first;
        const std::size_t n_rows = std::min(rest, count.value_or(rest));
        BoolArray flags({extent(n_rows), extent(n_players)});
        auto* bytes = reinterpret_cast<std::uint8_t*>(flags.mutable_data());
        const Released no_gil;  // sampling takes no Python object
        // In chunks: the packed rows of all would double the memory.
        constexpr std::size_t chunk = 4096;
        Coalitions rows;
        for (std::size_t r = 0; r < n_rows; r += chunk) {
          rows.resize(std::min(chunk, n_rows - r), n_players);
          design.fill(first + r, rows);
          unpack(rows.view(), bytes + r * n_players, num_threads);
        }
        return flags;
      },
      py::arg("design"), py::arg("n_players"), py::arg("budget"), py::arg("seed"), py::arg("first") = 0,
      py::arg("count") = py::none(), py::arg("num_threads") = 0);
}

}  // namespace banzhaf::bindings
