// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Calls a model's C function on one thread or several.
#include "banzhaf/native_model.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

#include "support/native_call.hpp"
#include "support/parallel.hpp"
#include "support/parts.hpp"

namespace banzhaf {
namespace {

std::size_t bytes_of(std::uint32_t cell_type) {
  switch (cell_type) {
    case BANZHAF_INT8:
    case BANZHAF_UINT8:
    case BANZHAF_BOOL:
      return 1;
    case BANZHAF_INT16:
    case BANZHAF_UINT16:
      return 2;
    case BANZHAF_FLOAT32:
    case BANZHAF_INT32:
    case BANZHAF_UINT32:
      return 4;
    case BANZHAF_FLOAT64:
    case BANZHAF_INT64:
    case BANZHAF_UINT64:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

NativeModel::NativeModel(const banzhaf_model& model, int num_threads)
    : model_(model), num_threads_(num_threads), serial_(lock_for(model.flags)) {
  require_native("model", model.version, model.flags, model.function != nullptr, model.n_outputs);
  if (cell_bytes() == 0)
    throw std::invalid_argument("model must have a cell_type of banzhaf/native.h, got " +
                                std::to_string(model.cell_type));
  require_threads(num_threads);
}

NativeModel NativeModel::with_threads(int num_threads) const {
  require_threads(num_threads);
  NativeModel result(*this);
  result.num_threads_ = num_threads;
  return result;
}

std::size_t NativeModel::cell_bytes() const noexcept { return bytes_of(model_.cell_type); }

void NativeModel::call(const void* rows, std::size_t n_rows, std::size_t n_columns, double* outputs) const {
  if (model_.n_columns != 0 && model_.n_columns != n_columns)
    throw std::invalid_argument("model is for " + std::to_string(model_.n_columns) + " columns, got " +
                                std::to_string(n_columns));
  std::fill_n(outputs, n_rows * n_outputs(), std::numeric_limits<double>::quiet_NaN());
  const std::unique_lock<std::recursive_mutex> alone =
      serial_ ? std::unique_lock(*serial_) : std::unique_lock<std::recursive_mutex>();
  const int code = model_.function(rows, n_rows, n_columns, outputs, n_outputs(), model_.data);
  require_success("model", code, model_.error_text, model_.data);
}

Model NativeModel::reading(const void* rows, std::size_t n_columns) const {
  return [model = *this, rows, n_columns](std::size_t n_rows, std::vector<double>& outputs) {
    const std::size_t k = model.n_outputs(), bytes = n_columns * model.cell_bytes();
    outputs.resize(n_rows * k);
    const PartCall on_part = [&](std::size_t first, std::size_t count) {
      model.call(static_cast<const std::uint8_t*>(rows) + first * bytes, count, n_columns, outputs.data() + first * k);
      return count;
    };
    const Parts parts{.n_items = n_rows, .most = n_rows, .num_threads = model.num_threads()};
    const Progress progress = call_in_parts(parts, [&] { return on_part; });
    if (progress.error) std::rethrow_exception(progress.error);
  };
}

}  // namespace banzhaf
