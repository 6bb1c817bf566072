// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The sets of kernels in this build. A CPU may lack the instructions of some of them.
#pragma once

#include "kernels/kernels.hpp"

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define BANZHAF_X86_KERNELS 1
#endif

namespace banzhaf {

namespace generic {
extern const Kernels set;
}

#if defined(BANZHAF_X86_KERNELS)
namespace avx2 {
extern const Kernels set;
}
namespace avx512 {
extern const Kernels set;
}
#endif

}  // namespace banzhaf
