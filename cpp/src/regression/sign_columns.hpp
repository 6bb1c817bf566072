// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The columns of the +-1 matrix X over a part of its rows, with inner products from bit counts. It serves the sparse
// fits, which need few of the products.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// The coefficients that are not 0.
struct SparseVector {
  std::vector<std::uint32_t> places;
  std::vector<double> numbers;
};

/// The columns of players over the used rows. They may be centred, which stands for a constant beside the coefficients.
class SignColumns {
 public:
  /// columns holds the rows of X as bits by player, and must outlive this object. Rows whose flag is 0 are not used.
  SignColumns(CoalitionsView columns, std::span<const std::uint8_t> used, bool centred);

  [[nodiscard]] std::size_t n_players() const noexcept { return columns_.n_rows; }
  /// All rows of X, and those that are used.
  [[nodiscard]] std::size_t n_rows() const noexcept { return columns_.n_players; }
  [[nodiscard]] std::size_t n_used() const noexcept { return n_used_; }
  [[nodiscard]] bool uses(std::size_t row) const noexcept { return used_[row] != 0; }
  /// The sum of squares of a column.
  [[nodiscard]] double square(std::size_t player) const noexcept {
    const double mean = mean_of(player);
    return static_cast<double>(n_used_) * (1 - mean * mean);
  }
  /// The product of two columns.
  [[nodiscard]] double product(std::size_t i, std::size_t j) const noexcept;

  /// Takes the mean from the used numbers if the columns are centred, and sets the others to 0. Returns the mean.
  double prepare(std::span<double> numbers) const;
  /// Returns the products of all columns with prepared numbers.
  [[nodiscard]] std::vector<double> products(const std::vector<double>& numbers) const;
  /// Returns X b for all rows, used or not.
  [[nodiscard]] std::vector<double> image(const SparseVector& b) const;
  /// Returns prepared numbers less their predictions X b, and 0 in rows that are not used.
  [[nodiscard]] std::vector<double> residuals(const std::vector<double>& numbers,
                                              const std::vector<double>& image) const;

 private:
  friend class ActiveColumns;
  [[nodiscard]] double mean_of(std::size_t player) const noexcept { return means_.empty() ? 0 : means_[player]; }

  CoalitionsView columns_;
  std::vector<std::uint8_t> used_;
  std::vector<std::uint64_t> mask_;  // the used rows as bits
  std::size_t n_used_ = 0;
  std::vector<double> means_;  // empty unless the columns are centred
};

/// Some of the columns, and the products of each with each.
class ActiveColumns {
 public:
  explicit ActiveColumns(const SignColumns& x) : x_(&x), has_(x.n_players()) {}

  [[nodiscard]] std::size_t size() const noexcept { return players_.size(); }
  [[nodiscard]] std::uint32_t player(std::size_t place) const noexcept { return players_[place]; }
  [[nodiscard]] bool has(std::size_t player) const noexcept { return has_[player]; }
  [[nodiscard]] double square(std::size_t place) const noexcept { return products_[place][place]; }
  /// Adds players that are not there yet.
  void add(std::span<const std::uint32_t> players);
  /// Subtracts step times the products with the column at a place from one number for each column.
  void subtract(std::size_t place, double step, std::vector<double>& numbers) const;
  /// Returns the coefficients that are not 0, from one for each column.
  [[nodiscard]] SparseVector nonzero(const std::vector<double>& b) const;

 private:
  const SignColumns* x_;
  std::vector<std::uint32_t> players_;
  std::vector<bool> has_;
  std::vector<std::uint64_t> bits_;  // the used rows of each column
  std::vector<std::vector<double>> products_;
};

}  // namespace banzhaf
