// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A file's bytes in memory, read-only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace banzhaf {

/// The name of a file in UTF-8 and quotes, for messages.
[[nodiscard]] std::string quoted(const std::filesystem::path& path);

/// Bytes whose first one lies at a multiple of 64.
class FileBytes {
 public:
  /// Maps a regular file into memory, or reads it if it cannot be mapped or `map` is false. Throws std::system_error if
  /// it cannot be opened or read, and std::invalid_argument if it is no regular file.
  static FileBytes of_file(const std::filesystem::path& path, bool map);
  /// Copies bytes.
  static FileBytes copy_of(std::span<const std::byte> bytes);

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool is_mapped() const noexcept { return is_mapped_; }

 private:
  FileBytes(std::shared_ptr<const void> owner, std::span<const std::byte> bytes, bool is_mapped)
      : owner_(std::move(owner)), bytes_(bytes), is_mapped_(is_mapped) {}

  std::shared_ptr<const void> owner_;
  std::span<const std::byte> bytes_;
  bool is_mapped_;
};

}  // namespace banzhaf
