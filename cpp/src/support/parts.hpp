// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Calls of a function of unknown cost on consecutive parts of a range, on several threads.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>

namespace banzhaf {

/// A range of items, and how it may be divided.
struct Parts {
  std::size_t n_items = 0;
  std::size_t least = 1;  ///< parts begin at multiples of this
  std::size_t most = 1;   ///< the largest number of items in a part, at least 1
  int num_threads = 0;    ///< as for threads_for
};

/// How far the calls came.
struct Progress {
  std::size_t n_done = 0;    ///< all items before this one are done
  std::exception_ptr error;  ///< what the call on the first part that failed threw, or an interrupt, or null
};

/// Handles items [first, first + count) and returns how many of them are done. Fewer than count end the work, and so does
/// an exception, after which none of them counts as done.
using PartCall = std::function<std::size_t(std::size_t first, std::size_t count)>;

/// Calls a function on parts until all items are done or a call ends the work. Each thread makes a function of its own with
/// `make`, so functions may own buffers. Parts grow until a call takes long enough to hide what it costs to make it, and
/// stay short enough for interrupts and for an even load. Other threads join when the calls so far show that it pays.
/// Nothing depends on the division as long as no item depends on another.
[[nodiscard]] Progress call_in_parts(const Parts& parts, const std::function<PartCall()>& make);

}  // namespace banzhaf
