// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A term space whose pairs form Hadamard blocks.
#include <algorithm>
#include <bit>

#include "interactions/base_factor.hpp"
#include "interactions/term_space.hpp"

namespace banzhaf {
namespace {

constexpr std::uint32_t sign_bit = BlockLayout::sign_bit;

/// Returns the value, or its negative if the code has the sign bit. There is no branch, because signs are random.
double signed_by(double value, std::uint32_t code) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) ^ (std::uint64_t{code & sign_bit} << 32));
}

/// Residuals are the Walsh-Hadamard transforms of blocks. A column has one entry in each block.
class BlockSpace final : public TermSpace {
 public:
  BlockSpace(const PairSigns& pairs, const BlockLayout& layout, Base base, std::span<const std::uint8_t> held_out)
      : layout_(layout), order_(layout.order()), n_(layout.n_players()), of_players_(base == Base::players) {
    const std::size_t n_pairs = pairs.n_pairs(), n_all = layout.n_blocks();
    std::vector<std::size_t> count(n_all);
    for (std::size_t p = 0; p < n_pairs; ++p)
      if (held_out.empty() || held_out[p] == 0) ++count[layout.place(p) / order_];
    std::vector<std::size_t> position(n_all, n_all);
    for (std::size_t j = 0; j < n_all; ++j) {
      if (count[j] == 0) continue;
      position[j] = blocks_.size();
      blocks_.push_back(j);
      n_used_ += count[j];
      complete_ = complete_ && count[j] == order_;
    }
    const std::size_t n_blocks = blocks_.size();
    norm_ = static_cast<double>(n_blocks * order_);
    n_base_ = of_players_ ? n_ : 1;
    base_.assign(n_base_, 0.0);
    residuals_.assign(n_blocks * order_, 0.0);
    from_.assign(n_blocks * order_, n_pairs);
    unused_ = n_pairs;
    for (std::size_t p = 0; p < n_pairs; ++p) {
      const std::size_t place = layout.place(p), at = position[place / order_];
      if (at < n_all && (held_out.empty() || held_out[p] == 0)) from_[at * order_ + place % order_] = p;
    }
    if (!of_players_) return;
    owners_.assign(n_blocks * order_, no_owner);
    for (std::size_t b = 0; b < n_blocks; ++b) {
      const std::uint32_t* codes = layout.codes(blocks_[b]);
      for (std::size_t i = 0; i < n_; ++i)
        owners_[b * order_ + (codes[i] & ~sign_bit)] = static_cast<std::uint32_t>(i) | (codes[i] & sign_bit);
    }
    overlaps_.assign(n_, 0);
    if (!complete_) factor_incomplete();
  }

  void set_residuals(std::span<const double> halves) override {
    for (std::size_t e = 0; e < residuals_.size(); ++e) residuals_[e] = from_[e] < halves.size() ? halves[from_[e]] : 0;
    transform_blocks(residuals_, order_);
    std::fill(base_.begin(), base_.end(), 0.0);
    adjust();
    if (!complete_) leave_out();
  }

  void clean() override {
    if (!complete_) leave_out();
    adjust();
    if (!complete_) leave_out();
  }

  double square() const override {
    double sum = 0;
    for (const double u : residuals_) sum += u * u;
    return sum / static_cast<double>(order_);
  }

  void add_column(std::span<const std::uint32_t> players) override {
    const std::size_t n_blocks = blocks_.size();
    double overlap = 0;
    for (std::size_t b = 0; b < n_blocks; ++b) {
      const std::uint32_t code = code_of(players, b);
      const std::uint32_t entry = static_cast<std::uint32_t>(b * order_) + (code & ~sign_bit);
      entries_.push_back(entry | (code & sign_bit));
      if (!of_players_ || owners_[entry] == no_owner) continue;
      const std::uint32_t owner = owners_[entry] & ~sign_bit;
      if (overlaps_[owner] == 0) overlapping_.push_back(owner);
      overlaps_[owner] += ((owners_[entry] ^ code) & sign_bit) != 0 ? -1 : 1;
    }
    for (const std::uint32_t owner : overlapping_) {
      overlap += static_cast<double>(overlaps_[owner] * overlaps_[owner]);
      overlaps_[owner] = 0;  // an owner that is listed twice counts once
    }
    overlapping_.clear();
    const double blocks = static_cast<double>(n_blocks);
    // What is left of the column is taken to be spread evenly over the pairs.
    const double rest = norm_ - static_cast<double>(n_base_), used = static_cast<double>(n_used_);
    const double kept = complete_ ? 1 : degrees_of_freedom() / rest * norm_ / used;
    shares_.push_back(std::max(1e-3, 1 - overlap / (blocks * blocks)) * kept);
  }

  void keep_columns(std::span<const std::size_t> columns) override {
    const std::size_t n_blocks = blocks_.size();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      std::copy_n(entries_.begin() + static_cast<std::ptrdiff_t>(columns[c] * n_blocks), n_blocks,
                  entries_.begin() + static_cast<std::ptrdiff_t>(c * n_blocks));
      shares_[c] = shares_[columns[c]];
    }
    entries_.resize(columns.size() * n_blocks);
    shares_.resize(columns.size());
  }

  std::size_t move_apart(std::span<std::uint32_t> columns, std::size_t most) override {
    const std::size_t n_blocks = blocks_.size();
    taken_.resize(residuals_.size());
    std::size_t count = 0;
    for (std::size_t c = 0; c < columns.size() && count < most; ++c) {
      const std::uint32_t* entry = entries_of(columns[c]);
      if (std::any_of(entry, entry + n_blocks, [&](std::uint32_t e) { return taken_[e & ~sign_bit] != 0; })) continue;
      for (std::size_t b = 0; b < n_blocks; ++b) taken_[entry[b] & ~sign_bit] = 1;
      const std::uint32_t moved = columns[c];
      for (std::size_t k = c; k > count; --k) columns[k] = columns[k - 1];
      columns[count++] = moved;
    }
    for (const std::uint32_t column : columns.first(count)) {
      const std::uint32_t* entry = entries_of(column);
      for (std::size_t b = 0; b < n_blocks; ++b) taken_[entry[b] & ~sign_bit] = 0;
    }
    return count;
  }

  void correlate(std::span<const std::uint32_t> columns, double* out) const override {
    const std::size_t n_blocks = blocks_.size();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::uint32_t* entry = entries_of(columns[c]);
      double sum = 0;
      for (std::size_t b = 0; b < n_blocks; ++b) sum += signed_by(residuals_[entry[b] & ~sign_bit], entry[b]);
      out[c] = sum;
    }
  }

  void subtract(std::span<const std::uint32_t> columns, const double* amounts) override {
    const std::size_t n_blocks = blocks_.size();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::uint32_t* entry = entries_of(columns[c]);
      const double amount = amounts[c] * static_cast<double>(order_);
      for (std::size_t b = 0; b < n_blocks; ++b) residuals_[entry[b] & ~sign_bit] -= signed_by(amount, entry[b]);
    }
  }

  void prepare_search() override {
    // Each number stands beside its negative, so that a sign is a bit of the index.
    search_.resize(2 * residuals_.size());
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      for (std::size_t c = 0; c < order_; ++c) {
        const auto value = static_cast<float>(residuals_[b * order_ + c]);
        search_[2 * b * order_ + c] = value;
        search_[(2 * b + 1) * order_ + c] = -value;
      }
    }
  }

  void correlate_pairs(std::span<const std::uint32_t> players, std::size_t i, std::span<float> out) const override {
    std::fill(out.begin(), out.end(), 0.0F);
    std::vector<std::uint32_t> codes(players.size());
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      set_codes(players, b, codes);
      add_entries(b, codes[i], codes.data() + i + 1, out.size(), out.data());
    }
  }

  void correlate_triples(std::span<const std::uint32_t> players, std::size_t i, std::span<float> out) const override {
    std::fill(out.begin(), out.end(), 0.0F);
    std::vector<std::uint32_t> codes(players.size());
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      set_codes(players, b, codes);
      float* row = out.data();
      for (std::size_t k = i + 1; k < players.size(); ++k) {
        const std::size_t count = players.size() - k - 1;
        add_entries(b, codes[i] ^ codes[k], codes.data() + k + 1, count, row);
        row += count;
      }
    }
  }

  double correlation_of(std::span<const std::uint32_t> players) const override {
    double sum = 0;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const std::uint32_t code = code_of(players, b);
      sum += signed_by(residuals_[b * order_ + (code & ~sign_bit)], code);
    }
    return sum;
  }

  double additions() const override { return static_cast<double>(blocks_.size()); }

 private:
  static constexpr std::uint32_t no_owner = ~std::uint32_t{0};

  const std::uint32_t* entries_of(std::size_t column) const { return entries_.data() + column * blocks_.size(); }

  std::uint32_t code_of(std::span<const std::uint32_t> players, std::size_t b) const {
    const std::uint32_t* codes = layout_.codes(blocks_[b]);
    std::uint32_t code = 0;
    for (const std::uint32_t i : players) code ^= codes[i];
    return code;
  }

  /// Sets the codes of players in a block, with the sign as the bit after the column.
  void set_codes(std::span<const std::uint32_t> players, std::size_t b, std::vector<std::uint32_t>& out) const {
    const std::uint32_t* codes = layout_.codes(blocks_[b]);
    const auto minus = static_cast<std::uint32_t>(order_);
    for (std::size_t i = 0; i < players.size(); ++i) {
      const std::uint32_t code = codes[players[i]];
      out[i] = (code & ~sign_bit) | ((code & sign_bit) != 0 ? minus : 0);
    }
  }

  void add_entries(std::size_t b, std::uint32_t with, const std::uint32_t* codes, std::size_t count, float* out) const {
    const float* table = search_.data() + 2 * b * order_;
    for (std::size_t l = 0; l < count; ++l) out[l] += table[codes[l] ^ with];
  }

  /// Factors X^T X of the pairs in use. Its entries are entries of the transform of the pairs in use themselves.
  void factor_incomplete() {
    std::vector<double> present(residuals_.size());
    for (std::size_t e = 0; e < present.size(); ++e) present[e] = from_[e] != unused_ ? 1 : 0;
    transform_blocks(present, order_);
    std::vector<double> gram(n_ * n_);
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const std::uint32_t* codes = layout_.codes(blocks_[b]);
      for (std::size_t i = 0; i < n_; ++i) {
        for (std::size_t k = 0; k <= i; ++k) {
          const std::uint32_t code = codes[i] ^ codes[k];
          gram[i * n_ + k] += signed_by(present[b * order_ + (code & ~sign_bit)], code);
        }
      }
    }
    factor_.factor(std::move(gram), n_, n_used_);
  }

  /// Sets the residuals of pairs that are not in use to 0.
  void leave_out() {
    transform_blocks(residuals_, order_);
    const double scale = 1 / static_cast<double>(order_);
    for (std::size_t e = 0; e < residuals_.size(); ++e) residuals_[e] = from_[e] == unused_ ? 0 : residuals_[e] * scale;
    transform_blocks(residuals_, order_);
  }

  void adjust() {
    const std::size_t n_blocks = blocks_.size();
    const double order = static_cast<double>(order_);
    if (!of_players_) {
      double sum = 0;
      for (std::size_t b = 0; b < n_blocks; ++b) sum += residuals_[b * order_];
      const double mean = sum / static_cast<double>(n_used_);
      base_[0] += mean;
      for (std::size_t b = 0; b < n_blocks; ++b) residuals_[b * order_] -= mean * order;
      return;
    }
    change_.assign(n_, 0.0);
    for (std::size_t b = 0; b < n_blocks; ++b) {
      const std::uint32_t* codes = layout_.codes(blocks_[b]);
      for (std::size_t i = 0; i < n_; ++i)
        change_[i] += signed_by(residuals_[b * order_ + (codes[i] & ~sign_bit)], codes[i]);
    }
    if (complete_)
      for (double& c : change_) c /= norm_;
    else
      factor_.solve(change_);
    for (std::size_t b = 0; b < n_blocks; ++b) {
      const std::uint32_t* codes = layout_.codes(blocks_[b]);
      for (std::size_t i = 0; i < n_; ++i)
        residuals_[b * order_ + (codes[i] & ~sign_bit)] -= signed_by(change_[i] * order, codes[i]);
    }
    for (std::size_t i = 0; i < n_; ++i) base_[i] += change_[i];
  }

  const BlockLayout& layout_;
  std::size_t order_, n_;
  bool of_players_, complete_ = true;
  std::size_t unused_ = 0;
  std::vector<std::size_t> blocks_, from_;  // the blocks in use, and for each of their places the pair
  std::vector<double> residuals_, change_;
  BaseFactor factor_;
  std::vector<float> search_;
  std::vector<std::uint32_t> owners_;   // for each entry, the player whose column it is
  std::vector<std::uint32_t> entries_;  // for each column, its entry in each block, with its sign
  std::vector<std::uint8_t> taken_;     // for each entry, whether a column in front has it
  std::vector<int> overlaps_;
  std::vector<std::uint32_t> overlapping_;
};

}  // namespace

std::unique_ptr<TermSpace> make_block_space(const PairSigns& pairs, const BlockLayout& layout, Base base,
                                            std::span<const std::uint8_t> held_out) {
  return std::make_unique<BlockSpace>(pairs, layout, base, held_out);
}

}  // namespace banzhaf
