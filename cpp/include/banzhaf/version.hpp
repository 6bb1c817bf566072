// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Describes this build and the number of threads that it uses.
///
/// For example:
/// @code{.cpp}
/// std::printf("banzhaf %s, %s kernels\n", banzhaf::version(), banzhaf::build_info().kernel.c_str());
/// std::printf("%d threads by default\n", banzhaf::default_num_threads());
/// @endcode
#pragma once

#include <string>

namespace banzhaf {

/// Returns the version of the library, for example "0.1.0".
[[nodiscard]] const char* version() noexcept;

/// Describes how the library was built, and which kernels run on this CPU.
struct BuildInfo {
  std::string kernel;    ///< The set of kernels (hot loops) in use: "generic", "avx2" or "avx512".
  std::string threads;   ///< How loops run in parallel: "std" (standard threads) or "none".
  std::string compiler;  ///< The compiler and its version.
  std::string eigen;     ///< The version of Eigen.
};

/// Returns the description of this build.
/// @throws std::invalid_argument if the environment variable BANZHAF_KERNEL names a set that does not run on this CPU.
[[nodiscard]] BuildInfo build_info();

/// Returns the number of threads that calls use by default.
///
/// This is OMP_NUM_THREADS if it is set. Otherwise, it is the number of CPUs that affinity and the quotas of control
/// groups leave to this process, rounded up. Both are read at each call.
[[nodiscard]] int default_num_threads();

}  // namespace banzhaf
