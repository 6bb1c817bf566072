// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Batches of masked rows across coalitions and explicands, and their means over the background.
#include "banzhaf/explain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/parallel.hpp"

namespace banzhaf {
namespace {

constexpr std::size_t group_bytes = std::size_t{1} << 26;  // of worths before their regression
constexpr std::size_t most_listed = 3;
// A checked row that differs by more, in units of the tolerance, leaves no doubt.
constexpr double clear_change = 1000;

std::string listed(std::span<const double> numbers) {
  std::ostringstream text;
  text.precision(9);
  if (numbers.size() > 1) text << "(";
  for (std::size_t k = 0; k < std::min(numbers.size(), most_listed); ++k) text << (k > 0 ? ", " : "") << numbers[k];
  if (numbers.size() > most_listed) text << ", ...";
  if (numbers.size() > 1) text << ")";
  return text.str();
}

}  // namespace

Explanations::Explanations(MaskedTable table, int num_threads)
    : rows_(std::make_shared<const MaskedRows>(std::move(table))),
      explicands_(rows_->table().explicands),
      n_explicands_(rows_->table().n_explicands),
      num_threads_(num_threads) {
  require_threads(num_threads);
}

Explanations::Explanations(std::shared_ptr<const MaskedRows> rows, const void* explicands, std::size_t n_explicands,
                           int num_threads)
    : rows_(std::move(rows)), explicands_(explicands), n_explicands_(n_explicands), num_threads_(num_threads) {
  require_threads(num_threads);
}

void Explanations::call(const Model& model, std::size_t n_rows) {
  outputs_.clear();
  model(n_rows, outputs_);
  if (n_outputs_ == 0) n_outputs_ = outputs_.size() / n_rows;
  if (n_outputs_ == 0 || outputs_.size() != n_rows * n_outputs_)
    throw std::invalid_argument("model must return the same number of outputs for each row, got " +
                                std::to_string(outputs_.size()) + " outputs for " + std::to_string(n_rows) + " rows" +
                                (n_outputs_ > 1 ? " of " + std::to_string(n_outputs_) + " outputs" : ""));
}

std::vector<double> Explanations::call_on(std::initializer_list<Cells> parts, const Model& model,
                                          const BatchMemory& memory) {
  const std::size_t bytes = rows_->row_bytes();
  std::span<std::uint8_t> buffer = memory();
  const std::size_t batch = buffer.size() / bytes;
  if (batch == 0) throw std::invalid_argument("buffer must hold at least one row");
  std::vector<double> all;
  std::size_t n_waiting = 0;
  const auto flush = [&] {
    call(model, std::exchange(n_waiting, 0));
    all.insert(all.end(), outputs_.begin(), outputs_.end());
  };
  for (const Cells& part : parts) {
    std::size_t count = 0;
    for (std::size_t first = 0; first < part.n_rows; first += count) {
      if (n_waiting == batch) {
        flush();
        buffer = memory();
      }
      count = std::min(batch - n_waiting, part.n_rows - first);
      std::copy_n(static_cast<const std::uint8_t*>(part.cells) + first * bytes, count * bytes,
                  buffer.data() + n_waiting * bytes);
      n_waiting += count;
    }
  }
  if (n_waiting > 0) flush();
  return all;
}

std::vector<double> Explanations::evaluate_background(const Model& model, const BatchMemory& memory) {
  const MaskedTable& table = rows_->table();
  std::vector<double> outputs = call_on({{table.background, table.n_background}}, model, memory);
  set_base_values(outputs);
  return outputs;
}

void Explanations::set_known_outputs(std::span<const double> outputs, BackgroundCheck check) {
  const std::size_t n_background = rows_->table().n_background;
  if (outputs.size() % n_background != 0)
    throw std::invalid_argument("background_outputs must hold one row for each of " + std::to_string(n_background) +
                                " background rows, got " + std::to_string(outputs.size()) + " numbers");
  if (!check.tolerance.empty() &&
      (check.row >= n_background || check.tolerance.size() != outputs.size() / n_background))
    throw std::invalid_argument(
        "the check of the background must name one of its rows, and have a tolerance for each "
        "output");
  known_outputs_.assign(outputs.begin(), outputs.end());
  check_ = std::move(check);
}

std::size_t Explanations::n_evaluated_background() const noexcept {
  if (known_outputs_.empty()) return rows_->table().n_background;
  return check_.tolerance.empty() ? 0 : 1;
}

std::vector<double> Explanations::evaluate_unmasked(const Model& model, const BatchMemory& memory) {
  const MaskedTable& table = rows_->table();
  const Cells background{table.background, table.n_background}, explicands{explicands_, n_explicands_};
  if (!known_outputs_.empty()) {
    n_outputs_ = known_outputs_.size() / table.n_background;
    const auto* const cells = static_cast<const std::uint8_t*>(table.background);
    const Cells checked{cells + check_.row * rows_->row_bytes(), n_evaluated_background()};
    predictions_ = call_on({explicands, checked}, model, memory);
    if (checked.n_rows > 0) require_unchanged(std::span(predictions_).last(n_outputs_), model, memory);
    predictions_.resize(n_explicands_ * n_outputs_);
    set_base_values(known_outputs_);
    return known_outputs_;
  }
  if (n_explicands_ >
      table.n_background) {  // together, they would delay what the first call tells of the model's speed
    std::vector<double> outputs = evaluate_background(model, memory);
    predictions_ = call_on({explicands}, model, memory);
    return outputs;
  }
  std::vector<double> outputs = call_on({background, explicands}, model, memory);
  predictions_.assign(outputs.begin() + static_cast<std::ptrdiff_t>(background.n_rows * n_outputs_), outputs.end());
  outputs.resize(background.n_rows * n_outputs_);
  set_base_values(outputs);
  return outputs;
}

double Explanations::change_of(std::size_t row, std::span<const double> outputs) const {
  double largest = 0;
  for (std::size_t o = 0; o < n_outputs_; ++o) {
    const double difference = std::abs(outputs[o] - known_outputs_[row * n_outputs_ + o]);
    if (difference <= check_.tolerance[o]) continue;
    const double units = difference / check_.tolerance[o];
    largest = std::isnan(units) ? std::numeric_limits<double>::infinity() : std::max(largest, units);
  }
  return largest;
}

void Explanations::require_unchanged(std::span<const double> outputs, const Model& model, const BatchMemory& memory) {
  const double change = change_of(check_.row, outputs);
  if (!(change > 1)) return;
  if (change <= clear_change) {
    const MaskedTable& table = rows_->table();
    n_confirming_ = table.n_background;
    std::vector<double> again = call_on({{table.background, n_confirming_}}, model, memory);
    std::size_t n_changed = 0;
    for (std::size_t b = 0; b < n_confirming_; ++b)
      n_changed += change_of(b, std::span(again).subspan(b * n_outputs_, n_outputs_)) > 1 ? 1 : 0;
    if (2 * n_changed < n_confirming_) {
      known_outputs_ = std::move(again);  // right also if a small change of the model touched few rows
      return;
    }
  }
  throw ModelChanged("model returned " + listed(outputs) + " for background row " +
                     std::to_string(rows_->background_number(check_.row)) + ", but " +
                     listed(std::span(known_outputs_).subspan(check_.row * n_outputs_, n_outputs_)));
}

void Explanations::set_base_values(std::span<const double> outputs) {
  const MaskedTable& table = rows_->table();
  base_values_.assign(n_outputs_, 0);
  for (std::size_t b = 0; b < table.n_background; ++b) {
    for (std::size_t o = 0; o < n_outputs_; ++o) {
      const double output = outputs[b * n_outputs_ + o];
      if (!std::isfinite(output))
        throw std::domain_error("model must return finite numbers, but its output is not finite for background row " +
                                std::to_string(rows_->background_number(b)));
      base_values_[o] += rows_->weight(b) * output;
    }
  }
  for (double& base : base_values_) base /= rows_->total_weight();
  if (std::any_of(base_values_.begin(), base_values_.end(), [](double x) { return !std::isfinite(x); }))
    throw std::domain_error("model must return finite numbers, but its mean output over the background is not finite");
}

SharedExplanations::SharedExplanations(MaskedTable table, Design design, std::shared_ptr<const Estimator> estimator,
                                       int num_threads)
    : Explanations(std::move(table), num_threads), design_(std::move(design)), estimator_(std::move(estimator)) {
  if (design_.n_players() != n_players()) throw std::invalid_argument("design and table must have the same players");
}

std::size_t SharedExplanations::n_model_rows() const noexcept {
  const MaskedTable& table = rows_->table();
  return table.n_background * (1 + n_explicands_ * design_.n_coalitions());
}

void SharedExplanations::evaluate_group(const Model& model, const BatchMemory& memory, std::size_t n_explicands,
                                        std::vector<double>& worths, std::size_t& n_complete) {
  const std::size_t n_background = rows_->table().n_background, n_coalitions = design_.n_coalitions();
  const std::size_t n_rows = n_explicands * n_coalitions * n_background, batch = memory().size() / rows_->row_bytes();
  std::vector<MaskedRows::Part> parts;
  Coalitions coalitions;
  for (std::size_t first = 0; first < n_rows; first += batch) {
    const std::size_t last = std::min(n_rows, first + batch);
    parts.clear();
    for (std::size_t r = first; r < last; r += parts.back().n_rows) {
      const std::size_t unit = r / n_background, b = r % n_background;
      parts.push_back(
          {n_explained() + unit / n_coalitions, parts.size(), b, std::min(n_background - b, last - r), r - first});
    }
    coalitions.resize(parts.size(), n_players());
    for (std::size_t p = 0; p < parts.size(); ++p)
      design_.fill_row((first / n_background + p) % n_coalitions, coalitions.row(p));
    rows_->write(explicands_, parts, coalitions.view(), memory().data(), num_threads_);
    call(model, last - first);
    const double* output = outputs_.data();
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const MaskedRows::Part& part = parts[p];
      double* worth = &worths[(first / n_background + p) * n_outputs_];
      for (std::size_t r = 0; r < part.n_rows; ++r)
        for (std::size_t o = 0; o < n_outputs_; ++o) worth[o] += rows_->weight(part.first_background + r) * *output++;
      if (part.first_background + part.n_rows < n_background) continue;
      for (std::size_t o = 0; o < n_outputs_; ++o) worth[o] /= rows_->total_weight();
      if (!std::all_of(worth, worth + n_outputs_, [](double x) { return std::isfinite(x); }))
        throw std::domain_error(
            "model must return finite numbers, but its mean output over the background is not finite for row " +
            std::to_string(part.explicand) + " of X and coalition " + to_string(coalitions.view(), p));
      ++n_complete;
    }
  }
}

void SharedExplanations::estimate_group(std::size_t n_explicands, const std::vector<double>& worths) {
  if (n_explicands == 0) return;
  const std::size_t n_coalitions = design_.n_coalitions(), n = n_players(), k = n_outputs_;
  // A single game with one output for each explicand and output of the model.
  std::vector<double> together(n_coalitions * n_explicands * k);
  for (std::size_t x = 0; x < n_explicands; ++x)
    for (std::size_t s = 0; s < n_coalitions; ++s)
      std::copy_n(&worths[(x * n_coalitions + s) * k], k, &together[(s * n_explicands + x) * k]);
  Estimate found = (*estimator_)({together, n_explicands * k});
  for (std::size_t x = 0; x < n_explicands; ++x) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto first = static_cast<std::ptrdiff_t>((i * n_explicands + x) * k);
      const auto last = first + static_cast<std::ptrdiff_t>(k);
      values_.insert(values_.end(), found.values.begin() + first, found.values.begin() + last);
      standard_errors_.insert(standard_errors_.end(), found.standard_errors.begin() + first,
                              found.standard_errors.begin() + last);
    }
  }
  background_errors_.resize(values_.size(), std::numeric_limits<double>::quiet_NaN());
  r2_.insert(r2_.end(), found.r2.begin(), found.r2.end());
  degrees_of_freedom_.resize(r2_.size(), found.degrees_of_freedom);
  row_costs_.resize(row_costs_.size() + n_explicands, n_coalitions * rows_->table().n_background);
  n_background_.resize(row_costs_.size(), rows_->table().n_background);
  stopped_.resize(row_costs_.size(), Stopped::budget);
}

void SharedExplanations::run(const Model& model, const BatchMemory& memory) {
  evaluate_background(model, memory);
  const std::size_t units = design_.n_coalitions();
  const std::size_t group = std::max<std::size_t>(1, group_bytes / (units * n_outputs_ * sizeof(double)));
  while (n_explained() < n_explicands_) {
    const std::size_t n_explicands = std::min(group, n_explicands_ - n_explained());
    std::vector<double> worths(n_explicands * units * n_outputs_);
    std::size_t n_complete = 0;
    try {
      evaluate_group(model, memory, n_explicands, worths, n_complete);
    } catch (...) {
      estimate_group(n_complete / units, worths);
      throw;
    }
    estimate_group(n_explicands, worths);
  }
}

}  // namespace banzhaf
