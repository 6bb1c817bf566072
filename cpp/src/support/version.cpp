// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Describes what was compiled, and by which compiler.
#include "banzhaf/version.hpp"

#include <Eigen/Core>

#include "kernels/kernels.hpp"

namespace banzhaf {

const char* version() noexcept { return BANZHAF_VERSION; }

BuildInfo build_info() {
  BuildInfo info;
  info.kernel = kernels().name;
#if defined(BANZHAF_THREADS_STD)
  info.threads = "std";
#else
  info.threads = "none";
#endif
#if defined(__VERSION__)
  info.compiler = __VERSION__;
#elif defined(_MSC_VER)
  info.compiler = "MSVC " + std::to_string(_MSC_VER);
#endif
  info.eigen = std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
               std::to_string(EIGEN_MINOR_VERSION);
  return info;
}

}  // namespace banzhaf
