// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The extension module: one binder for each topic.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "binders.hpp"

// Nothing here relies on Python's lock: the core's shared state has locks of its own or is atomic, and what Python calls
// is either unchanging or used by one call alone. So a free-threaded interpreter need not bring the lock back.
PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
  module.doc() = "The C++ core of banzhaf. Private: use the package's public functions.";
  // pybind11 looks up NumPy's functions once and may release the lock meanwhile. Do that now, in the importing thread,
  // because another thread might be ended while it waits for the lock.
  static_cast<void>(pybind11::dtype::of<double>());
  banzhaf::bindings::bind_build(module);
  banzhaf::bindings::bind_designs(module);
  banzhaf::bindings::bind_native(module);
  banzhaf::bindings::bind_xgboost(module);
  banzhaf::bindings::bind_estimate(module);
  banzhaf::bindings::bind_interactions(module);
  banzhaf::bindings::bind_transform(module);
  banzhaf::bindings::bind_explain(module);
  banzhaf::bindings::bind_sparse(module);
  banzhaf::bindings::bind_trees(module);
  banzhaf::bindings::bind_tree_file(module);
  banzhaf::bindings::bind_ubjson(module);
}
