// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A regression on products of players' signs: its residuals, and its columns without a matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "interactions/block_layout.hpp"
#include "interactions/pair_signs.hpp"

namespace banzhaf {

/// What every fit adjusts for, without a prior: the players' own columns (odd halves) or a constant (even halves).
enum class Base { players, constant };

/// Holds the residuals of the pairs in use, and a list of columns.
///
/// subtract() takes a multiple of a column out of the residuals, but adjusts neither for the base nor for pairs that are
/// held out. clean() does both. So a step of subtract() counts as a step on a surrogate, whose columns all have the
/// square norm(), which is at least what the true columns have.
class TermSpace {
 public:
  virtual ~TermSpace() = default;

  [[nodiscard]] std::size_t n_used() const noexcept { return n_used_; }
  [[nodiscard]] std::size_t n_base() const noexcept { return n_base_; }
  /// Returns the square of each column of the surrogate.
  [[nodiscard]] double norm() const noexcept { return norm_; }
  /// Returns what is left of the square of a column after adjustment for the base, as a share of n_used().
  [[nodiscard]] double share(std::size_t column) const noexcept { return shares_[column]; }
  [[nodiscard]] std::size_t n_columns() const noexcept { return shares_.size(); }
  [[nodiscard]] double degrees_of_freedom() const noexcept {
    return static_cast<double>(n_used_) - static_cast<double>(n_base_);
  }

  /// Starts with the halves of all pairs as residuals, and cleans them.
  virtual void set_residuals(std::span<const double> halves) = 0;
  virtual void clean() = 0;
  [[nodiscard]] virtual double square() const = 0;
  /// Returns the coefficients of the base that the last clean() took out.
  [[nodiscard]] std::span<const double> base() const noexcept { return base_; }

  virtual void add_column(std::span<const std::uint32_t> players) = 0;
  /// Keeps the given columns only, which are ascending.
  virtual void keep_columns(std::span<const std::size_t> columns) = 0;
  /// Moves columns to the front, at most `most` of them, that share no residual: what is subtracted for one does not
  /// change the correlation of another. The first column stays in front, and the others in order. Returns their number.
  [[nodiscard]] virtual std::size_t move_apart(std::span<std::uint32_t> columns, std::size_t most) = 0;
  /// Sets out to the correlations of the given columns.
  virtual void correlate(std::span<const std::uint32_t> columns, double* out) const = 0;
  virtual void subtract(std::span<const std::uint32_t> columns, const double* amounts) = 0;

  /// Must be called before the three below if residuals have changed.
  virtual void prepare_search() = 0;
  /// Sets out[k - i - 1] to the correlation of players[i] and players[k] for each later k.
  virtual void correlate_pairs(std::span<const std::uint32_t> players, std::size_t i, std::span<float> out) const = 0;
  /// Sets out, in lexicographic order, to the correlations of players[i] with each two later players.
  virtual void correlate_triples(std::span<const std::uint32_t> players, std::size_t i, std::span<float> out) const = 0;
  /// Returns the correlation of any players.
  [[nodiscard]] virtual double correlation_of(std::span<const std::uint32_t> players) const = 0;
  /// Returns the additions that one correlation takes in a search.
  [[nodiscard]] virtual double additions() const = 0;

 protected:
  std::size_t n_used_ = 0, n_base_ = 0;
  double norm_ = 0;
  std::vector<double> shares_, base_;
};

/// Makes a space of pairs in Hadamard blocks, whose transforms are the residuals. held_out has a flag for each pair that is
/// not used, or is empty.
[[nodiscard]] std::unique_ptr<TermSpace> make_block_space(const PairSigns& pairs, const BlockLayout& layout, Base base,
                                                          std::span<const std::uint8_t> held_out);

/// Makes a space of any pairs, in which a column is the xor of players' bits.
[[nodiscard]] std::unique_ptr<TermSpace> make_bit_space(const PairSigns& pairs, Base base,
                                                        std::span<const std::uint8_t> held_out);

/// Makes the first one if there is a layout, and otherwise the second.
[[nodiscard]] inline std::unique_ptr<TermSpace> make_term_space(const PairSigns& pairs, const BlockLayout* layout,
                                                                Base base, std::span<const std::uint8_t> held_out) {
  return layout != nullptr ? make_block_space(pairs, *layout, base, held_out) : make_bit_space(pairs, base, held_out);
}

}  // namespace banzhaf
