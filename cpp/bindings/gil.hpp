// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Releases Python's lock (the GIL) and takes it back, so that an interpreter's shutdown never aborts the process.
//
// Up to Python 3.13, a thread that asks for the lock during shutdown is ended at once. glibc then unwinds its stack
// through destructors that must not throw, and that touch Python objects without the lock. Here such a thread sleeps in
// the innermost C++ frame until the process ends. From Python 3.14 on, the interpreter does the same.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#if defined(__GLIBCXX__)
#include <cxxabi.h>
#endif

#include "support/interrupt.hpp"

namespace banzhaf::bindings {

namespace py = pybind11;

#if defined(__GLIBCXX__)
#define BANZHAF_UNWINDS [[gnu::no_sanitize("null")]]  // glibc ends a thread by an exception that has no object
#else
#define BANZHAF_UNWINDS
#endif

/// Calls a function that may ask for the lock, or run Python code that does.
template <typename Body>
BANZHAF_UNWINDS auto or_sleep(Body&& body) {
#if defined(__GLIBCXX__)
  try {
    return body();
  } catch (const abi::__forced_unwind&) {
    while (true) std::this_thread::sleep_for(std::chrono::hours(1));
  }
#else
  return body();
#endif
}
#undef BANZHAF_UNWINDS

/// The thread state that this thread saved when it released the lock.
inline thread_local PyThreadState* given_up = nullptr;

/// Holds the lock during its lifetime. Use it only inside a `Released` of the same thread.
class Held {
 public:
  Held() {
    or_sleep([] { PyEval_RestoreThread(given_up); });
  }
  ~Held() { PyEval_SaveThread(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  InterruptScope quiet_{nullptr, std::chrono::milliseconds(0)};  // Python checks for signals itself
};

inline void raise_signals() {
  const Held gil;
  if (or_sleep([] { return PyErr_CheckSignals(); }) != 0) throw py::error_already_set();
}

/// Releases the lock during its lifetime. The core meanwhile checks for signals four times a second, so that Ctrl-C
/// works. Checking more often would cost time: taking the lock from a busy Python thread takes 5 ms.
class Released {
 public:
  Released() : before_(std::exchange(given_up, PyEval_SaveThread())) {}
  ~Released() {
    PyThreadState* const state = std::exchange(given_up, before_);
    or_sleep([state] { PyEval_RestoreThread(state); });
  }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;

 private:
  PyThreadState* before_;
  InterruptScope signals_{&raise_signals, std::chrono::milliseconds(250)};
};

struct Drop {
  void operator()(PyObject* object) const {
    or_sleep([object] { Py_DECREF(object); });  // may run a user's destructor
  }
};

/// A reference to what a callback returned.
class Returned {
 public:
  explicit Returned(PyObject* object) : object_(object) {}
  [[nodiscard]] py::handle get() const { return object_.get(); }

 private:
  std::unique_ptr<PyObject, Drop> object_;
};

/// Calls function(argument) while holding the lock, with no C++ frame between this one and Python's.
inline Returned call_python(py::handle function, py::handle argument) {
  PyObject* const found = or_sleep([&] { return PyObject_CallOneArg(function.ptr(), argument.ptr()); });
  if (found == nullptr) throw py::error_already_set();
  return Returned(found);
}

inline Returned call_python(py::handle function) {
  PyObject* const found = or_sleep([&] { return PyObject_CallNoArgs(function.ptr()); });
  if (found == nullptr) throw py::error_already_set();
  return Returned(found);
}

}  // namespace banzhaf::bindings
