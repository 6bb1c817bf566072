// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernels (hot loops), included once for each instruction set, in a namespace with its own target and vector
// length. Nothing here may call an inline function of another header, because the linker would keep one copy, which may
// be for the wrong CPU. The file needs BANZHAF_LANES and BANZHAF_TILE_ROWS. It also needs the functions pack_word (64
// bytes to bits, 1 for each byte that is not 0) and count_differences in the same namespace.

#if BANZHAF_LANES == 1
typedef double Vector;
typedef std::uint64_t Words;
typedef std::uint32_t HalfWords;
#else
typedef double Vector __attribute__((vector_size(BANZHAF_LANES * 8)));
typedef std::uint64_t Words __attribute__((vector_size(BANZHAF_LANES * 8)));
typedef std::uint32_t HalfWords __attribute__((vector_size(BANZHAF_LANES * 8)));
#endif

#if defined(__GNUC__)
#define BANZHAF_NOINLINE __attribute__((noinline))
#else
#define BANZHAF_NOINLINE
#endif

constexpr std::size_t lanes = BANZHAF_LANES;
constexpr std::size_t tile_vectors = BANZHAF_LANES == 1 ? 4 : 2;
constexpr std::size_t tile_rows = BANZHAF_TILE_ROWS;
constexpr std::size_t tile_columns = tile_vectors * lanes;

inline Vector load(const double* source) {
  Vector v;
  memcpy(&v, source, sizeof(v));
  return v;
}

inline void store(double* target, Vector v) { memcpy(target, &v, sizeof(v)); }

inline double load_as(const double* source, double) { return *source; }
#if BANZHAF_LANES > 1
inline Vector load_as(const double* source, Vector) { return load(source); }
#endif

void pack_flags(const std::uint8_t* flags, std::size_t count, std::uint64_t* out) {
  std::size_t i = 0;
  for (; i + 64 <= count; i += 64) *out++ = pack_word(flags + i);
  if (i == count) return;
  // A whole word may reach beyond the last flag.
  std::uint8_t rest[64] = {};
  memcpy(rest, flags + i, count - i);
  *out = pack_word(rest);
}

// The method of the four Russians: sixteen signed sums for each four bits, then one look-up instead of four additions.
// The table has a group of 16 entries of width numbers for each four values, and an even number of groups.
template <typename V>
inline void fill_table(const double* values, std::size_t count, std::size_t width, double* table) {
  const std::size_t n_groups = (count + 7) / 8 * 2;
  for (std::size_t g = 0; g < n_groups; ++g, table += 16 * width) {
    for (std::size_t c = 0; c < width; c += sizeof(V) / sizeof(double)) {
      V v[4];
      for (std::size_t j = 0; j < 4; ++j)
        v[j] = 4 * g + j < count ? load_as(values + (4 * g + j) * width + c, V{}) : V{};
      const V low[4] = {-v[0] - v[1], v[0] - v[1], v[1] - v[0], v[0] + v[1]};
      const V high[4] = {-v[2] - v[3], v[2] - v[3], v[3] - v[2], v[2] + v[3]};
      for (std::size_t i = 0; i < 16; ++i) {
        const V sum = low[i % 4] + high[i / 4];
        memcpy(table + i * width + c, &sum, sizeof(V));
      }
    }
  }
}

// Returns where the entry of a group of four bits starts: one shift and one mask, because every instruction counts here.
template <std::size_t width>
inline const double* entry(const double* table, std::size_t group, std::uint64_t bits) {
  constexpr std::size_t bytes = width * sizeof(double), by = bytes == 128 ? 7 : 3;
  static_assert(bytes == std::size_t{1} << by);
  const std::size_t first = 4 * group;
  const std::uint64_t offset = (first < by ? bits << (by - first) : bits >> (first - by)) & (15U << by);
  return reinterpret_cast<const double*>(reinterpret_cast<const char*>(table) + offset + 16 * bytes * group);
}

// Adds to out the look-ups of n_pairs pairs of groups for each row, for one vector of columns or two. The compiler
// knows all shifts and distances.
template <typename V, bool twice, std::size_t width, std::size_t n_pairs>
inline void add_lookups(const std::uint64_t* word, std::size_t n_rows, std::size_t stride, const double* table,
                        double* out) {
  constexpr std::size_t next = sizeof(V) / sizeof(double);
  for (std::size_t r = 0; r < n_rows; ++r, word += stride, out += width) {
    const std::uint64_t bits = *word;
    const double *a = entry<width>(table, 0, bits), *b = entry<width>(table, 1, bits);
    V even = load_as(a, V{}), odd = load_as(b, V{}), even_next = {}, odd_next = {};
    if (twice) even_next = load_as(a + next, V{}), odd_next = load_as(b + next, V{});
#if defined(__GNUC__)
#pragma GCC unroll 8
#endif
    for (std::size_t p = 1; p < n_pairs; ++p) {
      a = entry<width>(table, 2 * p, bits), b = entry<width>(table, 2 * p + 1, bits);
      even += load_as(a, V{});
      odd += load_as(b, V{});
      if (twice) {
        even_next += load_as(a + next, V{});
        odd_next += load_as(b + next, V{});
      }
    }
    even = load_as(out, V{}) + (even + odd);
    memcpy(out, &even, sizeof(V));
    if (twice) {
      even_next = load_as(out + next, V{}) + (even_next + odd_next);
      memcpy(out + next, &even_next, sizeof(V));
    }
  }
}

// Calls the version for the number of pairs, from 1 to 8.
template <typename V, bool twice, std::size_t width, std::size_t most = 8>
inline void add_lookups_of(std::size_t n_pairs, const std::uint64_t* word, std::size_t n_rows, std::size_t stride,
                           const double* table, double* out) {
  if constexpr (most > 1) {
    if (n_pairs < most) return add_lookups_of<V, twice, width, most - 1>(n_pairs, word, n_rows, stride, table, out);
  }
  add_lookups<V, twice, width, most>(word, n_rows, stride, table, out);
}

void signed_sums(const std::uint64_t* bits, std::size_t n_rows, std::size_t stride, std::size_t n_bits,
                 const double* values, std::size_t width, double* out) {
  alignas(64) double table[16 * 16 * block_width];
  for (std::size_t first = 0; first < n_bits; first += 64) {
    const std::size_t count = n_bits - first < 64 ? n_bits - first : 64;
    const std::size_t n_pairs = (count + 7) / 8;
    const std::uint64_t* word = bits + first / 64;
    if (width == 1) {
      fill_table<double>(values + first, count, 1, table);
      for (std::size_t i = 32 * n_pairs; i < 256; ++i) table[i] = 0;
      add_lookups<double, false, 1, 8>(word, n_rows, stride, table, out);
    } else {
      fill_table<Vector>(values + first * block_width, count, block_width, table);
      for (std::size_t c = 0; c < block_width; c += 2 * lanes)
        add_lookups_of<Vector, true, block_width>(n_pairs, word, n_rows, stride, table + c, out + c);
    }
  }
}

void multiply_tile(std::size_t n_k, const double* a, const double* b, double* tile) {
  Vector sums[tile_rows][tile_vectors] = {};
  for (std::size_t k = 0; k < n_k; ++k, a += tile_rows, b += tile_columns) {
    Vector column[tile_vectors];
    for (std::size_t j = 0; j < tile_vectors; ++j) column[j] = load(b + j * lanes);
    for (std::size_t i = 0; i < tile_rows; ++i)
      for (std::size_t j = 0; j < tile_vectors; ++j) sums[i][j] += a[i] * column[j];
  }
  for (std::size_t i = 0; i < tile_rows; ++i)
    for (std::size_t j = 0; j < tile_vectors; ++j) store(tile + i * tile_columns + j * lanes, sums[i][j]);
}

inline void mask_word(const std::uint8_t* background, const std::uint8_t* kept, const std::uint8_t* mask,
                      std::uint8_t* out) {
  Words b, k, m;
  memcpy(&b, background, sizeof(Words));
  memcpy(&k, kept, sizeof(Words));
  memcpy(&m, mask, sizeof(Words));
  b = (b & ~m) | k;
  memcpy(out, &b, sizeof(Words));
}

void mask_rows(const std::uint8_t* background, std::size_t n_rows, std::size_t stride, const std::uint8_t* kept,
               const std::uint8_t* mask, std::size_t row_bytes, std::uint8_t* out) {
  for (std::size_t r = 0; r < n_rows; ++r, background += stride, out += row_bytes) {
    // A whole vector may reach into the next rows, which are written later, but not beyond the last row.
    const std::size_t room = (n_rows - r) * row_bytes;
    std::size_t i = 0;
    for (; i < row_bytes && i + sizeof(Words) <= room; i += sizeof(Words))
      mask_word(background + i, kept + i, mask + i, out + i);
    for (; i < row_bytes; ++i)
      out[i] = static_cast<std::uint8_t>((background[i] & static_cast<std::uint8_t>(~mask[i])) | kept[i]);
  }
}

#if !defined(BANZHAF_OWN_CHOICES)
// Sets the cells of a row whose bits are set to the chosen ones, for cells of the type Cell and vectors of them.
template <typename Cell, typename Cells>
inline void choose_wide(const std::uint64_t* bits, std::size_t n_rows, std::size_t n_words, std::size_t n_cells,
                        const std::uint8_t* chosen, const std::uint8_t* others, std::uint8_t* out) {
  constexpr std::size_t width = sizeof(Cells) / sizeof(Cell);
  Cells number{};
  if constexpr (width > 1)  // its address is not taken, because AddressSanitizer aligns such variables too little
    for (std::size_t i = 0; i < width; ++i) number[i] = static_cast<Cell>(i);
  const std::size_t row_bytes = n_cells * sizeof(Cell);
  for (std::size_t r = 0; r < n_rows; ++r, bits += n_words, out += row_bytes) {
    // A whole vector may reach into the next rows, which are written later, but not beyond the last row.
    const std::size_t room = (n_rows - r) * row_bytes;
    std::size_t j = 0;
    for (; j < n_cells && (j + width) * sizeof(Cell) <= room; j += width) {
      Cells a, b;
      memcpy(&a, chosen + j * sizeof(Cell), sizeof(a));
      memcpy(&b, others + j * sizeof(Cell), sizeof(b));
      const Cells word = Cells{} + static_cast<Cell>(bits[j / 64] >> (j % 64));
      b ^= (a ^ b) & (Cells{} - ((word >> number) & 1));
      memcpy(out + j * sizeof(Cell), &b, sizeof(b));
    }
    for (; j < n_cells; ++j)
      memcpy(out + j * sizeof(Cell), (((bits[j / 64] >> (j % 64)) & 1U) != 0 ? chosen : others) + j * sizeof(Cell),
             sizeof(Cell));
  }
}
#endif

// The same for cells of 1 or 2 bytes. A word of eight bytes holds 8 or 4 of them: their bits are copied to the lowest
// bits of the cells by one multiplication.
template <std::size_t cell_bytes>
inline void choose_narrow(const std::uint64_t* bits, std::size_t n_rows, std::size_t n_words, std::size_t n_cells,
                          const std::uint8_t* chosen, const std::uint8_t* others, std::uint8_t* out) {
  constexpr std::size_t width = 8 / cell_bytes;
  const std::size_t row_bytes = n_cells * cell_bytes;
  for (std::size_t r = 0; r < n_rows; ++r, bits += n_words, out += row_bytes) {
    const std::size_t room = (n_rows - r) * row_bytes;
    std::size_t j = 0;
    for (; j < n_cells && (j + width) * cell_bytes <= room; j += width) {
      const std::uint64_t word = bits[j / 64] >> (j % 64);
      std::uint64_t mask;
      if (cell_bytes == 1) {
        const std::uint64_t spread = ((word & 0xffU) * 0x0101010101010101U) & 0x8040201008040201U;
        mask = (((spread + 0x7f7f7f7f7f7f7f7fU) >> 7) & 0x0101010101010101U) * 0xff;
      } else {
        mask = (((word & 0xfU) * 0x0000200040008001U) & 0x0001000100010001U) * 0xffff;
      }
      std::uint64_t a, b;
      memcpy(&a, chosen + j * cell_bytes, 8);
      memcpy(&b, others + j * cell_bytes, 8);
      b ^= (a ^ b) & mask;
      memcpy(out + j * cell_bytes, &b, 8);
    }
    for (; j < n_cells; ++j)
      memcpy(out + j * cell_bytes, (((bits[j / 64] >> (j % 64)) & 1U) != 0 ? chosen : others) + j * cell_bytes,
             cell_bytes);
  }
}

void choose_cells(const std::uint64_t* bits, std::size_t n_rows, std::size_t n_words, std::size_t n_cells,
                  std::size_t cell_bytes, const std::uint8_t* chosen, const std::uint8_t* others, std::uint8_t* out) {
  switch (cell_bytes) {
    case 1:
      return choose_narrow<1>(bits, n_rows, n_words, n_cells, chosen, others, out);
    case 2:
      return choose_narrow<2>(bits, n_rows, n_words, n_cells, chosen, others, out);
    case 4:
      return choose_wide<std::uint32_t, HalfWords>(bits, n_rows, n_words, n_cells, chosen, others, out);
    default:
      return choose_wide<std::uint64_t, Words>(bits, n_rows, n_words, n_cells, chosen, others, out);
  }
}

#if BANZHAF_LANES > 1
#if defined(__clang__)
#define BANZHAF_SHUFFLE(v, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
#else
#define BANZHAF_SHUFFLE(v, ...) __builtin_shuffle(v, Words{__VA_ARGS__})
#endif

// The steps of a transform within a vector: each lane gets the sum with its partner, or the difference from it.
inline Vector transform_lanes(Vector v) {
#if BANZHAF_LANES == 8
  v = BANZHAF_SHUFFLE(v, 1, 0, 3, 2, 5, 4, 7, 6) + v * Vector{1, -1, 1, -1, 1, -1, 1, -1};
  v = BANZHAF_SHUFFLE(v, 2, 3, 0, 1, 6, 7, 4, 5) + v * Vector{1, 1, -1, -1, 1, 1, -1, -1};
  return BANZHAF_SHUFFLE(v, 4, 5, 6, 7, 0, 1, 2, 3) + v * Vector{1, 1, 1, 1, -1, -1, -1, -1};
#elif BANZHAF_LANES == 4
  v = BANZHAF_SHUFFLE(v, 1, 0, 3, 2) + v * Vector{1, -1, 1, -1};
  return BANZHAF_SHUFFLE(v, 2, 3, 0, 1) + v * Vector{1, 1, -1, -1};
#else
  return BANZHAF_SHUFFLE(v, 1, 0) + v * Vector{1, -1};
#endif
}
#endif

void butterfly(double* low, double* high, std::size_t count) {
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const Vector a = load(low + i), b = load(high + i);
    store(low + i, a + b);
    store(high + i, a - b);
  }
  for (; i < count; ++i) {
    const double a = low[i], b = high[i];
    low[i] = a + b;
    high[i] = a - b;
  }
}

void hadamard(double* values, std::size_t size, std::size_t count) {
  const std::size_t end = size * count;
  std::size_t span = 1;
#if BANZHAF_LANES > 1
  if (size >= lanes) {
    for (std::size_t i = 0; i < end; i += lanes) store(values + i, transform_lanes(load(values + i)));
    span = lanes;
  }
#endif
  for (; span < size; span *= 2)
    for (std::size_t first = 0; first < end; first += 2 * span) butterfly(values + first, values + first + span, span);
}

// Returns the sum of the lanes of four vectors, by halves. A chain of additions would take longer than a short loop.
inline double sum_of(const Vector* sums) {
  const Vector sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  double lane[lanes];
  memcpy(lane, &sum, sizeof(sum));
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i) lane[i] += lane[i + half];
  return lane[0];
}

double fold(const double* low, const double* high, std::size_t count, double* out) {
  Vector sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    for (std::size_t k = 0; k < 4; ++k) {
      const Vector a = load(low + i + k * lanes), b = load(high + i + k * lanes);
      sums[k] += b - a;
      store(out + i + k * lanes, a + b);
    }
  }
  double total = sum_of(sums);
  for (; i < count; ++i) {
    const double a = low[i], b = high[i];
    total += b - a;
    out[i] = a + b;
  }
  return total;
}

void add_moments(const double* a, double origin, std::size_t count, double* sums) {
  Vector first[4] = {}, second[4] = {};
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    for (std::size_t k = 0; k < 4; ++k) {
      const Vector deviation = load(a + i + k * lanes) - origin;
      first[k] += deviation;
      second[k] += deviation * deviation;
    }
  }
  sums[0] += sum_of(first);
  sums[1] += sum_of(second);
  for (; i < count; ++i) {
    const double deviation = a[i] - origin;
    sums[0] += deviation;
    sums[1] += deviation * deviation;
  }
}

// One function for the ends of all dot products, because the compiler may contract a loop in one place only.
BANZHAF_NOINLINE double add_products(double total, const double* a, const double* b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) total += a[i] * b[i];
  return total;
}

// Returns the sum of a[i] b[i], where at(i) is the address of a[i] and of the numbers after it up to a whole vector.
template <typename At>
inline double dot_at(At at, const double* b, std::size_t count) {
  Vector sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes)
    for (std::size_t k = 0; k < 4; ++k) sums[k] += load(at(i + k * lanes)) * load(b + i + k * lanes);
  for (; i + lanes <= count; i += lanes) sums[0] += load(at(i)) * load(b + i);
  return add_products(sum_of(sums), at(i), b + i, count - i);
}

double dot(const double* a, const double* b, std::size_t count) {
  return dot_at([a](std::size_t i) { return a + i; }, b, count);
}

double dot_in_blocks(const double* a, std::size_t stride, const double* b, std::size_t count) {
  return dot_at([a, stride](std::size_t i) { return a + i / block_width * stride + i % block_width; }, b, count);
}

void add_squares(const double* a, double weight, std::size_t count, double* out) {
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const Vector v = load(a + i);
    store(out + i, load(out + i) + weight * v * v);
  }
  for (; i < count; ++i) out[i] += weight * a[i] * a[i];
}

void add_square_rows(const double* a, const double* weights, std::size_t n_rows, double* out) {
  Vector sums[block_width / lanes];
  for (std::size_t k = 0; k < block_width / lanes; ++k) sums[k] = load(out + k * lanes);
  for (std::size_t r = 0; r < n_rows; ++r, a += block_width) {
    for (std::size_t k = 0; k < block_width / lanes; ++k) {
      const Vector v = load(a + k * lanes);
      sums[k] += weights[r] * v * v;
    }
  }
  for (std::size_t k = 0; k < block_width / lanes; ++k) store(out + k * lanes, sums[k]);
}

void add_scaled(const double* a, double weight, std::size_t count, double* out) {
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) store(out + i, load(out + i) + weight * load(a + i));
  for (; i < count; ++i) out[i] += weight * a[i];
}

void set_bits(const std::uint16_t* codes, std::size_t count, std::uint16_t low, std::uint16_t width, std::uint16_t bit,
              std::uint16_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    // Codes below low wrap around to large numbers.
    const auto above = static_cast<std::uint16_t>(codes[i] - low);
    out[i] = static_cast<std::uint16_t>(out[i] | (above <= width ? bit : 0));
  }
}

void keep_bits(const std::uint16_t* codes, std::size_t count, std::uint16_t low, std::uint16_t width, std::uint16_t bit,
               std::uint16_t* out) {
  const auto others = static_cast<std::uint16_t>(~bit);
  for (std::size_t i = 0; i < count; ++i) {
    const auto above = static_cast<std::uint16_t>(codes[i] - low);
    out[i] = static_cast<std::uint16_t>(out[i] & (above <= width ? 0xffff : others));
  }
}

template <std::size_t n_slots>
inline void add_few_entries(const double* table, const std::uint32_t* slots, const std::uint16_t* patterns,
                            std::size_t n_rows, double* rows, std::size_t stride) {
  std::size_t slot[n_slots];
  for (std::size_t j = 0; j < n_slots; ++j) slot[j] = slots[j];
  for (std::size_t r = 0; r < n_rows; ++r, rows += stride) {
    const double* entry = table + patterns[r] * n_slots;
    // All are read before any is written, because the slots differ, which the compiler cannot know.
    double sums[n_slots];
    for (std::size_t j = 0; j < n_slots; ++j) sums[j] = rows[slot[j]] + entry[j];
    for (std::size_t j = 0; j < n_slots; ++j) rows[slot[j]] = sums[j];
  }
}

void add_entries(const double* table, std::size_t n_slots, const std::uint32_t* slots, const std::uint16_t* patterns,
                 std::size_t n_rows, double* rows, std::size_t stride) {
  switch (n_slots) {
    case 1:
      return add_few_entries<1>(table, slots, patterns, n_rows, rows, stride);
    case 2:
      return add_few_entries<2>(table, slots, patterns, n_rows, rows, stride);
    case 3:
      return add_few_entries<3>(table, slots, patterns, n_rows, rows, stride);
    case 4:
      return add_few_entries<4>(table, slots, patterns, n_rows, rows, stride);
    case 5:
      return add_few_entries<5>(table, slots, patterns, n_rows, rows, stride);
    case 6:
      return add_few_entries<6>(table, slots, patterns, n_rows, rows, stride);
    case 7:
      return add_few_entries<7>(table, slots, patterns, n_rows, rows, stride);
    case 8:
      return add_few_entries<8>(table, slots, patterns, n_rows, rows, stride);
    default:
      for (std::size_t r = 0; r < n_rows; ++r, rows += stride)
        for (std::size_t j = 0; j < n_slots; ++j) rows[slots[j]] += table[patterns[r] * n_slots + j];
  }
}

// The table is larger than the caches near the core, so entries are fetched some choices ahead.
constexpr std::size_t choices_ahead = 24;

inline const double* chosen(const double* table, const TableChoice& choice, const std::uint16_t* patterns) {
  return table + choice.first + std::size_t{patterns[choice.pattern]} * choice.stride;
}

inline void fetch([[maybe_unused]] const double* entry) {
#if defined(__GNUC__)
  __builtin_prefetch(entry);
  __builtin_prefetch(entry + TableChoice::n_numbers - 1);
#endif
}

// Adds choices by their slots.
inline void add_by_slots(const double* table, const TableChoice* choices, std::size_t n_choices,
                         const std::uint16_t* patterns, const std::uint32_t* slots, double* values) {
  constexpr std::size_t n = TableChoice::n_numbers;
  for (std::size_t i = 0; i < n_choices; ++i, slots += n) {
    if (i + choices_ahead < n_choices) fetch(chosen(table, choices[i + choices_ahead], patterns));
    const double* entry = chosen(table, choices[i], patterns);
    // All are read before any is written, because the slots differ, which the compiler cannot know.
    double sums[n];
    for (std::size_t j = 0; j < n; ++j) sums[j] = values[slots[j]] + entry[j];
    for (std::size_t j = 0; j < n; ++j) values[slots[j]] = sums[j];
  }
}

#if !defined(BANZHAF_OWN_ROW_KERNELS)
void pass_tests(const std::uint16_t* codes, std::size_t, const TestBlock* blocks, std::size_t n_blocks,
                std::uint8_t* out) {
  for (std::size_t b = 0; b < n_blocks; ++b) {
    const TestBlock& block = blocks[b];
    for (std::size_t first = 0; first < TestBlock::n_tests; first += 8) {
      unsigned bits = 0;
      for (unsigned j = 0; j < 8; ++j) {
        // Codes below low wrap around to large numbers.
        const auto above = static_cast<std::uint16_t>(codes[block.column[first + j]] - block.low[first + j]);
        bits |= (above <= block.width[first + j] ? 1U : 0U) << j;
      }
      *out++ = static_cast<std::uint8_t>(bits);
    }
  }
}

void add_choices(const double* table, const TableChoice* choices, std::size_t n_choices, const std::uint16_t* patterns,
                 const std::uint32_t* slots, const std::uint8_t*, std::size_t, double* values) {
  add_by_slots(table, choices, n_choices, patterns, slots, values);
}
#else
void pass_tests(const std::uint16_t* codes, std::size_t n_codes, const TestBlock* blocks, std::size_t n_blocks,
                std::uint8_t* out);
void add_choices(const double* table, const TableChoice* choices, std::size_t n_choices, const std::uint16_t* patterns,
                 const std::uint32_t* slots, const std::uint8_t* places, std::size_t n_values, double* values);
#endif

#include "kernels/influences.inl"

constexpr Kernels make_kernels(const char* name) {
  return {name,
          pack_flags,
          count_differences,
          signed_sums,
          tile_rows,
          tile_columns,
          multiply_tile,
          mask_rows,
          choose_cells,
          hadamard,
          butterfly,
          fold,
          add_moments,
          dot,
          dot_in_blocks,
          add_squares,
          add_square_rows,
          add_short_sums,
          leverages,
          add_influence_squares,
          add_scaled,
          set_bits,
          keep_bits,
          add_entries,
          pass_tests,
          add_choices,
          weigh_mixture,
          choose_pairs,
          place_points,
          add_derivatives};
}
