// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The layout of a file of sections: a header, a table of the sections, and the sections, each at a multiple of 64 bytes
// so that its numbers can be used in place.
//
// The header has 64 bytes:
//   0  the magic bytes 89 'B' 'Z' 'T' 0D 0A 1A 0A, which a transfer as text would change
//   8  u32 version of the format
//  12  u32 0x01020304, which shows the order of bytes
//  16  u64 bytes of the file
//  24  u64 number of sections
//  32  u64 checksum of the table
//  40  16 bytes of zeros
//  56  u64 checksum of the 56 bytes before
// The table has 32 bytes a section, in the order in which they lie: u32 identity, u32 flags (1: a reader that does not
// know the section must refuse the file), u64 place, u64 bytes, u64 checksum. The bytes between sections are zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace banzhaf::formats {

inline constexpr std::uint32_t sections_version = 1;

/// A section of a file.
struct Section {
  std::uint32_t identity;
  bool required;  ///< whether a reader must know it
  std::span<const std::byte> bytes;
};

/// Returns a file of sections, which may be empty but have different identities.
[[nodiscard]] std::vector<std::byte> write_sections(std::span<const Section> sections);

/// Finds the sections of a file whose first byte lies at a multiple of 64. Compares every checksum, so that each byte
/// of the file has been checked. Throws std::invalid_argument if the file is damaged or of another version. A name, for
/// errors, may be given for each identity.
[[nodiscard]] std::vector<Section> read_sections(std::span<const std::byte> file,
                                                 std::string (*name_of)(std::uint32_t identity) = nullptr);

/// Returns whether bytes start as a file of sections does.
[[nodiscard]] bool is_sections(std::span<const std::byte> start) noexcept;

/// Computes the checksums of a file of sections anew, wherever its sizes allow it: for a fuzzer, whose changes would
/// otherwise all be refused.
void renew_checksums(std::span<std::byte> file) noexcept;

}  // namespace banzhaf::formats
