// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernels for pairs of points, included once for each instruction set, after lanes.inl. Loops over columns are outside
// those over pairs, so that sums stay in registers.

// What a loop over columns handles at once: numbers, and for each the word of its pairs.
struct Floats {
  typedef float Number;
  typedef std::uint32_t Bit;
  typedef Singles Numbers;
  typedef Words Bits;
  typedef LongWords Marks;
  typedef Doubles Sums;
  static constexpr std::size_t n_lanes = BANZHAF_LANES;
  static Marks marks(const std::uint32_t* words) { return BANZHAF_CONVERT(load<Words>(words), LongWords); }
  static Sums sums(const Numbers& numbers) { return widened(numbers); }
};
struct WideFloats {
  typedef float Number;
  typedef std::uint32_t Bit;
  typedef WideSingles Numbers;
  typedef WideWords Marks;
  static constexpr std::size_t n_lanes = sizeof(WideSingles) / sizeof(float);
  static Marks marks(const std::uint32_t* words) { return load<WideWords>(words); }
};
struct WholeDoubles {
  typedef double Number;
  typedef std::uint64_t Bit;
  typedef Doubles Numbers;
  typedef LongWords Bits;
  typedef LongWords Marks;
  typedef Doubles Sums;
  static constexpr std::size_t n_lanes = BANZHAF_LANES;
  static Marks marks(const std::uint32_t* words) { return BANZHAF_CONVERT(load<Words>(words), LongWords); }
  static Sums sums(const Numbers& numbers) { return numbers; }
};
// A single column.
template <typename OneNumber, typename OneBit>
struct One {
  typedef OneNumber Number;
  typedef OneBit Bit;
  typedef OneNumber Numbers;
  typedef OneBit Bits;
  typedef std::uint32_t Marks;
  typedef double Sums;
  static constexpr std::size_t n_lanes = 1;
  static Marks marks(const std::uint32_t* words) { return *words; }
  static Sums sums(OneNumber number) { return static_cast<double>(number); }
};

void choose_pairs(const std::uint32_t* state, std::size_t stride, std::size_t n_pairs, std::size_t n_chosen,
                  std::uint32_t* out) {
  constexpr float unit = 1.0F / (1 << 24);
  for (std::size_t i = 0; i < stride; i += WideFloats::n_lanes) {
    auto a = load<WideWords>(state + i), b = load<WideWords>(state + stride + i);
    auto c = load<WideWords>(state + 2 * stride + i), d = load<WideWords>(state + 3 * stride + i);
    const WideSingles none = {}, one = none + 1;
    const WideWords no_bits = {};
    WideSingles left = none + static_cast<float>(n_chosen);  // to be chosen
    std::uint32_t* to = out + i;
    for (std::size_t first = 0; first < n_pairs; first += pairs_in_word, to += stride) {
      WideWords chosen = {};
      for (std::size_t r = first; r < n_pairs && r < first + pairs_in_word; ++r) {
        // xoshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), whose upper 24 bits
        // serve as numbers below 1.
        const WideSingles number = BANZHAF_CONVERT(BANZHAF_CONVERT((a + d) >> 8, WideIntegers), WideSingles);
        const WideWords shifted = b << 9;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= shifted;
        d = (d << 11) | (d >> 21);
        // With m pairs to come, a pair is chosen with the probability left / m (Knuth's Algorithm S).
        const auto is_chosen = number * (unit * static_cast<float>(n_pairs - r)) < left;
        chosen |= is_chosen ? no_bits + (std::uint32_t{1} << (r - first)) : no_bits;
        left -= is_chosen ? one : none;
      }
      store(to, chosen);
    }
  }
}

template <typename Kind>
inline void place_columns(const PairMarks& marks, const typename Kind::Number* places, std::size_t n_columns,
                          std::size_t at, typename Kind::Number* out) {
  typedef typename Kind::Numbers Numbers;
  const auto near = Kind::marks(marks.near + at), up = Kind::marks(marks.up + at);
  const auto near_up = load<Numbers>(places + at), near_down = load<Numbers>(places + n_columns + at);
  const auto far_up = load<Numbers>(places + 2 * n_columns + at), far_down = load<Numbers>(places + 3 * n_columns + at);
  typename Kind::Marks bit = {};
  bit += std::uint32_t{1} << marks.first;
  out += at;
  for (std::size_t r = 0; r < marks.n_pairs; ++r, bit <<= 1, out += 2 * n_columns) {
    const auto is_near = (near & bit) != 0, is_up = (up & bit) != 0;
    const Numbers above = is_near ? near_up : far_up, below = is_near ? near_down : far_down;
    store(out, is_up ? above : below);
    store(out + n_columns, is_up ? below : above);
  }
}

template <typename Kind>
inline void place_rows(const PairMarks& marks, const void* places, std::size_t n_columns, void* out) {
  typedef typename Kind::Number Number;
  const auto* const from = static_cast<const Number*>(places);
  auto* const to = static_cast<Number*>(out);
  if (n_columns < Kind::n_lanes) {
    typedef One<typename Kind::Number, typename Kind::Bit> Single;
    for (std::size_t at = 0; at < n_columns; ++at) place_columns<Single>(marks, from, n_columns, at, to);
    return;
  }
  std::size_t at = 0;
  for (; at + Kind::n_lanes <= n_columns; at += Kind::n_lanes) place_columns<Kind>(marks, from, n_columns, at, to);
  if (at < n_columns) place_columns<Kind>(marks, from, n_columns, n_columns - Kind::n_lanes, to);  // some of them again
}

void place_points(const PairMarks& marks, const void* places, std::size_t n_columns, std::size_t cell_bytes,
                  void* out) {
  if (cell_bytes == 4)
    place_rows<WideFloats>(marks, places, n_columns, out);
  else
    place_rows<WholeDoubles>(marks, places, n_columns, out);
}

// looks says whether to look for derivatives that are not 0.
template <typename Kind, bool looks>
inline void add_columns(const PairMarks& marks, const typename Kind::Number* first, const typename Kind::Number* second,
                        std::size_t stride, std::size_t at, const PairSums& sums) {
  typedef typename Kind::Numbers Numbers;
  typedef typename Kind::Bits Bits;
  typedef typename Kind::Sums Sums;
  const auto near = Kind::marks(marks.near + at);
  const auto origin = load<Sums>(sums.origin + at);
  auto of_near = load<Sums>(sums.near + at), squares = load<Sums>(sums.near_square + at);
  auto of_all = load<Sums>(sums.all + at);
  const Sums none = {};
  Bits seen = {};
  typename Kind::Marks bit = {};
  bit += std::uint32_t{1} << marks.first;
  first += at;
  second += at;
  for (std::size_t r = 0; r < marks.n_pairs; ++r, bit <<= 1, first += stride, second += stride) {
    if (looks) seen |= load<Bits>(first) | load<Bits>(second);
    const Sums moved = (Kind::sums(load<Numbers>(first)) + Kind::sums(load<Numbers>(second))) - origin;
    const Sums if_near = (near & bit) != 0 ? moved : none;
    of_near += if_near;
    squares += if_near * if_near;
    of_all += moved;
  }
  store(sums.near + at, of_near);
  store(sums.near_square + at, squares);
  store(sums.all + at, of_all);
  if (!looks) return;
  seen <<= 1;  // without the sign, which zeros may have
  typename Kind::Bit each[Kind::n_lanes];
  memcpy(each, &seen, sizeof(each));
  for (std::size_t lane = 0; lane < Kind::n_lanes; ++lane) sums.moves[at + lane] |= each[lane] != 0 ? 1 : 0;
}

template <typename Kind, bool looks>
inline void add_all_columns(const PairMarks& marks, const typename Kind::Number* first,
                            const typename Kind::Number* second, std::size_t stride, std::size_t n_columns,
                            const PairSums& sums) {
  typedef One<typename Kind::Number, typename Kind::Bit> Single;
  std::size_t at = 0;
  for (; at + Kind::n_lanes <= n_columns; at += Kind::n_lanes)
    add_columns<Kind, looks>(marks, first, second, stride, at, sums);
  for (; at < n_columns; ++at) add_columns<Single, looks>(marks, first, second, stride, at, sums);
}

template <typename Kind>
inline void add_rows(const PairMarks& marks, const void* first, const void* second, std::size_t stride,
                     std::size_t n_columns, const PairSums& sums) {
  const auto* const one = static_cast<const typename Kind::Number*>(first);
  const auto* const other = static_cast<const typename Kind::Number*>(second);
  std::uint8_t all_move = 1;
  for (std::size_t c = 0; c < n_columns; ++c) all_move &= sums.moves[c];
  if (all_move != 0)
    add_all_columns<Kind, false>(marks, one, other, stride, n_columns, sums);
  else
    add_all_columns<Kind, true>(marks, one, other, stride, n_columns, sums);
}

void add_derivatives(const PairMarks& marks, const void* first, const void* second, std::size_t stride,
                     std::size_t number_bytes, std::size_t n_columns, const PairSums& sums) {
  if (number_bytes == 4)
    add_rows<Floats>(marks, first, second, stride, n_columns, sums);
  else
    add_rows<WholeDoubles>(marks, first, second, stride, n_columns, sums);
}
