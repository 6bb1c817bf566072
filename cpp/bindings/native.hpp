// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Native games and models as Python objects hold them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "banzhaf/native.h"
#include "banzhaf/native_game.hpp"
#include "banzhaf/native_model.hpp"
#include "gil.hpp"

namespace banzhaf::bindings {

/// The texts of errors, by the number that a function returns.
using ErrorTexts = std::map<int, std::string>;

/// A description from native.h, as the core calls it: a function may ask for Python's lock, and texts come first from
/// Python. The object does not move, because it is the data of the function that it gives to the core.
template <typename Described>
class Guarded {
 public:
  Guarded(const Described& described, ErrorTexts texts) : described_(described), texts_(std::move(texts)) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  [[nodiscard]] const Described& described() const { return described_; }
  [[nodiscard]] Described guarded() {
    Described result = described_;
    if (result.function != nullptr) result.function = &call;
    result.data = this;
    result.error_text = &error_text;
    return result;
  }

 private:
  template <typename Input, typename... Sizes>
  static int call(Input input, std::size_t n_items, std::size_t width, double* results, std::size_t n_outputs,
                  void* data) {
    const Described& of = static_cast<const Guarded*>(data)->described_;
    return or_sleep([&] { return of.function(input, n_items, width, results, n_outputs, of.data); });
  }
  static const char* error_text(int code, void* data) {
    const auto& self = *static_cast<const Guarded*>(data);
    if (const auto known = self.texts_.find(code); known != self.texts_.end()) return known->second.c_str();
    const Described& of = self.described_;
    return of.error_text == nullptr ? nullptr : or_sleep([&] { return of.error_text(code, of.data); });
  }

  Described described_;
  ErrorTexts texts_;
};

/// A native game of Python. Its owner in Python keeps the function and its data alive.
class BoundGame {
 public:
  BoundGame(const banzhaf_game& game, ErrorTexts texts)
      : guarded_(std::make_unique<Guarded<banzhaf_game>>(game, std::move(texts))), game_(guarded_->guarded()) {}

  [[nodiscard]] const banzhaf_game& described() const { return guarded_->described(); }
  [[nodiscard]] NativeGame game(int num_threads) const { return game_.with_threads(num_threads); }

 private:
  std::unique_ptr<Guarded<banzhaf_game>> guarded_;
  NativeGame game_;
};

/// A native model of Python. Its owner in Python keeps the function and its data alive.
class BoundModel {
 public:
  BoundModel(const banzhaf_model& model, ErrorTexts texts)
      : guarded_(std::make_unique<Guarded<banzhaf_model>>(model, std::move(texts))), model_(guarded_->guarded()) {}

  [[nodiscard]] const banzhaf_model& described() const { return guarded_->described(); }
  [[nodiscard]] NativeModel model(int num_threads) const { return model_.with_threads(num_threads); }

 private:
  std::unique_ptr<Guarded<banzhaf_model>> guarded_;
  NativeModel model_;
};

}  // namespace banzhaf::bindings
