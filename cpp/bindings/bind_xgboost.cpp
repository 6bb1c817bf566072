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
      .def("is_for", &XGBoostModel::is_for, py::arg("n_columns"))
      .def_property_readonly("n_iterations", &XGBoostModel::n_iterations);
}

}  // namespace banzhaf::bindings
