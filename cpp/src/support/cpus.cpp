// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Reads affinity from the system, and quotas from the files of control groups.
#include "support/cpus.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <string_view>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace banzhaf {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// A mounted hierarchy of control groups, which may limit the CPUs.
struct Hierarchy {
  bool second_version;
  std::string root;  // the group that is mounted
  std::string place;
};

bool lists(std::string_view comma_separated, std::string_view name) {
  while (true) {
    const std::size_t comma = comma_separated.find(',');
    if (comma_separated.substr(0, comma) == name) return true;
    if (comma == std::string_view::npos) return false;
    comma_separated.remove_prefix(comma + 1);
  }
}

std::vector<Hierarchy> hierarchies(const std::string& root) {
  std::vector<Hierarchy> found;
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    // number, parent, device, root, mount point, options, optional fields, "-", type, source, options of the type
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream left(line.substr(0, dash)), right(line.substr(dash + 3));
    std::string skipped, mounted, place, type, options;
    left >> skipped >> skipped >> skipped >> mounted >> place;
    right >> type >> skipped >> options;
    if (type == "cgroup2" || (type == "cgroup" && lists(options, "cpu")))
      found.push_back({type == "cgroup2", mounted, place});
  }
  return found;
}

// Returns the group of this process in a hierarchy, as a path that starts with "/".
std::string group_in(const std::string& root, bool second_version) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string_view controllers(line.data() + first + 1, second - first - 1);
    if (second_version ? line.starts_with("0::") : lists(controllers, "cpu")) return line.substr(second + 1);
  }
  return "/";
}

// Returns the CPUs that one group grants.
double quota_of(const std::string& folder, bool second_version) {
  std::string quota;
  double period = 0;
  if (second_version) {
    std::ifstream(folder + "/cpu.max") >> quota >> period;
  } else {
    std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
    std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  }
  // "max" and -1 mean no quota, and so does a missing file.
  std::istringstream text(quota);
  double microseconds = 0;
  if (!(text >> microseconds) || !(microseconds > 0) || !(period > 0)) return unlimited;
  return microseconds / period;
}

double affinity_cpus() {
#if defined(__linux__)
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) return std::max(1, CPU_COUNT(&cpus));
#endif
  return std::max(1.0, static_cast<double>(std::thread::hardware_concurrency()));
}

// Quotas are read at most once a second, because they rarely change and each reading opens several files.
double recent_quota() {
#if defined(__linux__)
  static std::atomic<double> quota{unlimited};
  static std::atomic<double> read_at{-unlimited};
  const double now = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  if (now - read_at.load() >= 1) {
    quota = cgroup_cpus("");
    read_at = now;
  }
  return quota;
#else
  return unlimited;
#endif
}

}  // namespace

double cgroup_cpus(const std::string& root) {
  double least = unlimited;
  for (const Hierarchy& hierarchy : hierarchies(root)) {
    std::string group = group_in(root, hierarchy.second_version);
    // A container may have its own group mounted under the path that the host knows.
    if (hierarchy.root != "/" && (group == hierarchy.root || group.starts_with(hierarchy.root + "/")))
      group.erase(0, hierarchy.root.size());
    if (group.find("..") != std::string::npos) group.clear();
    // The groups around a group limit it too.
    while (true) {
      while (!group.empty() && group.back() == '/') group.pop_back();
      least = std::min(least, quota_of(root + hierarchy.place + group, hierarchy.second_version));
      if (group.empty()) break;
      group.erase(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
    }
  }
  return least;
}

int usable_cpus() { return static_cast<int>(std::max(1.0, std::min(affinity_cpus(), std::ceil(recent_quota())))); }

}  // namespace banzhaf
