// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Which rows belong together, and the rows and differences that a fit asks for.
#include "estimate/sample.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace banzhaf {
namespace {

// Where each of all 2^n coalitions stands; empty unless every one is there just once.
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

}  // namespace

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

Sample::Sample(const Design& design)
    : n_players_(design.n_players()),
      n_coalitions_(design.n_coalitions()),
      design_(design),
      in_twos_(design.in_twos()),
      n_units_(in_twos_ ? n_coalitions_ / 2 : n_coalitions_) {}

Sample::Sample(const Design& design, Worths worths) : Sample(design) {
  // A table with holes cannot be transformed: it is a sample of pairs.
  const bool table = is(DesignKind::exhaustive);
  in_twos_ = in_twos_ || table;
  const std::size_t n_given = in_twos_ ? n_coalitions_ / 2 : n_coalitions_;
  std::vector<Unit> kept;
  for (std::size_t p = 0; p < n_given; ++p) {
    const Unit whole = table ? Unit{p, n_coalitions_ - 1 - p} : unit(p);
    if (all_finite(worths.row(whole.first)) && all_finite(worths.row(whole.second))) kept.push_back(whole);
  }
  units_ = std::move(kept);
  n_units_ = units_.size();
  if (n_units_ == 0) throw std::domain_error("no coalition has a finite worth");
}

Sample::Sample(Coalitions own)
    : n_players_(own.n_players()), n_coalitions_(own.n_rows()), own_(std::move(own)), n_units_(n_coalitions_) {
  if (n_players_ == 0) throw std::invalid_argument("coalitions must have players");
  if (n_coalitions_ == 0) throw std::invalid_argument("coalitions must have at least one row");
  table_rows_ = rows_by_coalition(own_.view());
  if (table_rows_.empty()) match_complements();
}

// Makes pairs of all coalitions, or of none if one lacks its complement.
void Sample::match_complements() {
  const CoalitionsView coalitions = own_.view();
  const std::size_t n = n_coalitions_, words = coalitions.words_per_row();
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
  // The two orders in which such samples come, before any hashing: neighbours, and two halves.
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
