// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Whether coalitions look as if they had been drawn uniformly.
#pragma once

#include "banzhaf/estimate.hpp"
#include "estimate/sample.hpp"

namespace banzhaf {

/// Of the coalitions that are fitted; all 2^n are even by themselves.
[[nodiscard]] Unevenness unevenness_of(const Sample& sample);

}  // namespace banzhaf
