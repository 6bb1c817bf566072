// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// What is known of the background rows before anything is drawn: in how many players, and how far, they differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/masking.hpp"
#include "explain/allocation.hpp"
#include "explain/differences.hpp"

namespace banzhaf {

/// Sets rows to the background rows compared with one explicand, without their gaps. scratch is memory.
void compare_rows(const MaskedRows& masked, const Differences& differences, int num_threads,
                  std::vector<std::uint64_t>& scratch, std::vector<BackgroundRow>& rows);

/// Sets the gaps from the model's outputs for the explicand and for the background. Each output has its own scale.
void add_gaps(std::span<const double> outputs, std::span<const double> background_outputs, std::size_t n_outputs,
              std::vector<BackgroundRow>& rows);

}  // namespace banzhaf
