// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Files of tree explainers.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <system_error>

#include "arrays.hpp"
#include "banzhaf/tree_file.hpp"
#include "binders.hpp"
#include "trees/saved.hpp"

namespace banzhaf::bindings {
namespace {

// Names may hold lone surrogates, which UTF-8 does not allow.
std::vector<py::str> to_texts(const std::vector<std::string>& names) {
  std::vector<py::str> texts;
  for (const std::string& name : names) {
    PyObject* text = PyUnicode_DecodeUTF8(name.data(), extent(name.size()), "surrogatepass");
    if (text == nullptr) {
      PyErr_Clear();
      throw std::invalid_argument("it is damaged: a name is not UTF-8");
    }
    texts.push_back(py::reinterpret_steal<py::str>(text));
  }
  return texts;
}

// The words of Python for trees::Refused, in its order.
constexpr std::array<const char*, 3> refused_words{"", "infinite", "missing"};

trees::Refused to_refused(const std::string& word) {
  const auto found = std::find(refused_words.begin(), refused_words.end(), word);
  if (found == refused_words.end()) throw std::invalid_argument("refused has an unknown word: " + word);
  return static_cast<trees::Refused>(found - refused_words.begin());
}

// The numbers of a part in place, read-only. The array keeps the explainer alive.
py::object to_python(const py::object& owner, const TreeExplainer& explainer, std::size_t index) {
  const std::span<const std::byte> bytes = trees::TreeFile::part(explainer, static_cast<trees::Part>(index + 1));
  const char type = trees::part_kinds[index].type;
  if (type == 0) return py::bytes(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const py::dtype dtype(std::string(1, type));
  py::array array(dtype, {extent(bytes.size()) / dtype.itemsize()}, {dtype.itemsize()}, bytes.data(), owner);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

}  // namespace

void bind_tree_file(py::module_& module) {
  py::class_<TreeExplainer>(module, "TreeFile")
      .def(py::init([](const std::filesystem::path& path, bool map, int num_threads) {
             try {
               const Released no_gil;  // no Python object is touched
               // Without the name of the file, which may not be UTF-8: Python adds it.
               return trees::TreeFile::open(FileBytes::of_file(path, map), num_threads);
             } catch (const std::system_error& error) {
               errno = error.code().value();
               PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, py::str(py::cast(path)).ptr());
               throw py::error_already_set();
             }
           }),
           py::arg("path"), py::arg("map") = true, py::arg("num_threads") = 1)
      .def("parts",
           [](const py::object& self) {
             const auto& explainer = self.cast<const TreeExplainer&>();
             py::dict parts;
             for (std::size_t i = 0; i < trees::part_kinds.size(); ++i)
               parts[trees::part_kinds[i].name] = to_python(self, explainer, i);
             return parts;
           })
      .def_property_readonly("tree_values", &TreeExplainer::tree_values, py::return_value_policy::reference_internal)
      .def_property_readonly("column_names",
                             [](const TreeExplainer& explainer) { return to_texts(explainer.column_names()); })
      .def_property_readonly("player_names",
                             [](const TreeExplainer& explainer) { return to_texts(explainer.player_names()); })
      .def_property_readonly("output_names",
                             [](const TreeExplainer& explainer) { return to_texts(explainer.output_names()); })
      .def(
          "categories",
          [](const TreeExplainer& explainer, std::size_t column) {
            const std::span<const std::string> texts = explainer.categories(column);
            return to_texts({texts.begin(), texts.end()});
          },
          py::arg("column"))
      .def_property_readonly("missing_number", &trees::TreeFile::missing_number)
      .def_property_readonly("refused",
                             [](const TreeExplainer& explainer) {
                               return refused_words[static_cast<std::size_t>(trees::TreeFile::refused(explainer))];
                             })
      .def_property_readonly("is_mapped", &TreeExplainer::is_mapped)
      .def_property_readonly("n_background", &TreeExplainer::n_background)
      .def(
          "explain",
          [](const TreeExplainer& explainer, const DoubleArray& rows, int num_threads) {
            require_dimensions(rows, 2, "rows");
            DoubleArray values({extent(rows_of(rows)), extent(explainer.n_players()), extent(explainer.n_outputs())});
            const std::span<const double> cells = to_span(rows);
            const std::span<double> out{values.mutable_data(), static_cast<std::size_t>(values.size())};
            const Released no_gil;  // no Python object is touched
            explainer.explain(cells, out, num_threads);
            return values;
          },
          py::arg("rows").noconvert(), py::arg("num_threads") = 0)
      .def(
          "predict",
          [](const TreeExplainer& explainer, const DoubleArray& rows, int num_threads) {
            require_dimensions(rows, 2, "rows");
            DoubleArray outputs({extent(rows_of(rows)), extent(explainer.n_outputs())});
            const std::span<const double> cells = to_span(rows);
            const std::span<double> out{outputs.mutable_data(), static_cast<std::size_t>(outputs.size())};
            const Released no_gil;  // no Python object is touched
            explainer.predict(cells, out, num_threads);
            return outputs;
          },
          py::arg("rows").noconvert(), py::arg("num_threads") = 0);

  module.def(
      "write_tree_file",
      [](const Forest& forest, const TreeValues& tree_values, const std::vector<std::uint32_t>& player_of_feature,
         const std::optional<DoubleArray>& background, const std::optional<DoubleArray>& weights,
         std::optional<double> missing_number, const std::string& refused, std::vector<std::string> column_names,
         std::vector<std::string> player_names, std::vector<std::string> output_names,
         std::vector<std::vector<std::string>> categories, const DoubleArray& checked_rows,
         const std::string& description, int num_threads) {
        std::vector<std::byte> file;
        {
          const trees::Saved saved{.forest = forest,
                                   .tree_values = tree_values,
                                   .player_of_feature = player_of_feature,
                                   .interventional = background.has_value(),
                                   .background = background ? to_span(*background) : std::span<const double>{},
                                   .weights = weights ? to_span(*weights) : std::span<const double>{},
                                   .missing_number = missing_number,
                                   .refused = to_refused(refused),
                                   .column_names = std::move(column_names),
                                   .player_names = std::move(player_names),
                                   .output_names = std::move(output_names),
                                   .categories = std::move(categories),
                                   .checked_rows = to_span(checked_rows),
                                   .description = description};
          const Released no_gil;  // no Python object is touched
          file = trees::write_tree_file(saved, num_threads);
        }
        return py::bytes(reinterpret_cast<const char*>(file.data()), file.size());
      },
      py::kw_only(), py::arg("forest"), py::arg("tree_values"), py::arg("player_of_feature"), py::arg("background"),
      py::arg("weights"), py::arg("missing_number"), py::arg("refused"), py::arg("column_names"),
      py::arg("player_names"), py::arg("output_names"), py::arg("categories"), py::arg("checked_rows"),
      py::arg("description"), py::arg("num_threads") = 0);
}

}  // namespace banzhaf::bindings
