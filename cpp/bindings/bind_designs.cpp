// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Coalitions of a design as boolean arrays.
#include <pybind11/stl.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <tuple>

#include "arrays.hpp"
#include "banzhaf/budget.hpp"
#include "banzhaf/designs.hpp"
#include "binders.hpp"
#include "designs/hadamard_pairs.hpp"
#include "designs/weighing.hpp"

namespace banzhaf::bindings {

DesignKind design_kind(const std::string& name) {
  if (name == "hadamard" || name == "nested") return DesignKind::hadamard;
  if (name == "fresh") return DesignKind::fresh;
  if (name == "independent") return DesignKind::independent;
  if (name == "paired") return DesignKind::paired;
  if (name == "exhaustive") return DesignKind::exhaustive;
  if (name == "repeated") return DesignKind::repeated;
  if (name == "walks") return DesignKind::walks;
  if (name == "ends") return DesignKind::ends;
  if (name == "weighted") return DesignKind::weighted;
  if (name == "drawn") return DesignKind::drawn;
  throw std::invalid_argument("unknown design: " + name);
}

const char* name_of(DesignKind kind) {
  switch (kind) {
    case DesignKind::hadamard:
      return "nested";
    case DesignKind::fresh:
      return "fresh";
    case DesignKind::independent:
      return "independent";
    case DesignKind::paired:
      return "paired";
    case DesignKind::exhaustive:
      return "exhaustive";
    case DesignKind::repeated:
      return "repeated";
    case DesignKind::walks:
      return "walks";
    case DesignKind::ends:
      return "ends";
    case DesignKind::weighted:
      return "weighted";
    case DesignKind::drawn:
      return "drawn";
    case DesignKind::biased:
      return "independent";
  }
  throw std::invalid_argument("unknown design");
}

Design design_named(const std::string& name, std::size_t n_players, std::size_t budget, std::uint64_t seed, double p) {
  const DesignKind kind = design_kind(name);
  if (kind == DesignKind::weighted || kind == DesignKind::drawn)
    return Design::weighted(kind, n_players, budget, seed, p);
  if (kind == DesignKind::independent && p != 0.5)
    return Design::weighted(DesignKind::biased, n_players, budget, seed, p);
  return {kind, n_players, budget, seed};
}

void bind_designs(py::module_& module) {
  module.attr("MAX_PLAYERS") = max_players;
  module.attr("MAX_EXHAUSTIVE_PLAYERS") = max_exhaustive_players;
  module.attr("MAX_WEIGHING_PLAYERS") = max_weighing_players;
  py::class_<BudgetDescription>(module, "BudgetDescription")
      .def_readonly("n_coalitions", &BudgetDescription::n_coalitions)
      .def_readonly("n_pairs", &BudgetDescription::n_pairs)
      .def_readonly("order", &BudgetDescription::order)
      .def_readonly("n_blocks", &BudgetDescription::n_blocks)
      .def_readonly("weighing", &BudgetDescription::weighing)
      .def_readonly("part_of_block", &BudgetDescription::part_of_block)
      .def_readonly("one_block", &BudgetDescription::one_block)
      .def_readonly("next_block", &BudgetDescription::next_block)
      .def_readonly("next_stage", &BudgetDescription::next_stage)
      .def_readonly("everything", &BudgetDescription::everything);
  module.def(
      "describe",
      [](const std::string& design, std::size_t n_players, std::size_t budget, std::uint64_t seed) {
        const DesignKind kind = design_kind(design);
        const Released no_gil;  // planning may take long
        return describe(kind, n_players, budget, seed);
      },
      py::arg("design"), py::arg("n_players"), py::arg("budget"), py::arg("seed") = 0);
  module.def(
      "count_coalitions",
      [](const std::string& design, std::size_t n_players, std::size_t budget) {
        return count_coalitions(design_kind(design), n_players, budget);
      },
      py::arg("design"), py::arg("n_players"), py::arg("budget"));
  module.def("fresh_blocks_suit", &fresh_blocks_suit, py::arg("n_players"), py::arg("n_pairs"));
  module.def("required_pairs", &required_pairs, py::arg("n_players"), py::arg("epsilon"), py::arg("delta"));
  module.def(
      "coalition_words",
      [](const BoolArray& coalitions) {
        require_dimensions(coalitions, 2, "coalitions");
        const auto* flags = reinterpret_cast<const std::uint8_t*>(coalitions.data());
        const std::size_t n_rows = rows_of(coalitions), n_players = columns_of(coalitions),
                          n_words = words_for(n_players);
        py::array_t<std::int64_t> words({extent(n_rows), extent(n_words)});
        std::int64_t* out = words.mutable_data();
        const Released no_gil;  // nobody else has the array yet
        Coalitions packed;
        // In chunks, because packing all rows at once would double the memory.
        constexpr std::size_t chunk = 4096;
        for (std::size_t r = 0; r < n_rows; r += chunk) {
          const std::size_t count = std::min(chunk, n_rows - r);
          pack(flags + r * n_players, count, n_players, packed, 1);
          std::memcpy(out + r * n_words, packed.view().words, count * n_words * sizeof(std::int64_t));
        }
        return words;
      },
      py::arg("coalitions").noconvert());
  module.def(
      "sample_coalitions",
      [](const std::string& kind, std::size_t n_players, std::size_t budget, std::uint64_t seed, std::size_t first,
         std::optional<std::size_t> count, int num_threads, std::optional<std::size_t> evaluated, double p) {
        const Design design = [&] {
          const Released no_gil;  // planning may take long
          const Design whole = design_named(kind, n_players, budget, seed, p);
          return evaluated ? whole.prefix(*evaluated) : whole;
        }();
        if (first > design.n_coalitions())
          throw std::invalid_argument("first must be at most the number of coalitions");
        const std::size_t rest = design.n_coalitions() - first;
        const std::size_t n_rows = std::min(rest, count.value_or(rest));
        BoolArray flags({extent(n_rows), extent(n_players)});
        auto* bytes = reinterpret_cast<std::uint8_t*>(flags.mutable_data());
        const Released no_gil;  // sampling takes no Python object
        // In chunks, because packing all rows at once would double the memory.
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
      py::arg("count") = py::none(), py::arg("num_threads") = 0, py::arg("evaluated") = py::none(), py::arg("p") = 0.5);
}

}  // namespace banzhaf::bindings
