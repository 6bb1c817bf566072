// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The main function of a fuzz target without libFuzzer: it runs the seeds, and the same random mutations of them each
// time.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int n_mutations = 100'000;
constexpr std::size_t most_bytes = 4096;

void run(const std::string& bytes) {
  // The memory has exactly this size, so that a sanitizer sees reads beyond it.
  const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(data.data(), data.size());
}

std::string mutated(std::string bytes, const std::string& other, std::mt19937_64& engine) {
  const auto place = [&](std::size_t end) { return static_cast<std::size_t>(engine() % (end + 1)); };
  for (std::uint64_t n = 1 + engine() % 4; n-- > 0;) {
    const std::size_t at = place(bytes.size()), length = std::min<std::size_t>(1 + place(16), bytes.size() - at);
    switch (engine() % 5) {
      case 0:  // a byte of some seed
        if (at < bytes.size() && !other.empty()) bytes[at] = other[place(other.size() - 1)];
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = static_cast<char>(engine() % 256);
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(place(bytes.size()), bytes.substr(at, length));
        break;
      default:  // a part of another seed
        if (!other.empty()) bytes.insert(at, other.substr(place(other.size() - 1), 1 + place(32)));
    }
  }
  if (bytes.size() > most_bytes) bytes.resize(most_bytes);
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> paths;
  for (int a = 1; a < argc; ++a)
    for (const auto& entry : std::filesystem::directory_iterator(argv[a])) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    run(corpus.back());
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "usage: %s <folder of seeds> ...\n", argv[0]);
    return 1;
  }
  std::mt19937_64 engine(1);
  for (int i = 0; i < n_mutations; ++i)
    run(mutated(corpus[engine() % corpus.size()], corpus[engine() % corpus.size()], engine));
  std::printf("%zu seeds and %d mutations of them passed\n", corpus.size(), n_mutations);
  return 0;
}
