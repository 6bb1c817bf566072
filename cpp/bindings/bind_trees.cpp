// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Tree ensembles.
#include <pybind11/stl.h>

#include <optional>

#include "arrays.hpp"
#include "banzhaf/trees.hpp"
#include "binders.hpp"

namespace banzhaf::bindings {
namespace {

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

/// An array that may be omitted.
template <typename T>
using Optional = std::optional<Array<T>>;

template <typename Out, typename In>
std::vector<Out> copied(const Array<In>& array, const char* name) {
  require_dimensions(array, 1, name);
  std::vector<Out> out(static_cast<std::size_t>(array.size()));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Out>(array.data()[i]);
  return out;
}

template <typename Out, typename In>
std::vector<Out> copied(const Optional<In>& array, const char* name) {
  return array ? copied<Out>(*array, name) : std::vector<Out>{};
}

void require_columns(const DoubleArray& rows, std::size_t n_columns, const char* name) {
  require_dimensions(rows, 2, name);
  if (columns_of(rows) != n_columns)
    throw std::invalid_argument(std::string(name) + " must have " + std::to_string(n_columns) + " columns, got " +
                                std::to_string(columns_of(rows)));
}

/// Calls a method that writes numbers for each row; returns them as an array of shape (rows, ..., outputs).
template <typename Method>
DoubleArray of_rows(const TreeValues& tree_values, const DoubleArray& rows, std::vector<py::ssize_t> shape,
                    Method method) {
  require_columns(rows, tree_values.n_features(), "rows");
  shape.insert(shape.begin(), extent(rows_of(rows)));
  shape.push_back(extent(tree_values.n_outputs()));
  DoubleArray found(shape);
  const std::span<const double> cells = to_span(rows);
  const std::span<double> out{found.mutable_data(), static_cast<std::size_t>(found.size())};
  const Released no_gil;  // no Python object is touched
  method(cells, out);
  return found;
}

}  // namespace

void bind_trees(py::module_& module) {
  py::class_<Forest>(module, "Forest")
      .def(py::init([](std::size_t n_features, std::size_t n_outputs, bool strict, bool float32, double zero_threshold,
                       bool truncate_categories, const Array<std::int64_t>& first_node, const Array<std::int32_t>& left,
                       const Array<std::int32_t>& right, const Array<std::uint32_t>& feature,
                       const DoubleArray& threshold, const ByteArray& missing, const DoubleArray& cover,
                       const Array<std::int32_t>& output_of_tree, const Array<std::int64_t>& first_value,
                       const DoubleArray& values, const DoubleArray& base, const Optional<std::int64_t>& first_category,
                       const Optional<std::uint8_t>& category_sides, const Optional<std::uint8_t>& other_left,
                       const Optional<std::int64_t>& first_term, const Optional<std::uint32_t>& term_feature,
                       const Optional<double>& coefficient, const Optional<double>& intercept) {
             return Forest{.n_features = n_features,
                           .n_outputs = n_outputs,
                           .strict = strict,
                           .float32 = float32,
                           .zero_threshold = zero_threshold,
                           .truncate_categories = truncate_categories,
                           .first_node = copied<std::size_t>(first_node, "first_node"),
                           .left = copied<std::int32_t>(left, "left"),
                           .right = copied<std::int32_t>(right, "right"),
                           .feature = copied<std::uint32_t>(feature, "feature"),
                           .threshold = copied<double>(threshold, "threshold"),
                           .missing = copied<Missing>(missing, "missing"),
                           .first_category = copied<std::size_t>(first_category, "first_category"),
                           .category_sides = copied<Side>(category_sides, "category_sides"),
                           .other_left = copied<std::uint8_t>(other_left, "other_left"),
                           .cover = copied<double>(cover, "cover"),
                           .output_of_tree = copied<std::int32_t>(output_of_tree, "output_of_tree"),
                           .first_value = copied<std::size_t>(first_value, "first_value"),
                           .values = copied<double>(values, "values"),
                           .base = copied<double>(base, "base"),
                           .first_term = copied<std::size_t>(first_term, "first_term"),
                           .term_feature = copied<std::uint32_t>(term_feature, "term_feature"),
                           .coefficient = copied<double>(coefficient, "coefficient"),
                           .intercept = copied<double>(intercept, "intercept")};
           }),
           py::kw_only(), py::arg("n_features"), py::arg("n_outputs"), py::arg("strict"), py::arg("float32"),
           py::arg("zero_threshold"), py::arg("truncate_categories"), py::arg("first_node").noconvert(),
           py::arg("left").noconvert(), py::arg("right").noconvert(), py::arg("feature").noconvert(),
           py::arg("threshold").noconvert(), py::arg("missing").noconvert(), py::arg("cover").noconvert(),
           py::arg("output_of_tree").noconvert(), py::arg("first_value").noconvert(), py::arg("values").noconvert(),
           py::arg("base").noconvert(), py::arg("first_category").noconvert() = py::none(),
           py::arg("category_sides").noconvert() = py::none(), py::arg("other_left").noconvert() = py::none(),
           py::arg("first_term").noconvert() = py::none(), py::arg("term_feature").noconvert() = py::none(),
           py::arg("coefficient").noconvert() = py::none(), py::arg("intercept").noconvert() = py::none())
      .def_property_readonly("n_features", [](const Forest& f) { return f.n_features; })
      .def_property_readonly("n_outputs", [](const Forest& f) { return f.n_outputs; })
      .def_property_readonly("n_trees", &Forest::n_trees)
      .def_property_readonly("has_cover", [](const Forest& f) { return !f.cover.empty(); })
      .def_property_readonly("is_linear", &Forest::is_linear);

  using Method = void (TreeValues::*)(std::span<const double>, std::span<double>, int) const;
  const auto by_player = [](Method method) {
    return [method](const TreeValues& trees, const DoubleArray& rows, int num_threads) {
      return of_rows(trees, rows, {extent(trees.n_players())},
                     [&](auto cells, auto out) { (trees.*method)(cells, out, num_threads); });
    };
  };
  py::class_<TreeValues>(module, "TreeValues")
      .def(py::init([](const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
                       const std::optional<DoubleArray>& background, int num_threads, std::size_t kept_entries,
                       std::size_t shared_entries, std::size_t most_entries, const std::optional<DoubleArray>& weights,
                       double p) {
             const TreeLimits limits{
                 .kept = kept_entries, .shared_entries = shared_entries, .most_entries = most_entries};
             if (background) require_columns(*background, forest.n_features, "background");
             if (weights) require_dimensions(*weights, 1, "weights");
             if (weights && !background) throw std::invalid_argument("weights need a background");
             const std::span<const double> rows = background ? to_span(*background) : std::span<const double>{};
             const std::span<const double> weights_of_rows = weights ? to_span(*weights) : std::span<const double>{};
             const Released no_gil;  // no Python object is touched
             if (weights)
               return TreeValues(forest, player_of_feature, n_players, rows, weights_of_rows, num_threads, limits, p);
             return background ? TreeValues(forest, player_of_feature, n_players, rows, num_threads, limits, p)
                               : TreeValues(forest, player_of_feature, n_players, num_threads, limits, p);
           }),
           py::arg("forest"), py::arg("player_of_feature"), py::arg("n_players"),
           py::arg("background").noconvert() = py::none(), py::arg("num_threads") = 0,
           py::arg("kept_entries") = TreeLimits{}.kept, py::arg("shared_entries") = TreeLimits{}.shared_entries,
           py::arg("most_entries") = TreeLimits{}.most_entries, py::kw_only(),
           py::arg("weights").noconvert() = py::none(), py::arg("p") = 0.5)
      .def("explain", by_player(&TreeValues::explain), py::arg("rows").noconvert(), py::arg("num_threads") = 0)
      .def(
          "interactions",
          [](const TreeValues& trees, const DoubleArray& rows, std::size_t order, int num_threads) {
            return of_rows(trees, rows, {extent(trees.n_interactions(order))},
                           [&](auto cells, auto out) { trees.interactions(cells, order, out, num_threads); });
          },
          py::arg("rows").noconvert(), py::arg("order"), py::arg("num_threads") = 0)
      .def("shapley", by_player(&TreeValues::shapley), py::arg("rows").noconvert(), py::arg("num_threads") = 0)
      .def(
          "predict",
          [](const TreeValues& trees, const DoubleArray& rows, int num_threads) {
            return of_rows(trees, rows, {}, [&](auto cells, auto out) { trees.predict(cells, out, num_threads); });
          },
          py::arg("rows").noconvert(), py::arg("num_threads") = 0)
      .def_property_readonly("p", &TreeValues::p)
      .def_property_readonly("base_values",
                             [](const TreeValues& tree_values) {
                               const auto& base = tree_values.base_values();
                               return to_array(base, {extent(base.size())});
                             })
      .def_property_readonly("n_deep_leaves", &TreeValues::n_deep_leaves);
}

}  // namespace banzhaf::bindings
