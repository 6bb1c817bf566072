// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Every size is compared with the file's own size before it is used.
#include "formats/sections.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "formats/checksum.hpp"

namespace banzhaf::formats {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::array<unsigned char, 8> magic{0x89, 'B', 'Z', 'T', 0x0D, 0x0A, 0x1A, 0x0A};
constexpr std::uint32_t own_order = 0x01020304, other_order = 0x04030201;
constexpr std::uint32_t required_flag = 1;

struct Header {
  std::array<unsigned char, 8> magic;
  std::uint32_t version;
  std::uint32_t order;
  std::uint64_t n_bytes;
  std::uint64_t n_sections;
  std::uint64_t table_checksum;
  std::array<std::uint64_t, 2> zeros;
  std::uint64_t checksum;
};
static_assert(sizeof(Header) == 64);

struct Entry {
  std::uint32_t identity;
  std::uint32_t flags;
  std::uint64_t place;
  std::uint64_t n_bytes;
  std::uint64_t checksum;
};
static_assert(sizeof(Entry) == 32);

constexpr std::size_t header_checked = offsetof(Header, checksum);

constexpr std::uint64_t aligned(std::uint64_t place) noexcept {
  return (place + alignment - 1) / alignment * alignment;
}

template <typename T>
T taken(std::span<const std::byte> file, std::size_t place) noexcept {
  T value;
  std::memcpy(&value, file.data() + place, sizeof(T));
  return value;
}

template <typename T>
void put(std::span<std::byte> file, std::size_t place, const T& value) noexcept {
  std::memcpy(file.data() + place, &value, sizeof(T));
}

void require(bool condition, const std::string& message) {
  if (!condition) throw std::invalid_argument(message);
}

void require_zeros(std::span<const std::byte> file, std::size_t first, std::size_t last) {
  const auto begin = file.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = file.begin() + static_cast<std::ptrdiff_t>(last);
  require(std::all_of(begin, end, [](std::byte byte) { return byte == std::byte{0}; }),
          "it is damaged: bytes between its sections are not zero");
}

// Checks everything in the header but the number of sections.
Header checked_header(std::span<const std::byte> file) {
  require(is_sections(file), "it does not start as a file of a prepared explainer does");
  require(file.size() >= sizeof(Header), "it is cut short within its first 64 bytes");
  const auto header = taken<Header>(file, 0);
  require(header.order != other_order, "it was written on a machine with another order of bytes");
  require(header.order == own_order, "it is damaged: its first 64 bytes are wrong");
  // A later version may lay out the rest in another way.
  require(header.version == sections_version, "it has format " + std::to_string(header.version) +
                                                  ", but this version of banzhaf reads format " +
                                                  std::to_string(sections_version));
  require(header.checksum == checksum(file.first(header_checked)), "it is damaged: its first 64 bytes are wrong");
  require(header.zeros == decltype(header.zeros){}, "it is damaged: its first 64 bytes are wrong");
  require(header.n_bytes == file.size(), "it is damaged or cut short: it has " + std::to_string(file.size()) +
                                             " bytes, but was written with " + std::to_string(header.n_bytes));
  return header;
}

}  // namespace

bool is_sections(std::span<const std::byte> start) noexcept {
  return start.size() >= magic.size() && std::memcmp(start.data(), magic.data(), magic.size()) == 0;
}

std::vector<std::byte> write_sections(std::span<const Section> sections) {
  std::vector<Entry> table;
  std::uint64_t end = sizeof(Header) + sections.size() * sizeof(Entry);
  for (const Section& section : sections) {
    const std::uint64_t place = aligned(end);
    table.push_back({section.identity, section.required ? required_flag : 0U, place, section.bytes.size(),
                     checksum(section.bytes)});
    end = place + section.bytes.size();
  }
  std::vector<std::byte> file(static_cast<std::size_t>(end));
  for (std::size_t s = 0; s < sections.size(); ++s) {
    put(file, sizeof(Header) + s * sizeof(Entry), table[s]);
    if (!sections[s].bytes.empty())
      std::memcpy(file.data() + table[s].place, sections[s].bytes.data(), sections[s].bytes.size());
  }
  Header header{magic, sections_version, own_order, end, sections.size(), 0, {}, 0};
  header.table_checksum =
      checksum(std::span<const std::byte>(file).subspan(sizeof(Header), table.size() * sizeof(Entry)));
  put(file, 0, header);
  header.checksum = checksum(std::span<const std::byte>(file).first(header_checked));
  put(file, 0, header);
  return file;
}

std::vector<Section> read_sections(std::span<const std::byte> file, std::string (*name_of)(std::uint32_t identity)) {
  const Header header = checked_header(file);
  const std::size_t room = file.size() - sizeof(Header);
  require(header.n_sections <= room / sizeof(Entry), "it is damaged: it has no room for its table of sections");
  const auto n_sections = static_cast<std::size_t>(header.n_sections);
  const std::span<const std::byte> table = file.subspan(sizeof(Header), n_sections * sizeof(Entry));
  require(header.table_checksum == checksum(table), "it is damaged: its table of sections is wrong");
  std::vector<Section> sections;
  std::vector<std::uint32_t> identities;
  std::size_t end = sizeof(Header) + table.size();
  for (std::size_t s = 0; s < n_sections; ++s) {
    const auto entry = taken<Entry>(table, s * sizeof(Entry));
    const std::string name = name_of ? name_of(entry.identity) : "section " + std::to_string(entry.identity);
    require(entry.place == aligned(end) && entry.place <= file.size() && entry.n_bytes <= file.size() - entry.place,
            "it is damaged: " + name + " lies outside of it");
    require((entry.flags & ~required_flag) == 0, "it is damaged: " + name + " has unknown flags");
    const auto place = static_cast<std::size_t>(entry.place);
    require_zeros(file, end, place);
    const std::span<const std::byte> bytes = file.subspan(place, static_cast<std::size_t>(entry.n_bytes));
    require(entry.checksum == checksum(bytes), "it is damaged: the checksum of " + name + " is wrong");
    sections.push_back({entry.identity, (entry.flags & required_flag) != 0, bytes});
    identities.push_back(entry.identity);
    end = place + bytes.size();
  }
  require(end == file.size(), "it is damaged: there are bytes after its last section");
  std::sort(identities.begin(), identities.end());
  require(std::adjacent_find(identities.begin(), identities.end()) == identities.end(),
          "it is damaged: a section appears twice");
  return sections;
}

void renew_checksums(std::span<std::byte> file) noexcept {
  if (file.size() < sizeof(Header)) return;
  auto header = taken<Header>(file, 0);
  header.n_bytes = file.size();
  const std::size_t most = (file.size() - sizeof(Header)) / sizeof(Entry);
  const auto n_sections = static_cast<std::size_t>(std::min<std::uint64_t>(header.n_sections, most));
  for (std::size_t s = 0; s < n_sections; ++s) {
    const std::size_t at = sizeof(Header) + s * sizeof(Entry);
    auto entry = taken<Entry>(file, at);
    if (entry.place > file.size() || entry.n_bytes > file.size() - entry.place) continue;
    entry.checksum =
        checksum(file.subspan(static_cast<std::size_t>(entry.place), static_cast<std::size_t>(entry.n_bytes)));
    put(file, at, entry);
  }
  header.table_checksum = checksum(file.subspan(sizeof(Header), n_sections * sizeof(Entry)));
  put(file, 0, header);
  header.checksum = checksum(file.first(header_checked));
  put(file, 0, header);
}

}  // namespace banzhaf::formats
