// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compiles the code between BANZHAF_TARGET_BEGIN and BANZHAF_TARGET_END for one instruction set.
#pragma once

#define BANZHAF_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define BANZHAF_TARGET_BEGIN(features) \
  BANZHAF_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define BANZHAF_TARGET_END BANZHAF_PRAGMA(clang attribute pop)
#else
#define BANZHAF_TARGET_BEGIN(features) BANZHAF_PRAGMA(GCC push_options) BANZHAF_PRAGMA(GCC target(features))
#define BANZHAF_TARGET_END BANZHAF_PRAGMA(GCC pop_options)
#endif
