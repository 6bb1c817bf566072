// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Maps files by the system's own calls, and reads them where that fails.
#include "support/mapped_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#elif __has_include(<sys/mman.h>)
#define BANZHAF_HAS_MMAP 1
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace banzhaf {
namespace {

constexpr std::align_val_t alignment{64};

std::shared_ptr<std::byte> aligned_memory(std::size_t size) {
  auto* const memory = static_cast<std::byte*>(::operator new(std::max<std::size_t>(size, 1), alignment));
  return {memory, [](std::byte* owned) { ::operator delete(owned, alignment); }};
}

[[noreturn]] void fail(int code, const std::filesystem::path& path) {
  throw std::system_error(code, std::generic_category(), "cannot open " + quoted(path));
}

// What the system maps, or nothing.
struct Mapping {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
};

#if defined(_WIN32)

Mapping map_file(const std::filesystem::path& path) {
  const HANDLE file = CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr,
                                  OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return {};
  LARGE_INTEGER size{};
  const void* memory = nullptr;
  if (GetFileSizeEx(file, &size) != 0 && size.QuadPart > 0) {
    if (const HANDLE section = CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr)) {
      memory = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
      CloseHandle(section);  // the view keeps it open
    }
  }
  CloseHandle(file);
  if (memory == nullptr) return {};
  return {std::shared_ptr<const void>(memory, [](const void* view) { UnmapViewOfFile(view); }),
          {static_cast<const std::byte*>(memory), static_cast<std::size_t>(size.QuadPart)}};
}

#elif defined(BANZHAF_HAS_MMAP)

Mapping map_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  struct stat status{};
  void* memory = MAP_FAILED;
  const bool has_size = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
  const std::size_t size = has_size ? static_cast<std::size_t>(status.st_size) : 0;
  if (has_size) memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);  // the mapping stays
  if (memory == MAP_FAILED) return {};
  return {
      std::shared_ptr<const void>(memory, [size](const void* mapped) { ::munmap(const_cast<void*>(mapped), size); }),
      {static_cast<const std::byte*>(memory), size}};
}

#else

Mapping map_file(const std::filesystem::path&) { return {}; }

#endif

}  // namespace

std::string quoted(const std::filesystem::path& path) {
  const std::u8string name = path.u8string();
  std::string text(1, '\'');  // GCC 12 warns wrongly of "'" + text
  text.append(name.begin(), name.end());
  return text + '\'';
}

FileBytes FileBytes::of_file(const std::filesystem::path& path, bool map) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (error || status.type() == std::filesystem::file_type::not_found) fail(error ? error.value() : ENOENT, path);
  if (!std::filesystem::is_regular_file(status))  // reading a pipe could wait for ever
    throw std::invalid_argument(quoted(path) + " is not a regular file");
  if (map) {
    Mapping mapping = map_file(path);
    if (mapping.owner) return {std::move(mapping.owner), mapping.bytes, true};
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  const std::uintmax_t size = file ? std::filesystem::file_size(path, error) : 0;
  if (!file || error) fail(errno != 0 ? errno : EIO, path);
  const std::shared_ptr<std::byte> memory = aligned_memory(static_cast<std::size_t>(size));
  file.read(reinterpret_cast<char*>(memory.get()), static_cast<std::streamsize>(size));
  if (file.gcount() != static_cast<std::streamsize>(size)) fail(EIO, path);
  return {memory, {memory.get(), static_cast<std::size_t>(size)}, false};
}

FileBytes FileBytes::copy_of(std::span<const std::byte> bytes) {
  const std::shared_ptr<std::byte> memory = aligned_memory(bytes.size());
  if (!bytes.empty()) std::memcpy(memory.get(), bytes.data(), bytes.size());
  return {memory, {memory.get(), bytes.size()}, false};
}

}  // namespace banzhaf
