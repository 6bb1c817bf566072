// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "regression/sign_columns.hpp"

#include <bit>

#include "kernels/kernels.hpp"
#include "regression/products.hpp"
#include "support/interrupt.hpp"

namespace banzhaf {

SignColumns::SignColumns(CoalitionsView columns, std::span<const std::uint8_t> used, bool centred)
    : columns_(columns), used_(used.begin(), used.end()), mask_(columns.words_per_row()) {
  for (std::size_t p = 0; p < used.size(); ++p)
    if (used[p] != 0) {
      mask_[p / 64] |= std::uint64_t{1} << (p % 64);
      ++n_used_;
    }
  if (!centred) return;
  std::vector<double> ones(n_rows());
  for (std::size_t p = 0; p < ones.size(); ++p) ones[p] = uses(p) ? 1 : 0;
  means_ = products(ones);
  for (double& mean : means_) mean /= static_cast<double>(n_used_);
}

double SignColumns::product(std::size_t i, std::size_t j) const noexcept {
  const std::uint64_t* const one = columns_.row(i);
  const std::uint64_t* const other = columns_.row(j);
  int differences = 0;
  for (std::size_t w = 0; w < mask_.size(); ++w) differences += std::popcount((one[w] ^ other[w]) & mask_[w]);
  const double rows = static_cast<double>(n_used_);
  return rows - 2.0 * differences - rows * mean_of(i) * mean_of(j);
}

double SignColumns::prepare(std::span<double> numbers) const {
  double mean = 0;
  if (!means_.empty()) {
    for (std::size_t p = 0; p < numbers.size(); ++p)
      if (uses(p)) mean += numbers[p];
    mean /= static_cast<double>(n_used_);
  }
  for (std::size_t p = 0; p < numbers.size(); ++p) numbers[p] = uses(p) ? numbers[p] - mean : 0;
  return mean;
}

std::vector<double> SignColumns::products(const std::vector<double>& numbers) const {
  std::vector<double> sums(n_players());
  add_signed_sums(columns_, numbers.data(), 1, sums.data(), 1);
  return sums;
}

std::vector<double> SignColumns::image(const SparseVector& b) const {
  std::vector<double> sums(n_rows());
  double constant = 0;
  for (std::size_t k = 0; k < b.places.size(); ++k) {
    const double number = b.numbers[k];
    const std::uint64_t* bits = columns_.row(b.places[k]);
    constant -= number * mean_of(b.places[k]);
    for (std::size_t p = 0; p < sums.size(); ++p) sums[p] += ((bits[p / 64] >> (p % 64)) & 1U) != 0 ? number : -number;
  }
  for (double& sum : sums) sum += constant;
  return sums;
}

std::vector<double> SignColumns::residuals(const std::vector<double>& numbers, const std::vector<double>& image) const {
  std::vector<double> rest(n_rows());
  for (std::size_t p = 0; p < rest.size(); ++p) rest[p] = uses(p) ? numbers[p] - image[p] : 0;
  return rest;
}

void ActiveColumns::add(std::span<const std::uint32_t> players) {
  if (players.empty()) return;
  checkpoint();
  const std::size_t words = x_->columns_.words_per_row(), before = size(), after = before + players.size();
  const double rows = static_cast<double>(x_->n_used());
  for (const std::uint32_t player : players) {
    has_[player] = true;
    players_.push_back(player);
    const std::uint64_t* bits = x_->columns_.row(player);
    for (std::size_t w = 0; w < words; ++w) bits_.push_back(bits[w] & x_->mask_[w]);
  }
  products_.resize(after);
  std::vector<std::uint32_t> differences(players.size() * after);
  kernels().count_differences(&bits_[before * words], players.size(), bits_.data(), after, words, words,
                              differences.data(), after);
  for (std::size_t k = before; k < after; ++k) {
    const double mean = x_->mean_of(players_[k]);
    std::vector<double>& row = products_[k];
    row.resize(after);
    for (std::size_t j = 0; j < after; ++j) {
      row[j] = rows - 2.0 * differences[(k - before) * after + j] - rows * mean * x_->mean_of(players_[j]);
      if (j < before) products_[j].push_back(row[j]);
    }
  }
}

void ActiveColumns::subtract(std::size_t place, double step, std::vector<double>& numbers) const {
  // The kernels may round products differently, and the search would then take another way.
  const double* const row = products_[place].data();
  for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] -= step * row[k];
}

SparseVector ActiveColumns::nonzero(const std::vector<double>& b) const {
  SparseVector found;
  for (std::size_t k = 0; k < b.size(); ++k) {
    if (b[k] == 0) continue;
    found.places.push_back(players_[k]);
    found.numbers.push_back(b[k]);
  }
  return found;
}

}  // namespace banzhaf
