// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Numbers that one instruction handles side by side. BANZHAF_LANES says how many there are, and 1 stands for compilers
// without vector types. Nothing here may call an inline function of another header, because the linker would keep one
// copy, which may be for the wrong CPU.

#if BANZHAF_LANES == 1
typedef double Doubles;
typedef float Singles;
typedef std::uint32_t Words;
typedef std::uint64_t LongWords;
typedef float WideSingles;
typedef std::uint32_t WideWords;
typedef std::int32_t WideIntegers;
#define BANZHAF_CONVERT(v, type) static_cast<type>(v)
#else
typedef double Doubles __attribute__((vector_size(BANZHAF_LANES * 8)));
typedef float Singles __attribute__((vector_size(BANZHAF_LANES * 4)));
typedef std::uint32_t Words __attribute__((vector_size(BANZHAF_LANES * 4)));
typedef std::uint64_t LongWords __attribute__((vector_size(BANZHAF_LANES * 8)));
// As wide as Doubles, with twice as many numbers.
typedef float WideSingles __attribute__((vector_size(BANZHAF_LANES * 8)));
typedef std::uint32_t WideWords __attribute__((vector_size(BANZHAF_LANES * 8)));
typedef std::int32_t WideIntegers __attribute__((vector_size(BANZHAF_LANES * 8)));
#define BANZHAF_CONVERT(v, type) __builtin_convertvector(v, type)
#endif

template <typename Lanes, typename Number>
inline Lanes load(const Number* from) {
  Lanes lanes;
  memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

template <typename Number, typename Lanes>
inline void store(Number* to, const Lanes& lanes) {
  memcpy(to, &lanes, sizeof(lanes));
}

// Floats as doubles. GCC 12 makes seven instructions of the conversion by the language, where one does it.
inline Doubles widened(const Singles& numbers) {
#if BANZHAF_LANES == 4 && defined(__GNUC__) && !defined(__clang__)
  return __builtin_ia32_cvtps2pd256(numbers);
#else
  return BANZHAF_CONVERT(numbers, Doubles);
#endif
}
