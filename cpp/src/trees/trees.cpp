// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Makes tables for blocks of trees that fit into memory, and runs tiles of rows through them.
#include "banzhaf/trees.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "kernels/kernels.hpp"
#include "regression/products.hpp"
#include "support/interrupt.hpp"
#include "support/parallel.hpp"
#include "trees/columns.hpp"
#include "trees/groups.hpp"
#include "trees/index_walk.hpp"
#include "trees/indices.hpp"
#include "trees/measure.hpp"
#include "trees/one_row.hpp"
#include "trees/prepared.hpp"
#include "trees/sets.hpp"
#include "trees/tree.hpp"
#include "trees/walk.hpp"

namespace banzhaf {

using namespace trees;

namespace {

constexpr std::size_t most_tile_rows = 256;  // their codes and values stay in the cache beside a table
constexpr std::size_t least_tile_rows = 32;
// Fewer rows than this are explained one by one, because a tile of few rows costs as much as a tile of many.
constexpr std::size_t most_single_rows = 8;
// Limits of a tile of rows and of the tables of a block of trees, both for indices of sets.
constexpr std::size_t most_tile_values = std::size_t{1} << 20;
constexpr std::size_t most_set_entries = std::size_t{1} << 22;

/// What a thread needs for a row alone. It stays with the thread, so that only the first rows allocate.
struct ThreadSpace {
  RowSpace row;
  IndexSpace walk{0};
  bool in_use = false;  // also after an exception, which may leave a walk unfinished
};

ThreadSpace& thread_space(std::size_t n_players) {
  thread_local ThreadSpace space;
  if (space.in_use) space = {};
  space.walk.walk.make_room(n_players);
  return space;
}

double checked_probability(double p) {
  if (!(p > 0 && p < 1)) throw std::invalid_argument("p must be between 0 and 1, got " + std::to_string(p));
  return p;
}

void check_cells(std::span<const double> rows, std::size_t n_features) {
  if (rows.size() % n_features != 0) throw std::invalid_argument("rows must have n_features columns");
}

}  // namespace

class TreeValues::Implementation {
 public:
  Implementation(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
                 bool interventional, std::span<const double> background, std::vector<double> weights, int num_threads,
                 const TreeLimits& limits, double p, const Prepared& prepared = {})
      : n_features_(checked(forest).n_features),
        n_players_(n_players),
        n_outputs_(forest.n_outputs),
        interventional_(interventional),
        p_(checked_probability(p)),
        columns_(forest),
        base_(forest.base) {
    require_threads(num_threads);
    if (player_of_feature.empty() ? n_players != n_features_ : player_of_feature.size() != n_features_)
      throw std::invalid_argument("player_of_feature must hold one player for each feature");
    for (const std::uint32_t player : player_of_feature)
      if (player >= n_players) throw std::invalid_argument("player_of_feature must hold numbers below n_players");
    if (!interventional_ && forest.is_linear())
      throw std::invalid_argument("forest: its leaves are linear in features, which requires a background");
    if (!interventional_ && forest.cover.size() != forest.left.size())
      throw std::invalid_argument("forest: it has no covers, so it requires a background");
    check_cells(background, n_features_);
    if (interventional_) take_weights(std::move(weights), background.size() / n_features_);

    const std::size_t n_trees = forest.n_trees();
    trees_.resize(n_trees);
    groups_.resize(n_trees);
    parallel_for(threads_for(num_threads, forest.left.size() * work_per_node), n_trees, [&](std::size_t t) {
      trees_[t] = pack_tree(forest, t, columns_.tests(), player_of_feature, !interventional_);
      groups_[t] = group_leaves(trees_[t], n_outputs_, limits);
    });
    for (const Groups& groups : groups_) n_deep_leaves_ += groups.n_deep_leaves;
    if (forest.is_linear()) {
      linear_features_.assign(forest.term_feature.begin(), forest.term_feature.end());
      std::sort(linear_features_.begin(), linear_features_.end());
      linear_features_.erase(std::unique(linear_features_.begin(), linear_features_.end()), linear_features_.end());
      check_finite(background, "background");
      background_.assign(background.begin(), background.end());
    }
    make_blocks(limits.kept);
    const bool is_prepared =
        prepared.layout != 0 && prepared.base_values.size() == n_outputs_ && prepared.layout == layout_of(groups_, p_);
    const bool has_tables = is_prepared && blocks_.size() == 1 && prepared.tables.size() == blocks_[0].n_entries;
    check_memory(has_tables, prepared.most_bytes);
    if (interventional_ && has_tables && n_deep_leaves_ == 0)
      prepared_background_ = background;  // only indices of sets need it
    else if (interventional_)
      background_codes_ = encoded(background, num_threads);
    if (is_prepared)
      base_values_.assign(prepared.base_values.begin(), prepared.base_values.end());
    else
      find_base_values(num_threads);
    if (blocks_.size() == 1) {
      if (!has_tables) make_tables(blocks_[0], made_, num_threads);
      kept_ = has_tables ? prepared.tables : made_;
      if (RowPlan::suits(columns_.n_columns()))
        row_plan_.emplace(groups_, row_values(), columns_.n_columns(), kept_.size());
    }
  }

  [[nodiscard]] std::size_t n_features() const { return n_features_; }
  [[nodiscard]] std::size_t n_players() const { return n_players_; }
  [[nodiscard]] std::size_t n_outputs() const { return n_outputs_; }
  [[nodiscard]] const std::vector<double>& base_values() const { return base_values_; }
  [[nodiscard]] std::size_t n_deep_leaves() const { return n_deep_leaves_; }
  [[nodiscard]] Prepared prepared() const { return {layout_of(groups_, p_), kept_, base_values_}; }
  [[nodiscard]] double p() const { return p_; }
  [[nodiscard]] bool is_fast() const { return blocks_.size() == 1 && n_deep_leaves_ == 0; }

  void explain(std::span<const double> rows, std::span<double> values, int num_threads) const {
    require_threads(num_threads);
    check_cells(rows, n_features_);
    const std::size_t n_rows = rows.size() / n_features_;
    if (values.size() != n_rows * row_values())
      throw std::invalid_argument("values must have room for rows x players x outputs numbers");
    check_finite(rows, "rows");
    if (row_plan_ && n_rows <= most_single_rows) {
      checkpoint();
      for (std::size_t r = 0; r < n_rows; ++r)
        explain_row(rows.data() + r * n_features_, values.data() + r * row_values());
      return;
    }
    std::fill(values.begin(), values.end(), 0.0);
    std::vector<double> tables;
    for (const Block& block : blocks_) {
      if (blocks_.size() > 1) make_tables(block, tables, num_threads);
      const double* made = blocks_.size() > 1 ? tables.data() : kept_.data();
      over_tiles(n_rows, n_rows * block.work, num_threads, [&](std::size_t first, std::size_t count) {
        explain_tile(block, made, rows.data() + first * n_features_, count, values.data() + first * row_values());
      });
    }
  }

  void interactions(std::span<const double> rows, std::size_t order, std::span<double> values, int num_threads) const {
    const Sets sets(n_players_, order);
    if (order == 1)
      explain(rows, values, num_threads);
    else
      explain_sets(rows, sets, Measure::fixed(p_), values, num_threads);
  }

  void shapley(std::span<const double> rows, std::span<double> values, int num_threads) const {
    std::size_t depth = 0;
    for (const Tree& tree : trees_) depth = std::max(depth, tree.depth);
    explain_sets(rows, Sets(n_players_, 1), Measure::averaged(std::min(depth, n_players_)), values, num_threads);
  }

  void predict(std::span<const double> rows, std::span<double> outputs, int num_threads) const {
    require_threads(num_threads);
    check_cells(rows, n_features_);
    const std::size_t n_rows = rows.size() / n_features_;
    if (outputs.size() != n_rows * n_outputs_)
      throw std::invalid_argument("outputs must have room for rows x outputs numbers");
    if (n_rows == 1) {
      RowSpace& space = thread_space(0).row;
      space.make_room(columns_.n_columns());
      columns_.encode(rows.data(), 1, 1, space.codes.data());
      add_outputs({space.codes.data(), 1, rows.data()}, outputs.data());
      return;
    }
    over_tiles(n_rows, n_rows * trees_.size() * 10, num_threads, [&](std::size_t first, std::size_t count) {
      // Trees without splits have no codes, but each row has an address for them.
      std::vector<Code> codes(std::max<std::size_t>(1, columns_.n_columns()) * count);
      columns_.encode(rows.data() + first * n_features_, count, count, codes.data());
      for (std::size_t r = 0; r < count; ++r)
        add_outputs({codes.data() + r, count, rows.data() + (first + r) * n_features_},
                    outputs.data() + (first + r) * n_outputs_);
    });
  }

 private:
  // The trees [first, last), whose tables are made together.
  struct Block {
    std::size_t first, last;
    std::size_t n_entries;
    std::size_t work;  // operations per row, roughly
  };

  static constexpr std::size_t work_per_node = 200;

  static const Forest& checked(const Forest& forest) {
    check_forest(forest);
    return forest;
  }

  // An infinite cell makes the output of a linear leaf infinite, and the values NaN.
  void check_finite(std::span<const double> rows, const char* name) const {
    for (const std::uint32_t feature : linear_features_)
      for (std::size_t at = feature; at < rows.size(); at += n_features_)
        if (std::isinf(rows[at]))
          throw std::invalid_argument(std::string(name) + " must not be infinite in feature " +
                                      std::to_string(feature) + ", in which leaves are linear, but row " +
                                      std::to_string(at / n_features_) + " is");
  }

  [[nodiscard]] CodedRow background_row(std::size_t b) const {
    return {background_codes_.data() + b, n_background_,
            background_.empty() ? nullptr : background_.data() + b * n_features_};
  }

  [[nodiscard]] std::size_t row_values() const { return n_players_ * n_outputs_; }

  template <typename Body>
  void over_tiles(std::size_t n_rows, std::size_t work, int num_threads, Body&& body) const {
    const std::size_t n_threads = threads_for(num_threads, work);
    const std::size_t tile = std::clamp(ceil_div(n_rows, n_threads), least_tile_rows, most_tile_rows);
    parallel_for(n_threads, ceil_div(n_rows, tile),
                 [&](std::size_t t) { body(t * tile, std::min(tile, n_rows - t * tile)); });
  }

  void make_blocks(std::size_t most_entries) {
    blocks_.push_back({0, 0, 0, 0});
    for (std::size_t t = 0; t < trees_.size(); ++t) {
      if (blocks_.back().n_entries > 0 && blocks_.back().n_entries + groups_[t].n_entries > most_entries)
        blocks_.push_back({t, t, 0, 0});
      Block& block = blocks_.back();
      block.last = t + 1;
      block.n_entries += groups_[t].n_entries;
      block.work += groups_[t].tests.size() + groups_[t].slots.size() +
                    groups_[t].n_deep_leaves * (interventional_ ? 20 : 4 * trees_[t].depth);
    }
  }

  // Weights are scaled by a power of two, so that their sum neither overflows nor loses a bit.
  void take_weights(std::vector<double> weights, std::size_t n_background) {
    if (n_background == 0) throw std::invalid_argument("background must have at least one row");
    if (weights.size() != n_background)
      throw std::invalid_argument("weights must hold one number for each of the " + std::to_string(n_background) +
                                  " background rows, got " + std::to_string(weights.size()));
    for (const double weight : weights)
      if (!std::isfinite(weight) || weight < 0)
        throw std::invalid_argument("weights must be finite and not negative, got " + std::to_string(weight));
    int exponent = 0;
    if (std::frexp(*std::max_element(weights.begin(), weights.end()), &exponent) == 0)
      throw std::invalid_argument("weights must not all be 0");
    for (double& weight : weights) {
      weight = std::ldexp(weight, 1 - exponent);
      total_weight_ += weight;
    }
    n_background_ = n_background;
    weights_ = std::move(weights);
  }

  // A small file can declare a forest and a background whose product is huge.
  void check_memory(bool has_tables, std::size_t most_bytes) const {
    const auto check = [&](std::size_t a, std::size_t b, std::size_t size) {
      if (a != 0 && b > most_bytes / size / a)
        throw std::invalid_argument("its forest and its background would take more than " + std::to_string(most_bytes) +
                                    " bytes of memory");
    };
    if (!has_tables || n_deep_leaves_ > 0) check(columns_.n_columns(), n_background_, sizeof(Code));
    if (!has_tables) check(n_outputs_, n_background_, sizeof(double));
    for (const Block& block : blocks_)
      if (!has_tables) check(1, block.n_entries, sizeof(double));
  }

  [[nodiscard]] std::vector<Code> encoded(std::span<const double> background, int num_threads) const {
    std::vector<Code> codes(columns_.n_columns() * n_background_);
    over_tiles(n_background_, background.size() * 20, num_threads, [&](std::size_t first, std::size_t count) {
      columns_.encode(background.data() + first * n_features_, count, n_background_, codes.data() + first);
    });
    return codes;
  }

  void find_base_values(int num_threads) {
    base_values_.assign(n_outputs_, 0.0);
    if (interventional_) {
      std::vector<double> outputs(n_background_ * n_outputs_);
      over_tiles(n_background_, n_background_ * trees_.size() * 10, num_threads,
                 [&](std::size_t first, std::size_t count) {
                   for (std::size_t b = first; b < first + count; ++b)
                     add_outputs(background_row(b), outputs.data() + b * n_outputs_);
                 });
      for (std::size_t i = 0; i < outputs.size(); ++i)
        base_values_[i % n_outputs_] += weights_[i / n_outputs_] * outputs[i];
      for (double& base : base_values_) base /= total_weight_;
      return;
    }
    std::copy(base_.begin(), base_.end(), base_values_.begin());
    std::vector<std::pair<Child, double>> pending;
    for (const Tree& tree : trees_) {
      pending.assign(1, {tree.root, 1.0});
      while (!pending.empty()) {
        const auto [at, share] = pending.back();
        pending.pop_back();
        if (is_leaf(at)) {
          for (std::size_t k = 0; k < tree.width; ++k)
            base_values_[tree.first_output + k] += share * tree.leaf(leaf_of(at))[k];
          continue;
        }
        const Split& split = tree.splits[split_of(at)];
        pending.emplace_back(split.right, share * split.right_share);
        pending.emplace_back(split.left, share * split.left_share);
      }
    }
  }

  // Writes the outputs of a row.
  void add_outputs(CodedRow row, double* outputs) const {
    std::copy(base_.begin(), base_.end(), outputs);
    for (const Tree& tree : trees_) {
      Child at = tree.root;
      while (!is_leaf(at)) {
        const Split& split = tree.splits[split_of(at)];
        at = row.goes_left(split) ? split.left : split.right;
      }
      if (!tree.terms_of(leaf_of(at)).empty()) {
        outputs[tree.first_output] += linear_output(tree, leaf_of(at), row.cells);
        continue;
      }
      for (std::size_t k = 0; k < tree.width; ++k) outputs[tree.first_output + k] += tree.leaf(leaf_of(at))[k];
    }
  }

  void make_tables(const Block& block, std::vector<double>& tables, int num_threads) const {
    tables.resize(block.n_entries);
    std::vector<std::size_t> first_entry(block.last - block.first + 1);
    for (std::size_t t = block.first; t < block.last; ++t)
      first_entry[t - block.first + 1] = first_entry[t - block.first] + groups_[t].n_entries;
    const std::size_t work = block.n_entries * 8 + block.work * n_background_;
    parallel_for(threads_for(num_threads, work), block.last - block.first, [&](std::size_t i) {
      const Groups& groups = groups_[block.first + i];
      double* table = tables.data() + first_entry[i];
      TableSpace space;
      std::vector<double> counts;
      std::vector<Code> patterns(std::min(most_tile_rows, n_background_));
      const double scale = interventional_ ? 1 / total_weight_ : 1;
      for (const Group& group : groups.groups) {
        if (interventional_) count_patterns(groups, group, background_codes_, patterns, counts);
        make_table(trees_[block.first + i], groups, group, interventional_ ? counts.data() : nullptr, scale, p_, space,
                   table);
        table += group.n_entries();
      }
    });
  }

  void count_patterns(const Groups& groups, const Group& group, std::span<const Code> background_codes,
                      std::vector<Code>& patterns, std::vector<double>& counts) const {
    counts.assign(group.n_patterns(), 0.0);
    for (std::size_t b = 0; b < n_background_; b += patterns.size()) {
      const std::size_t count = std::min(patterns.size(), n_background_ - b);
      find_patterns(groups, group, background_codes.data() + b, n_background_, count, patterns.data());
      for (std::size_t r = 0; r < count; ++r) counts[patterns[r]] += weights_[b + r];
    }
  }

  void explain_tile(const Block& block, const double* table, const double* cells, std::size_t n_rows,
                    double* values) const {
    std::vector<Code> codes(columns_.n_columns() * n_rows);
    columns_.encode(cells, n_rows, n_rows, codes.data());
    std::vector<Code> patterns(n_rows);
    IndexSpace space(n_deep_leaves_ > 0 ? n_players_ : 0);
    const auto add_entries = kernels().add_entries;
    for (std::size_t t = block.first; t < block.last; ++t) {
      const Groups& groups = groups_[t];
      for (const Group& group : groups.groups) {
        find_patterns(groups, group, codes.data(), n_rows, n_rows, patterns.data());
        add_entries(table, group.n_slots, groups.slots.data() + group.first_slot, patterns.data(), n_rows, values,
                    row_values());
        table += group.n_entries();
      }
      if (groups.n_deep_leaves > 0) {
        for (std::size_t r = 0; r < n_rows; ++r)
          walk(t, {codes.data() + r, n_rows, cells + r * n_features_}, space, values + r * row_values());
      }
    }
  }

  // Adds in the same order as explain_tile.
  void explain_row(const double* cells, double* values) const {
    ThreadSpace& space = thread_space(n_deep_leaves_ > 0 ? n_players_ : 0);
    space.in_use = true;
    space.row.make_room(row_plan_->n_codes());
    columns_.encode(cells, 1, 1, space.row.codes.data());
    row_plan_->start(space.row);
    std::size_t first = 0;
    for (std::size_t t = 0; n_deep_leaves_ > 0 && t < trees_.size(); ++t) {
      if (groups_[t].n_deep_leaves == 0) continue;
      row_plan_->add(first, t + 1, kept_.data(), space.row);
      first = t + 1;
      walk(t, {space.row.codes.data(), 1, cells}, space.walk, space.row.values.data());
    }
    row_plan_->add(first, trees_.size(), kept_.data(), space.row);
    std::copy_n(space.row.values.data(), row_values(), values);
    space.in_use = false;
  }

  // Adds the values of the deep leaves of a tree.
  void walk(std::size_t t, CodedRow row, IndexSpace& space, double* values) const {
    if (p_ != 0.5) {
      walk_sets(t, row, players_, Measure::fixed(p_), space, {values, 1, n_outputs_});
      return;
    }
    if (!interventional_) {
      walk_shares(trees_[t], groups_[t], row, n_outputs_, space.walk, values);
      return;
    }
    for (std::size_t b = 0; b < n_background_; ++b) {
      if (weights_[b] == 0) continue;
      walk_pair(trees_[t], groups_[t], row, background_row(b), weights_[b] / total_weight_, n_outputs_, space.walk,
                values);
    }
  }

  // Adds the indices of the deep leaves of a tree.
  void walk_sets(std::size_t t, CodedRow row, const Sets& sets, const Measure& measure, IndexSpace& space,
                 IndexRow values) const {
    if (!interventional_) {
      walk_share_indices(trees_[t], groups_[t], row, sets, measure, space, values);
      return;
    }
    for (std::size_t b = 0; b < n_background_; ++b) {
      if (weights_[b] == 0) continue;
      walk_pair_indices(trees_[t], groups_[t], row, background_row(b), weights_[b] / total_weight_, sets, measure,
                        space, values);
    }
  }

  // Computes the indices of all sets of one size. While blocks of trees add to it, a tile of rows holds the numbers of a
  // set side by side.
  void explain_sets(std::span<const double> rows, const Sets& sets, const Measure& measure, std::span<double> values,
                    int num_threads) const {
    require_threads(num_threads);
    check_cells(rows, n_features_);
    const std::size_t n_rows = rows.size() / n_features_, n_values = sets.count() * n_outputs_;
    if (values.size() != n_rows * n_values)
      throw std::invalid_argument("values must have room for rows x sets x outputs numbers");
    check_finite(rows, "rows");
    std::fill(values.begin(), values.end(), 0.0);
    if (n_rows == 0) return;
    std::vector<GroupSets> group_sets(trees_.size());
    parallel_for(threads_for(num_threads, trees_.size() * work_per_node), trees_.size(),
                 [&](std::size_t t) { group_sets[t] = sets_of_groups(trees_[t], groups_[t], sets, n_outputs_); });
    std::vector<Code> encoded_now;
    if (!prepared_background_.empty()) encoded_now = encoded(prepared_background_, num_threads);
    const std::span<const Code> background_codes(prepared_background_.empty() ? background_codes_ : encoded_now);
    std::vector<SetStep> steps = steps_of(group_sets);

    std::size_t work = 0;
    for (std::size_t t = 0; t < trees_.size(); ++t)
      work += group_sets[t].numbers.size() * trees_[t].width + groups_[t].tests.size() +
              groups_[t].n_deep_leaves * (interventional_ ? n_background_ : 1) * 4 * trees_[t].depth;
    const std::size_t n_threads = threads_for(num_threads, n_rows * work);
    const std::size_t most_rows = std::clamp<std::size_t>(most_tile_values / n_values, 16, most_tile_rows);
    const std::size_t tile = std::clamp<std::size_t>(ceil_div(n_rows, n_threads), 16, most_rows);
    const auto over_all = [&](auto&& body) {
      parallel_for(n_threads, ceil_div(n_rows, tile), [&](std::size_t i) {
        const std::size_t first = i * tile, count = std::min(tile, n_rows - first);
        body(first, count, values.subspan(first * n_values, count * n_values));
      });
    };
    std::vector<double> tables;
    for (std::size_t first = 0, last = 0; first < steps.size(); first = last) {
      std::size_t n_entries = 0;
      for (; last < steps.size() && (last == first || n_entries < most_set_entries); ++last) {
        steps[last].first_entry = n_entries;
        n_entries += steps[last].n_entries;
      }
      const std::span block(steps.data() + first, last - first);
      tables.resize(std::max(tables.size(), n_entries));
      make_set_tables(block, group_sets, sets, measure, background_codes, tables, num_threads);
      over_all([&](std::size_t row, std::size_t count, std::span<double> out) {
        std::vector<Code> codes(columns_.n_columns() * count), patterns(count);
        const double* cells = rows.data() + row * n_features_;
        columns_.encode(cells, count, count, codes.data());
        IndexSpace space(n_deep_leaves_ > 0 ? n_players_ : 0);
        for (const SetStep& step : block) {
          const Groups& groups = groups_[step.tree];
          if (step.group == groups.groups.size()) {
            for (std::size_t r = 0; r < count; ++r)
              walk_sets(step.tree, {codes.data() + r, count, cells + r * n_features_}, sets, measure, space,
                        {out.data() + r, count, n_outputs_});
            continue;
          }
          const Group& group = groups.groups[step.group];
          find_patterns(groups, group, codes.data(), count, count, patterns.data());
          add_index_entries(trees_[step.tree], group, group_sets[step.tree].of_group(step.group),
                            tables.data() + step.first_entry, patterns.data(), count, {out.data(), count, n_outputs_});
        }
      });
    }
    over_all([&](std::size_t, std::size_t, std::span<double> out) {
      std::vector<double> space;
      transpose(out, n_values, space);
    });
  }

  // A group with a table of sets, or the deep leaves of a tree: the group after its last one.
  struct SetStep {
    std::size_t tree, group;
    std::size_t n_entries;
    std::size_t first_entry = 0;  // in the tables of its block
  };

  // The steps in the order in which they are added. A block of steps may end within a tree, which may have more leaves
  // than there is memory for tables.
  [[nodiscard]] std::vector<SetStep> steps_of(std::span<const GroupSets> group_sets) const {
    std::vector<SetStep> steps;
    for (std::size_t t = 0; t < trees_.size(); ++t) {
      const std::vector<Group>& groups = groups_[t].groups;
      for (std::size_t g = 0; g < groups.size(); ++g) {
        const std::size_t n_sets = group_sets[t].of_group(g).size();
        if (n_sets > 0) steps.push_back({t, g, (n_sets * trees_[t].width) << groups[g].n_bits});
      }
      if (groups_[t].n_deep_leaves > 0) steps.push_back({t, groups.size(), 0});
    }
    return steps;
  }

  void make_set_tables(std::span<const SetStep> steps, std::span<const GroupSets> group_sets, const Sets& sets,
                       const Measure& measure, std::span<const Code> background_codes, std::vector<double>& tables,
                       int num_threads) const {
    constexpr std::size_t steps_per_task = 16;  // they share a workspace
    const double scale = interventional_ ? 1 / total_weight_ : 1;
    parallel_for(threads_for(num_threads, tables.size() * 8), ceil_div(steps.size(), steps_per_task),
                 [&](std::size_t task) {
                   IndexTableSpace space;
                   std::vector<double> counts;
                   std::vector<Code> patterns(std::min(most_tile_rows, n_background_));
                   const std::size_t first = task * steps_per_task;
                   for (const SetStep& step : steps.subspan(first, std::min(steps_per_task, steps.size() - first))) {
                     const Groups& groups = groups_[step.tree];
                     if (step.group == groups.groups.size()) continue;
                     const Group& group = groups.groups[step.group];
                     if (interventional_) count_patterns(groups, group, background_codes, patterns, counts);
                     make_index_table(trees_[step.tree], groups, group, group_sets[step.tree].of_group(step.group),
                                      sets, n_outputs_, interventional_ ? counts.data() : nullptr, scale, measure,
                                      space, tables.data() + step.first_entry);
                   }
                 });
  }

  std::size_t n_features_, n_players_, n_outputs_;
  bool interventional_;
  double p_;
  Sets players_{n_players_, 1};
  Columns columns_;
  std::vector<double> base_;
  std::vector<Tree> trees_;
  std::vector<Groups> groups_;
  std::vector<Block> blocks_;
  std::size_t n_deep_leaves_ = 0;
  std::size_t n_background_ = 0;
  std::vector<double> weights_;  // of the background rows
  double total_weight_ = 0;
  std::vector<Code> background_codes_;           // unless the background is in a file and values do not need it
  std::span<const double> prepared_background_;  // otherwise
  std::vector<double> background_;               // cells, if some leaf is linear
  std::vector<std::uint32_t> linear_features_;   // those with a coefficient in some leaf
  std::vector<double> made_;                     // the tables, if they are kept and were not prepared
  std::span<const double> kept_;                 // the tables, if they are kept
  std::optional<RowPlan> row_plan_;              // if the tables are kept
  std::vector<double> base_values_;
};

namespace {

std::vector<double> equal_weights(const Forest& forest, std::span<const double> background) {
  return std::vector<double>(background.size() / std::max<std::size_t>(1, forest.n_features), 1.0);
}

}  // namespace

TreeValues::TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
                       int num_threads, const TreeLimits& limits, double p)
    : implementation_(std::make_unique<Implementation>(forest, player_of_feature, n_players, false,
                                                       std::span<const double>{}, std::vector<double>{}, num_threads,
                                                       limits, p)) {}

TreeValues::TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
                       std::span<const double> background, int num_threads, const TreeLimits& limits, double p)
    : implementation_(std::make_unique<Implementation>(forest, player_of_feature, n_players, true, background,
                                                       equal_weights(forest, background), num_threads, limits, p)) {}

TreeValues::TreeValues(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature, std::size_t n_players,
                       std::span<const double> background, std::span<const double> weights, int num_threads,
                       const TreeLimits& limits, double p)
    : implementation_(std::make_unique<Implementation>(forest, player_of_feature, n_players, true, background,
                                                       std::vector<double>(weights.begin(), weights.end()), num_threads,
                                                       limits, p)) {}

TreeValues::TreeValues(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
TreeValues::~TreeValues() = default;
TreeValues::TreeValues(TreeValues&&) noexcept = default;
TreeValues& TreeValues::operator=(TreeValues&&) noexcept = default;

std::size_t TreeValues::n_features() const noexcept { return implementation_->n_features(); }
std::size_t TreeValues::n_players() const noexcept { return implementation_->n_players(); }
std::size_t TreeValues::n_outputs() const noexcept { return implementation_->n_outputs(); }
const std::vector<double>& TreeValues::base_values() const noexcept { return implementation_->base_values(); }
std::size_t TreeValues::n_deep_leaves() const noexcept { return implementation_->n_deep_leaves(); }

void TreeValues::explain(std::span<const double> rows, std::span<double> values, int num_threads) const {
  implementation_->explain(rows, values, num_threads);
}

double TreeValues::p() const noexcept { return implementation_->p(); }

std::size_t TreeValues::n_interactions(std::size_t order) const { return Sets(n_players(), order).count(); }

void TreeValues::interactions(std::span<const double> rows, std::size_t order, std::span<double> values,
                              int num_threads) const {
  implementation_->interactions(rows, order, values, num_threads);
}

void TreeValues::shapley(std::span<const double> rows, std::span<double> values, int num_threads) const {
  implementation_->shapley(rows, values, num_threads);
}

void TreeValues::predict(std::span<const double> rows, std::span<double> outputs, int num_threads) const {
  implementation_->predict(rows, outputs, num_threads);
}

namespace trees {

TreeValues PreparedValues::make(const Forest& forest, const std::vector<std::uint32_t>& player_of_feature,
                                std::size_t n_players, bool interventional, std::span<const double> background,
                                std::span<const double> weights, int num_threads, const Prepared& prepared) {
  std::vector<double> given(weights.begin(), weights.end());
  if (interventional && given.empty()) given = equal_weights(forest, background);
  return TreeValues(std::make_unique<TreeValues::Implementation>(forest, player_of_feature, n_players, interventional,
                                                                 background, std::move(given), num_threads,
                                                                 TreeLimits{}, prepared.p, prepared));
}

Prepared PreparedValues::of(const TreeValues& tree_values) { return tree_values.implementation_->prepared(); }

bool PreparedValues::is_fast(const TreeValues& tree_values) { return tree_values.implementation_->is_fast(); }

}  // namespace trees

}  // namespace banzhaf
