// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// XGBoost's prediction on dense rows, through the C interface of the library that Python has loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "banzhaf/explain.hpp"
#include "gil.hpp"

namespace banzhaf::bindings {

/// XGBoost's functions as its c_api.h declares them, and the booster that they are called on.
struct XGBoostBooster {
  using Predict = int (*)(void* booster, const char* rows, const char* config, void* matrix,
                          const std::uint64_t** shape, std::uint64_t* n_dimensions, const float** outputs);
  using GetNumFeature = int (*)(void* booster, std::uint64_t* n_features);
  using GetAttr = int (*)(void* booster, const char* key, const char** value, int* is_set);

  Predict predict;
  GetNumFeature get_num_feature;
  GetAttr get_attr;
  void* handle;
};

/// A booster as a model of dense rows. Its owner in Python keeps the booster alive. Nothing about the booster is kept
/// here, because it may be trained further.
class XGBoostModel {
 public:
  /// If stops_early, the trees after the booster's best iteration are left out, as XGBoost's estimators do. If
  /// both_classes, the probability of the first of two classes comes before that of the second.
  XGBoostModel(XGBoostBooster booster, bool stops_early, bool both_classes, std::string typestr, std::size_t n_outputs)
      : booster_(booster),
        stops_early_(stops_early),
        both_classes_(both_classes),
        typestr_(std::move(typestr)),
        n_outputs_(n_outputs) {}

  /// Returns false if the booster is for another number of columns.
  [[nodiscard]] bool is_for(std::size_t n_columns) const {
    std::uint64_t n_features = 0;
    return booster_.get_num_feature(booster_.handle, &n_features) == 0 && n_features == n_columns;
  }

  /// Returns how many iterations the predictions take, or 0 for all of them.
  [[nodiscard]] int n_iterations() const {
    const char* value = nullptr;
    int is_set = 0;
    if (!stops_early_ || booster_.get_attr(booster_.handle, "best_iteration", &value, &is_set) != 0 || is_set == 0)
      return 0;
    return std::atoi(value) + 1;
  }

  /// Returns the model of rows that lie at cells. It calls otherwise(n_rows, outputs) where XGBoost reports an error,
  /// or returns another number of outputs than this model has.
  template <typename Otherwise>
  [[nodiscard]] Model reading(const std::uint8_t* cells, std::size_t n_columns, Otherwise&& otherwise) const {
    char config[192];
    std::snprintf(config, sizeof config,
                  R"({"type": 0, "training": false, "iteration_begin": 0, "iteration_end": %d, "missing": NaN, )"
                  R"("strict_shape": false, "cache_id": 0})",
                  n_iterations());
    return [this, cells, n_columns, config = std::string(config), otherwise](std::size_t n_rows,
                                                                             std::vector<double>& outputs) {
      outputs.clear();
      if (!predict(cells, n_rows, n_columns, config.c_str(), outputs)) otherwise(n_rows, outputs);
    };
  }

 private:
  // Sets the outputs, and returns false without any if something is not as expected.
  bool predict(const std::uint8_t* cells, std::size_t n_rows, std::size_t n_columns, const char* config,
               std::vector<double>& outputs) const {
    char rows[192];
    std::snprintf(rows, sizeof rows,
                  R"({"data": [%llu, true], "shape": [%zu, %zu], "typestr": "%s", "version": 3, "strides": null})",
                  static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(cells)), n_rows, n_columns,
                  typestr_.c_str());
    const std::uint64_t* shape = nullptr;
    std::uint64_t n_dimensions = 0;
    const float* found = nullptr;
    // XGBoost may call Python to log something.
    const int status = or_sleep(
        [&] { return booster_.predict(booster_.handle, rows, config, nullptr, &shape, &n_dimensions, &found); });
    if (status != 0 || n_dimensions < 1 || n_dimensions > 2 || shape[0] != n_rows) return false;
    const bool doubles = both_classes_ && n_dimensions == 1;
    const std::size_t each = n_dimensions == 1 ? 1 : shape[1];
    if ((doubles ? 2 : each) != n_outputs_) return false;
    if (!doubles) {
      outputs.assign(found, found + n_rows * each);
      return true;
    }
    outputs.resize(2 * n_rows);
    for (std::size_t r = 0; r < n_rows; ++r) {
      outputs[2 * r] = 1.0F - found[r];
      outputs[2 * r + 1] = found[r];
    }
    return true;
  }

  XGBoostBooster booster_;
  bool stops_early_, both_classes_;
  std::string typestr_;
  std::size_t n_outputs_;
};

}  // namespace banzhaf::bindings
