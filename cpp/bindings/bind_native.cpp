// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Native games and models: C functions behind addresses and capsules.
#include <pybind11/stl.h>

#include <cstdint>

#include "arrays.hpp"
#include "banzhaf/coalitions.hpp"
#include "binders.hpp"
#include "native.hpp"

namespace banzhaf::bindings {
namespace {

template <typename Pointer>
Pointer pointer_at(std::uintptr_t address) {
  return reinterpret_cast<Pointer>(address);
}

// The name, the pointer and the context of a capsule; the name is None if it has none.
py::tuple open_capsule(const py::object& capsule) {
  if (!PyCapsule_CheckExact(capsule.ptr())) throw py::type_error("not a PyCapsule");
  const char* const name = PyCapsule_GetName(capsule.ptr());
  void* const pointer = PyCapsule_GetPointer(capsule.ptr(), name);
  void* const context = PyCapsule_GetContext(capsule.ptr());
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  return py::make_tuple(name == nullptr ? py::object(py::none()) : py::object(py::str(name)),
                        reinterpret_cast<std::uintptr_t>(pointer), reinterpret_cast<std::uintptr_t>(context));
}

}  // namespace

void bind_native(py::module_& module) {
  module.attr("NATIVE_VERSION") = BANZHAF_NATIVE_VERSION;
  module.attr("GAME_CAPSULE") = BANZHAF_GAME_CAPSULE;
  module.attr("MODEL_CAPSULE") = BANZHAF_MODEL_CAPSULE;
  module.def("open_capsule", &open_capsule, py::arg("capsule"));

  py::class_<BoundGame>(module, "NativeGame")
      .def(py::init([](std::uintptr_t function, std::uintptr_t data, std::size_t n_players, std::size_t n_outputs,
                       bool thread_safe, ErrorTexts texts) {
             return BoundGame({.version = BANZHAF_NATIVE_VERSION,
                               .flags = thread_safe ? 0 : BANZHAF_SERIAL,
                               .function = pointer_at<banzhaf_game_function>(function),
                               .data = pointer_at<void*>(data),
                               .n_players = n_players,
                               .n_outputs = n_outputs,
                               .error_text = nullptr},
                              std::move(texts));
           }),
           py::kw_only(), py::arg("function"), py::arg("data"), py::arg("n_players"), py::arg("n_outputs"),
           py::arg("thread_safe"), py::arg("texts"))
      .def_static(
          "described",
          [](std::uintptr_t address, ErrorTexts texts) {
            return BoundGame(*pointer_at<const banzhaf_game*>(address), std::move(texts));
          },
          py::arg("address"), py::arg("texts"))
      .def_property_readonly("n_players", [](const BoundGame& game) { return game.described().n_players; })
      .def_property_readonly("n_outputs", [](const BoundGame& game) { return game.described().n_outputs; })
      .def_property_readonly("thread_safe",
                             [](const BoundGame& game) { return (game.described().flags & BANZHAF_SERIAL) == 0; })
      .def(
          "worths",
          [](const BoundGame& game, const BoolArray& coalitions, int num_threads) {
            require_dimensions(coalitions, 2, "coalitions");
            const auto* flags = reinterpret_cast<const std::uint8_t*>(coalitions.data());
            const std::size_t n_rows = rows_of(coalitions), n_players = columns_of(coalitions);
            std::vector<double> worths;
            {
              const Released no_gil;  // the array stays referenced by the caller
              Coalitions packed;
              pack(flags, n_rows, n_players, packed, num_threads);
              game.game(num_threads)(packed.view(), worths);
            }
            return to_array(worths, {extent(n_rows), extent(game.described().n_outputs)});
          },
          py::arg("coalitions").noconvert(), py::kw_only(), py::arg("num_threads"));

  py::class_<BoundModel>(module, "NativeModel")
      .def(py::init([](std::uintptr_t function, std::uintptr_t data, std::size_t n_columns, std::size_t n_outputs,
                       std::uint32_t cell_type, bool thread_safe, ErrorTexts texts) {
             return BoundModel({.version = BANZHAF_NATIVE_VERSION,
                                .flags = thread_safe ? 0 : BANZHAF_SERIAL,
                                .function = pointer_at<banzhaf_model_function>(function),
                                .data = pointer_at<void*>(data),
                                .n_columns = n_columns,
                                .n_outputs = n_outputs,
                                .error_text = nullptr,
                                .cell_type = cell_type},
                               std::move(texts));
           }),
           py::kw_only(), py::arg("function"), py::arg("data"), py::arg("n_columns"), py::arg("n_outputs"),
           py::arg("cell_type"), py::arg("thread_safe"), py::arg("texts"))
      .def_static(
          "described",
          [](std::uintptr_t address, ErrorTexts texts) {
            return BoundModel(*pointer_at<const banzhaf_model*>(address), std::move(texts));
          },
          py::arg("address"), py::arg("texts"))
      .def_property_readonly("n_columns", [](const BoundModel& model) { return model.described().n_columns; })
      .def_property_readonly("n_outputs", [](const BoundModel& model) { return model.described().n_outputs; })
      .def_property_readonly("cell_type", [](const BoundModel& model) { return model.described().cell_type; })
      .def_property_readonly("thread_safe",
                             [](const BoundModel& model) { return (model.described().flags & BANZHAF_SERIAL) == 0; })
      .def(
          "outputs",
          [](const BoundModel& model, const py::array& rows, int num_threads) {
            require_dimensions(rows, 2, "rows");
            const NativeModel called = model.model(num_threads);
            if ((rows.flags() & py::array::c_style) == 0 ||
                static_cast<std::size_t>(rows.itemsize()) != called.cell_bytes())
              throw std::invalid_argument("rows must be C-contiguous, with the cells of the model");
            const void* const cells = rows.data();
            const std::size_t n_rows = rows_of(rows), n_columns = columns_of(rows);
            std::vector<double> outputs;
            {
              const Released no_gil;  // the array stays referenced by the caller
              called.reading(cells, n_columns)(n_rows, outputs);
            }
            return to_array(outputs, {extent(n_rows), extent(called.n_outputs())});
          },
          py::arg("rows"), py::kw_only(), py::arg("num_threads"));
}

}  // namespace banzhaf::bindings
