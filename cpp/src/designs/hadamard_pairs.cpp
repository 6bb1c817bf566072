// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Chooses the blocks for a number of pairs, and makes the generator rows of nested blocks.
#include "designs/hadamard_pairs.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "designs/coalition_bits.hpp"
#include "designs/galois.hpp"
#include "designs/weighing.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

// Shuffles take their draws from parts of one stream that are too far apart to overlap.
constexpr std::uint64_t part = std::uint64_t{1} << 40;
constexpr std::uint64_t kerdock_part = 1000;  // after the parts of all stages

constexpr std::size_t most_known_signs = 512;  // words

// Kerdock sets need 2^r points with even r. For r = 2, all coalitions are as few.
bool kerdock_exists(std::size_t order) { return order >= 16 && std::bit_width(order) % 2 == 1; }

// After a complete set, its second copy has new signs, which should seldom repeat a coalition. Towards the end of that
// copy, the other family is better, because its own stage is nearly complete.
bool takes_kerdock(std::size_t n_players, std::size_t order, std::size_t n_pairs) {
  if (!kerdock_exists(order)) return false;
  if (n_pairs <= order * order / 2) return true;
  return n_pairs <= order * order / 10 * 7 && n_players > std::bit_width(4 * order * order);
}

bool has_trace(std::uint32_t x, std::uint32_t traces) { return (std::popcount(x & traces) & 1) != 0; }

// Returns for each z the sum over i from 1 to (m - 1) / 2 of Tr(z^(2^i + 1)). It is a quadratic form, so its numbers for
// sets of bits follow from those for one bit and for two.
std::vector<std::uint8_t> kerdock_form(const BinaryField& field, std::uint32_t traces) {
  const unsigned m = field.degree();
  const auto of = [&](std::uint32_t z) {
    bool sum = false;
    std::uint32_t conjugate = z;
    for (unsigned i = 1; i <= (m - 1) / 2; ++i) {
      conjugate = field.square(conjugate);
      sum = sum != has_trace(field.multiply(conjugate, z), traces);
    }
    return sum;
  };
  std::vector<std::uint8_t> form(std::size_t{1} << m);
  for (unsigned t = 0; t < m; ++t) {
    const std::uint32_t top = std::uint32_t{1} << t;
    const bool alone = of(top);
    std::uint32_t partners = 0;  // bit s says whether bits s and t together have more than their own numbers
    for (unsigned s = 0; s < t; ++s) {
      const std::uint32_t other = std::uint32_t{1} << s;
      partners |= std::uint32_t{of(other | top) != (alone != (form[other] != 0)) ? 1U : 0U} << s;
    }
    for (std::uint32_t z = 0; z < top; ++z) form[top | z] = ((form[z] != 0) != alone) != has_trace(z, partners) ? 1 : 0;
  }
  return form;
}

}  // namespace

std::size_t HadamardPairs::order_of(std::size_t n_players, std::size_t n_pairs) {
  if (n_pairs >= std::bit_ceil(n_players)) return std::bit_ceil(n_players);
  const auto n = static_cast<std::uint32_t>(n_players);
  const std::uint32_t largest = HadamardMatrix::largest_order(n, static_cast<std::uint32_t>(n_pairs));
  return largest > 0 ? largest : HadamardMatrix::smallest_order(n);
}

HadamardPairs::HadamardPairs(std::size_t n_players, std::size_t n_pairs, std::uint64_t seed, const Deadline& deadline,
                             Blocks blocks)
    : n_players_(n_players), n_pairs_(n_pairs), seed_(seed), order_(order_of(n_players, n_pairs)) {
  if (n_pairs < std::bit_ceil(n_players)) {
    matrix_ = HadamardMatrix::shared(static_cast<std::uint32_t>(order_));
    if (n_pairs < order_ && n_pairs >= n_players && n_players <= max_weighing_players)
      weighing_ = shared_weighing_rows(n_players, n_pairs, deadline);
  }
  const std::size_t n_all = (n_pairs + order_ - 1) / order_;  // blocks, including an incomplete one
  const bool fresh = !matrix_ && blocks == Blocks::fresh && n_all > 1;
  const bool kerdock = !matrix_ && !fresh && takes_kerdock(n_players, order_, n_pairs);
  signs_.resize(matrix_ ? n_pairs / order_ + 1 : (kerdock ? 2 : 1), n_players);
  for (std::size_t r = 0; r < signs_.n_rows(); ++r) {
    random_words(seed, Stream::signs, r * words_for(n_players), signs_.row(r));
    clear_beyond(signs_.row(r), n_players);
  }
  columns_ =
      random_order(static_cast<std::uint32_t>(weighing_ ? n_players_ : order_), n_players_, seed, Stream::orders, 0);
  last_rows_ = rows_in_random_order(n_pairs % order_);
  if (!matrix_) make_generators(seed, fresh || kerdock ? 1 : n_all);  // the others have signs of their own
  if (fresh) fresh_ = std::make_shared<const FreshBlocks>(n_players, order_, n_all, seed);
  if (matrix_ && std::has_single_bit(order_) && order_ > HadamardMatrix::most_packed) {
    // A row of Sylvester's matrix is a sum of these, which takes a word for 64 players at a time.
    generators_.resize(static_cast<std::size_t>(std::bit_width(order_) - 1), n_players);
    for (std::size_t t = 0; t < generators_.n_rows(); ++t) set_bits(columns_, t, generators_.row(t));
  }
  if (kerdock) make_kerdock(seed);
  if (matrix_ || fresh || n_all * words_for(n_players) > most_known_signs) return;
  Coalitions known(n_all, n_players);
  for (std::size_t block = 0; block < n_all; ++block) fill_signs(block, known.row(block));
  known_signs_ = std::move(known);
}

std::size_t HadamardPairs::least_stage_pairs(std::size_t n_players) noexcept {
  const std::size_t order = std::bit_ceil(n_players);
  return kerdock_exists(order) ? order * order / 2 : order * order;
}

// Kerdock's quadratic forms on GF(2^m) x GF(2) with m = r - 1: Q_a(y, e) is the sum over i <= (m - 1) / 2 of Tr((a
// y)^(2^i + 1)), plus e Tr(a y). The difference of any two is bent. Q_0 = 0 comes first, so that a single block is the
// same without them.
void HadamardPairs::make_kerdock(std::uint64_t seed) {
  const auto m = static_cast<unsigned>(std::bit_width(order_) - 2);
  const BinaryField field(m);
  const std::uint32_t half = std::uint32_t{1} << m;
  stage_blocks_ = half;
  const std::size_t n_needed = std::min<std::size_t>(half, (n_pairs_ + order_ - 1) / order_);
  kerdock_.resize(n_needed, n_players_);
  if (n_needed == 1) return;
  const std::vector<std::uint32_t> labels =
      random_order(half - 1, n_needed - 1, seed, Stream::orders, kerdock_part * part);
  std::uint32_t traces = 0;  // bit t is the trace of the element that has only bit t
  for (unsigned t = 0; t < m; ++t) {
    std::uint32_t sum = 0;
    for (std::uint32_t j = 0, x = std::uint32_t{1} << t; j < m; ++j, x = field.square(x)) sum ^= x;
    traces |= (sum & 1U) << t;
  }
  const std::vector<std::uint8_t> form = kerdock_form(field, traces);
  for (std::size_t k = 1; k < n_needed; ++k) {
    const std::span<std::uint64_t> row = kerdock_.row(k);
    const Multiplier times(field, labels[k - 1] + 1);
    for (std::size_t i = 0; i < n_players_; ++i) {
      const std::uint32_t z = times(columns_[i] & (half - 1));
      const bool odd = (form[z] != 0) != (columns_[i] >= half && has_trace(z, traces));
      row[i / 64] |= std::uint64_t{odd ? 1U : 0U} << (i % 64);
    }
  }
}

// Takes the start of one random order, so that a shorter incomplete block is the start of a longer one.
std::vector<std::uint32_t> HadamardPairs::rows_in_random_order(std::size_t count) const {
  if (count == 0) return {};
  return random_order(static_cast<std::uint32_t>(weighing_ ? weighing_->n_rows() : order_), count, seed_,
                      Stream::orders, part);
}

HadamardPairs HadamardPairs::prefix(std::size_t n_pairs) const {
  HadamardPairs result(*this);
  result.n_pairs_ = std::min(n_pairs, n_pairs_);
  result.last_rows_ = rows_in_random_order(result.n_pairs_ % order_);
  return result;
}

HadamardPairs HadamardPairs::shuffled() const {
  HadamardPairs result(*this);
  result.shuffle_ = rows_in_random_order(weighing_ ? weighing_->n_rows() : order_);
  return result;
}

void HadamardPairs::make_generators(std::uint64_t seed, std::size_t n_blocks) {
  const BinaryField field(static_cast<unsigned>(std::bit_width(order_) - 1));
  const unsigned r = field.degree();
  const std::size_t words = words_for(n_players_);
  std::vector<std::vector<std::uint64_t>> rows;
  std::vector<std::vector<std::uint64_t>> echelon;  // of the rows, and of the row of ones, which complements add
  const auto reduce = [&](std::vector<std::uint64_t> row) {
    for (const auto& pivot_row : echelon) {
      std::size_t w = 0;
      while (pivot_row[w] == 0) ++w;
      if ((row[w] & (pivot_row[w] & (~pivot_row[w] + 1))) == 0) continue;
      for (std::size_t v = 0; v < words; ++v) row[v] ^= pivot_row[v];
    }
    return row;
  };
  // Keeps a row if it makes coalitions that the rows before it do not make.
  const auto add_if_independent = [&](const std::vector<std::uint64_t>& row) {
    std::vector<std::uint64_t> rest = reduce(row);
    if (std::all_of(rest.begin(), rest.end(), [](std::uint64_t w) { return w == 0; })) return false;
    echelon.push_back(std::move(rest));
    return true;
  };
  const auto bit_row = [&](const std::vector<std::uint32_t>& powers, unsigned t) {
    std::vector<std::uint64_t> row(words);
    set_bits(powers, t, row);
    return row;
  };
  std::vector<std::uint64_t> ones(words, ~std::uint64_t{0});
  clear_beyond(ones, n_players_);
  add_if_independent(ones);
  for (unsigned t = 0; t < r; ++t) {
    rows.push_back(bit_row(columns_, t));
    add_if_independent(rows.back());
  }
  std::size_t reached = 1;
  std::vector<std::uint32_t> powers(columns_);
  for (std::uint32_t exponent = 3; reached < n_blocks && exponent < order_; exponent += 2) {
    for (std::size_t i = 0; i < n_players_; ++i) powers[i] = field.power(columns_[i], exponent);
    unsigned kept = 0;
    for (unsigned t = 0; t < r; ++t) {
      std::vector<std::uint64_t> row = bit_row(powers, t);
      if (!add_if_independent(row)) continue;
      rows.push_back(std::move(row));
      ++kept;
    }
    if (kept == 0) continue;
    const std::size_t combinations = std::size_t{1} << kept;
    const std::size_t needed = std::min(combinations, (n_blocks + reached - 1) / reached);
    orders_.push_back(random_order(static_cast<std::uint32_t>(combinations), needed, seed, Stream::orders,
                                   (2 + stages_.size()) * part));
    // The first combination is empty, so that the blocks before this stage are the same without it. The random bits s
    // make every shift of the combinations equally likely.
    const std::uint32_t first = orders_.back().front();
    for (std::uint32_t& bits : orders_.back()) bits ^= first;
    stages_.push_back(kept);
    reached *= combinations;
  }
  // There are no new sign vectors left only if all coalitions are used.
  if (reached < n_blocks)
    throw std::invalid_argument("budget exceeds the number of coalitions: use the exhaustive design");
  stage_blocks_ = stages_.empty() ? 1 : std::size_t{1} << stages_.front();
  generators_.resize(rows.size(), n_players_);
  for (std::size_t t = 0; t < rows.size(); ++t) std::copy(rows[t].begin(), rows[t].end(), generators_.row(t).begin());
}

HadamardPairs HadamardPairs::unshuffled() const {
  HadamardPairs result(*this);
  result.shuffle_.clear();
  return result;
}

std::size_t HadamardPairs::complete_blocks() const noexcept {
  if (kerdock_.n_rows() > 0) return (n_blocks() + stage_blocks_ - 1) / stage_blocks_ * stage_blocks_;
  std::size_t blocks = 1;
  for (const unsigned bits : stages_) blocks <<= bits;
  return blocks;
}

// The sign in block j is (-1)^(<b_j, z> + <c_j, w> + ...) for some z, w, .... It does not change if z is 0, or if all
// labels so far give the same sign.
double HadamardPairs::stuck_probability() const noexcept {
  double probability = 1;
  std::size_t met = n_blocks();  // labels of this power that were used, each with all labels of earlier powers
  const auto times = [&](std::size_t labels) {
    const double different = static_cast<double>(std::clamp<std::size_t>(met, 1, labels));
    probability *= std::min(1.0, 1 / static_cast<double>(labels) + std::exp2(1 - different));
    met /= labels;
  };
  if (!sylvester() || kerdock_.n_rows() > 0 || stages_.empty())
    times(std::max<std::size_t>(1, stage_blocks_));
  else
    for (const unsigned bits : stages_) times(std::size_t{1} << bits);
  return probability;
}

bool HadamardPairs::all_distinct() const noexcept {
  if (!sylvester()) return false;
  if (fresh_) return false;
  if (kerdock_.n_rows() == 0) return true;
  // A bent function and an affine one differ in at least (N - sqrt(N)) / 2 places.
  const std::size_t alike = order_ - n_players_;  // columns that are not in use
  return n_pairs_ <= stage_blocks_ * order_ && alike < order_ / 2 &&
         4 * (order_ / 2 - alike) * (order_ / 2 - alike) > order_;
}

std::uint32_t HadamardPairs::row_in_block(std::size_t p) const noexcept {
  const std::size_t row = p % order_;
  if (!shuffle_.empty()) return shuffle_[row];
  return p / order_ < n_blocks() ? static_cast<std::uint32_t>(row) : last_rows_[row];
}

void HadamardPairs::fill_signs(std::size_t block, std::span<std::uint64_t> out) const {
  if (fresh_ && block > 0) {
    std::copy_n(fresh_->signs(block), out.size(), out.begin());
    return;
  }
  if (block < known_signs_.n_rows()) {
    std::copy_n(known_signs_.view().row(block), out.size(), out.begin());
    return;
  }
  const CoalitionsView generators = generators_.view();
  std::copy_n(signs_.view().row(0), out.size(), out.begin());
  if (kerdock_.n_rows() > 0) {
    const std::uint64_t* row = kerdock_.view().row(block % stage_blocks_);
    for (std::size_t w = 0; w < out.size(); ++w) out[w] ^= row[w];
    if (block < stage_blocks_) return;
    row = signs_.view().row(1);
    for (std::size_t w = 0; w < out.size(); ++w) out[w] ^= row[w];
    return;
  }
  std::size_t generator = static_cast<std::size_t>(std::bit_width(order_) - 1);
  for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
    const std::size_t combinations = std::size_t{1} << stages_[stage];
    std::uint32_t bits = orders_[stage][block % combinations];
    block /= combinations;
    for (std::size_t t = generator; bits != 0; bits >>= 1, ++t) {
      if ((bits & 1U) == 0) continue;
      const std::uint64_t* row = generators.row(t);
      for (std::size_t w = 0; w < out.size(); ++w) out[w] ^= row[w];
    }
    generator += stages_[stage];
  }
}

std::size_t HadamardPairs::n_bytes() const noexcept {
  std::size_t words = columns_.size() / 2 + last_rows_.size() / 2 + shuffle_.size() / 2;
  for (const auto& each : orders_) words += each.size() / 2;
  for (const Coalitions* each : {&generators_, &signs_, &kerdock_, &known_signs_})
    words += each->n_rows() * words_for(n_players_);
  return sizeof(*this) + words * sizeof(std::uint64_t) + (fresh_ ? fresh_->n_bytes() : 0);
}

void HadamardPairs::fill_row(std::size_t p, std::span<std::uint64_t> out) const {
  std::uint32_t row = row_in_block(p);
  if (matrix_) {
    // A second block of the same matrix needs its own signs.
    std::copy_n(signs_.view().row(p / order_), out.size(), out.begin());
    if (weighing_) {
      flip_where_unset(weighing_->view().row(row), columns_, out);
      return;
    }
    if (generators_.n_rows() == 0) {
      matrix_->flip_negative(row, columns_, out);
      return;
    }
  } else {
    fill_signs(p / order_, out);
  }
  // An entry is -1 if the numbers of its row and its column share an odd number of bits.
  const CoalitionsView of_block = generators(p / order_);
  for (std::size_t t = 0; row != 0; row >>= 1, ++t) {
    if ((row & 1U) == 0) continue;
    const std::uint64_t* generator = of_block.row(t);
    for (std::size_t w = 0; w < out.size(); ++w) out[w] ^= generator[w];
  }
}

// In the usual order of a block, two rows differ in two generators on average, and a row has half of all.
void HadamardPairs::fill_row_after(std::size_t p, std::span<const std::uint64_t> before,
                                   std::span<std::uint64_t> out) const {
  const std::uint32_t row = matrix_ ? 0 : row_in_block(p);
  std::uint32_t changed = matrix_ || p % order_ == 0 ? 0 : row ^ row_in_block(p - 1);
  if (changed == 0 || std::popcount(changed) > std::popcount(row)) return fill_row(p, out);
  const std::uint64_t* from = before.data();
  const CoalitionsView of_block = generators(p / order_);
  for (; changed != 0; changed &= changed - 1) {
    const std::uint64_t* generator = of_block.row(static_cast<std::size_t>(std::countr_zero(changed)));
    for (std::size_t w = 0; w < out.size(); ++w) out[w] = from[w] ^ generator[w];
    from = out.data();
  }
}

}  // namespace banzhaf
