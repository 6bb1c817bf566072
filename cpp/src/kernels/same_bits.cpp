// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernels whose bits are the same on every CPU, for each instruction set. They stand in a file of their own, which is
// compiled without contraction of a*b+c.
#include <cstring>

#include "kernels/sets.hpp"
#include "kernels/target.hpp"

#if defined(__GNUC__)
#define BANZHAF_LANES 2
#else
#define BANZHAF_LANES 1
#endif
namespace banzhaf::generic {
#include "kernels/lanes.inl"
#include "kernels/mixture.inl"
#include "kernels/pairs.inl"
}  // namespace banzhaf::generic
#undef BANZHAF_CONVERT
#undef BANZHAF_LANES

#if defined(BANZHAF_X86_KERNELS)
#define BANZHAF_LANES 4
BANZHAF_TARGET_BEGIN("avx2")
namespace banzhaf::avx2 {
#include "kernels/lanes.inl"
#include "kernels/mixture.inl"
#include "kernels/pairs.inl"
}  // namespace banzhaf::avx2
BANZHAF_TARGET_END
#undef BANZHAF_CONVERT
#undef BANZHAF_LANES

#define BANZHAF_LANES 8
BANZHAF_TARGET_BEGIN("avx512f,avx512dq,avx512bw,avx512vl")
namespace banzhaf::avx512 {
#include "kernels/lanes.inl"
#include "kernels/mixture.inl"
#include "kernels/pairs.inl"
}  // namespace banzhaf::avx512
BANZHAF_TARGET_END
#endif
