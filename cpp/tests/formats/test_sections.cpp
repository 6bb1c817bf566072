// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The checksum's known values, and files of sections: round trips, and every damage to a byte.
#include <cstring>
#include <string>
#include <string_view>

#include "check.hpp"
#include "formats/checksum.hpp"
#include "formats/sections.hpp"
#include "support/mapped_file.hpp"

namespace {

using namespace banzhaf::formats;
using banzhaf::FileBytes;
using banzhaf::testing::throws;

std::uint64_t checksum_of(std::string_view text) { return checksum(std::as_bytes(std::span(text))); }

// The first values are those of the format's authors; the others are of their program.
void test_checksum() {
  CHECK(checksum_of("") == 0xEF46DB3751D8E999);
  CHECK(checksum_of("a") == 0xD24EC4F1A98C6E5B);
  CHECK(checksum_of("abc") == 0x44BC2CF5AD770999);
  CHECK(checksum_of("Nobody inspects the spammish repetition") == 0xFBCEA83C8A378BF1);
  std::string ramp;
  for (int i = 0; i < 1000; ++i) ramp += static_cast<char>(i % 251);
  CHECK(checksum_of(ramp) == 0xF306F04AA88B54D3);
  CHECK(checksum_of(std::string_view(ramp).substr(0, 37)) == 0xD93FA2DFEE5C24C9);
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// Reads a file from aligned memory, whose size is exact so that a sanitizer sees reads beyond it.
void read(std::span<const std::byte> file) {
  const FileBytes copy = FileBytes::copy_of(file);
  static_cast<void>(read_sections(copy.bytes()));
}

std::vector<std::byte> example() {
  const std::vector<std::byte> first = bytes_of("eight by"), second, third = bytes_of("odd");
  const Section sections[] = {{7, true, first}, {8, true, second}, {300, false, third}};
  return write_sections(sections);
}

void test_round_trip() {
  const std::vector<std::byte> file = example();
  const FileBytes held = FileBytes::copy_of(file);
  CHECK(is_sections(held.bytes()));
  const std::vector<Section> found = read_sections(held.bytes());
  CHECK(found.size() == 3);
  CHECK(found[0].identity == 7 && found[0].required && found[0].bytes.size() == 8);
  CHECK(std::memcmp(found[0].bytes.data(), "eight by", 8) == 0);
  CHECK(found[1].identity == 8 && found[1].bytes.empty());
  CHECK(found[2].identity == 300 && !found[2].required && found[2].bytes.size() == 3);
  for (const Section& section : found) CHECK((section.bytes.data() - held.bytes().data()) % 64 == 0);
  CHECK(write_sections(found) == file);
}

void test_damage() {
  const std::vector<std::byte> sound = example();
  read(sound);
  for (std::size_t at = 0; at < sound.size(); ++at) {
    for (const unsigned change : {1U, 16U, 128U, 255U}) {
      std::vector<std::byte> damaged = sound;
      damaged[at] ^= std::byte{static_cast<unsigned char>(change)};
      CHECK(throws<std::invalid_argument>([&] { read(damaged); }, ""));
    }
    std::vector<std::byte> shorter(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(at));
    CHECK(throws<std::invalid_argument>([&] { read(shorter); }, ""));
    // A file whose checksums are right again is either read or refused, but nothing is read beyond its end.
    renew_checksums(shorter);
    try {
      read(shorter);
    } catch (const std::invalid_argument&) {
    }
  }
  std::vector<std::byte> longer = sound;
  longer.push_back(std::byte{0});
  CHECK(throws<std::invalid_argument>([&] { read(longer); }, "was written with"));
  renew_checksums(longer);
  CHECK(throws<std::invalid_argument>([&] { read(longer); }, "bytes after its last section"));
}

// Changes a number in the header or in the table, with checksums that are right again.
void with_number(std::size_t at, std::uint64_t number, std::size_t size, const char* message) {
  std::vector<std::byte> file = example();
  std::memcpy(file.data() + at, &number, size);
  renew_checksums(file);
  CHECK(throws<std::invalid_argument>([&] { read(file); }, message));
}

void test_messages() {
  with_number(8, 2, 4, "it has format 2, but this version of banzhaf reads format 1");
  with_number(12, 0x04030201, 4, "another order of bytes");
  with_number(24, std::uint64_t{1} << 60, 8, "no room for its table");
  with_number(40, 1, 8, "first 64 bytes");
  with_number(64 + 4, 2, 4, "unknown flags");
  with_number(64 + 8, std::uint64_t{1} << 63, 8, "lies outside");
  with_number(64 + 16, ~std::uint64_t{0}, 8, "lies outside");
  with_number(64 + 32, 7, 4, "twice");
  with_number(64 + 64 + 8, 192, 8, "lies outside");  // overlaps the first section
  CHECK(throws<std::invalid_argument>([] { read(bytes_of("PK and more")); }, "does not start as"));
  CHECK(throws<std::invalid_argument>([] { read({}); }, "does not start as"));
}

}  // namespace

int main() {
  test_checksum();
  test_round_trip();
  test_damage();
  test_messages();
  return banzhaf::testing::finish();
}
