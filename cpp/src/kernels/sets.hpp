// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The sets of kernels in this build. A CPU may lack the instructions of some of them.
#pragma once

#include "kernels/kernels.hpp"

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define BANZHAF_X86_KERNELS 1
#endif

namespace banzhaf {

// The kernels of mixture.cpp have the same bits in every set.
namespace generic {
extern const Kernels set;
void weigh_mixture(const Mixture& of, const double* products, std::size_t count, float* counts, double* means,
                   double* variances);
}  // namespace generic

#if defined(BANZHAF_X86_KERNELS)
namespace avx2 {
extern const Kernels set;
void weigh_mixture(const Mixture& of, const double* products, std::size_t count, float* counts, double* means,
                   double* variances);
}  // namespace avx2
namespace avx512 {
extern const Kernels set;
void weigh_mixture(const Mixture& of, const double* products, std::size_t count, float* counts, double* means,
                   double* variances);
}  // namespace avx512
#endif

}  // namespace banzhaf
