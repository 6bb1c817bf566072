// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// One binder for each topic.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "banzhaf/adjustment.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/stopping.hpp"

namespace banzhaf::bindings {

void bind_build(pybind11::module_& module);
void bind_designs(pybind11::module_& module);
void bind_estimate(pybind11::module_& module);
void bind_interactions(pybind11::module_& module);
void bind_transform(pybind11::module_& module);
void bind_explain(pybind11::module_& module);
void bind_native(pybind11::module_& module);
void bind_sparse(pybind11::module_& module);
void bind_trees(pybind11::module_& module);
void bind_tree_file(pybind11::module_& module);
void bind_ubjson(pybind11::module_& module);
void bind_xgboost(pybind11::module_& module);

/// Converts the name of a design, which Python has checked.
[[nodiscard]] DesignKind design_kind(const std::string& name);
[[nodiscard]] const char* name_of(DesignKind kind);
/// Converts the name of a search for interactions, which Python has checked.
[[nodiscard]] Interactions interactions_named(const std::string& name);
/// Makes the design that Python names. Independent coalitions with p other than 1/2 are biased.
[[nodiscard]] Design design_named(const std::string& name, std::size_t n_players, std::size_t budget,
                                  std::uint64_t seed, double p);
/// The reason why a run stopped, as a string for Python.
[[nodiscard]] const char* name_of(Stopped why);

}  // namespace banzhaf::bindings
