// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// XGBoost's boosters as models that the core calls without Python.
#include <cstdint>
#include <string>

#include "arrays.hpp"
#include "binders.hpp"
#include "xgboost.hpp"

namespace banzhaf::bindings {
namespace {

template <typename Pointer>
Pointer pointer_at(std::uintptr_t address) {
  return reinterpret_cast<Pointer>(address);
}

}  // namespace

void bind_xgboost(py::module_& module) {
  py::class_<XGBoostModel>(module, "XGBoostModel")
      .def(py::init([](std::uintptr_t predict, std::uintptr_t get_num_feature, std::uintptr_t get_attr,
                       std::uintptr_t handle, bool stops_early, bool both_classes, std::string typestr,
                       std::size_t n_outputs) {
             return XGBoostModel({.predict = pointer_at<XGBoostBooster::Predict>(predict),
                                  .get_num_feature = pointer_at<XGBoostBooster::GetNumFeature>(get_num_feature),
                                  .get_attr = pointer_at<XGBoostBooster::GetAttr>(get_attr),
                                  .handle = pointer_at<void*>(handle)},
                                 stops_early, both_classes, std::move(typestr), n_outputs);
           }),
           py::kw_only(), py::arg("predict"), py::arg("get_num_feature"), py::arg("get_attr"), py::arg("handle"),
           py::arg("stops_early"), py::arg("both_classes"), py::arg("typestr"), py::arg("n_outputs"))
      .def(
          "outputs",
          [](const XGBoostModel& model, const py::array& rows) -> py::object {
            require_dimensions(rows, 2, "rows");
            if ((rows.flags() & py::array::c_style) == 0) throw std::invalid_argument("rows must be C-contiguous");
            const auto* const cells = static_cast<const std::uint8_t*>(rows.data());
            const std::size_t n_rows = rows_of(rows), n_columns = columns_of(rows);
            std::vector<double> outputs;
            bool is_expected = true;
            {
              const Released no_gil;  // the array stays referenced by the caller
              model.reading(cells, n_columns, [&](std::size_t, std::vector<double>&) { is_expected = false; })(n_rows,
                                                                                                               outputs);
            }
            if (!is_expected) return py::none();
            return to_array(outputs, {extent(n_rows), extent(outputs.size() / n_rows)});
          },
          py::arg("rows"))
      .def("is_for", &XGBoostModel::is_for, py::arg("n_columns"))
      .def_property_readonly("n_iterations", &XGBoostModel::n_iterations);
}

}  // namespace banzhaf::bindings
