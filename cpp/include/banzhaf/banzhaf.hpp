// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Includes the whole library.
///
/// For example, this estimates the game in which a coalition is worth 1 if it has at least three of five players:
/// @code{.cpp}
/// const banzhaf::Game three = [](banzhaf::CoalitionsView batch, std::vector<double>& worths) {
///   for (std::size_t r = 0; r < batch.n_rows; ++r)
///     worths.push_back(banzhaf::count_players({batch.row(r), 1}) >= 3 ? 1 : 0);
/// };
/// const banzhaf::Design all(banzhaf::DesignKind::exhaustive, 5, 32, 0);
/// banzhaf::estimate(three, all).values[0];                       // 0.375
/// @endcode
#pragma once

#include "banzhaf/adjustment.hpp"
#include "banzhaf/anytime.hpp"
#include "banzhaf/budget.hpp"
#include "banzhaf/coalitions.hpp"
#include "banzhaf/crossed.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/estimate.hpp"
#include "banzhaf/explain.hpp"
#include "banzhaf/game.hpp"
#include "banzhaf/gradients.hpp"
#include "banzhaf/kept_rows.hpp"
#include "banzhaf/masking.hpp"
#include "banzhaf/native.h"
#include "banzhaf/native_game.hpp"
#include "banzhaf/native_model.hpp"
#include "banzhaf/spectrum.hpp"
#include "banzhaf/stopping.hpp"
#include "banzhaf/transform.hpp"
#include "banzhaf/tree_file.hpp"
#include "banzhaf/trees.hpp"
#include "banzhaf/version.hpp"
#include "banzhaf/worths.hpp"

/// The C++ library of banzhaf. It knows no Python, and its headers show no OpenMP and no Eigen types.
namespace banzhaf {}
