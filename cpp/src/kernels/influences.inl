// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The influence of each row on the coefficients, from sums of 16-bit integers. It is included by body.inl, whose rules
// apply here too.

#if BANZHAF_LANES == 1
typedef std::uint32_t Shorts;  // one number: short vectors need an extension of the language
typedef std::int32_t Ints;
typedef float Floats;
constexpr std::size_t numbers_in_shorts = 1;
constexpr std::size_t int_lanes = 1;
#else
typedef std::uint16_t Shorts __attribute__((vector_size(BANZHAF_LANES * 8)));
typedef std::int32_t Ints __attribute__((vector_size(BANZHAF_LANES * 8)));
typedef float Floats __attribute__((vector_size(BANZHAF_LANES * 8)));
constexpr std::size_t numbers_in_shorts = 4 * BANZHAF_LANES;
constexpr std::size_t int_lanes = 2 * BANZHAF_LANES;
#endif
constexpr std::size_t shorts_in_entry = influence_width / numbers_in_shorts;
constexpr std::size_t ints_in_row = influence_width / int_lanes;

struct ShortEntry {
  std::uint8_t bytes[shorts_in_entry * sizeof(Shorts)];
};

template <typename V, typename T>
inline V load_vector(const T* source) {
  V v;
  memcpy(&v, source, sizeof(v));
  return v;
}

// A quarter of a word has groups of 6, 5 and 5 bits. Sums of each quarter are exact in 16 bits.
constexpr std::size_t groups_in_quarter = 3;
constexpr std::size_t quarter_entries = 64 + 32 + 32;

constexpr std::size_t first_entry(std::size_t group) {
  const std::size_t within = group % groups_in_quarter;
  return group / groups_in_quarter * quarter_entries + (within == 0 ? 0 : 32 + 32 * within);
}
constexpr std::size_t first_bit(std::size_t group) {
  const std::size_t within = group % groups_in_quarter;
  return group / groups_in_quarter * 16 + (within == 0 ? 0 : 1 + 5 * within);
}
constexpr std::size_t bits_of_group(std::size_t group) { return group % groups_in_quarter == 0 ? 6 : 5; }

// Puts two columns of numbers next to each other in each lane, so that shifts take them apart again.
inline Shorts pack_shorts(const std::int32_t* values, std::size_t vector) {
#if BANZHAF_LANES == 1
  return static_cast<Shorts>(values[vector]);
#else
  const Ints even = load_vector<Ints>(values + vector * numbers_in_shorts),
             odd = load_vector<Ints>(values + vector * numbers_in_shorts + int_lanes);
  return reinterpret_cast<Shorts>((even & 0xffff) | (odd << 16));
#endif
}

void fill_short_table(const std::int32_t* values, std::size_t count, std::size_t n_groups, ShortEntry* table) {
  for (std::size_t g = 0; g < n_groups; ++g) {
    for (std::size_t k = 0; k < shorts_in_entry; ++k) {
      ShortEntry* entries = table + first_entry(g);
      const auto set = [entries, k](std::size_t i, Shorts v) {
        memcpy(entries[i].bytes + k * sizeof(v), &v, sizeof(v));
      };
      Shorts sum = {};
      Shorts value[6];
      for (std::size_t b = 0; b < bits_of_group(g); ++b) {
        const std::size_t bit = first_bit(g) + b;
        value[b] = bit < count ? pack_shorts(values + bit * influence_width, k) : Shorts{};
        sum -= value[b];
      }
      set(0, sum);
      for (std::size_t b = 0; b < bits_of_group(g); ++b) {
        const std::size_t half = std::size_t{1} << b;
        const Shorts twice = value[b] + value[b];
        for (std::size_t i = 0; i < half; ++i)
          set(half + i, load_vector<Shorts>(entries[i].bytes + k * sizeof(Shorts)) + twice);
      }
    }
  }
}

// Returns a group's entry for the bits: one shift and one mask, because every instruction counts here.
template <std::size_t group>
inline const std::uint8_t* short_entry(const ShortEntry* table, std::uint64_t bits) {
  constexpr std::size_t by = sizeof(ShortEntry) == 64 ? 6 : 7, first = first_bit(group);
  static_assert(sizeof(ShortEntry) == std::size_t{1} << by);
  const std::uint64_t shifted = first < by ? bits << (by - first) : bits >> (first - by);
  const std::uint64_t offset = shifted & (((std::uint64_t{1} << bits_of_group(group)) - 1) << by);
  return reinterpret_cast<const std::uint8_t*>(table) + offset + first_entry(group) * sizeof(ShortEntry);
}

// Adds the entries of one quarter's groups.
template <std::size_t quarter>
inline void add_quarter(const ShortEntry* table, std::uint64_t bits, Ints* sums) {
  constexpr std::size_t group = quarter * groups_in_quarter, next = sizeof(Shorts);
  const std::uint8_t *a = short_entry<group>(table, bits), *b = short_entry<group + 1>(table, bits),
                     *c = short_entry<group + 2>(table, bits);
  for (std::size_t k = 0; k < shorts_in_entry; ++k) {
    const Shorts total =
        load_vector<Shorts>(a + k * next) + load_vector<Shorts>(b + k * next) + load_vector<Shorts>(c + k * next);
#if BANZHAF_LANES == 1
    sums[k] += static_cast<Ints>(total);
#else
    const Ints pairs = reinterpret_cast<Ints>(total);
    sums[2 * k] += (pairs << 16) >> 16;
    sums[2 * k + 1] += pairs >> 16;
#endif
  }
}

template <std::size_t n_quarters>
inline void add_short_lookups(const std::uint64_t* words, std::size_t n_rows, const ShortEntry* table,
                              std::int32_t* out) {
  for (std::size_t r = 0; r < n_rows; ++r, out += influence_width) {
    const std::uint64_t bits = words[r];
    Ints sums[ints_in_row];
    for (std::size_t k = 0; k < ints_in_row; ++k) sums[k] = load_vector<Ints>(out + k * int_lanes);
    add_quarter<0>(table, bits, sums);
    if constexpr (n_quarters > 1) add_quarter<1>(table, bits, sums);
    if constexpr (n_quarters > 2) add_quarter<2>(table, bits, sums);
    if constexpr (n_quarters > 3) add_quarter<3>(table, bits, sums);
    for (std::size_t k = 0; k < ints_in_row; ++k) {
      const Ints sum = sums[k];
      memcpy(out + k * int_lanes, &sum, sizeof(sum));
    }
  }
}

void add_short_sums(const std::uint64_t* words, std::size_t n_rows, std::size_t n_bits, const std::int32_t* values,
                    std::int32_t* out) {
  alignas(64) ShortEntry table[4 * quarter_entries];
  const std::size_t n_quarters = (n_bits + 15) / 16;
  fill_short_table(values, n_bits, n_quarters * groups_in_quarter, table);
  if (n_quarters == 1) return add_short_lookups<1>(words, n_rows, table, out);
  if (n_quarters == 2) return add_short_lookups<2>(words, n_rows, table, out);
  if (n_quarters == 3) return add_short_lookups<3>(words, n_rows, table, out);
  add_short_lookups<4>(words, n_rows, table, out);
}

// The influences of int_lanes neighbouring columns on a row: signs becomes their +-1.
inline Floats influences_of(const std::int32_t* sums, std::uint32_t bits, const InfluenceColumns& columns,
                            std::size_t first, Floats& signs) {
#if BANZHAF_LANES == 1
  signs = (bits & 1U) != 0 ? 1.0F : -1.0F;
  const float sum = static_cast<float>(*sums);
#else
  Ints lane_bits;
  for (std::size_t i = 0; i < int_lanes; ++i) lane_bits[i] = 1 << i;
  const Ints clear = ((Ints{} + static_cast<std::int32_t>(bits)) & lane_bits) == 0;
  const Floats one = Floats{} + 1.0F;
  signs = reinterpret_cast<Floats>(reinterpret_cast<Ints>(one) | (clear & static_cast<std::int32_t>(0x80000000U)));
  const Floats sum = __builtin_convertvector(load_vector<Ints>(sums), Floats);
#endif
  return sum * load_vector<Floats>(columns.factor + first) + signs * load_vector<Floats>(columns.own + first) -
         load_vector<Floats>(columns.mean_influence + first);
}

inline float sum_of_lanes(Floats v) {
#if BANZHAF_LANES == 1
  return v;
#else
  float lane[int_lanes];
  memcpy(lane, &v, sizeof(v));
  for (std::size_t half = int_lanes / 2; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i) lane[i] += lane[i + half];
  return lane[0];
#endif
}

void leverages(const std::int32_t* sums, const std::uint64_t* words, unsigned shift, std::size_t n_rows,
               const InfluenceColumns& columns, float* out) {
  for (std::size_t r = 0; r < n_rows; ++r, sums += influence_width) {
    const auto bits = static_cast<std::uint32_t>(words[r] >> shift);
    Floats total = {};
    for (std::size_t first = 0; first < influence_width; first += int_lanes) {
      Floats signs;
      const Floats influence = influences_of(sums + first, bits >> first, columns, first, signs);
      total += (signs - load_vector<Floats>(columns.mean + first)) *
               (influence * load_vector<Floats>(columns.scale + first));
    }
    out[r] = sum_of_lanes(total);
  }
}

void add_influence_squares(const std::int32_t* sums, const std::uint64_t* words, unsigned shift, std::size_t n_rows,
                           const InfluenceColumns& columns, const float* weights, double* out) {
  constexpr std::size_t few = 64;  // rows whose squares are added in single precision
  for (std::size_t row = 0; row < n_rows; row += few) {
    const std::size_t end = row + few < n_rows ? row + few : n_rows;
    Floats squares[ints_in_row] = {};
    for (std::size_t r = row; r < end; ++r, sums += influence_width) {
      const auto bits = static_cast<std::uint32_t>(words[r] >> shift);
      for (std::size_t k = 0; k < ints_in_row; ++k) {
        Floats signs;
        const Floats influence =
            influences_of(sums + k * int_lanes, bits >> (k * int_lanes), columns, k * int_lanes, signs);
        squares[k] += weights[r] * influence * influence;
      }
    }
    float lane[influence_width];
    memcpy(lane, squares, sizeof(lane));
    for (std::size_t c = 0; c < influence_width; ++c) out[c] += static_cast<double>(lane[c]);
  }
}
