// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks what a caller may get wrong, calls the core, and turns exceptions into a status and a text.
#include "banzhaf.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "banzhaf/tree_file.hpp"
#include "banzhaf/version.hpp"

struct banzhaf_explainer {
  banzhaf::TreeExplainer explainer;
};

namespace {

// Where a caller wants the reason of a failure.
struct Reason {
  char* text;
  std::uint64_t size;

  // Copies a text as far as it fits, without a part of a character.
  void set(const char* reason) const noexcept {
    if (text == nullptr || size == 0) return;
    std::size_t length = std::strlen(reason);
    if (length >= size) {
      length = static_cast<std::size_t>(size - 1);
      while (length > 0 && (static_cast<unsigned char>(reason[length]) & 0xc0U) == 0x80U) --length;
    }
    std::memcpy(text, reason, length);
    text[length] = '\0';
  }
};

// Runs a call of the core. What is wrong with an argument, the core throws as std::invalid_argument.
template <typename Body>
std::int32_t run(Reason reason, banzhaf_status if_invalid, Body&& body) noexcept {
  try {
    body();
    reason.set("");
    return BANZHAF_OK;
  } catch (const std::invalid_argument& error) {
    reason.set(error.what());
    return if_invalid;
  } catch (const std::bad_alloc&) {
    reason.set("there is not enough memory");
    return BANZHAF_OUT_OF_MEMORY;
  } catch (const std::length_error&) {
    reason.set("there is not enough memory");
    return BANZHAF_OUT_OF_MEMORY;
  } catch (const std::system_error& error) {
    reason.set(error.what());
    return BANZHAF_CANNOT_READ;
  } catch (const std::exception& error) {
    reason.set(error.what());
    return BANZHAF_FAILED;
  } catch (...) {
    reason.set("an exception of an unknown type was thrown");
    return BANZHAF_FAILED;
  }
}

std::int32_t refuse(Reason reason, const char* text) noexcept {
  reason.set(text);
  return BANZHAF_INVALID_ARGUMENT;
}

template <typename T>
std::span<T> as_span(T* numbers, std::uint64_t count, const char* name) {
  if (numbers == nullptr && count > 0) throw std::invalid_argument(std::string(name) + " must not be null");
  if (count > std::numeric_limits<std::size_t>::max() / sizeof(T) / 2)
    throw std::invalid_argument("the number of " + std::string(name) + " is too large, got " + std::to_string(count));
  return {numbers, static_cast<std::size_t>(count)};
}

// Multiplies sizes. A product that is too large for the type is larger than any memory, so the largest number stands
// for it.
std::uint64_t product(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return b != 0 && a > most / b ? most : a * b;
}

void require_size(const char* name, std::uint64_t got, std::uint64_t needed, const char* of_what) {
  if (got == needed) return;
  throw std::invalid_argument(std::string(name) + " must have room for " + of_what + ", " + std::to_string(needed) +
                              " numbers, got " + std::to_string(got));
}

// Returns the rows' cells, which must be whole rows.
std::span<const double> rows_of(const banzhaf::TreeExplainer& explainer, const double* rows, std::uint64_t n_cells) {
  const std::span<const double> cells = as_span(rows, n_cells, "rows");
  if (cells.size() % explainer.n_features() != 0)
    throw std::invalid_argument("rows must have " + std::to_string(explainer.n_features()) + " cells each, got " +
                                std::to_string(n_cells) + " cells in all");
  return cells;
}

template <typename Open>
std::int32_t open(banzhaf_explainer** explainer, Reason reason, Open&& load) noexcept {
  if (explainer == nullptr) return refuse(reason, "explainer must not be null");
  *explainer = nullptr;
  return run(reason, BANZHAF_BAD_FILE, [&] { *explainer = new banzhaf_explainer{load()}; });
}

template <typename Use>
std::int32_t with_explainer(const banzhaf_explainer* explainer, Reason reason, Use&& use) noexcept {
  if (explainer == nullptr) return refuse(reason, "explainer must not be null");
  return run(reason, BANZHAF_INVALID_ARGUMENT, [&] { use(explainer->explainer); });
}

// Calls a method that writes a number for each row, player and output.
std::int32_t write_values(void (banzhaf::TreeExplainer::*method)(std::span<const double>, std::span<double>, int) const,
                          const banzhaf_explainer* explainer, const double* rows, std::uint64_t n_cells, double* values,
                          std::uint64_t n_values, std::int32_t num_threads, Reason reason) noexcept {
  return with_explainer(explainer, reason, [&](const banzhaf::TreeExplainer& trees) {
    const std::span<const double> cells = rows_of(trees, rows, n_cells);
    const std::span<double> out = as_span(values, n_values, "values");
    require_size("values", out.size(),
                 product(cells.size() / trees.n_features(), product(trees.n_players(), trees.n_outputs())),
                 "rows x n_players x n_outputs");
    (trees.*method)(cells, out, num_threads);
  });
}

const char* name_at(const std::vector<std::string>& names, std::uint64_t place) noexcept {
  return place < names.size() ? names[static_cast<std::size_t>(place)].c_str() : nullptr;
}

}  // namespace

const char* banzhaf_version(void) { return banzhaf::version(); }

int32_t banzhaf_interface(void) { return 1; }

int32_t banzhaf_open(const char* path, banzhaf_explainer** explainer, char* error, uint64_t error_size) {
  const Reason reason{error, error_size};
  if (path == nullptr) {
    if (explainer != nullptr) *explainer = nullptr;
    return refuse(reason, "path must not be null");
  }
  return open(explainer, reason, [&] {
    const std::u8string name(path, path + std::strlen(path));
    return banzhaf::load_tree_explainer(std::filesystem::path(name));
  });
}

int32_t banzhaf_open_bytes(const void* bytes, uint64_t n_bytes, banzhaf_explainer** explainer, char* error,
                           uint64_t error_size) {
  const Reason reason{error, error_size};
  if (bytes == nullptr) {
    if (explainer != nullptr) *explainer = nullptr;
    return refuse(reason, "bytes must not be null");
  }
  return open(explainer, reason, [&] {
    return banzhaf::load_tree_explainer(as_span(static_cast<const std::byte*>(bytes), n_bytes, "bytes"));
  });
}

void banzhaf_close(banzhaf_explainer* explainer) { delete explainer; }

uint64_t banzhaf_n_features(const banzhaf_explainer* explainer) {
  return explainer == nullptr ? 0 : explainer->explainer.n_features();
}

uint64_t banzhaf_n_players(const banzhaf_explainer* explainer) {
  return explainer == nullptr ? 0 : explainer->explainer.n_players();
}

uint64_t banzhaf_n_outputs(const banzhaf_explainer* explainer) {
  return explainer == nullptr ? 0 : explainer->explainer.n_outputs();
}

uint64_t banzhaf_n_background(const banzhaf_explainer* explainer) {
  return explainer == nullptr ? 0 : explainer->explainer.n_background();
}

const char* banzhaf_feature_name(const banzhaf_explainer* explainer, uint64_t feature) {
  return explainer == nullptr ? nullptr : name_at(explainer->explainer.column_names(), feature);
}

const char* banzhaf_player_name(const banzhaf_explainer* explainer, uint64_t player) {
  return explainer == nullptr ? nullptr : name_at(explainer->explainer.player_names(), player);
}

const char* banzhaf_output_name(const banzhaf_explainer* explainer, uint64_t output) {
  return explainer == nullptr ? nullptr : name_at(explainer->explainer.output_names(), output);
}

int32_t banzhaf_base_values(const banzhaf_explainer* explainer, double* base_values, uint64_t n_base_values,
                            char* error, uint64_t error_size) {
  return with_explainer(explainer, {error, error_size}, [&](const banzhaf::TreeExplainer& trees) {
    const std::span<double> out = as_span(base_values, n_base_values, "base_values");
    const std::vector<double>& found = trees.base_values();
    require_size("base_values", out.size(), found.size(), "one number for each output");
    std::copy(found.begin(), found.end(), out.begin());
  });
}

int32_t banzhaf_explain(const banzhaf_explainer* explainer, const double* rows, uint64_t n_cells, double* values,
                        uint64_t n_values, int32_t num_threads, char* error, uint64_t error_size) {
  return write_values(&banzhaf::TreeExplainer::explain, explainer, rows, n_cells, values, n_values, num_threads,
                      {error, error_size});
}

double banzhaf_p(const banzhaf_explainer* explainer) { return explainer == nullptr ? 0 : explainer->explainer.p(); }

uint64_t banzhaf_n_interactions(const banzhaf_explainer* explainer, uint64_t order) {
  if (explainer == nullptr || order > explainer->explainer.n_players()) return 0;
  std::uint64_t found = 0;
  const std::int32_t status = run({nullptr, 0}, BANZHAF_INVALID_ARGUMENT, [&] {
    found = explainer->explainer.n_interactions(static_cast<std::size_t>(order));
  });
  return status == BANZHAF_OK ? found : 0;
}

int32_t banzhaf_interactions(const banzhaf_explainer* explainer, const double* rows, uint64_t n_cells, uint64_t order,
                             double* values, uint64_t n_values, int32_t num_threads, char* error, uint64_t error_size) {
  return with_explainer(explainer, {error, error_size}, [&](const banzhaf::TreeExplainer& trees) {
    const std::span<const double> cells = rows_of(trees, rows, n_cells);
    const std::span<double> out = as_span(values, n_values, "values");
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(order, trees.n_players() + 1));
    require_size("values", out.size(),
                 product(cells.size() / trees.n_features(), product(trees.n_interactions(size), trees.n_outputs())),
                 "rows x n_interactions x n_outputs");
    trees.interactions(cells, size, out, num_threads);
  });
}

int32_t banzhaf_shapley(const banzhaf_explainer* explainer, const double* rows, uint64_t n_cells, double* values,
                        uint64_t n_values, int32_t num_threads, char* error, uint64_t error_size) {
  return write_values(&banzhaf::TreeExplainer::shapley, explainer, rows, n_cells, values, n_values, num_threads,
                      {error, error_size});
}

int32_t banzhaf_predict(const banzhaf_explainer* explainer, const double* rows, uint64_t n_cells, double* outputs,
                        uint64_t n_values, int32_t num_threads, char* error, uint64_t error_size) {
  return with_explainer(explainer, {error, error_size}, [&](const banzhaf::TreeExplainer& trees) {
    const std::span<const double> cells = rows_of(trees, rows, n_cells);
    const std::span<double> out = as_span(outputs, n_values, "outputs");
    require_size("outputs", out.size(), product(cells.size() / trees.n_features(), trees.n_outputs()),
                 "rows x n_outputs");
    trees.predict(cells, out, num_threads);
  });
}
