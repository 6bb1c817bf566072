// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What this build is, and how many threads it takes. For example
//   std::printf("banzhaf %s, %s kernels\n", banzhaf::version(), banzhaf::build_info().kernel.c_str());
//   banzhaf::default_num_threads();                                // as many as there are CPUs to use
#pragma once

#include <string>

namespace banzhaf {

/// For example "0.1.0".
[[nodiscard]] const char* version() noexcept;

struct BuildInfo {
  std::string kernel;   ///< the set of loops in use: generic, avx2 or avx512
  std::string threads;  ///< std or none
  std::string compiler;
  std::string eigen;  ///< Eigen's version
};
/// Throws std::invalid_argument if BANZHAF_KERNEL names a set that does not run here.
[[nodiscard]] BuildInfo build_info();

/// Threads where none are asked for: OMP_NUM_THREADS if it is set, else the CPUs that affinity and quotas of control
/// groups leave this process, rounded up; read at each call.
[[nodiscard]] int default_num_threads();

}  // namespace banzhaf
