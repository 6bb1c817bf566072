// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Explaining a Python model.
#include <pybind11/stl.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "arrays.hpp"
#include "banzhaf/crossed.hpp"
#include "banzhaf/explain.hpp"
#include "binders.hpp"

namespace banzhaf::bindings {
namespace {

// Explanations, with references to the arrays that they read.
struct ModelRun {
  py::array background;
  py::array explicands;
  std::unique_ptr<Explanations> explanations;
};

// Memory for a batch of masked rows. All batches share it, unless the model keeps a reference to one.
class BatchArray {
 public:
  BatchArray(const py::array& like, std::size_t n_rows) : dtype_(like.dtype()), shape_{extent(n_rows), like.shape(1)} {
    renew();
  }

  [[nodiscard]] py::array first(std::size_t n_rows) const {
    return py::array(dtype_, {extent(n_rows), shape_[1]}, array_.data(), array_);
  }
  void renew_if_kept() {
    if (array_.ref_count() > 1) renew();
  }
  // Is called without the interpreter lock, so it asks no Python object, not even for a size.
  [[nodiscard]] std::span<std::uint8_t> bytes() const { return bytes_; }

 private:
  void renew() {
    array_ = py::array(dtype_, shape_);
    bytes_ = {static_cast<std::uint8_t*>(array_.mutable_data()), static_cast<std::size_t>(array_.nbytes())};
  }

  py::dtype dtype_;
  std::vector<py::ssize_t> shape_;
  py::array array_;
  std::span<std::uint8_t> bytes_;
};

MaskedTable table_of(const py::array& background, const py::array& explicands, std::size_t n_players,
                     std::vector<std::uint32_t> player_of_column, std::vector<double> weights) {
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
          .player_of_column = std::move(player_of_column),
          .weights = std::move(weights)};
}

}  // namespace

void bind_explain(py::module_& module) {
  const auto by_player = [](const std::vector<double>& (Explanations::*member)() const noexcept) {
    return [member](const ModelRun& r) {
      const Explanations& e = *r.explanations;
      return to_array((e.*member)(), {extent(e.n_explained()), extent(e.n_players()), extent(e.n_outputs())});
    };
  };
  const auto by_output = [](const std::vector<double>& (Explanations::*member)() const noexcept) {
    return [member](const ModelRun& r) {
      const Explanations& e = *r.explanations;
      return to_array((e.*member)(), {extent(e.n_explained()), extent(e.n_outputs())});
    };
  };
  py::class_<CrossedOptions>(module, "CrossedOptions")
      .def(py::init([](std::size_t budget, double ridge, bool noisy, std::uint64_t seed, int num_threads,
                       const StoppingRules& rules, double deadline, const std::optional<py::function>& callback) {
             CrossedOptions options{
                 .budget = budget,
                 .ridge = ridge,
                 .noisy = noisy,
                 .seed = seed,
                 .num_threads = num_threads,
                 .rules = rules,
                 .deadline = deadline,
             };
             if (callback)
               options.callback = [function = *callback] {
                 const Held gil;
                 return py::cast<bool>(call_python(function).get());
               };
             return options;
           }),
           py::kw_only(), py::arg("budget"), py::arg("ridge") = 0.0, py::arg("noisy") = false, py::arg("seed") = 0,
           py::arg("num_threads") = 0, py::arg("rules") = StoppingRules{},
           py::arg("deadline") = std::numeric_limits<double>::infinity(), py::arg("callback") = py::none());

  py::class_<ModelRun>(module, "Explanations")
      .def_static(
          "shared",
          [](py::array background, py::array explicands, std::size_t n_players,
             const std::vector<std::uint32_t>& player_of_column, const std::vector<double>& weights,
             const std::string& design, std::size_t n_coalitions, std::uint64_t seed,
             std::shared_ptr<Estimator> estimator, int num_threads) {
            MaskedTable table = table_of(background, explicands, n_players, player_of_column, weights);
            auto run = [&] {
              const Released no_gil;  // planning may take long
              return std::make_unique<SharedExplanations>(std::move(table),
                                                          Design(design_kind(design), n_players, n_coalitions, seed),
                                                          std::move(estimator), num_threads);
            }();
            return ModelRun{std::move(background), std::move(explicands), std::move(run)};
          },
          py::arg("background"), py::arg("explicands"), py::kw_only(), py::arg("n_players"),
          py::arg("player_of_column"), py::arg("weights"), py::arg("design"), py::arg("n_coalitions"), py::arg("seed"),
          py::arg("estimator"), py::arg("num_threads"))
      .def_static(
          "crossed",
          [](py::array background, py::array explicands, std::size_t n_players,
             const std::vector<std::uint32_t>& player_of_column, const std::vector<double>& weights,
             const CrossedOptions& options) {
            MaskedTable table = table_of(background, explicands, n_players, player_of_column, weights);
            auto run = std::make_unique<CrossedExplanations>(std::move(table), options);
            return ModelRun{std::move(background), std::move(explicands), std::move(run)};
          },
          py::arg("background"), py::arg("explicands"), py::kw_only(), py::arg("n_players"),
          py::arg("player_of_column"), py::arg("weights"), py::arg("options"))
      .def(
          "run",
          [](ModelRun& run, const py::function& model, std::size_t batch_rows) {
            BatchArray batch(run.explicands, batch_rows);
            const Model called = [&](std::size_t n_rows, std::vector<double>& outputs) {
              const Held gil;
              append_rows(call_python(model, batch.first(n_rows)), n_rows, outputs);
              batch.renew_if_kept();
            };
            const Released no_gil;  // the model takes it back for each call
            run.explanations->run(called, [&] { return batch.bytes(); });
          },
          py::arg("model"), py::arg("batch_rows"))
      .def_property_readonly("n_model_rows", [](const ModelRun& r) { return r.explanations->n_model_rows(); })
      .def_property_readonly("n_explained", [](const ModelRun& r) { return r.explanations->n_explained(); })
      .def_property_readonly("rank", [](const ModelRun& r) { return r.explanations->rank(); })
      .def_property_readonly("condition_number", [](const ModelRun& r) { return r.explanations->condition_number(); })
      .def_property_readonly("base_values",
                             [](const ModelRun& r) {
                               const auto& base = r.explanations->base_values();
                               return to_array(base, {extent(base.size())});
                             })
      .def_property_readonly("values", by_player(&Explanations::values))
      .def_property_readonly("standard_errors", by_player(&Explanations::standard_errors))
      .def_property_readonly("background_errors", by_player(&Explanations::background_errors))
      .def_property_readonly("r2", by_output(&Explanations::r2))
      .def_property_readonly("degrees_of_freedom", by_output(&Explanations::degrees_of_freedom))
      .def_property_readonly("row_costs", [](const ModelRun& r) { return r.explanations->row_costs(); })
      .def_property_readonly("n_background", [](const ModelRun& r) { return r.explanations->n_background(); })
      .def_property_readonly("stopped", [](const ModelRun& r) {
        std::vector<std::string> names;
        for (const Stopped why : r.explanations->stopped()) names.emplace_back(name_of(why));
        return names;
      });
}

}  // namespace banzhaf::bindings
