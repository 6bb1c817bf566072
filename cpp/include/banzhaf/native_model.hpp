// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Makes a model of a C function, as banzhaf/native.h describes it.
///
/// The function gets masked rows on several threads at the same time. For example, with a table and a buffer as in
/// banzhaf/explain.hpp:
/// @code{.cpp}
/// const banzhaf_model first{
///     .version = BANZHAF_NATIVE_VERSION, .flags = 0,
///     .function = [](const void* rows, std::size_t n_rows, std::size_t n_columns, double* outputs, std::size_t, void*) {
///       const float* cells = static_cast<const float*>(rows);
///       for (std::size_t r = 0; r < n_rows; ++r) outputs[r] = static_cast<double>(cells[r * n_columns]);
///       return 0;
///     },
///     .data = nullptr, .n_columns = 0, .n_outputs = 1, .error_text = nullptr, .cell_type = BANZHAF_FLOAT32};
/// const banzhaf::NativeModel model(first);
/// banzhaf::CrossedExplanations native(table, {.budget = 1000, .seed = 7});
/// native.run(model.reading(buffer.data(), 3), buffer);
/// native.values()[0];                                            // -1.5
/// @endcode
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

#include "banzhaf/explain.hpp"
#include "banzhaf/native.h"

namespace banzhaf {

/// A model that is a C function. Copies of it share the function, and several threads may use one object.
class NativeModel {
 public:
  /// Takes a model.
  /// @param model the function and what belongs to it, which must outlive this object and its copies
  /// @param num_threads the largest number of threads that call the function, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the model has a later version than this library, no function, no outputs or an
  ///   unknown cell type, or num_threads is negative
  explicit NativeModel(const banzhaf_model& model, int num_threads = 0);
  /// Returns the same model for another number of threads. Both count as one for BANZHAF_SERIAL.
  /// @throws std::invalid_argument if num_threads is negative
  [[nodiscard]] NativeModel with_threads(int num_threads) const;

  /// Returns the number of outputs.
  [[nodiscard]] std::size_t n_outputs() const noexcept { return model_.n_outputs; }
  /// Returns the size of a cell in bytes.
  [[nodiscard]] std::size_t cell_bytes() const noexcept;
  /// Returns the number of threads that may call the function at the same time, or 0 for default_num_threads().
  [[nodiscard]] int num_threads() const noexcept { return serial_ ? 1 : num_threads_; }

  /// Calls the function once, on the calling thread. Outputs that it does not write are NaN.
  /// @param rows n_rows x n_columns cells in row-major order
  /// @param n_rows the number of rows
  /// @param n_columns the number of columns
  /// @param outputs gets n_rows x n_outputs() numbers
  /// @throws std::runtime_error naming the number that the function returned, if that is not 0
  /// @throws std::invalid_argument if the model is for another number of columns
  void call(const void* rows, std::size_t n_rows, std::size_t n_columns, double* outputs) const;

  /// Returns a Model that reads its rows from memory, such as the buffer of a run. Several threads call the function on
  /// parts of a batch.
  /// @param rows where the rows of every batch are, which must outlive the result
  /// @param n_columns the number of columns
  [[nodiscard]] Model reading(const void* rows, std::size_t n_columns) const;

 private:
  banzhaf_model model_;
  int num_threads_;
  std::shared_ptr<std::recursive_mutex> serial_;  // null if threads may call the function at the same time
};

}  // namespace banzhaf
