// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Divides a range by the measured time of its calls.
#include "support/parts.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>

#include "support/interrupt.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double seconds_of_call = 2e-4;    // a call should take this long
constexpr double seconds_of_thread = 5e-4;  // work that makes up for waking a thread, as in threads_for
constexpr std::size_t most_growth = 8;      // because small parts predict little about large ones

// The range as all threads see it. Parts are taken in order, so all parts before a failed one are called.
class Range {
 public:
  explicit Range(const Parts& parts) : parts_(parts) {}

  [[nodiscard]] std::size_t left() const { return parts_.n_items - std::min(parts_.n_items, next_.load()); }

  // Calls on parts until none is left, a call has failed, or pays() is true.
  template <typename Pays>
  void work(PartCall& call, Pays&& pays) {
    std::size_t size = std::min(parts_.least, parts_.most);
    while (!ended_.load() && left() > 0 && !pays()) {
      try {
        checkpoint();
      } catch (...) {
        return end(parts_.n_items, std::current_exception());
      }
      const std::size_t first = next_.fetch_add(size);
      if (first >= parts_.n_items) return;
      const std::size_t count = std::min(size, parts_.n_items - first);
      const Clock::time_point start = Clock::now();
      try {
        const std::size_t n_done = call(first, count);
        if (n_done < count) return end(first + n_done, nullptr);
      } catch (...) {
        return end(first, std::current_exception());
      }
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      seconds_per_item_.store(seconds / static_cast<double>(count));
      size = next_size(count, seconds);
    }
  }

  [[nodiscard]] bool has_ended() const { return ended_.load(); }
  // The time that the rest will take on one thread.
  [[nodiscard]] double seconds_left() const { return seconds_per_item_.load() * static_cast<double>(left()); }
  void share_among(std::size_t n_threads) { n_threads_ = n_threads; }

  // Ends the work before an item. The first such item counts.
  void end(std::size_t item, std::exception_ptr error) {
    const std::lock_guard<std::mutex> guard(lock_);
    if (ended_.load() && end_ <= item) return;
    ended_ = true;
    error_ = std::move(error);
    end_ = item;
  }

  [[nodiscard]] Progress progress() const { return {std::min({end_, next_.load(), parts_.n_items}), error_}; }

 private:
  [[nodiscard]] std::size_t next_size(std::size_t count, double seconds) const {
    const double most = static_cast<double>(most_growth * count);
    double size = seconds > 0 ? std::min(most, seconds_of_call / seconds * static_cast<double>(count)) : most;
    // The last parts are small enough for all threads to end together.
    if (n_threads_ > 1) size = std::min(size, static_cast<double>(left() / (2 * n_threads_)));
    size = std::min(size, static_cast<double>(parts_.most));
    const auto whole = static_cast<std::size_t>(size);
    return std::max(std::min(parts_.least, parts_.most), whole / parts_.least * parts_.least);
  }

  const Parts& parts_;
  std::size_t n_threads_ = 1;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> ended_{false};
  std::atomic<double> seconds_per_item_{0};
  std::mutex lock_;
  std::size_t end_ = static_cast<std::size_t>(-1);
  std::exception_ptr error_;
};

}  // namespace

Progress call_in_parts(const Parts& parts, const std::function<PartCall()>& make) {
  require_threads(parts.num_threads);
  Range range(parts);
  PartCall own = make();
  range.work(own, [&] { return parts.num_threads != 1 && range.seconds_left() > 2 * seconds_of_thread; });
  if (range.has_ended() || range.left() == 0) return range.progress();
  // Asked for only here, because it takes longer than a short range.
  const auto most = static_cast<std::size_t>(parts.num_threads > 0 ? parts.num_threads : default_num_threads());
  const auto useful = static_cast<std::size_t>(range.seconds_left() / seconds_of_thread);
  const std::size_t n_threads = std::min({useful, most, most_threads()});
  if (n_threads <= 1) {
    range.work(own, [] { return false; });
    return range.progress();
  }
  range.share_among(n_threads);
  try {
    parallel_for(n_threads, n_threads, [&](std::size_t) {
      PartCall call = make();
      range.work(call, [] { return false; });
    });
  } catch (...) {  // from outside the calls
    range.end(parts.n_items, std::current_exception());
  }
  return range.progress();
}

}  // namespace banzhaf
