// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// All tests of the forest run side by side, then the entries are added in the order of the groups.
#include "trees/one_row.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace banzhaf::trees {
namespace {

constexpr std::size_t unit = 8;  // tests whose results make one byte
constexpr auto none = std::numeric_limits<std::size_t>::max();

// Makes room for a number of elements. A workspace never shrinks.
template <typename T>
void make_room(std::vector<T>& array, std::size_t size) {
  if (array.size() < size) array.resize(size);
}

}  // namespace

RowPlan::RowPlan(std::span<const Groups> groups, std::size_t n_values, std::size_t n_columns, std::size_t table_size)
    : n_values_(n_values), n_columns_(n_columns) {
  for (const Groups& tree : groups) n_groups_ += tree.groups.size();
  std::size_t first_entry = 0;
  for (const Groups& tree : groups) {
    first_choice_.push_back(choices_.size());
    for (const Group& group : tree.groups) {
      add_tests(tree, group);
      add_choices(tree, group, first_entry, table_size);
      masks_.push_back(static_cast<Code>(group.n_patterns() - 1));
      first_entry += group.n_entries();
    }
  }
  first_choice_.push_back(choices_.size());
}

// The first test of each bit goes into the group's own unit. Bits from the ninth on, and the second, third, ... test of
// a bit, go into further units.
void RowPlan::add_tests(const Groups& tree, const Group& group) {
  const std::size_t g = masks_.size();
  std::vector<std::size_t> units{g};  // by the number of the test of its bit, and by the eight bits
  constexpr std::size_t n_halves = sizeof(Code);
  std::size_t round = 0;
  for (std::size_t i = group.first_test; i < group.first_test + group.n_tests; ++i) {
    const BitTest& test = tree.tests[i];
    round = test.joined ? round + 1 : 0;
    const auto bit = static_cast<std::size_t>(std::countr_zero(test.bit));
    const std::size_t at = n_halves * round + bit / unit;
    units.resize(std::max(units.size(), at + 1), none);
    if (units[at] == none) {
      units[at] = n_groups_ + further_.size();
      further_.push_back({static_cast<std::uint32_t>(g), static_cast<std::uint8_t>(bit / unit * unit), round > 0});
    }
    set_test(units[at] * unit + bit % unit, test);
  }
}

void RowPlan::set_test(std::size_t at, const BitTest& test) {
  const std::size_t b = at / TestBlock::n_tests, i = at % TestBlock::n_tests;
  if (b >= blocks_.size()) {
    TestBlock empty{};  // each code passes, where a bit has no test
    std::fill_n(empty.width, TestBlock::n_tests, std::numeric_limits<Code>::max());
    blocks_.resize(b + 1, empty);
  }
  blocks_[b].column[i] = static_cast<Code>(test.column);
  blocks_[b].low[i] = test.low;
  blocks_[b].width[i] = test.width;
}

void RowPlan::add_choices(const Groups& tree, const Group& group, std::size_t first_entry, std::size_t table_size) {
  constexpr std::size_t n = TableChoice::n_numbers;
  for (std::size_t j = 0; j < group.n_slots; j += n) {
    const std::size_t count = std::min(n, group.n_slots - j);
    const std::size_t last = first_entry + j + (group.n_patterns() - 1) * group.n_slots;
    if (n_whole_ == choices_.size() && last + n <= table_size) ++n_whole_;
    choices_.push_back(
        {first_entry + j, static_cast<std::uint32_t>(group.n_slots), static_cast<std::uint32_t>(masks_.size())});
    const std::uint32_t* slots = tree.slots.data() + group.first_slot + j;
    for (std::size_t k = 0; k < n; ++k)
      slots_.push_back(k < count ? slots[k] : static_cast<std::uint32_t>(n_values_ + k));
    if (n_values_ > most_placed_values) continue;
    const std::size_t first_place = places_.size();
    places_.resize(first_place + n_places(), n);
    for (std::size_t k = 0; k < count; ++k) places_[first_place + slots[k]] = static_cast<std::uint8_t>(k);
  }
}

std::size_t RowPlan::n_codes() const noexcept { return std::max(least_codes, n_columns_ + 1); }

void RowPlan::start(RowSpace& space) const {
  make_room(space.passed, blocks_.size() * TestBlock::n_tests / unit);
  make_room(space.patterns, n_groups_);
  make_room(space.values, n_values_ + TableChoice::n_numbers);
  std::fill_n(space.values.begin(), n_values_ + TableChoice::n_numbers, 0.0);
  kernels().pass_tests(space.codes.data(), n_columns_, blocks_.data(), blocks_.size(), space.passed.data());
  const std::uint8_t* passed = space.passed.data();
  Code* patterns = space.patterns.data();
  for (std::size_t g = 0; g < n_groups_; ++g) patterns[g] = static_cast<Code>(passed[g]);
  passed += n_groups_;
  for (const Further& further : further_) {
    const unsigned bits = static_cast<unsigned>(*passed++) << further.shift;
    const unsigned others = ~(0xffU << further.shift);
    Code& pattern = patterns[further.group];
    pattern = static_cast<Code>(further.joins ? pattern & (bits | others) : pattern | bits);
  }
  for (std::size_t g = 0; g < n_groups_; ++g) patterns[g] = static_cast<Code>(patterns[g] & masks_[g]);
}

void RowPlan::add(std::size_t first, std::size_t last, const double* table, RowSpace& space) const {
  const std::size_t begin = first_choice_[first], end = first_choice_[last];
  const std::size_t whole = std::clamp(n_whole_, begin, end);
  const std::size_t n = TableChoice::n_numbers;
  const std::uint8_t* places = places_.empty() ? nullptr : places_.data() + begin * n_places();
  kernels().add_choices(table, choices_.data() + begin, whole - begin, space.patterns.data(), slots_.data() + begin * n,
                        places, n_values_, space.values.data());
  for (std::size_t i = whole; i < end; ++i) {
    const double* entry =
        table + choices_[i].first + std::size_t{space.patterns[choices_[i].pattern]} * choices_[i].stride;
    for (std::size_t j = 0; j < n && slots_[i * n + j] < n_values_; ++j) space.values[slots_[i * n + j]] += entry[j];
  }
}

}  // namespace banzhaf::trees
