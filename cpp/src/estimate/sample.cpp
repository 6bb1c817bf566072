// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Finds the rows that belong together, and provides the rows and differences for a fit.
#include "estimate/sample.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "designs/coalition_bits.hpp"
#include "designs/hadamard_pairs.hpp"

namespace banzhaf {
namespace {

// Returns the position of each of the 2^n coalitions, or nothing unless each occurs exactly once.
std::vector<std::size_t> rows_by_coalition(CoalitionsView coalitions) {
  const std::size_t n = coalitions.n_rows;
  if (coalitions.n_players > max_exhaustive_players || n != std::size_t{1} << coalitions.n_players) return {};
  std::vector<std::size_t> rows(n, n);
  for (std::size_t r = 0; r < n; ++r) {
    std::size_t& row = rows[*coalitions.row(r)];
    if (row != n) return {};
    row = r;
  }
  return rows;
}

// Returns the numbers whose binary digits are the rows of a repeated design.
std::vector<std::uint32_t> numbers_of_rows(const Design& design) {
  const std::size_t n_all = std::size_t{1} << design.n_players();
  std::vector<std::uint32_t> numbers(design.n_coalitions());
  Coalitions row(1, design.n_players());
  for (std::size_t r = 0; r < numbers.size(); ++r) {
    if (r < n_all) design.fill_row(r, row.row(0));
    numbers[r] = r < n_all ? static_cast<std::uint32_t>(row.row(0)[0]) : numbers[r - n_all];
  }
  return numbers;
}

}  // namespace

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

Sample::Sample(const Design& design)
    : n_players_(design.n_players()),
      n_given_(design.n_coalitions()),
      n_rows_(n_given_),
      is_table_(design.kind() == DesignKind::exhaustive),
      design_(design),
      in_twos_(design.in_twos()),
      n_units_(in_twos_ ? n_rows_ / 2 : n_rows_) {
  if (is(DesignKind::repeated)) average_table({numbers_of_rows(design), {}});
}

Sample::Sample(const Design& design, Worths worths)
    : n_players_(design.n_players()), n_given_(design.n_coalitions()), n_rows_(n_given_), design_(design) {
  const bool table = is(DesignKind::exhaustive);
  // A table with gaps cannot be transformed, so it is a sample of pairs.
  in_twos_ = design.in_twos() || table;
  const std::size_t n_units = in_twos_ ? n_rows_ / 2 : n_rows_;
  std::vector<Unit> kept;
  for (std::size_t p = 0; p < n_units; ++p) {
    const Unit whole = table ? Unit{p, n_rows_ - 1 - p} : unit(p);
    if (all_finite(worths.row(whole.first)) && all_finite(worths.row(whole.second))) kept.push_back(whole);
  }
  if (kept.empty()) throw std::domain_error("no coalition has a finite worth, so no value can be estimated");
  n_dropped_ = n_given_ - kept.size() * (in_twos_ ? 2 : 1);
  if (is(DesignKind::repeated)) {
    const std::vector<std::uint32_t> numbers = numbers_of_rows(design);
    Repeats repeats{std::vector<std::uint32_t>(n_given_, Repeats::left_out), {}};
    for (const Unit& pair : kept)
      for (const std::size_t row : {pair.first, pair.second}) repeats.group[row] = numbers[row];
    average_table(std::move(repeats));
    return;
  }
  units_ = std::move(kept);
  n_units_ = units_.size();
}

Sample::Sample(Coalitions own, bool in_pairs) : n_players_(own.n_players()), n_given_(own.n_rows()), n_rows_(n_given_) {
  if (n_players_ == 0) throw std::invalid_argument("coalitions must have players");
  if (n_given_ == 0) throw std::invalid_argument("coalitions must have at least one row");
  own_ = std::move(own);
  Repeats repeats = find_repeats(own_.view());
  const std::size_t n_distinct = repeats.count.size();
  if (n_players_ <= max_exhaustive_players && n_distinct == std::size_t{1} << n_players_) {
    if (n_distinct == n_given_) {
      table_rows_ = rows_by_coalition(own_.view());
      n_units_ = n_rows_;
      return;
    }
    for (std::size_t r = 0; r < n_given_; ++r) repeats.group[r] = static_cast<std::uint32_t>(*own_.view().row(r));
    average_table(std::move(repeats));
    return;
  }
  own_distinct_ = n_distinct;
  n_units_ = n_rows_;
  if (!in_pairs) return;
  match_complements();
  const std::size_t of_pair = in_twos_ ? 2 : 1;
  const auto on_purpose = [&](std::size_t n_bits) {
    return repeated_on_purpose(n_distinct / of_pair, n_given_ / of_pair, n_bits + 1 - of_pair);
  };
  if (!on_purpose(n_players_)) return;
  // Players who always occur together count as one. There are then fewer possible coalitions, and repeats come sooner.
  Coalitions by_player;
  transpose(own_.view(), by_player);
  if (!on_purpose(count_distinct(by_player.view()))) return;
  // If every mean has as many worths, its least squares are those of all rows.
  if (std::ranges::adjacent_find(repeats.count, std::ranges::not_equal_to()) == repeats.count.end()) {
    average_rows(std::move(repeats));
    return;
  }
  double squares = 0;
  for (const std::uint32_t each : repeats.count) squares += static_cast<double>(each) * each;
  clustering_ = squares / static_cast<double>(n_given_);
}

// Groups are the numbers of coalitions. They make a table if all are there, otherwise a sample.
void Sample::average_table(Repeats repeats) {
  const std::size_t n_all = std::size_t{1} << n_players_;
  repeats.count.assign(n_all, 0);
  for (const std::uint32_t number : repeats.group)
    if (number != Repeats::left_out) ++repeats.count[number];
  in_twos_ = false;
  units_.clear();
  if (std::find(repeats.count.begin(), repeats.count.end(), 0U) == repeats.count.end()) {
    design_.reset();
    is_table_ = true;
    n_rows_ = n_units_ = n_all;
    repeats_ = std::move(repeats);
    return;
  }
  // Pairs are left out as a whole, so the others still follow one another.
  std::vector<std::uint32_t> places(n_all, Repeats::left_out), counts;
  std::vector<std::uint32_t> present;
  for (std::uint32_t s = 0; s < n_all / 2; ++s) {
    if (repeats.count[s] == 0) continue;
    for (const std::uint32_t each : {s, static_cast<std::uint32_t>(n_all - 1 - s)}) {
      places[each] = static_cast<std::uint32_t>(present.size());
      present.push_back(each);
      counts.push_back(repeats.count[each]);
    }
  }
  design_.reset();
  own_.resize(present.size(), n_players_);
  for (std::size_t r = 0; r < present.size(); ++r) own_.row(r)[0] = present[r];
  for (std::uint32_t& group : repeats.group)
    if (group != Repeats::left_out) group = places[group];
  repeats.count = std::move(counts);
  repeats_ = std::move(repeats);
  n_rows_ = present.size();
  match_complements();
}

// Replaces all rows of a group by one.
void Sample::average_rows(Repeats repeats) {
  const std::size_t words = words_for(n_players_);
  Coalitions distinct(repeats.count.size(), n_players_);
  std::size_t n_begun = 0;
  for (std::size_t r = 0; r < n_given_; ++r)
    if (repeats.group[r] == n_begun) std::copy_n(own_.view().row(r), words, distinct.row(n_begun++).begin());
  own_ = std::move(distinct);
  n_rows_ = own_.n_rows();
  repeats_ = std::move(repeats);
  match_complements();
}

std::size_t Sample::n_distinct() const {
  if (is_complete()) return n_rows_;
  if (repeats_) return repeats_->count.size();
  if (!design_) return own_distinct_;
  if (design_->hadamard() && design_->hadamard()->all_distinct()) return 2 * n_units_;
  // For pairs, counts each pair by the coalition without player 0, times two.
  const auto folded = [this](std::size_t first, std::size_t count, Coalitions& scratch) {
    const CoalitionsView some = rows(first, count, scratch);
    if (!in_pairs()) return some;
    for (std::size_t p = 0; p < count; ++p)
      if (const std::span<std::uint64_t> row = scratch.row(p); (row[0] & 1U) != 0) complement(row, n_players_, row);
    return some;
  };
  return (in_pairs() ? 2 : 1) * count_distinct(folded, n_units_, n_players_);
}

// Pairs all coalitions with their complements, or none if a complement is missing.
void Sample::match_complements() {
  const CoalitionsView coalitions = own_.view();
  const std::size_t n = n_rows_, words = coalitions.words_per_row();
  units_.clear();
  in_twos_ = false;
  n_units_ = n;
  if (n % 2 != 0) return;
  const auto accept = [&](std::vector<Unit> units) {
    units_ = std::move(units);
    n_units_ = n / 2;
    in_twos_ = true;
  };
  const std::uint64_t last = ~std::uint64_t{0} >> (64 * words - n_players_);
  const auto complements = [&](std::size_t a, std::size_t b) {
    const std::uint64_t *x = coalitions.row(a), *y = coalitions.row(b);
    for (std::size_t w = 0; w + 1 < words; ++w)
      if ((x[w] ^ y[w]) != ~std::uint64_t{0}) return false;
    return (x[words - 1] ^ y[words - 1]) == last;
  };
  // Tries the two usual orders of such samples before any hashing: neighbours, and two halves.
  const auto pairs_up = [&](auto first, auto second) {
    for (std::size_t p = 0; p < n / 2; ++p)
      if (!complements(first(p), second(p))) return false;
    std::vector<Unit> units;
    units.reserve(n / 2);
    for (std::size_t p = 0; p < n / 2; ++p) units.push_back({first(p), second(p)});
    accept(std::move(units));
    return true;
  };
  if (pairs_up([](std::size_t p) { return 2 * p; }, [](std::size_t p) { return 2 * p + 1; })) return;
  if (pairs_up([](std::size_t p) { return p; }, [n](std::size_t p) { return p + n / 2; })) return;
  const auto key = [words](const std::uint64_t* row) {
    return std::string_view(reinterpret_cast<const char*>(row), words * sizeof(std::uint64_t));
  };
  std::vector<std::uint64_t> wanted(words);
  std::vector<Unit> units;
  std::unordered_map<std::string_view, std::vector<std::size_t>> waiting;
  for (std::size_t r = 0; r < n; ++r) {
    complement({coalitions.row(r), words}, n_players_, wanted);
    const auto partner = waiting.find(key(wanted.data()));
    if (partner != waiting.end() && !partner->second.empty()) {
      units.push_back({partner->second.back(), r});
      partner->second.pop_back();
    } else {
      waiting[key(coalitions.row(r))].push_back(r);
    }
  }
  if (2 * units.size() == n) accept(std::move(units));
}

CoalitionsView Sample::rows(std::size_t first, std::size_t count, Coalitions& scratch) const {
  if (!design_ && in_order()) return own_.view().rows(first, count);
  scratch.resize(count, n_players_);
  for (std::size_t p = 0; p < count; ++p) {
    const std::size_t row = unit(first + p).first;
    if (design_)
      design_->fill_row(row, scratch.row(p));
    else
      std::copy_n(own_.view().row(row), words_for(n_players_), scratch.row(p).begin());
  }
  return scratch.view();
}

RowSource Sample::row_source() const {
  return [this](std::size_t first, std::size_t count, Coalitions& scratch) { return rows(first, count, scratch); };
}

std::vector<double> Sample::targets(Worths worths) const {
  const std::size_t n_outputs = worths.n_outputs;
  const double sign = is(DesignKind::walks) ? -1 : 1;
  std::vector<double> result(n_units_ * n_outputs);
  for (std::size_t p = 0; p < n_units_; ++p) {
    const Unit u = unit(p);
    for (std::size_t o = 0; o < n_outputs; ++o) {
      const double worth = worths.row(u.first)[o];
      result[p * n_outputs + o] = in_twos_ ? sign * (worth - worths.row(u.second)[o]) : worth;
    }
  }
  return result;
}

}  // namespace banzhaf
