// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares every set of kernels that this CPU runs with the simplest loops, at sizes around whole vectors.
#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <numbers>
#include <random>

#include "check.hpp"
#include "kernels/kernels.hpp"

namespace {

using banzhaf::block_width;
using banzhaf::Kernels;
using banzhaf::testing::close;
using banzhaf::testing::normals;

void check_counts(const Kernels& use, std::mt19937_64& engine) {
  for (const std::size_t words : {1, 3, 4, 5, 8, 9, 124, 125, 130, 300}) {
    const std::size_t n_a = 7, n_b = 6, stride = words + 1;
    std::vector<std::uint64_t> a(n_a * stride), b(n_b * stride);
    for (std::uint64_t& word : a) word = engine();
    for (std::uint64_t& word : b) word = engine();
    // All bits differ, which would overflow a narrow counter.
    for (std::size_t w = 0; w < words; ++w) b[w] = ~a[w];
    std::vector<std::uint32_t> counts(n_a * 10, 5);
    use.count_differences(a.data(), n_a, b.data(), n_b, words, stride, counts.data(), 10);
    bool same = true;
    for (std::size_t i = 0; i < n_a; ++i) {
      for (std::size_t j = 0; j < 10; ++j) {
        std::uint32_t expected = 5;
        for (std::size_t w = 0; w < words && j < n_b; ++w)
          expected += static_cast<std::uint32_t>(std::popcount(a[i * stride + w] ^ b[j * stride + w]));
        same &= counts[i * 10 + j] == expected;
      }
    }
    CHECK(same);
  }
}

void check_sums(const Kernels& use, std::mt19937_64& engine) {
  for (const std::size_t n_bits : {1, 3, 4, 5, 63, 64, 65, 130}) {
    const std::size_t n_rows = 9, stride = (n_bits + 63) / 64;
    std::vector<std::uint64_t> bits(n_rows * stride);
    for (std::uint64_t& word : bits) word = engine();
    if (n_bits % 64 != 0)
      for (std::size_t r = 0; r < n_rows; ++r) bits[(r + 1) * stride - 1] &= (std::uint64_t{1} << (n_bits % 64)) - 1;
    const std::vector<double> values = normals(n_bits * block_width, 3);
    std::vector<double> wide(n_rows * block_width, 1.5);
    use.signed_sums(bits.data(), n_rows, stride, n_bits, values.data(), block_width, wide.data());
    bool right = true, alike = true;
    for (std::size_t c = 0; c < block_width; ++c) {
      std::vector<double> column(n_bits), narrow(n_rows, 1.5);
      for (std::size_t j = 0; j < n_bits; ++j) column[j] = values[j * block_width + c];
      use.signed_sums(bits.data(), n_rows, stride, n_bits, column.data(), 1, narrow.data());
      for (std::size_t r = 0; r < n_rows; ++r) {
        double expected = 1.5;
        for (std::size_t j = 0; j < n_bits; ++j)
          expected += ((bits[r * stride + j / 64] >> (j % 64)) & 1U) != 0 ? column[j] : -column[j];
        right &= close(wide[r * block_width + c], expected, 1e-13);
        alike &= wide[r * block_width + c] == narrow[r];
      }
    }
    CHECK(right);
    CHECK(alike);  // to the last bit, because a column's sum must not depend on its neighbours
  }
}

// Values up to the largest that a quarter of the bits may have, with rows that reach it.
void check_short_sums(const Kernels& use, std::mt19937_64& engine) {
  using banzhaf::influence_width;
  for (const std::size_t n_bits : {1, 15, 16, 17, 32, 36, 48, 49, 64}) {
    const std::size_t n_rows = 7;
    std::vector<std::int32_t> values(64 * influence_width), sums(n_rows * influence_width, 1000);
    for (std::size_t j = 0; j < n_bits; ++j)
      for (std::size_t c = 0; c < influence_width; ++c)
        values[j * influence_width + c] = static_cast<std::int32_t>(engine() % 4095) - 2047;
    for (std::size_t j = 0; j < n_bits; j += 16) values[j * influence_width] = j % 32 == 0 ? 2062 : -2062;
    std::vector<std::uint64_t> words(n_rows);
    for (std::uint64_t& word : words) word = engine();
    for (std::size_t j = 0; j < n_bits; ++j) {  // the first row has the sign of every value of the first column
      const bool positive = values[j * influence_width] > 0;
      words[0] = (words[0] & ~(std::uint64_t{1} << j)) | (std::uint64_t{positive} << j);
    }
    if (n_bits < 64)
      for (std::uint64_t& word : words) word &= (std::uint64_t{1} << n_bits) - 1;
    use.add_short_sums(words.data(), n_rows, n_bits, values.data(), sums.data());
    bool right = true;
    for (std::size_t r = 0; r < n_rows; ++r) {
      for (std::size_t c = 0; c < influence_width; ++c) {
        std::int32_t expected = 1000;
        for (std::size_t j = 0; j < n_bits; ++j)
          expected += ((words[r] >> j) & 1U) != 0 ? values[j * influence_width + c] : -values[j * influence_width + c];
        right &= sums[r * influence_width + c] == expected;
      }
    }
    CHECK(right);
  }
}

void check_influences(const Kernels& use, std::mt19937_64& engine) {
  using banzhaf::influence_width;
  const std::size_t n_rows = 150;  // squares are added in groups of rows
  std::vector<std::int32_t> sums(n_rows * influence_width);
  for (std::int32_t& sum : sums) sum = static_cast<std::int32_t>(engine() % 100'001) - 50'000;
  std::vector<std::uint64_t> words(n_rows);
  for (std::uint64_t& word : words) word = engine();
  banzhaf::InfluenceColumns columns{};
  std::vector<float> weights(n_rows);
  for (float& weight : weights) weight = static_cast<float>(engine() % 1000) * 1e-3F;
  for (std::size_t c = 0; c < influence_width; ++c) {
    columns.factor[c] = 1e-5F * static_cast<float>(c + 1);
    columns.own[c] = c % 5 == 0 ? 0 : 1;
    columns.mean_influence[c] = 0.01F * static_cast<float>(c);
    columns.mean[c] = 0.02F * static_cast<float>(c % 3);
    columns.scale[c] = 0.5F + static_cast<float>(c);
  }
  for (const unsigned shift : {0U, 32U}) {
    std::vector<float> found(n_rows);
    std::vector<double> squares(influence_width, 2), expected(influence_width, 2);
    use.leverages(sums.data(), words.data(), shift, n_rows, columns, found.data());
    use.add_influence_squares(sums.data(), words.data(), shift, n_rows, columns, weights.data(), squares.data());
    bool right = true;
    for (std::size_t r = 0; r < n_rows; ++r) {
      double leverage = 0, size = 0;
      for (std::size_t c = 0; c < influence_width; ++c) {
        const double x = ((words[r] >> (shift + c)) & 1U) != 0 ? 1 : -1;
        const double influence =
            static_cast<double>(sums[r * influence_width + c]) * static_cast<double>(columns.factor[c]) +
            x * static_cast<double>(columns.own[c]) - static_cast<double>(columns.mean_influence[c]);
        const double term =
            (x - static_cast<double>(columns.mean[c])) * influence * static_cast<double>(columns.scale[c]);
        leverage += term;
        size += std::abs(term);
        expected[c] += static_cast<double>(weights[r]) * influence * influence;
      }
      right &= std::abs(static_cast<double>(found[r]) - leverage) < 1e-6 * size;
    }
    for (std::size_t c = 0; c < influence_width; ++c) right &= close(squares[c], expected[c], 1e-5);
    CHECK(right);
  }
}

void check_tile(const Kernels& use) {
  for (const std::size_t n_k : {1, 2, 17, 256}) {
    const std::vector<double> a = normals(n_k * use.tile_rows, 1), b = normals(n_k * use.tile_columns, 2);
    std::vector<double> tile(use.tile_rows * use.tile_columns);
    use.multiply_tile(n_k, a.data(), b.data(), tile.data());
    bool right = true;
    for (std::size_t i = 0; i < use.tile_rows; ++i) {
      for (std::size_t j = 0; j < use.tile_columns; ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < n_k; ++k) sum += a[k * use.tile_rows + i] * b[k * use.tile_columns + j];
        right &= close(tile[i * use.tile_columns + j], sum, 1e-12);
      }
    }
    CHECK(right);
  }
}

void check_masks(const Kernels& use, std::mt19937_64& engine) {
  for (const std::size_t row_bytes : {1, 7, 8, 31, 63, 64, 65, 96, 100, 128, 400}) {
    for (const std::size_t n_rows : {1, 2, 5, 40}) {
      const std::size_t stride = (row_bytes + 63) / 64 * 64;
      std::vector<std::uint8_t> background(n_rows * stride), kept(stride), mask(stride);
      for (std::uint8_t& byte : background) byte = static_cast<std::uint8_t>(engine());
      for (std::size_t i = 0; i < row_bytes; ++i) {
        mask[i] = (engine() & 1U) != 0 ? 0xff : 0;
        kept[i] = static_cast<std::uint8_t>(engine() & mask[i]);
      }
      constexpr std::uint8_t untouched = 0xa5;
      std::vector<std::uint8_t> out(n_rows * row_bytes + 64, untouched);
      use.mask_rows(background.data(), n_rows, stride, kept.data(), mask.data(), row_bytes, out.data());
      bool right = true;
      for (std::size_t r = 0; r < n_rows; ++r)
        for (std::size_t i = 0; i < row_bytes; ++i)
          right &= out[r * row_bytes + i] == (mask[i] != 0 ? kept[i] : background[r * stride + i]);
      for (std::size_t i = n_rows * row_bytes; i < out.size(); ++i) right &= out[i] == untouched;
      CHECK(right);
    }
  }
}

void check_cells(const Kernels& use, std::mt19937_64& engine) {
  for (const std::size_t cell_bytes : {1, 2, 4, 8}) {
    for (const std::size_t n_cells : {1, 2, 3, 7, 8, 9, 15, 16, 17, 30, 63, 64, 65, 130}) {
      for (const std::size_t n_rows : {1, 2, 5, 40}) {
        const std::size_t bytes = n_cells * cell_bytes, stride = (bytes + 63) / 64 * 64, words = (n_cells + 63) / 64;
        std::vector<std::uint8_t> chosen(stride), others(stride);
        for (std::uint8_t& byte : chosen) byte = static_cast<std::uint8_t>(engine());
        for (std::uint8_t& byte : others) byte = static_cast<std::uint8_t>(engine());
        std::vector<std::uint64_t> bits(n_rows * words);
        for (std::uint64_t& word : bits) word = engine();
        constexpr std::uint8_t untouched = 0xa5;
        std::vector<std::uint8_t> out(n_rows * bytes + 64, untouched);
        use.choose_cells(bits.data(), n_rows, words, n_cells, cell_bytes, chosen.data(), others.data(), out.data());
        bool right = true;
        for (std::size_t r = 0; r < n_rows; ++r) {
          for (std::size_t i = 0; i < bytes; ++i) {
            const std::size_t j = i / cell_bytes;
            const bool is_chosen = ((bits[r * words + j / 64] >> (j % 64)) & 1U) != 0;
            right &= out[r * bytes + i] == (is_chosen ? chosen : others)[i];
          }
        }
        for (std::size_t i = n_rows * bytes; i < out.size(); ++i) right &= out[i] == untouched;
        CHECK(right);
      }
    }
  }
}

// The sums of every set have the same order, so they agree to the last bit.
void check_hadamard(const Kernels& use) {
  for (std::size_t size = 1; size <= 1024; size *= 2) {
    std::vector<double> values = normals(size, 8), expected = values;
    for (std::size_t span = 1; span < size; span *= 2) {
      for (std::size_t i = 0; i < size; ++i) {
        if ((i & span) != 0) continue;
        const double low = expected[i], high = expected[i + span];
        expected[i] = low + high;
        expected[i + span] = low - high;
      }
    }
    std::vector<double> twice = values;
    twice.insert(twice.end(), values.begin(), values.end());
    use.hadamard(values.data(), size, 1);
    CHECK(values == expected);
    expected.insert(expected.end(), values.begin(), values.end());
    use.hadamard(twice.data(), size, 2);
    CHECK(twice == expected);
  }
}

void check_flags(const Kernels& use, std::mt19937_64& engine) {
  for (const std::size_t count : {1, 7, 8, 31, 32, 63, 64, 65, 100, 200}) {
    std::vector<std::uint8_t> flags(count);
    // Bytes of a boolean array may be other than 0 and 1, for example in a view of integers.
    for (std::uint8_t& flag : flags) flag = static_cast<std::uint8_t>((engine() & 1U) << (engine() % 8));
    std::vector<std::uint64_t> words((count + 63) / 64, ~std::uint64_t{0});
    use.pack_flags(flags.data(), count, words.data());
    bool right = true;
    for (std::size_t i = 0; i < 64 * words.size(); ++i)
      right &= ((words[i / 64] >> (i % 64)) & 1U) == (i < count && flags[i] != 0 ? 1U : 0U);
    CHECK(right);
  }
}

void check_vectors(const Kernels& use) {
  for (const std::size_t count : {1, 2, 7, 8, 9, 31, 32, 33, 100}) {
    const std::vector<double> a = normals(count, 4), b = normals(count, 5);
    std::vector<double> low(a), high(b), folded(count), squares(b), sums(b);
    use.add_scaled(a.data(), 0.5, count, sums.data());
    use.butterfly(low.data(), high.data(), count);
    const double difference = use.fold(a.data(), b.data(), count, folded.data());
    const double product = use.dot(a.data(), b.data(), count);
    use.add_squares(a.data(), 0.5, count, squares.data());
    double moments[2] = {0.5, 0.5};
    use.add_moments(a.data(), 3, count, moments);
    double expected_difference = 0, expected_product = 0, expected_first = 0.5, expected_second = 0.5;
    bool right = true;
    for (std::size_t i = 0; i < count; ++i) {
      right &= low[i] == a[i] + b[i] && high[i] == a[i] - b[i] && folded[i] == a[i] + b[i];
      right &= close(squares[i], b[i] + 0.5 * a[i] * a[i], 1e-15) && close(sums[i], b[i] + 0.5 * a[i], 1e-15);
      expected_difference += b[i] - a[i];
      expected_product += a[i] * b[i];
      expected_first += a[i] - 3;
      expected_second += (a[i] - 3) * (a[i] - 3);
    }
    CHECK(right);
    CHECK(close(difference, expected_difference, 1e-13));
    CHECK(close(product, expected_product, 1e-13));
    CHECK(close(moments[0], expected_first, 1e-13) && close(moments[1], expected_second, 1e-13));
    // In place, as in the folding of a table.
    std::vector<double> place(a);
    CHECK(use.fold(place.data(), b.data(), count, place.data()) == difference && place == folded);
  }
}

void check_tests(const Kernels& use, std::mt19937_64& engine) {
  for (const std::size_t n_codes : {1, 20, 32, 33, 64, 65, 300}) {
    std::vector<std::uint16_t> codes(std::max(banzhaf::least_codes, n_codes + 1));
    for (std::uint16_t& code : codes) code = static_cast<std::uint16_t>(engine());
    std::vector<banzhaf::TestBlock> blocks(5);
    for (banzhaf::TestBlock& block : blocks) {
      for (std::size_t i = 0; i < banzhaf::TestBlock::n_tests; ++i) {
        block.column[i] = static_cast<std::uint16_t>(engine() % n_codes);
        // Some ranges hold one code, and some hold all.
        const std::uint16_t code = codes[block.column[i]];
        block.low[i] = engine() % 3 == 0 ? code : static_cast<std::uint16_t>(engine());
        block.width[i] = static_cast<std::uint16_t>(engine() % 4 == 0 ? 0 : engine() % 4 == 0 ? 0xffff : engine());
      }
    }
    std::vector<std::uint8_t> out(blocks.size() * banzhaf::TestBlock::n_tests / 8, 0xa5);
    use.pass_tests(codes.data(), n_codes, blocks.data(), blocks.size(), out.data());
    bool right = true;
    for (std::size_t i = 0; i < 8 * out.size(); ++i) {
      const banzhaf::TestBlock& block = blocks[i / banzhaf::TestBlock::n_tests];
      const std::size_t j = i % banzhaf::TestBlock::n_tests;
      const int above = codes[block.column[j]] - block.low[j];
      const bool passes = ((above % 65536) + 65536) % 65536 <= block.width[j];
      right &= ((out[i / 8] >> (i % 8)) & 1U) == (passes ? 1U : 0U);
    }
    CHECK(right);
  }
}

void check_choices(const Kernels& use, std::mt19937_64& engine) {
  using banzhaf::TableChoice;
  for (const std::size_t n_values : {1, 7, 8, 9, 16, 17, 25, 32, 33, 100}) {
    const std::size_t n_choices = 61, padded = (n_values + 7) / 8 * 8;
    const std::vector<double> table = normals(5000, 9);
    std::vector<TableChoice> choices;
    std::vector<std::uint16_t> patterns;
    std::vector<std::uint32_t> slots;
    std::vector<std::uint8_t> places(n_choices * padded, TableChoice::n_numbers);
    std::vector<double> expected(n_values), values(n_values + TableChoice::n_numbers);
    for (std::size_t i = 0; i < n_choices; ++i) {
      const std::size_t count = std::min<std::size_t>(1 + engine() % TableChoice::n_numbers, n_values);
      choices.push_back({engine() % 2000, static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(i / 2)});
      if (i % 2 == 0) patterns.push_back(static_cast<std::uint16_t>(engine() % 128));
      const double* entry = table.data() + choices[i].first + patterns[i / 2] * count;
      const std::size_t first = engine() % n_values;
      for (std::size_t j = 0; j < TableChoice::n_numbers; ++j) {
        const std::size_t slot = j < count ? (first + j) % n_values : n_values + j;
        slots.push_back(static_cast<std::uint32_t>(slot));
        if (j >= count) continue;
        places[i * padded + slot] = static_cast<std::uint8_t>(j);
        expected[slot] += entry[j];
      }
    }
    use.add_choices(table.data(), choices.data(), n_choices, patterns.data(), slots.data(), places.data(), n_values,
                    values.data());
    CHECK(std::equal(expected.begin(), expected.end(), values.begin()));  // to the last bit
  }
}

void check_blocks(const Kernels& use) {
  for (const std::size_t count : {1, 7, 15, 16, 17, 40, 100}) {
    constexpr std::size_t n_rows = 5, stride = n_rows * block_width;
    const std::size_t n_blocks = (count + block_width - 1) / block_width;
    const std::vector<double> a = normals(n_blocks * stride, 8), b = normals(count, 9), weights = normals(n_rows, 10);
    for (std::size_t r = 0; r < n_rows; ++r) {
      std::vector<double> row(count);
      for (std::size_t i = 0; i < count; ++i) row[i] = a[i / block_width * stride + r * block_width + i % block_width];
      // To the last bit, because both sum in the same order.
      CHECK(use.dot_in_blocks(&a[r * block_width], stride, b.data(), count) == use.dot(row.data(), b.data(), count));
    }
    std::vector<double> sums = normals(block_width, 11), one_by_one(sums);
    use.add_square_rows(a.data(), weights.data(), n_rows, sums.data());
    for (std::size_t r = 0; r < n_rows; ++r)
      use.add_squares(&a[r * block_width], weights[r], block_width, one_by_one.data());
    CHECK(sums == one_by_one);
  }
}

void check_mixture(const Kernels& use) {
  using banzhaf::Mixture;
  constexpr std::size_t n = Mixture::n_normal, n_lanes = Mixture::n_lanes;
  constexpr double noise = 0.3, square = 50, zero = 0.98;
  Mixture of{noise, std::log2(zero), {}, {}, {}};
  std::vector<double> tau(n), posterior(n);
  for (std::size_t l = 0; l < n; ++l) {
    tau[l] = std::ldexp(noise / square, 2 * static_cast<int>(l) - 2);
    posterior[l] = 1 / (square / noise + 1 / tau[l]);
    of.log_weight[l] = std::log2((1 - zero) / n) + 0.5 * std::log2(posterior[l] / tau[l]);
    of.square_weight[l] = 0.5 * std::numbers::log2e * posterior[l] / (noise * noise);
    of.mean[l] = posterior[l] / noise;
  }
  for (std::size_t count = 1; count <= n_lanes; ++count) {
    double products[n_lanes] = {};
    for (std::size_t c = 0; c < count; ++c)
      products[c] = (c % 2 == 0 ? 1.0 : -1.0) * std::ldexp(1.0, 2 * static_cast<int>(c));
    double means[n_lanes], variances[n_lanes], alone[n_lanes];
    float counts[(n + 1) * n_lanes];
    std::fill(std::begin(counts), std::end(counts), 2.0F);
    use.weigh_mixture(of, products, count, counts, means, variances);
    use.weigh_mixture(of, products, count, nullptr, alone, nullptr);
    for (std::size_t c = 0; c < count; ++c) {
      // Densities relative to that of zero, which do not overflow here.
      std::vector<double> share(n);
      double total = zero, mean = 0, second = 0;
      for (std::size_t l = 0; l < n; ++l) {
        const double center = posterior[l] / noise * products[c];
        share[l] = (1 - zero) / n * std::sqrt(posterior[l] / tau[l]) * std::exp(0.5 * center * center / posterior[l]);
        total += share[l];
        mean += share[l] * center;
        second += share[l] * (center * center + posterior[l]);
      }
      if (!std::isfinite(total)) continue;
      mean /= total;
      CHECK(close(means[c], mean, 1e-6));
      CHECK(alone[c] == means[c]);
      CHECK(std::abs(variances[c] - (second / total - mean * mean)) < 1e-6 * second / total);
      CHECK(std::abs(static_cast<double>(counts[c]) - 2 - zero / total) < 1e-5);
      for (std::size_t l = 0; l < n; ++l)
        CHECK(std::abs(static_cast<double>(counts[(l + 1) * n_lanes + c]) - 2 - share[l] / total) < 1e-5);
    }
    for (std::size_t i = 0; i < std::size(counts); ++i)
      if (i % n_lanes >= count) CHECK(counts[i] == 2.0F);
    // Every set of kernels gives the bits of the first one.
    double expected[n_lanes];
    banzhaf::usable_kernels().front()->weigh_mixture(of, products, count, nullptr, expected, nullptr);
    CHECK(std::equal(means, means + count, expected));
  }
}

void check_choices_of_pairs(const Kernels& use, std::mt19937_64& engine) {
  for (const std::size_t n_pairs : {std::size_t{6}, std::size_t{32}, std::size_t{100}}) {
    const std::size_t stride = 32, n_chosen = n_pairs / 3, n_words = (n_pairs + 31) / 32;
    std::vector<std::size_t> counts(n_pairs);
    const std::size_t n_rounds = 200;
    for (std::size_t round = 0; round < n_rounds; ++round) {
      std::vector<std::uint32_t> state(4 * stride), chosen(n_words * stride), expected(n_words * stride);
      for (std::uint32_t& word : state) word = static_cast<std::uint32_t>(engine());
      use.choose_pairs(state.data(), stride, n_pairs, n_chosen, chosen.data());
      banzhaf::usable_kernels().front()->choose_pairs(state.data(), stride, n_pairs, n_chosen, expected.data());
      CHECK(chosen == expected);
      for (std::size_t i = 0; i < stride; ++i) {
        std::size_t count = 0;
        for (std::size_t r = 0; r < 32 * n_words; ++r) {
          const std::size_t bit = (chosen[r / 32 * stride + i] >> (r % 32)) & 1U;
          count += bit;
          if (r < n_pairs)
            counts[r] += bit;
          else
            CHECK(bit == 0);
        }
        CHECK(count == n_chosen);
      }
    }
    // Each pair is chosen equally often, within five standard deviations.
    const double draws = static_cast<double>(n_rounds * stride),
                 share = static_cast<double>(n_chosen) / static_cast<double>(n_pairs);
    for (const std::size_t count : counts)
      CHECK(std::abs(static_cast<double>(count) - draws * share) < 5 * std::sqrt(draws * share * (1 - share)));
  }
}

template <typename Number>
void check_pairs_of(const Kernels& use, std::mt19937_64& engine) {
  std::normal_distribution<double> normal;
  for (const std::size_t n : {std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{37}}) {
    for (const std::size_t first : {std::size_t{0}, std::size_t{5}}) {
      const std::size_t n_pairs = 32 - 2 * first, stride = 2 * n + 3;
      std::vector<std::uint32_t> near(n), up(n);
      for (std::uint32_t& word : near) word = static_cast<std::uint32_t>(engine());
      for (std::uint32_t& word : up) word = static_cast<std::uint32_t>(engine());
      const banzhaf::PairMarks marks{near.data(), up.data(), first, n_pairs};
      const auto has = [&](const std::vector<std::uint32_t>& words, std::size_t r, std::size_t c) {
        return ((words[c] >> (first + r)) & 1U) != 0;
      };
      std::vector<Number> places(4 * n), rows(2 * n_pairs * n), derivatives(n_pairs * stride + n);
      for (Number& each : places) each = static_cast<Number>(normal(engine));
      use.place_points(marks, places.data(), n, sizeof(Number), rows.data());
      for (std::size_t r = 0; r < n_pairs; ++r) {
        for (std::size_t c = 0; c < n; ++c) {
          const Number* place = &places[(has(near, r, c) ? 0 : 2 * n) + c];
          CHECK(rows[2 * r * n + c] == (has(up, r, c) ? place[0] : place[n]));
          CHECK(rows[(2 * r + 1) * n + c] == (has(up, r, c) ? place[n] : place[0]));
        }
      }
      for (Number& each : derivatives) each = static_cast<Number>(normal(engine));
      for (std::size_t r = 0; r < n_pairs; ++r) {  // the first column has no derivative, or -0
        derivatives[r * stride] = 0;
        derivatives[r * stride + n] = static_cast<Number>(-0.0);
      }
      std::vector<double> origin(n), of_near(n), squares(n), all(n), near_sum(n), near_squares(n), sum(n);
      for (double& each : origin) each = normal(engine);
      std::vector<std::uint8_t> moves(n);
      use.add_derivatives(marks, derivatives.data(), &derivatives[n], stride, sizeof(Number), n,
                          {origin.data(), of_near.data(), squares.data(), all.data(), moves.data()});
      for (std::size_t r = 0; r < n_pairs; ++r) {
        for (std::size_t c = 0; c < n; ++c) {
          const double one = static_cast<double>(derivatives[r * stride + c]);
          const double moved = one + static_cast<double>(derivatives[r * stride + n + c]) - origin[c];
          sum[c] += moved;
          if (!has(near, r, c)) continue;
          near_sum[c] += moved;
          near_squares[c] += moved * moved;
        }
      }
      CHECK(all == sum);
      CHECK(of_near == near_sum);
      for (std::size_t c = 0; c < n; ++c) {
        CHECK(close(squares[c], near_squares[c], 1e-14));
        CHECK(moves[c] == (c > 0 ? 1 : 0));
      }
    }
  }
}

}  // namespace

int main() {
  for (const Kernels* use : banzhaf::usable_kernels()) {
    std::printf("%s\n", use->name);
    std::mt19937_64 engine(7);
    check_flags(*use, engine);
    check_counts(*use, engine);
    check_sums(*use, engine);
    check_short_sums(*use, engine);
    check_influences(*use, engine);
    check_tile(*use);
    check_masks(*use, engine);
    check_cells(*use, engine);
    check_hadamard(*use);
    check_vectors(*use);
    check_tests(*use, engine);
    check_choices(*use, engine);
    check_blocks(*use);
    check_mixture(*use);
    check_choices_of_pairs(*use, engine);
    check_pairs_of<float>(*use, engine);
    check_pairs_of<double>(*use, engine);
  }
  return banzhaf::testing::finish();
}
