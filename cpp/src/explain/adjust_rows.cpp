// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Fits every row with and without each fold, chooses the weight of the predictions once, and estimates the rows again.
#include "explain/adjust_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "banzhaf/coalitions.hpp"
#include "explain/places.hpp"
#include "explain/scale.hpp"
#include "interactions/adjust.hpp"
#include "interactions/folds.hpp"
#include "interactions/pair_signs.hpp"
#include "interactions/stack.hpp"
#include "interactions/terms.hpp"
#include "regression/regression.hpp"
#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_folds = 4;
constexpr double n_standard_errors = 1;             // by which the weight is made smaller
constexpr std::size_t operations_per_entry = 1000;  // of a fit, for each pair and player, roughly

PairSigns signs_of(const RowDesign& row) {
  Coalitions first(row.n_used(), row.players().size());
  for (std::size_t p = 0; p < row.n_used(); ++p) row.design().fill_row(2 * p, first.row(p));
  return PairSigns(first.view());
}

// The fits of one background row, for one output at a time.
class Row {
 public:
  Row(RowDesign& design, double factor)
      : design_(&design),
        signs_(signs_of(design)),
        // Blocks are held out whole, because fits are then fastest.
        folds_(signs_, std::min(most_folds, design.n_used() / design.order()), 0, 1, design.order()),
        fitter_(signs_, places_of(*design.design().hadamard(), design.n_used())),
        scale_(factor / static_cast<double>(design.n_used())) {}

  [[nodiscard]] RowDesign& design() const { return *design_; }
  [[nodiscard]] bool determined() const { return folds_.determined(); }
  [[nodiscard]] std::size_t n_folds() const { return folds_.n_folds(); }
  // What the residual of a pair contributes to the error of the mean over rows.
  [[nodiscard]] double scale() const { return scale_; }
  [[nodiscard]] const CrossFit& fits() const { return *fits_; }

  [[nodiscard]] double largest(std::size_t n_outputs, std::size_t output) const {
    const std::span<const double> worths = design_->worths(n_outputs);
    double result = 0;
    for (std::size_t s = output; s < worths.size(); s += n_outputs) result = std::max(result, std::abs(worths[s]));
    return result;
  }

  // Takes the halves of an output, times a unit. Returns whether its values leave anything unexplained.
  bool read(std::size_t n_outputs, std::size_t output, double unit) {
    const std::span<const double> worths = design_->worths(n_outputs);
    const std::size_t n_pairs = signs_.n_pairs();
    odd_.resize(n_pairs);
    even_.resize(n_pairs);
    double square = 0, left = 0;
    for (std::size_t p = 0; p < n_pairs; ++p) {
      const double one = worths[2 * p * n_outputs + output] * unit;
      const double other = worths[(2 * p + 1) * n_outputs + output] * unit;
      odd_[p] = one - other;
      even_[p] = one + other;
      square += one * one + other * other;
    }
    for (const double each : folds_.residuals(odd_)) left += each * each;
    if (vanishes(left, square)) return false;
    fits_.emplace(folds_, odd_);
    fits_->add_model();
    return true;
  }

  // Fits the pairs outside a fold. Fold n_folds() is empty.
  void fit(std::size_t fold) {
    if (fold == n_folds()) return fits_->set_full(0, fitter_.fit(odd_, even_, {}));
    fits_->set_fold(0, fold, fitter_.fit(odd_, even_, {}, folds_.flags(fold)));
  }

 private:
  RowDesign* design_;
  PairSigns signs_;
  FoldedPairs folds_;
  TermsFitter fitter_;
  double scale_;
  std::vector<double> odd_{}, even_{};
  std::optional<CrossFit> fits_{};
};

void fit_all(std::span<Row* const> rows, int num_threads) {
  std::vector<std::pair<Row*, std::size_t>> fits;  // a row and a fold
  std::size_t work = 0;
  for (Row* row : rows) {
    for (std::size_t fold = 0; fold <= row->n_folds(); ++fold) fits.emplace_back(row, fold);
    work += row->design().n_used() * row->design().players().size() * operations_per_entry;
  }
  parallel_for(threads_for(num_threads, work), fits.size(), [&](std::size_t f) { fits[f].first->fit(fits[f].second); });
}

// Returns the weight of the predictions, the same for all rows.
Stack weigh_all(std::span<Row* const> rows) {
  std::vector<double> target, predictions;
  for (const Row* row : rows) {
    for (const double each : row->fits().target()) target.push_back(each * row->scale());
    for (const double each : row->fits().held_out().front()) predictions.push_back(each * row->scale());
  }
  return stack_weights(target, std::span(&predictions, 1), n_standard_errors);
}

// What is taken out of a row.
struct TakenOut {
  std::vector<double> interactions;  // pairs x outputs
  std::vector<double> deviations;    // of each output, NaN if nothing is taken out
};

}  // namespace

RowsAdjustment adjust_rows(std::span<RowDesign> designs, std::span<const double> factors,
                           const AdjustRowsOptions& options) {
  RowsAdjustment result{.outcome = RowsAdjusted::exact};
  std::vector<std::unique_ptr<Row>> rows;
  for (std::size_t b = 0; b < designs.size(); ++b) {
    if (!designs[b].is_costly() || designs[b].is_exact()) continue;
    if (designs[b].has_few_pairs()) {
      if (result.outcome == RowsAdjusted::exact) result.outcome = RowsAdjusted::few_pairs;
      continue;
    }
    result.outcome = designs[b].is_search_costly() ? RowsAdjusted::costly : RowsAdjusted::nested;
    if (!designs[b].may_be_adjusted()) continue;
    auto row = std::make_unique<Row>(designs[b], factors[b]);
    if (row->determined()) rows.push_back(std::move(row));
  }
  if (rows.empty()) return result;

  result.outcome = RowsAdjusted::no_gain;
  const std::size_t k = options.n_outputs;
  std::vector<TakenOut> taken_out;
  for (const auto& row : rows)
    taken_out.push_back({std::vector<double>(row->design().n_used() * k, 0), std::vector<double>(k, unknown)});
  for (std::size_t o = 0; o < k; ++o) {
    double largest = 0;
    for (const auto& row : rows) largest = std::max(largest, row->largest(k, o));
    const double unit = std::ldexp(1.0, -scale_exponent(largest));
    // Where values explain everything, there is nothing to find but rounding.
    std::vector<Row*> open;
    std::vector<TakenOut*> of_open;
    for (std::size_t b = 0; b < rows.size(); ++b) {
      if (!rows[b]->read(k, o, unit)) continue;
      open.push_back(rows[b].get());
      of_open.push_back(&taken_out[b]);
    }
    if (open.empty()) continue;
    fit_all(open, options.num_threads);
    const Stack stack = weigh_all(open);
    if (!stack.used()) continue;
    for (std::size_t b = 0; b < open.size(); ++b) {
      const Adjustment found = open[b]->fits().weigh(stack.weights);
      for (std::size_t p = 0; p < found.explained.size(); ++p)
        of_open[b]->interactions[p * k + o] = found.explained[p] / unit;
      of_open[b]->deviations[o] = std::sqrt(found.residual_variance) / unit;
    }
  }
  BlockScratch scratch;
  for (std::size_t b = 0; b < rows.size(); ++b) {
    if (std::ranges::all_of(taken_out[b].deviations, [](double each) { return std::isnan(each); })) continue;
    rows[b]->design().adjust(taken_out[b].interactions, taken_out[b].deviations, options.ridge, scratch);
    ++result.n_rows;
  }
  if (result.n_rows > 0) result.outcome = RowsAdjusted::adjusted;
  return result;
}

}  // namespace banzhaf
