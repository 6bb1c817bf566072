// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Hadamard matrices: entries +-1, orthogonal columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "banzhaf/coalitions.hpp"

namespace banzhaf {

/// A Hadamard matrix made entry by entry: a Kronecker product of Sylvester's, Paley's first and Paley's second.
class HadamardMatrix {
 public:
  /// Throws std::invalid_argument if these constructions do not reach the order.
  explicit HadamardMatrix(std::uint32_t order);
  ~HadamardMatrix();
  HadamardMatrix(HadamardMatrix&&) noexcept;
  HadamardMatrix& operator=(HadamardMatrix&&) noexcept;

  [[nodiscard]] static bool exists(std::uint32_t order);
  /// The smallest order >= n that can be made.
  [[nodiscard]] static std::uint32_t smallest_order(std::uint32_t n);
  /// The largest order in [least, most] that can be made; 0 if there is none.
  [[nodiscard]] static std::uint32_t largest_order(std::uint32_t least, std::uint32_t most);

  /// The matrix of an order; small ones, of which there are few, are made once and kept for all who ask.
  [[nodiscard]] static std::shared_ptr<const HadamardMatrix> shared(std::uint32_t order);

  [[nodiscard]] std::uint32_t order() const noexcept { return order_; }
  /// Whether the entry is +1.
  [[nodiscard]] bool positive(std::uint32_t row, std::uint32_t column) const noexcept;
  /// Flips bit i of out where the entry in columns[i] of a row is -1.
  void flip_negative(std::uint32_t row, std::span<const std::uint32_t> columns, std::span<std::uint64_t> out) const;

 private:
  struct Factor;
  std::uint32_t order_;
  std::vector<Factor> factors_;
  Coalitions packed_;  // bits of the entries, if the order is small
};

/// Flips bit i of out where bit columns[i] of entries, a row of them, is 0: where the entry is -1.
void flip_where_unset(const std::uint64_t* entries, std::span<const std::uint32_t> columns,
                      std::span<std::uint64_t> out);

}  // namespace banzhaf
