// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A leaf's worth has one factor for each player of its path. In the index of a set, the set's players give the difference
// of their factors, and all others the mean. The players are taken one by one.
#include "trees/leaf_gains.hpp"

#include <algorithm>

#include "trees/groups.hpp"

namespace banzhaf::trees {
namespace {

// Goes through the sets of one size, and keeps the products of the factors of the players so far: one product for each
// set of players that the explicand passes.
class Gains {
 public:
  Gains(std::span<const PathPlayer> players, std::size_t size, bool interventional, LeafGains& found)
      : players_(players),
        n_(players.size()),
        size_(size),
        interventional_(interventional),
        found_(found),
        n_passed_(std::size_t{1} << n_) {}

  void add(const Node& node, const double* counts) {
    node_ = node;
    n_found_ = 0;
    double* products = found_.partial.data();
    if (interventional_)
      std::copy_n(counts, n_passed_, products);
    else
      products[0] = 1;
    visit(0, 0, 0, products);
  }

 private:
  // Continues with the players from j on. `members` are those of the set among the players before.
  void visit(std::size_t j, Code members, std::size_t n_members, double* products) {
    for (; j < n_; ++j) {
      if (n_members < size_) {
        double* with_it = products + n_passed_;
        differ(j, products, with_it);
        visit(j + 1, static_cast<Code>(members | 1U << j), n_members + 1, with_it);
      }
      if (size_ - n_members > n_ - j - 1) return;  // too few players are left
      average(j, products);
    }
    double* gains = found_.gains.data() + n_found_ * n_passed_;
    found_.members[n_found_++] = members;
    for (std::size_t q = 0; q < n_passed_; ++q) gains[q] += node_.weight * products[q];
  }

  // Interventional: before, products[q] belongs to background rows, and q says whether they pass player j. Afterwards,
  // it says whether the explicand does.
  void differ(std::size_t j, const double* products, double* out) const {
    const std::size_t half = std::size_t{1} << j;
    if (!interventional_) {
      const double share = players_[j].share;
      for (std::size_t q = 0; q < half; ++q) {
        out[q] = -share * products[q];
        out[q + half] = (1 - share) * products[q];
      }
      return;
    }
    for (std::size_t first = 0; first < n_passed_; first += 2 * half)
      for (std::size_t q = first; q < first + half; ++q) {
        out[q] = -products[q + half];
        out[q + half] = products[q];
      }
  }

  void average(std::size_t j, double* products) const {
    const std::size_t half = std::size_t{1} << j;
    const double p = node_.p;
    if (!interventional_) {
      const double share = players_[j].share;
      for (std::size_t q = 0; q < half; ++q) {
        products[q + half] = (p + (1 - p) * share) * products[q];
        products[q] *= (1 - p) * share;
      }
      return;
    }
    for (std::size_t first = 0; first < n_passed_; first += 2 * half)
      for (std::size_t q = first; q < first + half; ++q) {
        const double failed = products[q], passed = products[q + half];
        products[q] = (1 - p) * passed;
        products[q + half] = p * failed + passed;
      }
  }

  std::span<const PathPlayer> players_;
  std::size_t n_, size_;
  bool interventional_;
  LeafGains& found_;
  std::size_t n_passed_;
  Node node_{};
  std::size_t n_found_ = 0;
};

std::size_t n_sets_of(std::size_t n_players, std::size_t size) {
  if (size > n_players) return 0;
  std::size_t count = 1;
  for (std::size_t i = 0; i < size; ++i) count = count * (n_players - i) / (i + 1);
  return count;
}

}  // namespace

void find_leaf_gains(std::span<const PathPlayer> players, std::size_t size, const double* counts,
                     const Measure& measure, LeafGains& found) {
  const std::size_t n = players.size(), n_sets = n_sets_of(n, size), n_passed = std::size_t{1} << n;
  found.gains.assign(n_sets * n_passed, 0.0);
  found.members.resize(n_sets);
  found.partial.resize((size + 1) * n_passed);
  if (n_sets == 0) return;
  Gains gains(players, size, counts != nullptr, found);
  for (const Node& node : measure.nodes(n - size)) gains.add(node, counts);
}

}  // namespace banzhaf::trees
