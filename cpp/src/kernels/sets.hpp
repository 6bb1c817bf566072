// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The sets of kernels in this build. A CPU may lack the instructions of some of them.
#pragma once

#include "kernels/kernels.hpp"

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define BANZHAF_X86_KERNELS 1
#endif

namespace banzhaf {

// The kernels of same_bits.cpp have the same bits in every set.
namespace generic {
extern const Kernels set;
void weigh_mixture(const Mixture& of, const double* products, std::size_t count, float* counts, double* means,
                   double* variances);
void choose_pairs(const std::uint32_t* state, std::size_t stride, std::size_t n_pairs, std::size_t n_chosen,
                  std::uint32_t* out);
void place_points(const PairMarks& marks, const void* places, std::size_t n_columns, std::size_t cell_bytes, void* out);
void add_derivatives(const PairMarks& marks, const void* first, const void* second, std::size_t stride,
                     std::size_t number_bytes, std::size_t n_columns, const PairSums& sums);
}  // namespace generic

#if defined(BANZHAF_X86_KERNELS)
namespace avx2 {
extern const Kernels set;
void weigh_mixture(const Mixture& of, const double* products, std::size_t count, float* counts, double* means,
                   double* variances);
void choose_pairs(const std::uint32_t* state, std::size_t stride, std::size_t n_pairs, std::size_t n_chosen,
                  std::uint32_t* out);
void place_points(const PairMarks& marks, const void* places, std::size_t n_columns, std::size_t cell_bytes, void* out);
void add_derivatives(const PairMarks& marks, const void* first, const void* second, std::size_t stride,
                     std::size_t number_bytes, std::size_t n_columns, const PairSums& sums);
}  // namespace avx2
namespace avx512 {
extern const Kernels set;
void weigh_mixture(const Mixture& of, const double* products, std::size_t count, float* counts, double* means,
                   double* variances);
void choose_pairs(const std::uint32_t* state, std::size_t stride, std::size_t n_pairs, std::size_t n_chosen,
                  std::uint32_t* out);
void place_points(const PairMarks& marks, const void* places, std::size_t n_columns, std::size_t cell_bytes, void* out);
void add_derivatives(const PairMarks& marks, const void* first, const void* second, std::size_t stride,
                     std::size_t number_bytes, std::size_t n_columns, const PairSums& sums);
}  // namespace avx512
#endif

}  // namespace banzhaf
