// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The checksum of files: XXH64 (https://xxhash.com), which reads memory about as fast as it can be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace banzhaf::formats {

/// Returns the XXH64 hash of bytes with seed 0.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes) noexcept;

}  // namespace banzhaf::formats
