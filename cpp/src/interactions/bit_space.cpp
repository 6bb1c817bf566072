// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A term space of any pairs.
#include <algorithm>
#include <bit>

#include "interactions/base_factor.hpp"
#include "interactions/term_space.hpp"
#include "kernels/kernels.hpp"

namespace banzhaf {
namespace {

/// Residuals are those of the pairs. A column is the xor of players' bits.
class BitSpace final : public TermSpace {
 public:
  BitSpace(const PairSigns& pairs, Base base, std::span<const std::uint8_t> held_out)
      : n_(pairs.n_players()), of_players_(base == Base::players) {
    for (std::size_t p = 0; p < pairs.n_pairs(); ++p)
      if (held_out.empty() || held_out[p] == 0) from_.push_back(static_cast<std::uint32_t>(p));
    signs_ = from_.size() == pairs.n_pairs() ? pairs : pairs.subset(from_);
    n_used_ = from_.size();
    norm_ = static_cast<double>(n_used_);
    n_base_ = of_players_ ? n_ : 1;
    base_.assign(n_base_, 0.0);
    residuals_.resize(n_used_);
    sums_.resize(n_);
    if (!of_players_) return;
    std::vector<double> gram(n_ * n_);
    const std::size_t words = signs_.n_words();
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t k = 0; k <= i; ++k)
        gram[i * n_ + k] = norm_ - 2 * differences(signs_.column(i), signs_.column(k), words);
    }
    factor_.factor(std::move(gram), n_, n_used_);
  }

  void set_residuals(std::span<const double> halves) override {
    for (std::size_t p = 0; p < n_used_; ++p) residuals_[p] = halves[from_[p]];
    std::fill(base_.begin(), base_.end(), 0.0);
    clean();
    clean();  // the ridge leaves a small part
  }

  void clean() override {
    if (!of_players_) {
      double sum = 0;
      for (const double u : residuals_) sum += u;
      base_[0] += sum / norm_;
      for (double& u : residuals_) u -= sum / norm_;
      return;
    }
    std::fill(sums_.begin(), sums_.end(), 0.0);
    kernels().signed_sums(signs_.column(0), n_, signs_.n_words(), n_used_, residuals_.data(), 1, sums_.data());
    factor_.solve(sums_);
    for (std::size_t i = 0; i < n_; ++i) {
      base_[i] += sums_[i];
      take_out(signs_.column(i), sums_[i]);
    }
  }

  double square() const override {
    double sum = 0;
    for (const double u : residuals_) sum += u * u;
    return sum;
  }

  void add_column(std::span<const std::uint32_t> players) override {
    const std::size_t words = signs_.n_words(), first = columns_.size();
    columns_.resize(first + words);
    set_product(players, columns_.data() + first);
    double overlap = 0;
    if (of_players_) {
      for (std::size_t i = 0; i < n_; ++i) {
        const double product = norm_ - 2 * differences(signs_.column(i), columns_.data() + first, words);
        overlap += product * product;
      }
    }
    // Columns are taken to be nearly orthogonal, so that what is above 1 by chance leaves a small share.
    shares_.push_back(std::max(degrees_of_freedom() / norm_ * 0.25, 1 - overlap / (norm_ * norm_)));
  }

  void keep_columns(std::span<const std::size_t> columns) override {
    const std::size_t words = signs_.n_words();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      std::copy_n(columns_.begin() + static_cast<std::ptrdiff_t>(columns[c] * words), words,
                  columns_.begin() + static_cast<std::ptrdiff_t>(c * words));
      shares_[c] = shares_[columns[c]];
    }
    columns_.resize(columns.size() * words);
    shares_.resize(columns.size());
  }

  std::size_t move_apart(std::span<std::uint32_t> columns, std::size_t most) override {
    return std::min({columns.size(), most, std::size_t{1}});  // every column has every pair
  }

  void correlate(std::span<const std::uint32_t> columns, double* out) const override {
    for (const std::uint32_t column : columns) *out++ = signed_sum(columns_.data() + column * signs_.n_words());
  }

  void subtract(std::span<const std::uint32_t> columns, const double* amounts) override {
    for (const std::uint32_t column : columns) take_out(columns_.data() + column * signs_.n_words(), *amounts++);
  }

  void prepare_search() override {}

  void correlate_pairs(std::span<const std::uint32_t> players, std::size_t i, std::span<float> out) const override {
    std::vector<double> values(n_used_);
    set_product_values(players[i], values);
    correlate_rows(players, nullptr, i + 1, values, out.data());
  }

  void correlate_triples(std::span<const std::uint32_t> players, std::size_t i, std::span<float> out) const override {
    std::vector<double> values(n_used_);
    set_product_values(players[i], values);
    float* row = out.data();
    for (std::size_t k = i + 1; k + 1 < players.size(); ++k) {
      correlate_rows(players, signs_.column(players[k]), k + 1, values, row);
      row += players.size() - k - 1;
    }
  }

  double correlation_of(std::span<const std::uint32_t> players) const override {
    std::vector<std::uint64_t> product(signs_.n_words());
    set_product(players, product.data());
    return signed_sum(product.data());
  }

  double additions() const override { return static_cast<double>(n_used_) / 4; }

 private:
  static double differences(const std::uint64_t* a, const std::uint64_t* b, std::size_t words) {
    std::uint32_t count = 0;
    kernels().count_differences(a, 1, b, 1, words, words, &count, 1);
    return count;
  }

  /// Sets bit p of out if the product of the players' signs is +1 in pair p.
  void set_product(std::span<const std::uint32_t> players, std::uint64_t* out) const {
    const std::size_t words = signs_.n_words();
    const bool flip = players.size() % 2 == 0;
    for (std::size_t w = 0; w < words; ++w) {
      std::uint64_t product = flip ? ~std::uint64_t{0} : 0;
      for (const std::uint32_t i : players) product ^= signs_.column(i)[w];
      out[w] = product;
    }
    if (n_used_ % 64 != 0) out[words - 1] &= (std::uint64_t{1} << (n_used_ % 64)) - 1;
  }

  double signed_sum(const std::uint64_t* bits) const {
    double sums[4] = {};
    for (std::size_t p = 0; p < n_used_; ++p) sums[p % 4] += with_sign(residuals_[p], bits, p);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }

  void take_out(const std::uint64_t* bits, double amount) {
    for (std::size_t p = 0; p < n_used_; ++p) residuals_[p] -= with_sign(amount, bits, p);
  }

  static double with_sign(double value, const std::uint64_t* bits, std::size_t p) {
    const std::uint64_t minus = ((bits[p / 64] >> (p % 64)) & 1U) ^ 1U;
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) ^ (minus << 63));
  }

  void set_product_values(std::uint32_t player, std::vector<double>& values) const {
    for (std::size_t p = 0; p < n_used_; ++p) values[p] = with_sign(residuals_[p], signs_.column(player), p);
  }

  /// Sets out to the sums of values with the signs of the players from `first` on, times those in `with` if given.
  void correlate_rows(std::span<const std::uint32_t> players, const std::uint64_t* with, std::size_t first,
                      const std::vector<double>& values, float* out) const {
    const std::size_t words = signs_.n_words(), count = players.size() - first;
    std::vector<std::uint64_t> rows(count * words);
    for (std::size_t l = 0; l < count; ++l) {
      const std::uint64_t* column = signs_.column(players[first + l]);
      for (std::size_t w = 0; w < words; ++w)
        rows[l * words + w] = with == nullptr ? column[w] : ~(column[w] ^ with[w]);
    }
    std::vector<double> sums(count);
    kernels().signed_sums(rows.data(), count, words, n_used_, values.data(), 1, sums.data());
    for (std::size_t l = 0; l < count; ++l) out[l] = static_cast<float>(sums[l]);
  }

  std::size_t n_;
  bool of_players_;
  PairSigns signs_;
  std::vector<std::uint32_t> from_;
  std::vector<double> residuals_, sums_;
  BaseFactor factor_;
  std::vector<std::uint64_t> columns_;
};

}  // namespace

std::unique_ptr<TermSpace> make_bit_space(const PairSigns& pairs, Base base, std::span<const std::uint8_t> held_out) {
  return std::make_unique<BitSpace>(pairs, base, held_out);
}

}  // namespace banzhaf
