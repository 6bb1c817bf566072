// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// How many CPUs this process may use at once.
#pragma once

#include <string>

namespace banzhaf {

/// By its affinity and by the quotas of its control groups, rounded up; at least 1.
[[nodiscard]] int usable_cpus();

/// What the quotas of this process's control groups (versions 1 and 2) grant, the least over all groups that it is in,
/// outer ones included; infinite where none is set. Files are read below root, "" for the machine's own.
[[nodiscard]] double cgroup_cpus(const std::string& root);

}  // namespace banzhaf
