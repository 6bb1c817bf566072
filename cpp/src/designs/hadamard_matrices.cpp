// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The orders of Hadamard matrices that can be made, and their entries.
#include "designs/hadamard_matrices.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "designs/galois.hpp"

namespace banzhaf {
namespace {

bool is_paley_one(std::uint32_t order) { return order % 4 == 0 && prime_power(order - 1).p > 2; }
bool is_paley_two(std::uint32_t order) {
  return order % 4 == 0 && (order / 2 - 1) % 4 == 1 && prime_power(order / 2 - 1).p > 2;
}

// Returns the orders of the factors of a Kronecker product, or nothing if there are none.
std::vector<std::uint32_t> factorise(std::uint32_t order) {
  if (std::has_single_bit(order) || is_paley_one(order) || is_paley_two(order)) return {order};
  if (order % 4 != 0) return {};
  for (std::uint32_t factor = 2; factor * factor <= order; factor += 2) {
    if (order % factor != 0) continue;
    std::vector<std::uint32_t> first = factorise(factor);
    const std::vector<std::uint32_t> second = factorise(order / factor);
    if (first.empty() || second.empty()) continue;
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }
  return {};
}

}  // namespace

void flip_where_unset(const std::uint64_t* entries, std::span<const std::uint32_t> columns,
                      std::span<std::uint64_t> out) {
  for (std::size_t w = 0; w < out.size(); ++w) {
    const std::size_t count = std::min<std::size_t>(64, columns.size() - 64 * w);
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t column = columns[64 * w + i];
      word |= (~(entries[column / 64] >> (column % 64)) & 1U) << i;
    }
    out[w] ^= word;
  }
}

struct HadamardMatrix::Factor {
  enum class Kind { sylvester, paley_one, paley_two };

  explicit Factor(std::uint32_t n) : order(n) {
    if (std::has_single_bit(n)) return;
    kind = is_paley_one(n) ? Kind::paley_one : Kind::paley_two;
    character = std::make_unique<QuadraticCharacter>(kind == Kind::paley_one ? n - 1 : n / 2 - 1);
  }

  // Paley's conference matrix: 0 on the diagonal, a first row of 1, and the first column first_column
  [[nodiscard]] int conference(std::uint32_t row, std::uint32_t column, int first_column) const {
    if (row == column) return 0;
    if (row == 0) return 1;
    if (column == 0) return first_column;
    return character->of_difference(row - 1, column - 1);
  }

  [[nodiscard]] bool positive(std::uint32_t row, std::uint32_t column) const {
    if (kind == Kind::sylvester) return std::popcount(row & column) % 2 == 0;
    // I + S, where S is skew
    if (kind == Kind::paley_one) return row == column || conference(row, column, -1) > 0;
    // C x [1 1; 1 -1] + I x [1 -1; -1 -1], where C is symmetric
    const int c = conference(row / 2, column / 2, 1);
    const bool both_odd = row % 2 == 1 && column % 2 == 1;
    if (c == 0) return row % 2 == 0 && column % 2 == 0;
    return (c > 0) != both_odd;
  }

  std::uint32_t order;
  Kind kind = Kind::sylvester;
  std::unique_ptr<QuadraticCharacter> character;
};

HadamardMatrix::HadamardMatrix(std::uint32_t order) : order_(order) {
  const std::vector<std::uint32_t> orders = factorise(order);
  if (orders.empty())
    throw std::invalid_argument("no Hadamard matrix of order " + std::to_string(order) + " is known here");
  for (const std::uint32_t factor : orders) factors_.emplace_back(factor);
  if (order > most_packed) return;
  Coalitions packed(order, order);
  for (std::uint32_t row = 0; row < order; ++row)
    for (std::uint32_t column = 0; column < order; ++column)
      packed.row(row)[column / 64] |= std::uint64_t{positive(row, column) ? 1U : 0U} << (column % 64);
  packed_ = std::move(packed);
}

HadamardMatrix::~HadamardMatrix() = default;
HadamardMatrix::HadamardMatrix(HadamardMatrix&&) noexcept = default;
HadamardMatrix& HadamardMatrix::operator=(HadamardMatrix&&) noexcept = default;

bool HadamardMatrix::exists(std::uint32_t order) { return order > 0 && !factorise(order).empty(); }

std::uint32_t HadamardMatrix::smallest_order(std::uint32_t n) {
  while (!exists(n)) ++n;
  return n;
}

std::uint32_t HadamardMatrix::largest_order(std::uint32_t least, std::uint32_t most) {
  for (; most >= least && most > 0; --most)
    if (exists(most)) return most;
  return 0;
}

void HadamardMatrix::flip_negative(std::uint32_t row, std::span<const std::uint32_t> columns,
                                   std::span<std::uint64_t> out) const {
  if (packed_.n_rows() == 0) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      out[i / 64] ^= std::uint64_t{positive(row, columns[i]) ? 0U : 1U} << (i % 64);
    return;
  }
  flip_where_unset(packed_.view().row(row), columns, out);
}

std::shared_ptr<const HadamardMatrix> HadamardMatrix::shared(std::uint32_t order) {
  if (order > most_packed) return std::make_shared<const HadamardMatrix>(order);
  static std::mutex lock;
  static std::map<std::uint32_t, std::shared_ptr<const HadamardMatrix>> made;
  const std::lock_guard<std::mutex> guard(lock);
  std::shared_ptr<const HadamardMatrix>& matrix = made[order];
  if (!matrix) matrix = std::make_shared<const HadamardMatrix>(order);
  return matrix;
}

bool HadamardMatrix::positive(std::uint32_t row, std::uint32_t column) const noexcept {
  if (packed_.n_rows() > 0) return packed_.view().contains(row, column);
  bool result = true;
  for (const Factor& factor : factors_) {
    result = result == factor.positive(row % factor.order, column % factor.order);
    row /= factor.order;
    column /= factor.order;
  }
  return result;
}

}  // namespace banzhaf
