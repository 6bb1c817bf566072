// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Rows of Sylvester's blocks differ from the rows before by one xor. Other rows are made one by one.
#include "explain/coalition_writer.hpp"

#include <algorithm>
#include <bit>

#include "designs/coalition_bits.hpp"
#include "designs/hadamard_pairs.hpp"

namespace banzhaf {

CoalitionWriter::CoalitionWriter(const MaskedTable& table) : table_(table), n_words_(words_for(table.n_columns)) {}

// Turns bits of the design's players into bits of columns.
void CoalitionWriter::spread(std::span<const std::uint64_t> of_design, std::uint64_t* out) {
  if (table_.player_of_column.empty()) {
    if (players_.size() == table_.n_players)
      std::ranges::copy(of_design, out);
    else
      scatter(of_design, players_, {out, n_words_});
    return;
  }
  of_players_.resize(words_for(table_.n_players));
  scatter(of_design, players_, of_players_);
  std::fill_n(out, n_words_, 0);
  for (std::size_t j = 0; j < table_.n_columns; ++j) {
    const std::uint32_t player = table_.player_of_column[j];
    out[j / 64] |= ((of_players_[player / 64] >> (player % 64)) & 1U) << (j % 64);
  }
}

void CoalitionWriter::start(const Design& design, std::span<const std::uint32_t> players, std::size_t n_all,
                            std::size_t coalition) {
  design_ = &design;
  players_ = players;
  n_all_ = n_all;
  coalition_ = coalition;
  of_design_.assign(words_for(players.size()), ~std::uint64_t{0});
  clear_beyond(of_design_, players.size());
  full_.resize(n_words_);
  spread(of_design_, full_.data());
  pair_.resize(n_words_);
  const HadamardPairs& pairs = *design.hadamard();
  by_generators_ = pairs.sylvester() && !pairs.is_shuffled();
  if (by_generators_) set_steps(coalition % n_all / 2 / pairs.order());
  find_pair();
}

void CoalitionWriter::set_steps(std::size_t block) {
  const HadamardPairs& pairs = *design_->hadamard();
  const CoalitionsView generators = pairs.generators(block);
  const auto n_steps = static_cast<std::size_t>(std::bit_width(pairs.order()) - 1);
  steps_.resize(n_steps * n_words_);
  of_design_.assign(words_for(players_.size()), 0);
  for (std::size_t t = 0; t < n_steps; ++t) {
    for (std::size_t w = 0; w < of_design_.size(); ++w) of_design_[w] ^= generators.row(t)[w];
    spread(of_design_, &steps_[t * n_words_]);
  }
}

void CoalitionWriter::write_end(std::size_t player, bool others, std::uint64_t* out) {
  of_design_.assign(words_for(players_.size()), 0);
  of_design_[player / 64] = std::uint64_t{1} << (player % 64);
  spread(of_design_, out);
  if (!others) return;
  for (std::size_t w = 0; w < n_words_; ++w) out[w] ^= full_[w];
}

// Finds the first coalition of the pair from its number.
void CoalitionWriter::find_pair() {
  const std::size_t row = coalition_ / 2 * 2 % n_all_;
  // Each fresh block has generators of its own.
  if (const HadamardPairs& pairs = *design_->hadamard();
      by_generators_ && pairs.fresh() && row / 2 % pairs.order() == 0)
    set_steps(row / 2 / pairs.order());
  of_design_.resize(words_for(players_.size()));
  design_->fill_row(row, of_design_);
  spread(of_design_, pair_.data());
}

void CoalitionWriter::next() {
  ++coalition_;
  if (coalition_ % 2 != 0) return;
  const std::size_t pair = coalition_ / 2, order = design_->hadamard()->order();
  if (!by_generators_ || pair % order == 0 || coalition_ >= n_all_ || pair / order >= design_->hadamard()->n_blocks()) {
    if (coalition_ % n_all_ < design_->n_coalitions()) find_pair();
    return;
  }
  const std::uint64_t* step = &steps_[static_cast<std::size_t>(std::countr_zero(pair % order)) * n_words_];
  for (std::size_t w = 0; w < n_words_; ++w) pair_[w] ^= step[w];
}

bool CoalitionWriter::at_empty() const {
  const bool second = coalition_ % 2 == 1;
  for (std::size_t w = 0; w < n_words_; ++w)
    if (pair_[w] != (second ? full_[w] : 0)) return false;
  return true;
}

bool CoalitionWriter::at_full() const {
  const bool second = coalition_ % 2 == 1;
  for (std::size_t w = 0; w < n_words_; ++w)
    if (pair_[w] != (second ? 0 : full_[w])) return false;
  return true;
}

// Writes whole pairs of a block whose coalitions have one word, and returns the number of coalitions.
std::size_t CoalitionWriter::write_pairs(std::size_t count, bool stops_at_known, std::uint64_t* out) {
  const std::size_t order = design_->hadamard()->order(), first = coalition_ / 2 % order;
  const std::size_t n_pairs = std::min(count / 2, order - first);
  const std::uint64_t full = full_[0];
  std::uint64_t row = pair_[0];
  std::size_t a = first;
  for (const std::size_t last = first + n_pairs; a < last; ++a) {
    if (stops_at_known && (row == 0 || row == full)) break;
    *out++ = row;
    *out++ = row ^ full;
    if (a + 1 < order) row ^= steps_[static_cast<std::size_t>(std::countr_zero(a + 1))];
  }
  pair_[0] = row;
  const std::size_t written = 2 * (a - first);
  coalition_ += written;
  if (written > 0 && a == order && coalition_ % n_all_ < design_->n_coalitions()) find_pair();
  return written;
}

std::size_t CoalitionWriter::write(std::size_t count, bool stops_at_known, std::uint64_t* out) {
  const HadamardPairs& pairs = *design_->hadamard();
  std::size_t written = 0;
  while (written < count) {
    if (by_generators_ && n_words_ == 1 && coalition_ % 2 == 0 && count - written >= 2 && coalition_ < n_all_ &&
        coalition_ / 2 / pairs.order() < pairs.n_blocks()) {
      const std::size_t more = write_pairs(count - written, stops_at_known, out + written);
      written += more;
      if (more > 0) continue;
    }
    if (stops_at_known && (at_empty() || at_full())) break;
    const bool second = coalition_ % 2 == 1;
    std::uint64_t* row = out + written * n_words_;
    for (std::size_t w = 0; w < n_words_; ++w) row[w] = second ? pair_[w] ^ full_[w] : pair_[w];
    ++written;
    next();
  }
  return written;
}

}  // namespace banzhaf
