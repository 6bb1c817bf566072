// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Explaining a Python model.
#include <pybind11/stl.h>

#include <limits>
#include <memory>
#include <optional>

#include "arrays.hpp"
#include "banzhaf/crossed.hpp"
#include "banzhaf/explain.hpp"
#include "binders.hpp"

namespace banzhaf::bindings {
namespace {

// The run, and the arrays that it reads.
struct Run {
  py::array background;
  py::array explicands;
  std::unique_ptr<Explanations> explanations;
};

MaskedTable table_of(const py::array& background, const py::array& explicands, std::size_t n_players,
                     std::vector<std::uint32_t> player_of_column) {
  require_dimensions(background, 2, "background");
  require_dimensions(explicands, 2, "explicands");
  constexpr int contiguous = py::array::c_style;
  if ((background.flags() & contiguous) == 0 || (explicands.flags() & contiguous) == 0 ||
      background.itemsize() != explicands.itemsize() || columns_of(background) != columns_of(explicands))
    throw std::invalid_argument("background and explicands must be C-contiguous, of one dtype and width");
  return {.background = background.data(),
          .explicands = explicands.data(),
          .n_background = rows_of(background),
          .n_explicands = rows_of(explicands),
          .n_columns = columns_of(background),
          .cell_bytes = static_cast<std::size_t>(background.itemsize()),
          .n_players = n_players,
          .player_of_column = std::move(player_of_column)};
}

}  // namespace

void bind_explain(py::module_& module) {
  const auto by_player = [](const std::vector<double>& (Explanations::*member)() const noexcept) {
    return [member](const Run& r) {
      const Explanations& e = *r.explanations;
      return to_array((e.*member)(), {extent(e.n_explained()), extent(e.n_players()), extent(e.n_outputs())});
    };
  };
  const auto by_output = [](const std::vector<double>& (Explanations::*member)() const noexcept) {
    return [member](const Run& r) {
      const Explanations& e = *r.explanations;
      return to_array((e.*member)(), {extent(e.n_explained()), extent(e.n_outputs())});
    };
  };
  py::class_<Run>(module, "Explanations")
      .def_static(
          "shared",
          [](py::array background, py::array explicands, const std::vector<std::uint32_t>& player_of_column,
             const std::string& design, std::size_t n_players, std::size_t n_coalitions, std::uint64_t seed,
             std::shared_ptr<Estimator> estimator, int num_threads) {
            MaskedTable table = table_of(background, explicands, n_players, player_of_column);
            auto run = std::make_unique<SharedExplanations>(std::move(table),
                                                            Design(design_kind(design), n_players, n_coalitions, seed),
                                                            std::move(estimator), num_threads);
            return Run{std::move(background), std::move(explicands), std::move(run)};
          },
          py::arg("background"), py::arg("explicands"), py::arg("player_of_column"), py::arg("design"),
          py::arg("n_players"), py::arg("n_coalitions"), py::arg("seed"), py::arg("estimator"), py::arg("num_threads"))
      .def_static(
          "crossed",
          [](py::array background, py::array explicands, const std::vector<std::uint32_t>& player_of_column,
             std::size_t n_players, std::size_t budget, double ridge, std::uint64_t seed, int num_threads,
             double tolerance, std::size_t top_k, double confidence, double deadline,
             const std::optional<py::function>& callback) {
            MaskedTable table = table_of(background, explicands, n_players, player_of_column);
            CrossedOptions options{
                .budget = budget,
                .ridge = ridge,
                .seed = seed,
                .num_threads = num_threads,
                .rules = {.tolerance = tolerance, .top_k = top_k, .confidence = confidence},
                .deadline = deadline,
            };
            if (callback)
              options.callback = [function = *callback] {
                const py::gil_scoped_acquire gil;
                return function().cast<bool>();
              };
            auto run = std::make_unique<CrossedExplanations>(std::move(table), std::move(options));
            return Run{std::move(background), std::move(explicands), std::move(run)};
          },
          py::arg("background"), py::arg("explicands"), py::arg("player_of_column"), py::arg("n_players"),
          py::arg("budget"), py::arg("ridge"), py::arg("seed"), py::arg("num_threads"), py::arg("tolerance") = 0.0,
          py::arg("top_k") = 0, py::arg("confidence") = 0.95,
          py::arg("deadline") = std::numeric_limits<double>::infinity(), py::arg("callback") = py::none())
      .def(
          "run",
          [](Run& run, const py::function& model, ByteArray& buffer) {
            const std::span<std::uint8_t> bytes{buffer.mutable_data(), static_cast<std::size_t>(buffer.size())};
            const Model called = [&model](std::size_t n_rows, std::vector<double>& outputs) {
              const py::gil_scoped_acquire gil;
              append_rows(model(n_rows), n_rows, outputs);
            };
            const py::gil_scoped_release no_gil;  // the model takes it back for each call
            run.explanations->run(called, bytes);
          },
          py::arg("model"), py::arg("buffer").noconvert())
      .def_property_readonly("n_model_rows", [](const Run& r) { return r.explanations->n_model_rows(); })
      .def_property_readonly("n_explained", [](const Run& r) { return r.explanations->n_explained(); })
      .def_property_readonly("rank", [](const Run& r) { return r.explanations->rank(); })
      .def_property_readonly("condition_number", [](const Run& r) { return r.explanations->condition_number(); })
      .def_property_readonly("base_values",
                             [](const Run& r) {
                               const auto& base = r.explanations->base_values();
                               return to_array(base, {extent(base.size())});
                             })
      .def_property_readonly("values", by_player(&Explanations::values))
      .def_property_readonly("standard_errors", by_player(&Explanations::standard_errors))
      .def_property_readonly("background_errors", by_player(&Explanations::background_errors))
      .def_property_readonly("r2", by_output(&Explanations::r2))
      .def_property_readonly("degrees_of_freedom", by_output(&Explanations::degrees_of_freedom))
      .def_property_readonly("n_rows", [](const Run& r) { return r.explanations->n_rows(); })
      .def_property_readonly("n_background", [](const Run& r) { return r.explanations->n_background(); })
      .def_property_readonly("stopped", [](const Run& r) {
        std::vector<std::string> names;
        for (const Stopped why : r.explanations->stopped()) names.emplace_back(name_of(why));
        return names;
      });
}

}  // namespace banzhaf::bindings
