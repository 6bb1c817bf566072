// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Reads quotas of control groups from files like those of real machines and containers.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "support/cpus.hpp"

namespace {

namespace fs = std::filesystem;

/// A folder that takes the place of the root of a machine. It is deleted after the test.
class Machine {
 public:
  explicit Machine(const std::vector<std::pair<std::string, std::string>>& files)
      : root_(fs::temp_directory_path() / ("banzhaf-cpus-" + std::to_string(std::random_device()()))) {
    for (const auto& [name, text] : files) {
      const fs::path path = root_ / name;
      fs::create_directories(path.parent_path());
      std::ofstream(path) << text << '\n';
    }
  }
  ~Machine() { fs::remove_all(root_); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] double cpus() const { return banzhaf::cgroup_cpus(root_.string()); }

 private:
  fs::path root_;
};

double cpus(const std::vector<std::pair<std::string, std::string>>& files) { return Machine(files).cpus(); }

const std::string second = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate";
const std::string first =
    "24 23 0:21 / /proc rw - proc proc rw\n"
    "31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "33 23 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:15 - cgroup cgroup rw,cpu,cpuacct";

}  // namespace

int main() {
  using namespace banzhaf::testing;
  CHECK(std::isinf(cpus({})));
  CHECK(std::isinf(cpus({{"proc/self/mountinfo", second}, {"proc/self/cgroup", "0::/"}})));

  // Version 2: a container that sees its own group as the root.
  const auto of_root = [](const std::string& text) {
    return cpus({{"proc/self/mountinfo", second}, {"proc/self/cgroup", "0::/"}, {"sys/fs/cgroup/cpu.max", text}});
  };
  CHECK(of_root("150000 100000") == 1.5);
  CHECK(of_root("200000 100000") == 2);
  CHECK(of_root("20000 50000") == 0.4);
  CHECK(std::isinf(of_root("max 100000")));
  for (const std::string broken : {"", "150000", "words 100000", "0 100000", "-5 100000", "150000 0"})
    CHECK(std::isinf(of_root(broken)));

  // Version 2: nested groups, each limited by the groups around it.
  const auto nested = [](const std::string& inner, const std::string& outer) {
    return cpus({{"proc/self/mountinfo", second},
                 {"proc/self/cgroup", "0::/user.slice/job.scope"},
                 {"sys/fs/cgroup/user.slice/job.scope/cpu.max", inner},
                 {"sys/fs/cgroup/user.slice/cpu.max", outer}});
  };
  CHECK(nested("400000 100000", "300000 100000") == 3);
  CHECK(nested("250000 100000", "300000 100000") == 2.5);
  CHECK(nested("max 100000", "300000 100000") == 3);
  CHECK(std::isinf(nested("max 100000", "max 100000")));

  // A group that is not visible here, like one under the path of a container's host. The mounted root counts.
  CHECK(cpus({{"proc/self/mountinfo", second},
              {"proc/self/cgroup", "0::/docker/0123abc"},
              {"sys/fs/cgroup/cpu.max", "100000 100000"}}) == 1);
  CHECK(cpus({{"proc/self/mountinfo", second},
              {"proc/self/cgroup", "0::/../../elsewhere"},
              {"sys/fs/cgroup/cpu.max", "100000 100000"}}) == 1);
  // Only a part of the hierarchy is mounted.
  CHECK(cpus({{"proc/self/mountinfo", "30 23 0:26 /docker/0123abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw"},
              {"proc/self/cgroup", "0::/docker/0123abc/inner"},
              {"sys/fs/cgroup/cpu.max", "300000 100000"},
              {"sys/fs/cgroup/inner/cpu.max", "200000 100000"}}) == 2);

  // Version 1, and both versions at once.
  const auto old = [](const std::string& quota, const std::string& group) {
    return cpus({{"proc/self/mountinfo", first + "\n" + second},
                 {"proc/self/cgroup", "5:memory:/other\n4:cpu,cpuacct:" + group + "\n0::/"},
                 {"sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", quota},
                 {"sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000"}});
  };
  CHECK(old("350000", "/box") == 3.5);
  CHECK(old("350000", "/box/inner") == 3.5);
  CHECK(std::isinf(old("-1", "/box")));
  CHECK(std::isinf(old("350000", "/")));
  CHECK(cpus({{"proc/self/mountinfo", first + "\n" + second},
              {"proc/self/cgroup", "4:cpu,cpuacct:/\n0::/"},
              {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "300000"},
              {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000"},
              {"sys/fs/cgroup/cpu.max", "200000 100000"}}) == 2);

  CHECK(banzhaf::usable_cpus() >= 1);
  return finish();
}
