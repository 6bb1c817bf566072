// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Lists of designs that grow at the front, by one atomic exchange.
#include "explain/design_cache.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

#include "designs/hadamard_pairs.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 26;
constexpr std::size_t most_of_row = 8;  // designs of one background row

}  // namespace

struct DesignCache::Kept {
  PreparedDesign prepared;
  const Kept* next;
};

DesignCache::DesignCache(std::size_t n_background, std::uint64_t seed) : seed_(seed), first_(n_background) {}

DesignCache::~DesignCache() {
  for (const std::atomic<const Kept*>& first : first_)
    for (const Kept* each = first.load(); each != nullptr;) delete std::exchange(each, each->next);
}

std::uint64_t seed_of_background(std::uint64_t seed, std::size_t background) {
  std::uint64_t result = 0;
  random_words(seed, Stream::background, background, {&result, 1});
  return result;
}

const PreparedDesign& DesignCache::design(DesignKind kind, std::size_t background, std::size_t n_players,
                                          std::size_t n_pairs, const Deadline& deadline,
                                          std::optional<PreparedDesign>& own) const {
  // Fewer pairs may need a search, which ends at the deadline.
  const bool may_keep = !deadline.is_set() || n_pairs >= std::bit_ceil(n_players);
  std::size_t n_kept = 0;
  if (may_keep) {
    for (const Kept* each = first_[background].load(std::memory_order_acquire); each != nullptr; each = each->next) {
      const Design& made = each->prepared.design;
      if (made.kind() == kind && made.n_players() == n_players && made.n_coalitions() == 2 * n_pairs)
        return each->prepared;
      ++n_kept;
    }
  }
  own.emplace(Design(kind, n_players, 2 * n_pairs, seed_of_background(seed_, background), deadline));
  const std::size_t bytes = sizeof(Kept) + own->design.hadamard()->n_bytes();
  if (!may_keep || n_kept >= most_of_row || n_bytes_.load(std::memory_order_relaxed) + bytes > most_bytes) return *own;
  n_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  auto kept = std::make_unique<Kept>(Kept{std::move(*own), first_[background].load(std::memory_order_relaxed)});
  own.reset();
  // If two threads make the same design at once, both are kept.
  while (!first_[background].compare_exchange_weak(kept->next, kept.get(), std::memory_order_release,
                                                   std::memory_order_relaxed)) {
  }
  return kept.release()->prepared;
}

const Estimator* DesignCache::estimator(const PreparedDesign& prepared, const EstimateOptions& options) const {
  std::atomic<const Estimator*>& place = prepared.estimators[options.doubts_fits ? 1 : 0];
  const Estimator* made = place.load(std::memory_order_acquire);
  if (made != nullptr) return made;
  const Design& design = prepared.design;
  const std::size_t size = std::min(design.n_players(), design.n_coalitions() / 2);
  const std::size_t bytes =
      size * size * sizeof(double) + design.n_players() * words_for(design.n_coalitions()) * 8 + 2048;
  if (n_bytes_.load(std::memory_order_relaxed) + bytes > most_bytes) return nullptr;
  auto mine = std::make_unique<const Estimator>(design, options);
  if (!place.compare_exchange_strong(made, mine.get(), std::memory_order_acq_rel)) return made;
  n_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return mine.release();
}

}  // namespace banzhaf
