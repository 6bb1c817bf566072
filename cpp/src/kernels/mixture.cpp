// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernel weigh_mixture for each instruction set. It stands in a file of its own, which is compiled without contraction
// of a*b+c, so that its bits are the same on every CPU.
#include <cstring>

#include "kernels/sets.hpp"
#include "kernels/target.hpp"

#if defined(__GNUC__)
#define BANZHAF_LANES 2
#else
#define BANZHAF_LANES 1
#endif
namespace banzhaf::generic {
#include "kernels/mixture.inl"
}

#if defined(BANZHAF_X86_KERNELS)
#define BANZHAF_LANES 4
BANZHAF_TARGET_BEGIN("avx2")
namespace banzhaf::avx2 {
#include "kernels/mixture.inl"
}
BANZHAF_TARGET_END

#define BANZHAF_LANES 8
BANZHAF_TARGET_BEGIN("avx512f,avx512dq,avx512bw,avx512vl")
namespace banzhaf::avx512 {
#include "kernels/mixture.inl"
}
BANZHAF_TARGET_END
#endif
