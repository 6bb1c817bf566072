// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The number of CPUs that this process may use at once.
#pragma once

#include <string>

namespace banzhaf {

/// Returns the CPUs that the affinity and the control groups of this process allow, rounded up, and at least 1.
[[nodiscard]] int usable_cpus();

/// Returns the CPUs that the quotas of the control groups (versions 1 and 2) grant: the smallest over all groups of
/// this process and the groups around them. The result is infinite if there is no quota. Files are read below root,
/// where "" means the machine's own.
[[nodiscard]] double cgroup_cpus(const std::string& root);

}  // namespace banzhaf
