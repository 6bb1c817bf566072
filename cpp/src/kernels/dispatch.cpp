// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Chooses the set of kernels for this CPU.
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/sets.hpp"

namespace banzhaf {
namespace {

// The best set is the last.
const std::vector<const Kernels*>& usable() {
  static const std::vector<const Kernels*> sets = [] {
    std::vector<const Kernels*> found{&generic::set};
#if defined(BANZHAF_X86_KERNELS)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("popcnt")) {
      found.push_back(&avx2::set);
      if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
          __builtin_cpu_supports("avx512vpopcntdq"))
        found.push_back(&avx512::set);
    }
#endif
    return found;
  }();
  return sets;
}

const Kernels& choose() {
  const char* wanted = std::getenv("BANZHAF_KERNEL");
  if (wanted == nullptr || *wanted == '\0') return *usable().back();
  std::string names;
  for (const Kernels* set : usable()) {
    if (set->name == std::string(wanted)) return *set;
    names += std::string(names.empty() ? "" : ", ") + set->name;
  }
  throw std::invalid_argument("BANZHAF_KERNEL must name a set of kernels that this CPU runs (" + names + "), got \"" +
                              wanted + "\"");
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

std::span<const Kernels* const> usable_kernels() { return usable(); }

}  // namespace banzhaf
