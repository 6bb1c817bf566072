// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Interactions that are taken out of pairs, for tests and benches.
#include <pybind11/stl.h>

#include "arrays.hpp"
#include "banzhaf/spectrum.hpp"
#include "binders.hpp"
#include "estimate/adjusting.hpp"
#include "interactions/adjust.hpp"
#include "interactions/terms.hpp"

namespace banzhaf::bindings {
namespace {

const char* name_of(AdjustOutcome outcome) {
  switch (outcome) {
    case AdjustOutcome::used:
      return "used";
    case AdjustOutcome::one_block:
      return "one_block";
    case AdjustOutcome::two_nested:
      return "two_nested";
    case AdjustOutcome::few_pairs:
      return "few_pairs";
    case AdjustOutcome::costly:
      return "costly";
    case AdjustOutcome::nothing_left:
      return "nothing_left";
    case AdjustOutcome::no_gain:
      return "no_gain";
    case AdjustOutcome::late:
      return "late";
  }
  return "";
}

PairSigns to_signs(const BoolArray& pairs) { return PairSigns(packed(pairs, "pairs").view()); }

DoubleArray to_vector(std::span<const double> values) { return to_array(values, {extent(values.size())}); }

/// Returns the terms as a list of (players, coefficient, error).
py::list to_list(const std::vector<Term>& terms) {
  py::list list;
  for (const Term& term : terms) {
    py::tuple players(term.order);
    for (std::size_t k = 0; k < term.order; ++k) players[k] = term.players[k];
    list.append(py::make_tuple(players, term.coefficient, term.error));
  }
  return list;
}

py::dict to_dict(const Adjustment& found) {
  py::dict out;
  out["outcome"] = name_of(found.outcome);
  out["explained"] = to_vector(found.explained);
  out["held_out"] = to_vector(found.held_out);
  out["residual_variance"] = found.residual_variance;
  out["degrees_of_freedom"] = found.degrees_of_freedom;
  out["explained_share"] = found.explained_share;
  out["seconds"] = found.seconds;
  out["terms"] = to_list(found.terms);
  py::dict weights;
  for (std::size_t l = 0; l < found.weights.size(); ++l) weights[model_names()[l]] = found.weights[l];
  out["weights"] = weights;
  return out;
}

}  // namespace

void bind_interactions(py::module_& module) {
  const auto by_set = [](std::vector<double> Spectrum::* member) {
    return [member](const Spectrum& s) { return to_array(s.*member, {extent(s.n_sets()), extent(s.n_outputs)}); };
  };
  py::class_<Spectrum>(module, "Spectrum")
      .def_property_readonly("players",
                             [](const Spectrum& s) {
                               py::array_t<std::int64_t> array({extent(s.n_sets()), extent(s.order)});
                               std::copy(s.players.begin(), s.players.end(), array.mutable_data());
                               return array;
                             })
      .def_property_readonly("coefficients", by_set(&Spectrum::coefficients))
      .def_property_readonly("errors", by_set(&Spectrum::errors))
      .def_property_readonly("unbiased", by_set(&Spectrum::unbiased))
      .def_property_readonly("unresolved_variance",
                             [](const Spectrum& s) { return to_array(s.unresolved_variance, {extent(s.n_outputs)}); })
      .def_readonly("complete", &Spectrum::complete)
      .def_readonly("degrees_of_freedom", &Spectrum::degrees_of_freedom);
  module.def(
      "adjust_pairs",
      [](const BoolArray& pairs, const DoubleArray& odd, const DoubleArray& even, std::size_t n_blocks, bool nested,
         std::uint64_t seed, double most_operations, int num_threads) {
        const PairSigns signs = to_signs(pairs);
        if (static_cast<std::size_t>(odd.size()) != signs.n_pairs() ||
            static_cast<std::size_t>(even.size()) != signs.n_pairs())
          throw std::invalid_argument("odd and even must have one number for each row of pairs");
        AdjustOptions options;
        options.n_blocks = n_blocks;
        options.nested = nested;
        options.seed = seed;
        options.most_operations = most_operations;
        options.num_threads = num_threads;
        const std::span<const double> d = to_span(odd), s = to_span(even);
        const Adjustment found = [&] {
          const Released no_gil;  // the arrays stay referenced by the caller
          return adjust(signs, d, s, options);
        }();
        return to_dict(found);
      },
      py::arg("pairs").noconvert(), py::arg("odd").noconvert(), py::arg("even").noconvert(), py::arg("n_blocks") = 0,
      py::arg("nested") = false, py::arg("seed") = 0,
      py::arg("most_operations") = std::numeric_limits<double>::infinity(), py::arg("num_threads") = 0);
  module.def(
      "fit_terms",
      [](const BoolArray& rows, const DoubleArray& odd, const DoubleArray& even, const ByteArray& held_out,
         bool sets_of_five, int num_threads) {
        const PairSigns pairs = to_signs(rows);
        if (odd.size() != extent(pairs.n_pairs()) || even.size() != odd.size())
          throw std::invalid_argument("odd and even must have one entry for each row");
        if (held_out.size() != 0 && held_out.size() != odd.size())
          throw std::invalid_argument("held_out must be empty or have one entry for each row");
        TermsModel model;
        PairStrengths strengths;
        std::vector<double> fitted(static_cast<std::size_t>(odd.size()));
        {
          const std::span<const std::uint8_t> left_out(held_out.data(), static_cast<std::size_t>(held_out.size()));
          const Released no_gil;  // the arrays stay referenced by the caller
          const TermsFitter fitter(pairs);
          TermsOptions options;
          options.sets_of_five = sets_of_five;
          options.num_threads = num_threads;
          strengths = fitter.fit_pairs(to_span(odd), to_span(even), options, left_out);
          options.strengths = &strengths;
          model = fitter.fit(to_span(odd), to_span(even), options, left_out);
          fitter.predict(model.terms, fitted);
        }
        return py::make_tuple(to_list(model.terms), to_list(strengths.terms), to_array(fitted, {odd.size()}));
      },
      py::arg("rows").noconvert(), py::arg("odd").noconvert(), py::arg("even").noconvert(),
      py::arg("held_out").noconvert(), py::arg("sets_of_five"), py::arg("num_threads"));
  module.def(
      "estimate_spectrum",
      [](const std::string& design, std::size_t n_players, std::size_t budget, std::uint64_t seed,
         const DoubleArray& worths, std::size_t order, int num_threads) {
        const Worths given = to_worths(worths, "worths");
        const Released no_gil;  // the array stays referenced by the caller
        const Design drawn = Design(design_kind(design), n_players, budget, seed).prefix(given.n_rows());
        return estimate_spectrum(drawn, given, order, {.num_threads = num_threads});
      },
      py::arg("design"), py::arg("n_players"), py::arg("budget"), py::arg("seed"), py::arg("worths").noconvert(),
      py::arg("order"), py::arg("num_threads") = 0);
  module.def(
      "spectrum_of_given",
      [](const BoolArray& coalitions, const DoubleArray& worths, std::size_t order, int num_threads) {
        Coalitions rows = packed(coalitions, "coalitions");
        const Worths given = to_worths(worths, "worths");
        const Released no_gil;  // the array stays referenced by the caller
        return estimate_spectrum(std::move(rows), given, order, {.num_threads = num_threads});
      },
      py::arg("coalitions").noconvert(), py::arg("worths").noconvert(), py::arg("order"), py::arg("num_threads") = 0);
  module.def("adjustment_operations", &estimated_operations, py::arg("n_players"), py::arg("n_pairs"),
             py::arg("in_blocks") = false);
  module.def("search_is_costly", &search_is_costly, py::arg("n_players"), py::arg("n_pairs"));
}

}  // namespace banzhaf::bindings
