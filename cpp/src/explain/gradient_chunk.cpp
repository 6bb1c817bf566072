// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Points are marks of their pairs until they are written. Derivatives are added where they lie, column by column.
#include "explain/gradient_chunk.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include "kernels/kernels.hpp"

namespace banzhaf {
namespace {

constexpr std::uint32_t no_place = ~std::uint32_t{0};
constexpr double most_double = std::numeric_limits<double>::max();

// Points of so many pairs are written in one pass over the columns, so that they stay in the cache meanwhile.
constexpr std::size_t written_pairs = 16;

// Calls body(marks, pair) for stretches of at most `most` pairs that lie in one word of the marks each.
template <typename Body>
void for_each_word(const PointMarks& marks, std::size_t first, std::size_t n_pairs, std::size_t most, Body&& body) {
  for (std::size_t r = first; r < first + n_pairs;) {
    const std::size_t word = r / pairs_in_word * marks.stride, begin = r % pairs_in_word;
    const std::size_t count = std::min({first + n_pairs - r, pairs_in_word - begin, most});
    body(PairMarks{&marks.near[word], &marks.up[word], begin, count}, r - first);
    r += count;
  }
}

}  // namespace

GradientChunk::GradientChunk(GradientPlan& plan, GradientJob& job, std::size_t first, std::size_t n_pairs)
    : plan_(&plan), job_(&job), first_(first), n_pairs_(n_pairs) {}

std::size_t GradientChunk::claim(std::size_t most) {
  const std::size_t count = std::min(most, n_unclaimed());
  n_claimed_ += count;
  return count;
}

void GradientChunk::open(const MaskedRows& rows, const void* explicands, std::uint64_t seed, std::size_t n_outputs) {
  const MaskedTable& table = rows.table();
  n_columns_ = table.n_columns;
  n_outputs_ = n_outputs;
  cell_bytes_ = table.cell_bytes;
  of_players_ = GradientPoints(job_->players.size(), seed, rows.background_number(job_->background))(
      first_, n_pairs_, GradientPlanner::shape_of(*plan_, *job_));
  if (cell_bytes_ == 4)
    place_columns<float>(rows, explicands);
  else
    place_columns<double>(rows, explicands);
  width_ = is_grouped_ ? job_->players.size() : n_columns_;
  sums_.assign(4 * n_outputs_ * width_, 0);
  moves_.assign(n_outputs_ * width_, 0);
}

template <typename Cell>
void GradientChunk::place_columns(const MaskedRows& rows, const void* explicands) {
  const MaskedTable& table = rows.table();
  const std::size_t n = n_columns_;
  const auto* x = static_cast<const Cell*>(explicands) + plan_->explicand * n;
  const auto* b = static_cast<const Cell*>(table.background) + job_->background * n;
  std::vector<std::uint32_t> place_of_player(table.n_players, no_place);
  for (std::size_t i = 0; i < job_->players.size(); ++i)
    place_of_player[job_->players[i]] = static_cast<std::uint32_t>(i);
  const Magnitudes lengths = magnitudes(GradientPlanner::shape_of(*plan_, *job_), n_pairs_);
  place_.assign(n, no_place);
  half_.assign(n, 0);
  places_.resize(4 * n * sizeof(Cell));
  auto* const places = reinterpret_cast<Cell*>(places_.data());
  std::vector<std::uint8_t> is_taken(job_->players.size());
  for (std::size_t c = 0; c < n; ++c) {
    if (std::memcmp(x + c, b + c, sizeof(Cell)) == 0) {  // it may be NaN in both rows
      for (std::size_t at = c; at < 4 * n; at += n) places[at] = b[c];
      continue;
    }
    const double to = x[c], from = b[c];
    if (!std::isfinite(to) || !std::isfinite(from))
      throw std::domain_error("gradients need finite numbers, but column " + std::to_string(c) + " of row " +
                              std::to_string(plan_->explicand) + " of X or of background row " +
                              std::to_string(rows.background_number(job_->background)) +
                              " is not: pass gradients=False");
    const std::uint32_t place = place_of_player[table.player_of_column.empty() ? c : table.player_of_column[c]];
    is_grouped_ |= is_taken[place] != 0;
    is_taken[place] = 1;
    place_[c] = place;
    half_[c] = to / 2 - from / 2;
    const double middle = to / 2 + from / 2, offsets[] = {lengths.near, -lengths.near, lengths.far, -lengths.far};
    for (std::size_t k = 0; k < 4; ++k) places[k * n + c] = static_cast<Cell>(middle + offsets[k] * half_[c]);
  }
  is_plain_ = job_->players.size() == n && !is_grouped_;
  for (std::size_t c = 0; c < n; ++c) is_plain_ &= place_[c] == c;
  if (is_plain_) return;
  of_columns_.stride = n;
  const std::size_t n_words = of_players_.near.size() / of_players_.stride;
  of_columns_.near.resize(n_words * n);
  of_columns_.up.resize(n_words * n);
  for (std::size_t w = 0; w < n_words; ++w) {
    const std::uint32_t* near = &of_players_.near[w * of_players_.stride];
    const std::uint32_t* up = &of_players_.up[w * of_players_.stride];
    for (std::size_t c = 0; c < n; ++c) {
      if (place_[c] == no_place) continue;
      of_columns_.near[w * n + c] = near[place_[c]];
      of_columns_.up[w * n + c] = up[place_[c]];
    }
  }
}

void GradientChunk::write(std::size_t first, std::size_t n_rows, std::uint8_t* memory) const {
  const std::size_t row_bytes = n_columns_ * cell_bytes_;
  const auto place = [&](std::size_t pair, std::size_t n_pairs, std::uint8_t* out) {
    for_each_word(marks(), pair, n_pairs, written_pairs, [&](const PairMarks& marks, std::size_t done) {
      kernels().place_points(marks, places_.data(), n_columns_, cell_bytes_, out + 2 * done * row_bytes);
    });
  };
  const auto one_of_pair = [&](std::size_t row) {
    std::vector<std::uint8_t> both(2 * row_bytes);
    place(row / 2, 1, both.data());
    std::memcpy(memory, &both[row % 2 * row_bytes], row_bytes);
    memory += row_bytes;
  };
  if (n_rows > 0 && first % 2 == 1) {
    one_of_pair(first++);
    --n_rows;
  }
  place(first / 2, n_rows / 2, memory);
  memory += n_rows / 2 * 2 * row_bytes;
  if (n_rows % 2 == 1) one_of_pair(first + n_rows - 1);
}

PairSums GradientChunk::sums_at(std::size_t at) {
  const std::size_t size = n_outputs_ * width_;
  return {&sums_[at], &sums_[size + at], &sums_[2 * size + at], &sums_[3 * size + at], &moves_[at]};
}

PairTotals GradientChunk::totals_at(std::size_t at) const {
  const std::size_t size = n_outputs_ * width_;
  return {sums_[at], sums_[size + at], sums_[2 * size + at], sums_[3 * size + at]};
}

template <typename Number>
bool GradientChunk::add(std::size_t n_rows, const Number* derivatives) {
  const std::size_t stride = n_outputs_ * n_columns_;
  if (n_rows > 0 && n_answered_ % 2 == 1) {
    const std::vector<double> second(derivatives, derivatives + stride);
    add_pairs(1, waiting_.data(), second.data(), 0);
    ++n_answered_;
    --n_rows;
    derivatives += stride;
  }
  if (n_rows >= 2) add_pairs(n_rows / 2, derivatives, derivatives + stride, 2 * stride);
  n_answered_ += n_rows / 2 * 2;
  if (n_rows % 2 == 1) {
    derivatives += (n_rows - 1) * stride;
    waiting_.assign(derivatives, derivatives + stride);
    ++n_answered_;
  }
  const double* const all = &sums_[3 * n_outputs_ * width_];
  std::size_t n_wrong = 0;  // counted without a branch, which compilers turn into vectors
  for (std::size_t o = 0, at = 0; o < n_outputs_; ++o) {
    for (std::size_t c = 0; c < width_; ++c, ++at) {
      const bool counts = is_grouped_ || place_[c] != no_place;
      n_wrong += static_cast<std::size_t>(counts & !(std::abs(sums_[at] + all[at]) <= most_double));
    }
  }
  return n_wrong == 0;
}

template bool GradientChunk::add(std::size_t, const float*);
template bool GradientChunk::add(std::size_t, const double*);

template <typename Number>
void GradientChunk::add_pairs(std::size_t n_pairs, const Number* first, const Number* second, std::size_t stride) {
  if (is_grouped_) return add_grouped(n_pairs, first, second, stride);
  const std::size_t pair = n_answered_ / 2;
  for (std::size_t o = 0; o < n_outputs_; ++o, first += n_columns_, second += n_columns_) {
    const std::size_t at = o * width_;
    if (pair == 0)
      for (std::size_t c = 0; c < n_columns_; ++c)
        sums_[at + c] = static_cast<double>(first[c]) + static_cast<double>(second[c]);
    const PairSums sums = sums_at(at);
    for_each_word(marks(), pair, n_pairs, pairs_in_word, [&](const PairMarks& marks, std::size_t done) {
      kernels().add_derivatives(marks, first + done * stride, second + done * stride, stride, sizeof(Number),
                                n_columns_, sums);
    });
  }
}

// A player's derivative is the sum of those of its columns, each times half of the column's way.
template <typename Number>
void GradientChunk::add_grouped(std::size_t n_pairs, const Number* first, const Number* second, std::size_t stride) {
  const std::vector<double> zeros(width_);
  std::vector<double> sum(width_);
  for (std::size_t r = 0; r < n_pairs; ++r) {
    const std::size_t pair = n_answered_ / 2 + r;
    for (std::size_t o = 0; o < n_outputs_; ++o) {
      const std::size_t at = o * width_;
      std::ranges::fill(sum, 0.0);
      for (std::size_t c = 0; c < n_columns_; ++c) {
        if (place_[c] == no_place) continue;
        const double one = half_[c] * static_cast<double>(first[r * stride + o * n_columns_ + c]);
        const double other = half_[c] * static_cast<double>(second[r * stride + o * n_columns_ + c]);
        sum[place_[c]] += one + other;
        moves_[at + place_[c]] |= one != 0 || other != 0 ? 1 : 0;
      }
      if (pair == 0) std::ranges::copy(sum, sums_.begin() + static_cast<std::ptrdiff_t>(at));
      const PairSums sums = sums_at(at);
      for_each_word(of_players_, pair, 1, 1, [&](const PairMarks& marks, std::size_t) {
        kernels().add_derivatives(marks, sum.data(), zeros.data(), 0, sizeof(double), width_, sums);
      });
    }
  }
}

bool GradientChunk::fit(GradientFit& result) const {
  const GradientShape shape = GradientPlanner::shape_of(*plan_, *job_);
  const LineFitter line(n_pairs_, magnitudes(shape, n_pairs_).n_near, shape.is_mirrored);
  const std::size_t size = job_->players.size() * n_outputs_;
  for (std::vector<double>* numbers : {&result.values, &result.corrections, &result.variances}) numbers->resize(size);
  bool is_finite = true;
  for (std::size_t o = 0; o < n_outputs_; ++o) {
    for (std::size_t c = 0; c < width_; ++c) {
      if (!is_grouped_ && place_[c] == no_place) continue;
      const std::size_t from = o * width_ + c, to = (is_grouped_ ? c : place_[c]) * n_outputs_ + o;
      const LineFit found = line(totals_at(from));
      const double factor = is_grouped_ ? 1 : half_[c];
      result.values[to] = factor * found.value;
      result.corrections[to] = factor * found.correction;
      result.variances[to] = factor * factor * found.variance;
      is_finite &= std::isfinite(result.values[to]);
    }
  }
  return is_finite;
}

std::vector<std::uint8_t> GradientChunk::moves() const {
  std::vector<std::uint8_t> result(job_->players.size());
  for (std::size_t o = 0; o < n_outputs_; ++o) {
    for (std::size_t c = 0; c < width_; ++c) {
      if (is_grouped_)
        result[c] |= moves_[o * width_ + c];
      else if (half_[c] != 0)
        result[place_[c]] |= moves_[o * width_ + c];
    }
  }
  return result;
}

}  // namespace banzhaf
