// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Tests whether coalitions look uniformly drawn.
#pragma once

#include "banzhaf/estimate.hpp"
#include "estimate/sample.hpp"

namespace banzhaf {

/// Tests the coalitions that are fitted. All 2^n together pass.
[[nodiscard]] Unevenness unevenness_of(const Sample& sample);

}  // namespace banzhaf
