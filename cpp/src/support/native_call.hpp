// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What calls of native games and models have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "banzhaf/native.h"

namespace banzhaf {

/// Throws std::invalid_argument unless this library knows the version and can call the function.
void require_native(const char* kind, std::uint32_t version, std::uint32_t flags, bool has_function,
                    std::size_t n_outputs);

/// Returns a lock for a function that must not run on two threads at the same time, or null.
[[nodiscard]] std::shared_ptr<std::recursive_mutex> lock_for(std::uint32_t flags);

/// Throws std::runtime_error unless the code that a function returned is 0.
void require_success(const char* kind, int code, banzhaf_error_text error_text, void* data);

}  // namespace banzhaf
