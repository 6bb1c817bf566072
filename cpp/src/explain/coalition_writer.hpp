// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Writes the coalitions of a design as bits of columns, in the order in which the model sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "banzhaf/designs.hpp"
#include "banzhaf/masking.hpp"

namespace banzhaf {

/// One design at a time. A bit is set if the column has the explained row's cell. Bits of columns in which no player of
/// the design takes part are 0.
class CoalitionWriter {
 public:
  explicit CoalitionWriter(const MaskedTable& table);

  /// Starts at a coalition of a design over the players in which two rows differ. n_all is the number of coalitions
  /// after which the design begins again.
  void start(const Design& design, std::span<const std::uint32_t> players, std::size_t n_all, std::size_t coalition);

  /// Writes coalitions, one after another, until there are count, or, if stops_at_known, the next one is empty or full.
  /// Returns their number.
  std::size_t write(std::size_t count, bool stops_at_known, std::uint64_t* out);
  /// Writes the coalition of one player of the design, or of all others. The next coalition stays the same.
  void write_end(std::size_t player, bool others, std::uint64_t* out);
  /// Whether the next coalition is empty, or full.
  [[nodiscard]] bool at_empty() const;
  [[nodiscard]] bool at_full() const;
  /// Leaves out the next coalition.
  void skip() { next(); }

  /// Returns the words of one coalition.
  [[nodiscard]] std::size_t n_words() const noexcept { return n_words_; }

 private:
  void spread(std::span<const std::uint64_t> of_design, std::uint64_t* out);
  void set_steps(std::size_t block);
  void find_pair();
  void next();
  std::size_t write_pairs(std::size_t count, bool stops_at_known, std::uint64_t* out);

  const MaskedTable& table_;
  std::size_t n_words_;
  std::span<const std::uint32_t> players_{};
  const Design* design_ = nullptr;
  std::size_t n_all_ = 0;
  std::size_t coalition_ = 0;                              // the next one
  bool by_generators_ = false;                             // whether rows follow from the rows before
  std::vector<std::uint64_t> steps_{};                     // generators 0, ..., t together, for each t
  std::vector<std::uint64_t> full_{};                      // the bits of all players
  std::vector<std::uint64_t> pair_{};                      // the first coalition of the pair
  std::vector<std::uint64_t> of_design_{}, of_players_{};  // scratch
};

}  // namespace banzhaf
