// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Evaluating a Python game, and estimating from worths.
#include <pybind11/stl.h>

#include <optional>

#include "arrays.hpp"
#include "banzhaf/anytime.hpp"
#include "banzhaf/estimate.hpp"
#include "binders.hpp"

namespace banzhaf::bindings {
namespace {

EstimateOptions options_of(bool msr, double ridge, bool standard_errors, int num_threads) {
  return {.method = msr ? Method::msr : Method::regression,
          .ridge = ridge,
          .standard_errors = standard_errors,
          .num_threads = num_threads};
}

// A game that makes boolean rows and calls Python; the GIL is taken for what touches Python objects alone.
Game python_game(const py::function& function, int num_threads) {
  return [&function, num_threads](CoalitionsView batch, std::vector<double>& worths) {
    const py::gil_scoped_acquire gil;
    BoolArray flags({extent(batch.n_rows), extent(batch.n_players)});
    auto* bytes = reinterpret_cast<std::uint8_t*>(flags.mutable_data());
    {
      const py::gil_scoped_release no_gil;  // nobody else has the array yet
      unpack(batch, bytes, num_threads);
    }
    append_rows(function(std::move(flags)), batch.n_rows, worths);
  };
}

BoolArray coalitions_of(const Evaluations& evaluations) {
  const std::size_t n_rows = evaluations.n_evaluated(), n_players = evaluations.design().n_players();
  BoolArray flags({extent(n_rows), extent(n_players)});
  Coalitions rows(n_rows, n_players);
  evaluations.design().fill(0, rows);
  unpack(rows.view(), reinterpret_cast<std::uint8_t*>(flags.mutable_data()));
  return flags;
}

}  // namespace

const char* name_of(Stopped why) {
  switch (why) {
    case Stopped::budget:
      return "budget";
    case Stopped::tolerance:
      return "tolerance";
    case Stopped::top_k:
      return "top_k";
    case Stopped::deadline:
      return "deadline";
    case Stopped::callback:
      return "callback";
    case Stopped::running:
      return "running";
  }
  throw std::invalid_argument("unknown reason");
}

void bind_estimate(py::module_& module) {
  const auto by_player = [](std::vector<double> Estimate::* member) {
    return [member](const Estimate& e) { return to_array(e.*member, {extent(e.n_players), extent(e.n_outputs)}); };
  };
  const auto by_output = [](std::vector<double> Estimate::* member) {
    return [member](const Estimate& e) { return to_array(e.*member, {extent(e.n_outputs)}); };
  };
  py::class_<Estimate>(module, "Estimate")
      .def_property_readonly("values", by_player(&Estimate::values))
      .def_property_readonly("standard_errors", by_player(&Estimate::standard_errors))
      .def_property_readonly("mean_worth", by_output(&Estimate::mean_worth))
      .def_property_readonly("r2", by_output(&Estimate::r2))
      .def_property_readonly("even_variances", by_output(&Estimate::even_variances))
      .def_property_readonly("odd_variances", by_output(&Estimate::odd_variances))
      .def_property_readonly("stopped", [](const Estimate& e) { return name_of(e.stopped); })
      .def_readonly("n_distinct", &Estimate::n_distinct)
      .def_readonly("n_evaluations", &Estimate::n_evaluations)
      .def_readonly("n_dropped", &Estimate::n_dropped)
      .def_readonly("rank", &Estimate::rank)
      .def_readonly("condition_number", &Estimate::condition_number)
      .def_readonly("degrees_of_freedom", &Estimate::degrees_of_freedom);

  py::class_<Evaluations>(module, "Evaluations")
      .def(py::init([](const std::string& name, std::size_t n_players, std::size_t budget, std::uint64_t seed,
                       bool anytime, bool deadline) {
             const Design design(design_kind(name), n_players, budget, seed);
             return Evaluations(anytime ? anytime_design(design, deadline) : design);
           }),
           py::arg("design"), py::arg("n_players"), py::arg("budget"), py::arg("seed"), py::arg("anytime") = false,
           py::arg("deadline") = false)
      .def("check_size", [](const Evaluations& evaluations) { Estimator::check_size(evaluations.design()); })
      .def(
          "evaluate",
          [](Evaluations& evaluations, const py::function& game, std::size_t batch_size, bool drop_nonfinite,
             int num_threads) {
            const Game called = python_game(game, num_threads);
            const py::gil_scoped_release no_gil;  // the game takes it back for each call
            evaluations.evaluate(called, batch_size, drop_nonfinite ? OnNonfinite::drop : OnNonfinite::raise);
          },
          py::arg("game"), py::arg("batch_size"), py::arg("drop_nonfinite"), py::arg("num_threads"))
      .def(
          "estimate",
          [](const Evaluations& evaluations, bool msr, double ridge, bool standard_errors, bool drop_nonfinite,
             int num_threads) {
            const EstimateOptions options = options_of(msr, ridge, standard_errors, num_threads);
            const py::gil_scoped_release no_gil;  // no Python object is touched
            return estimate(evaluations, options, drop_nonfinite ? OnNonfinite::drop : OnNonfinite::raise);
          },
          py::arg("msr"), py::arg("ridge"), py::arg("standard_errors"), py::arg("drop_nonfinite"),
          py::arg("num_threads"))
      .def(
          "estimate_anytime",
          [](Evaluations& evaluations, const py::function& game, std::size_t batch_size, bool drop_nonfinite,
             double ridge, bool standard_errors, double tolerance, std::size_t top_k, double confidence,
             double deadline, const std::optional<py::function>& callback, int num_threads) {
            const Game called = python_game(game, num_threads);
            Anytime anytime;
            anytime.rules = {.tolerance = tolerance, .top_k = top_k, .confidence = confidence};
            anytime.deadline = deadline;
            if (callback) {
              anytime.callback = [&callback](const Estimate& found) {
                const py::gil_scoped_acquire gil;
                return py::cast<bool>((*callback)(found));
              };
            }
            const EstimateOptions options = options_of(false, ridge, standard_errors, num_threads);
            const py::gil_scoped_release no_gil;  // game and callback take it back for each call
            return estimate(evaluations, called, anytime, options, batch_size,
                            drop_nonfinite ? OnNonfinite::drop : OnNonfinite::raise);
          },
          py::arg("game"), py::arg("batch_size"), py::arg("drop_nonfinite"), py::arg("ridge"),
          py::arg("standard_errors"), py::arg("tolerance"), py::arg("top_k"), py::arg("confidence"),
          py::arg("deadline"), py::arg("callback"), py::arg("num_threads"))
      .def_property_readonly("n_coalitions", [](const Evaluations& e) { return e.design().n_coalitions(); })
      .def_property_readonly("n_evaluated", &Evaluations::n_evaluated)
      .def_property_readonly("coalitions", &coalitions_of)
      .def_property_readonly("worths", [](const Evaluations& e) {
        return to_array(e.worths().values, {extent(e.n_evaluated()), extent(e.n_outputs())});
      });

  py::class_<Estimator, std::shared_ptr<Estimator>>(module, "Estimator")
      .def(py::init([](const std::string& design, std::size_t n_players, std::size_t budget, std::uint64_t seed,
                       double ridge, int num_threads) {
             const DesignKind kind = design_kind(design);
             const py::gil_scoped_release no_gil;  // no Python object is touched
             return std::make_shared<Estimator>(Design(kind, n_players, budget, seed),
                                                options_of(false, ridge, true, num_threads));
           }),
           py::arg("design"), py::arg("n_players"), py::arg("budget"), py::arg("seed"), py::arg("ridge"),
           py::arg("num_threads"))
      .def_property_readonly("rank", &Estimator::rank)
      .def_property_readonly("condition_number", &Estimator::condition_number)
      .def_property_readonly("degrees_of_freedom", &Estimator::degrees_of_freedom);

  module.def(
      "fit_design",
      [](const std::string& design, std::size_t n_players, std::uint64_t seed, const DoubleArray& worths, double ridge,
         bool standard_errors, int num_threads) {
        require_dimensions(worths, 2, "worths");
        const std::size_t n_rows = rows_of(worths), n_outputs = columns_of(worths);
        const std::span<const double> values = to_span(worths);
        const py::gil_scoped_release no_gil;  // the array stays referenced by the caller
        const Design drawn(design_kind(design), n_players, n_rows, seed);
        Estimator::check_size(drawn);
        return Estimator(drawn, options_of(false, ridge, standard_errors, num_threads))({values, n_outputs});
      },
      py::arg("design"), py::arg("n_players"), py::arg("seed"), py::arg("worths").noconvert(), py::arg("ridge"),
      py::arg("standard_errors"), py::arg("num_threads"));

  module.def(
      "fit",
      [](const BoolArray& coalitions, const DoubleArray& worths, double ridge, bool standard_errors, int num_threads) {
        require_dimensions(coalitions, 2, "coalitions");
        require_dimensions(worths, 2, "worths");
        const auto* flags = reinterpret_cast<const std::uint8_t*>(coalitions.data());
        const std::size_t n_rows = rows_of(coalitions), n_players = columns_of(coalitions);
        const std::size_t n_outputs = columns_of(worths);
        const std::span<const double> values = to_span(worths);
        const py::gil_scoped_release no_gil;  // both arrays stay referenced by the caller
        Coalitions packed;
        pack(flags, n_rows, n_players, packed, num_threads);
        return Estimator(std::move(packed),
                         options_of(false, ridge, standard_errors, num_threads))({values, n_outputs});
      },
      py::arg("coalitions").noconvert(), py::arg("worths").noconvert(), py::arg("ridge"), py::arg("standard_errors"),
      py::arg("num_threads"));

  module.def(
      "exact",
      [](const DoubleArray& worths, std::size_t n_players, int num_threads) {
        require_dimensions(worths, 2, "worths");
        const std::size_t n_outputs = columns_of(worths);
        const std::span<const double> values = to_span(worths);
        const py::gil_scoped_release no_gil;  // the array stays referenced by the caller
        return Estimator(Design(DesignKind::exhaustive, n_players, 0, 0),
                         {.num_threads = num_threads})({values, n_outputs});
      },
      py::arg("worths").noconvert(), py::arg("n_players"), py::arg("num_threads"));
}

}  // namespace banzhaf::bindings
