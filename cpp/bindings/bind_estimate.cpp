// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Evaluating a Python game, and estimating from worths.
#include <pybind11/stl.h>

#include <optional>

#include "arrays.hpp"
#include "banzhaf/anytime.hpp"
#include "banzhaf/estimate.hpp"
#include "binders.hpp"
#include "designs/hadamard_pairs.hpp"
#include "native.hpp"

namespace banzhaf::bindings {
namespace {

Method method_named(const std::string& name) {
  if (name == "regression") return Method::regression;
  if (name == "msr") return Method::msr;
  throw std::invalid_argument("unknown method: " + name);
}

// Converts coalitions to a boolean array and calls Python. It holds the GIL only while it touches Python objects.
Game python_game(const py::object& function, int num_threads) {
  return [&function, num_threads](CoalitionsView batch, std::vector<double>& worths) {
    const Held gil;
    BoolArray flags({extent(batch.n_rows), extent(batch.n_players)});
    auto* bytes = reinterpret_cast<std::uint8_t*>(flags.mutable_data());
    if (static_cast<std::size_t>(flags.size()) <= short_copy) {
      unpack(batch, bytes, 1);
    } else {
      const Released no_gil;  // nobody else has the array yet
      unpack(batch, bytes, num_threads);
    }
    append_rows(call_python(function, flags), batch.n_rows, worths);
  };
}

// A Python game, or a native one, which runs without the lock. `progress` is told the number of native evaluations.
Game game_of(const py::object& game, int num_threads, const std::optional<py::function>& progress) {
  if (!py::isinstance<BoundGame>(game)) return python_game(game, num_threads);
  const NativeGame native = game.cast<const BoundGame&>().game(num_threads);
  if (!progress) return native;
  return [native, &progress](CoalitionsView batch, std::vector<double>& worths) {
    native(batch, worths);
    const Held gil;
    call_python(*progress, py::int_(batch.n_rows));
  };
}

// Some of the coalitions in the order of evaluation, whether evaluated or not.
BoolArray coalitions_of(const GameEvaluation& evaluation, std::size_t first, std::size_t count) {
  const Design& design = evaluation.design();
  if (first > design.n_coalitions() || count > design.n_coalitions() - first)
    throw std::invalid_argument("first + count must be at most the number of coalitions");
  BoolArray flags({extent(count), extent(design.n_players())});
  auto* bytes = reinterpret_cast<std::uint8_t*>(flags.mutable_data());
  const Released no_gil;  // nobody else has the array yet
  Coalitions rows(count, design.n_players());
  design.fill(first, rows);
  unpack(rows.view(), bytes);
  return flags;
}

}  // namespace

Interactions interactions_named(const std::string& name) {
  if (name == "auto") return Interactions::automatic;
  if (name == "always") return Interactions::always;
  if (name == "none") return Interactions::none;
  throw std::invalid_argument("unknown interactions: " + name);
}

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
  using EstimateOf = Estimate (*)(const GameEvaluation&, const EstimateOptions&, OnNonfinite);
  const auto estimate_by = [](EstimateOf function) {
    return [function](const GameEvaluation& evaluation, const EstimateOptions& options, bool drop_nonfinite) {
      const Released no_gil;  // no Python object is touched
      return function(evaluation, options, drop_nonfinite ? OnNonfinite::drop : OnNonfinite::raise);
    };
  };
  py::class_<AdjustmentRecord>(module, "AdjustmentRecord")
      .def_readonly("reason", &AdjustmentRecord::reason)
      .def_readonly("terms_weight", &AdjustmentRecord::terms_weight)
      .def_readonly("kernel_weight", &AdjustmentRecord::kernel_weight)
      .def_readonly("n_terms", &AdjustmentRecord::n_terms)
      .def_property_readonly("leading",
                             [](const AdjustmentRecord& record) {
                               std::vector<std::pair<std::vector<std::size_t>, double>> found;
                               for (const Interaction& each : record.leading)
                                 found.emplace_back(each.players, each.coefficient);
                               return found;
                             })
      .def_readonly("plain_variance", &AdjustmentRecord::plain_variance)
      .def_readonly("adjusted_variance", &AdjustmentRecord::adjusted_variance)
      .def_readonly("n_selected", &AdjustmentRecord::n_selected)
      .def_readonly("seconds", &AdjustmentRecord::seconds);

  py::class_<Estimate>(module, "Estimate")
      .def_property_readonly("values", by_player(&Estimate::values))
      .def_property_readonly("standard_errors", by_player(&Estimate::standard_errors))
      .def_property_readonly("mean_worth", by_output(&Estimate::mean_worth))
      .def_property_readonly("r2", by_output(&Estimate::r2))
      .def_property_readonly("even_variance", by_output(&Estimate::even_variance))
      .def_property_readonly("odd_variance", by_output(&Estimate::odd_variance))
      .def_property_readonly("variance_shares",
                             [](const Estimate& e) {
                               std::vector<double> shares(e.even_share);
                               shares.insert(shares.end(), e.linear_share.begin(), e.linear_share.end());
                               shares.insert(shares.end(), e.higher_share.begin(), e.higher_share.end());
                               return to_array(shares, {3, extent(e.n_outputs)});
                             })
      .def_property_readonly("stopped", [](const Estimate& e) { return name_of(e.stopped); })
      .def_readonly("adjustments", &Estimate::adjustments)
      .def_readonly("n_distinct", &Estimate::n_distinct)
      .def_readonly("n_evaluations", &Estimate::n_evaluations)
      .def_readonly("n_dropped", &Estimate::n_dropped)
      .def_readonly("rank", &Estimate::rank)
      .def_readonly("condition_number", &Estimate::condition_number)
      .def_readonly("degrees_of_freedom", &Estimate::degrees_of_freedom);

  py::class_<Unevenness>(module, "Unevenness")
      .def_property_readonly("kind",
                             [](const Unevenness& seen) {
                               switch (seen.kind) {
                                 case Unevenness::Kind::none:
                                   return "none";
                                 case Unevenness::Kind::player:
                                   return "player";
                                 case Unevenness::Kind::inclusion:
                                   return "inclusion";
                                 case Unevenness::Kind::size:
                                   return "size";
                                 case Unevenness::Kind::draws:
                                   return "draws";
                                 case Unevenness::Kind::together:
                                   return "together";
                               }
                               throw std::invalid_argument("unknown kind");
                             })
      .def_readonly("player", &Unevenness::player)
      .def_readonly("share", &Unevenness::share);

  py::class_<EstimateOptions>(module, "EstimateOptions")
      .def(py::init([](const std::string& method, double ridge, bool standard_errors, const std::string& interactions,
                       bool noisy, int num_threads, double p) {
             return EstimateOptions{.method = method_named(method),
                                    .ridge = ridge,
                                    .standard_errors = standard_errors,
                                    .noisy = noisy,
                                    .interactions = interactions_named(interactions),
                                    .p = p,
                                    .num_threads = num_threads};
           }),
           py::kw_only(), py::arg("method") = "regression", py::arg("ridge") = 0.0, py::arg("standard_errors") = true,
           py::arg("interactions") = "none", py::arg("noisy") = false, py::arg("num_threads") = 0, py::arg("p") = 0.5);

  py::class_<StoppingRules>(module, "StoppingRules")
      .def(py::init([](double tolerance, std::size_t top_k, double confidence) {
             return StoppingRules{.tolerance = tolerance, .top_k = top_k, .confidence = confidence};
           }),
           py::kw_only(), py::arg("tolerance") = 0.0, py::arg("top_k") = 0, py::arg("confidence") = 0.95);

  py::class_<GameEvaluation>(module, "GameEvaluation")
      .def(py::init([](const std::string& name, std::size_t n_players, std::size_t budget, std::uint64_t seed,
                       bool anytime, double deadline, double p) {
             const DesignKind kind = design_kind(name);
             const Released no_gil;  // no Python object is touched
             if (!anytime || p != 0.5) {
               const Design design = design_named(name, n_players, budget, seed, p);
               return GameEvaluation(anytime ? anytime_design(design, false) : design);
             }
             return GameEvaluation(anytime_design(kind, n_players, budget, seed, deadline));
           }),
           py::arg("design"), py::arg("n_players"), py::arg("budget"), py::arg("seed"), py::arg("anytime") = false,
           py::arg("deadline") = std::numeric_limits<double>::infinity(), py::arg("p") = 0.5)
      .def("check_size", [](const GameEvaluation& evaluation) { Estimator::check_size(evaluation.design()); })
      .def(
          "evaluate",
          [](GameEvaluation& evaluation, const py::object& game, std::size_t batch_size, bool drop_nonfinite,
             int num_threads, const std::optional<py::function>& progress) {
            const Game called = game_of(game, num_threads, progress);
            const Released no_gil;  // the game takes it back for each call
            evaluation.evaluate(called, batch_size, drop_nonfinite ? OnNonfinite::drop : OnNonfinite::raise);
          },
          py::arg("game"), py::arg("batch_size"), py::arg("drop_nonfinite"), py::arg("num_threads"),
          py::arg("progress") = py::none())
      .def("estimate", estimate_by(&banzhaf::estimate), py::arg("options"), py::arg("drop_nonfinite"))
      .def(
          "estimate_anytime",
          [](GameEvaluation& evaluation, const py::object& game, const StoppingRules& rules, double deadline,
             const std::optional<py::function>& callback, const EstimateOptions& options, std::size_t batch_size,
             bool drop_nonfinite, const std::optional<py::function>& progress) {
            const Game called = game_of(game, options.num_threads, progress);
            Anytime anytime{.rules = rules, .deadline = deadline};
            if (callback) {
              anytime.callback = [&callback](const Estimate& found) {
                const Held gil;
                return py::cast<bool>(call_python(*callback, py::cast(found)).get());
              };
            }
            const Released no_gil;  // game and callback take it back for each call
            return estimate(evaluation, called, anytime, options, batch_size,
                            drop_nonfinite ? OnNonfinite::drop : OnNonfinite::raise);
          },
          py::arg("game"), py::kw_only(), py::arg("rules"), py::arg("deadline"), py::arg("callback"),
          py::arg("options"), py::arg("batch_size"), py::arg("drop_nonfinite"), py::arg("progress") = py::none())
      .def(
          "restore",
          [](GameEvaluation& evaluation, const DoubleArray& worths) {
            evaluation.restore(to_worths(worths, "worths"));
          },
          py::arg("worths").noconvert())
      .def("estimate_so_far", estimate_by(&banzhaf::estimate_so_far), py::arg("options"), py::arg("drop_nonfinite"))
      .def(
          "rows",
          [](const GameEvaluation& evaluation, std::size_t first, std::size_t count) {
            const std::vector<std::size_t> rows = rows_in_design(evaluation.design(), first, count);
            py::array_t<std::int64_t> array(extent(rows.size()));
            std::copy(rows.begin(), rows.end(), array.mutable_data());
            return array;
          },
          py::arg("first"), py::arg("count"))
      .def_property_readonly("n_coalitions", [](const GameEvaluation& e) { return e.design().n_coalitions(); })
      .def_property_readonly("n_evaluated", &GameEvaluation::n_evaluated)
      .def("coalitions", &coalitions_of, py::arg("first"), py::arg("count"))
      .def("in_design_order",
           [](GameEvaluation& evaluation) {
             const Released no_gil;  // no Python object is touched
             return in_design_order(std::move(evaluation));
           })
      .def_property_readonly("design", [](const GameEvaluation& e) { return name_of(e.design().kind()); })
      .def_property_readonly("is_shuffled",
                             [](const GameEvaluation& e) {
                               const auto& pairs = e.design().hadamard();
                               return pairs && pairs->is_shuffled();
                             })
      .def("take_worths",
           [](GameEvaluation& evaluation) {
             const std::vector<py::ssize_t> shape{extent(evaluation.n_evaluated()), extent(evaluation.n_outputs())};
             return owned(evaluation.take_worths(), shape);
           })
      .def_property_readonly("worths", [](const GameEvaluation& e) {
        return to_array(e.worths().values, {extent(e.n_evaluated()), extent(e.n_outputs())});
      });

  py::class_<Estimator, std::shared_ptr<Estimator>>(module, "Estimator")
      .def(py::init([](const std::string& design, std::size_t n_players, std::size_t budget, std::uint64_t seed,
                       const EstimateOptions& options) {
             const Released no_gil;  // no Python object is touched
             return std::make_shared<Estimator>(design_named(design, n_players, budget, seed, options.p), options);
           }),
           py::arg("design"), py::arg("n_players"), py::arg("budget"), py::arg("seed"), py::arg("options"))
      .def_property_readonly("rank", &Estimator::rank)
      .def_property_readonly("condition_number", &Estimator::condition_number)
      .def_property_readonly("degrees_of_freedom", &Estimator::degrees_of_freedom);

  module.def(
      "fit_design",
      [](const std::string& design, std::size_t n_players, std::uint64_t seed, const DoubleArray& worths,
         const EstimateOptions& options) {
        const Worths given = to_worths(worths, "worths");
        const Released no_gil;  // the array stays referenced by the caller
        const Design drawn = design_named(design, n_players, given.n_rows(), seed, options.p);
        Estimator::check_size(drawn);
        return Estimator(drawn, options)(given);
      },
      py::arg("design"), py::arg("n_players"), py::arg("seed"), py::arg("worths").noconvert(), py::arg("options"));

  module.def(
      "fit",
      [](const BoolArray& coalitions, const DoubleArray& worths, const EstimateOptions& options) {
        require_dimensions(coalitions, 2, "coalitions");
        const auto* flags = reinterpret_cast<const std::uint8_t*>(coalitions.data());
        const std::size_t n_rows = rows_of(coalitions), n_players = columns_of(coalitions);
        const Worths given = to_worths(worths, "worths");
        const Released no_gil;  // both arrays stay referenced by the caller
        Coalitions packed;
        pack(flags, n_rows, n_players, packed, options.num_threads);
        const Estimator estimator(std::move(packed), options);
        return std::pair(estimator(given), estimator.unevenness());
      },
      py::arg("coalitions").noconvert(), py::arg("worths").noconvert(), py::arg("options"));

  module.def(
      "exact",
      [](const DoubleArray& worths, std::size_t n_players, int num_threads, double p) {
        const Worths given = to_worths(worths, "worths");
        const Released no_gil;  // the array stays referenced by the caller
        return Estimator(Design(DesignKind::exhaustive, n_players, 0, 0), {.p = p, .num_threads = num_threads})(given);
      },
      py::arg("worths").noconvert(), py::arg("n_players"), py::arg("num_threads"), py::arg("p") = 0.5);
}

}  // namespace banzhaf::bindings
