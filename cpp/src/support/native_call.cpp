// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks of native games and models, and the errors of their calls.
#include "support/native_call.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t most_outputs = (std::size_t{1} << 31) - 1;

}  // namespace

void require_native(const char* kind, std::uint32_t version, std::uint32_t flags, bool has_function,
                    std::size_t n_outputs) {
  const auto refuse = [kind](const std::string& what) { throw std::invalid_argument(kind + what); };
  if (version < 1 || version > BANZHAF_NATIVE_VERSION)
    refuse(" has version " + std::to_string(version) + " of banzhaf/native.h, but this library knows versions 1 to " +
           std::to_string(BANZHAF_NATIVE_VERSION));
  if ((flags & ~BANZHAF_SERIAL) != 0)
    refuse(" has flags that version " + std::to_string(version) + " of banzhaf/native.h does not have");
  if (!has_function) refuse(" must have a function, but its pointer is null");
  if (n_outputs < 1) refuse(" must have at least one output");
  if (n_outputs > most_outputs)  // so that no product with a number of rows overflows
    refuse(" may have at most " + std::to_string(most_outputs) + " outputs, got n_outputs " +
           std::to_string(n_outputs));
}

std::shared_ptr<std::recursive_mutex> lock_for(std::uint32_t flags) {
  return (flags & BANZHAF_SERIAL) != 0 ? std::make_shared<std::recursive_mutex>() : nullptr;
}

void require_success(const char* kind, int code, banzhaf_error_text error_text, void* data) {
  if (code == 0) return;
  const char* const text = error_text != nullptr ? error_text(code, data) : nullptr;
  throw std::runtime_error(std::string(kind) + " returned the error " + std::to_string(code) +
                           (text != nullptr ? std::string(": ") + text : ""));
}

}  // namespace banzhaf
