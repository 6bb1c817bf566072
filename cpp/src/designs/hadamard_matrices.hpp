// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Hadamard matrices, which have entries +-1 and orthogonal columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// A Hadamard matrix whose entries are computed: a Kronecker product of Sylvester's and both of Paley's constructions.
class HadamardMatrix {
 public:
  /// The largest order of a matrix that is stored, with a bit per entry.
  static constexpr std::uint32_t most_packed = 1024;

  /// Throws std::invalid_argument if these constructions do not give the order.
  explicit HadamardMatrix(std::uint32_t order);
  ~HadamardMatrix();
  HadamardMatrix(HadamardMatrix&&) noexcept;
  HadamardMatrix& operator=(HadamardMatrix&&) noexcept;

  [[nodiscard]] static bool exists(std::uint32_t order);
  /// Returns the smallest order >= n that can be made.
  [[nodiscard]] static std::uint32_t smallest_order(std::uint32_t n);
  /// Returns the largest order in [least, most] that can be made, or 0 if there is none.
  [[nodiscard]] static std::uint32_t largest_order(std::uint32_t least, std::uint32_t most);

  /// Returns the matrix of an order. Small matrices are few, so they are made once and shared.
  [[nodiscard]] static std::shared_ptr<const HadamardMatrix> shared(std::uint32_t order);

  [[nodiscard]] std::uint32_t order() const noexcept { return order_; }
  /// Returns whether the entry is +1.
  [[nodiscard]] bool positive(std::uint32_t row, std::uint32_t column) const noexcept;
  /// Flips bit i of out if the entry in columns[i] of a row is -1.
  void flip_negative(std::uint32_t row, std::span<const std::uint32_t> columns, std::span<std::uint64_t> out) const;

 private:
  struct Factor;
  std::uint32_t order_;
  std::vector<Factor> factors_;
  Coalitions packed_;  // the bits of the entries, if the order is small
};

/// Flips bit i of out if bit columns[i] of a row of entries is 0, so that the entry is -1.
void flip_where_unset(const std::uint64_t* entries, std::span<const std::uint32_t> columns,
                      std::span<std::uint64_t> out);

}  // namespace banzhaf
