// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/terms.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "interactions/block_layout.hpp"
#include "interactions/pair_classes.hpp"
#include "interactions/search.hpp"
#include "interactions/shrinkage.hpp"
#include "interactions/term_space.hpp"

namespace banzhaf {
namespace {

/// Up to this many sets of three or pairs of players, a fit includes all of them.
constexpr std::size_t most_without_search = 2500, most_pairs_without_search = 2000;
/// Up to this many players, all are combined. Beyond, only those that stand out are.
constexpr std::size_t most_without_choice = 60;

/// The mean square of the pairs in use.
double mean_square(std::span<const double> halves, std::span<const std::uint8_t> held_out) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t p = 0; p < halves.size(); ++p) {
    if (!held_out.empty() && held_out[p] != 0) continue;
    sum += halves[p] * halves[p];
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

double variance_of(std::span<const double> halves, std::span<const std::uint8_t> held_out) {
  double sum = 0, squares = 0;
  std::size_t count = 0;
  for (std::size_t p = 0; p < halves.size(); ++p) {
    if (!held_out.empty() && held_out[p] != 0) continue;
    sum += halves[p];
    squares += halves[p] * halves[p];
    ++count;
  }
  if (count == 0) return 0;
  const double mean = sum / static_cast<double>(count);
  return std::max(0.0, squares / static_cast<double>(count) - mean * mean);
}

/// The variance that rounding alone leaves of halves.
double rounding(std::span<const double> odd, std::span<const double> even, std::span<const std::uint8_t> held_out) {
  return 1e-26 * (mean_square(odd, held_out) + mean_square(even, held_out));
}

void append(const Shrinkage& fit, const Sets& sets, std::size_t first, std::vector<Term>& terms) {
  for (std::size_t c = 0; c < sets.size(); ++c) {
    const double coefficient = fit.coefficient(first + c);
    if (coefficient == 0) continue;
    Term term;
    std::copy_n(sets[c].begin(), sets.order(), term.players.begin());
    term.order = static_cast<std::uint8_t>(sets.order());
    term.coefficient = coefficient;
    term.error = std::sqrt(fit.coefficient_variance(first + c));
    terms.push_back(term);
  }
}

void sort_terms(std::vector<Term>& terms) {
  std::sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) {
    const double x = std::abs(a.coefficient), y = std::abs(b.coefficient);
    return x != y ? x > y : a.players < b.players;
  });
}

/// Returns at most `most` of the first n_columns columns of a fit, those with the highest scores, if these are above least.
std::vector<std::size_t> best_columns(const Shrinkage& fit, std::size_t n_columns, double least, std::size_t most) {
  std::vector<std::size_t> chosen;
  for (std::size_t c = 0; c < n_columns; ++c)
    if (fit.score(c) > least) chosen.push_back(c);
  std::sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
    const double x = fit.score(a), y = fit.score(b);
    return x != y ? x > y : a < b;
  });
  if (chosen.size() > most) chosen.resize(most);
  return chosen;
}

/// Adds those candidates to a fit, as a new class, whose correlations with its residuals times scale are above least. The
/// sets that were added are appended to added.
void add_correlated(TermSpace& space, Shrinkage& fit, const Sets& candidates, double scale, double least,
                    std::uint32_t of_class, Sets& added) {
  constexpr std::size_t most_added = 1500;
  std::vector<std::pair<double, std::size_t>> scores;
  for (std::size_t s = 0; s < candidates.size(); ++s) {
    const double score = std::abs(space.correlation_of(candidates[s])) * scale;
    if (score > least) scores.emplace_back(-score, s);
  }
  if (scores.empty()) return;
  std::sort(scores.begin(), scores.end());
  if (scores.size() > most_added) scores.resize(most_added);
  fit.add_class(static_cast<double>(candidates.size()), 0.01);
  for (const auto& [score, s] : scores) {
    added.add(candidates[s]);
    fit.add(candidates[s], of_class);
  }
  fit.run();
}

/// One fit of the odd halves.
class OddFit {
 public:
  OddFit(TermSpace& space, const PairStrengths& strengths, std::span<const std::uint32_t> players, double floor,
         const TermsOptions& options)
      : space_(space),
        options_(options),
        players_(players),
        n_(static_cast<double>(strengths.n_players)),
        all_(n_ * (n_ - 1) * (n_ - 2) / 6 <= static_cast<double>(most_without_search)),
        classes_(strengths, players),
        fit_(space, classes_.sizes(), floor) {}

  std::vector<Term> operator()() {
    find_triples();
    if (triples_.size() > 0 && !options_.deadline.has_passed()) {
      learn_classes();
      if (!all_) find_triples();
    }
    Sets fives(5);
    if (options_.sets_of_five &&
        static_cast<double>(space_.n_used()) >= n_ * static_cast<double>(options_.pairs_per_player_for_five))
      find_fives(fives);
    std::vector<Term> terms;
    append(fit_, triples_, 0, terms);
    append(fit_, fives, triples_.size(), terms);
    sort_terms(terms);
    return terms;
  }

 private:
  /// What turns a correlation into a score.
  [[nodiscard]] double scale(double degrees_of_freedom) const {
    return std::sqrt(degrees_of_freedom / (space_.square() * static_cast<double>(space_.n_used())));
  }

  void find_triples() {
    std::vector<double> thresholds(classes_.thresholds().begin(), classes_.thresholds().end());
    if (all_) std::fill(thresholds.begin(), thresholds.end(), 0.0);
    for (std::size_t round = 0; round < options_.most_rounds && !options_.deadline.has_passed(); ++round) {
      std::vector<Found> found = search_triples(space_, players_, classes_, scale(space_.degrees_of_freedom()),
                                                thresholds, options_.num_threads);
      choose(found, triples_, thresholds, all_ ? most_without_search : options_.most_added);
      if (found.empty() || (round > 0 && !promising(found))) break;
      for (const Found& set : found) {
        triples_.add(set.players);
        fit_.add(set.players, set.of_class);
      }
      const double old = fit_.variance();
      fit_.run();
      if (all_ || (round > 0 && fit_.variance() > 0.97 * old)) break;
      if (triples_.size() > 2 * options_.most_added) prune();
    }
  }

  void learn_classes() {
    std::vector<double> coefficients(triples_.size());
    std::vector<std::uint32_t> of_columns(triples_.size());
    for (std::size_t c = 0; c < triples_.size(); ++c) coefficients[c] = fit_.coefficient(c);
    classes_.learn(triples_, coefficients);
    for (std::size_t c = 0; c < triples_.size(); ++c) of_columns[c] = classes_.of(triples_[c], coefficients[c]);
    fit_.set_classes(classes_.sizes(), of_columns);
    fit_.run();
  }

  /// Whether sets that were found after the first round are likely to be more than noise.
  [[nodiscard]] bool promising(const std::vector<Found>& found) const {
    const auto above = [&](double score) {
      return std::count_if(found.begin(), found.end(), [&](const Found& set) { return set.score > score; });
    };
    return above(3.5) > 0 || static_cast<double>(above(3)) > 0.3 * static_cast<double>(triples_.size());
  }

  void prune() {
    std::vector<std::size_t> kept;
    for (std::size_t c = 0; c < triples_.size(); ++c)
      if (fit_.score(c) > 0.05) kept.push_back(c);
    fit_.keep(kept);
    triples_.keep(kept);
  }

  void find_fives(Sets& fives) {
    constexpr std::size_t most_triples = 800;
    constexpr double least_triple = 2, least_five = 2.8;
    const std::vector<std::size_t> chosen = best_columns(fit_, triples_.size(), least_triple, most_triples);
    if (chosen.size() < 4 || options_.deadline.has_passed()) return;
    const Sets unions = unions_of_two(triples_, chosen, static_cast<std::size_t>(n_));
    const double of_scores = scale(std::max(1.0, space_.degrees_of_freedom() - static_cast<double>(chosen.size()) / 2));
    const auto of_class = static_cast<std::uint32_t>(classes_.sizes().size());
    add_correlated(space_, fit_, unions, of_scores, least_five, of_class, fives);
  }

  TermSpace& space_;
  const TermsOptions& options_;
  std::span<const std::uint32_t> players_;
  double n_;
  bool all_;  // whether the fit includes all sets of three
  PairClasses classes_;
  Shrinkage fit_;
  Sets triples_{3};
};

/// Returns the `most` numbers with the highest scores, of those with a score above 1, in ascending order.
std::vector<std::uint32_t> standing_out(const std::vector<double>& scores, std::size_t most) {
  std::vector<std::uint32_t> chosen;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i] > 1) chosen.push_back(static_cast<std::uint32_t>(i));
  if (chosen.size() <= most) return chosen;
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return scores[a] > scores[b]; });
  chosen.resize(most);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

/// Returns the coefficients of the players in units of 2.5 standard errors.
std::vector<double> player_scores(const TermSpace& odd) {
  const double error = std::sqrt(odd.square() / odd.degrees_of_freedom() / static_cast<double>(odd.n_used()));
  std::vector<double> scores;
  for (const double b : odd.base()) scores.push_back(error > 0 ? std::abs(b) / (2.5 * error) : 2);
  return scores;
}

/// Whether a fit has enough pairs.
bool enough(const TermSpace& odd) { return odd.n_used() >= 2 * odd.n_base() && odd.n_base() >= 3; }

std::vector<std::uint32_t> all_players(std::size_t n) {
  std::vector<std::uint32_t> players(n);
  std::iota(players.begin(), players.end(), 0U);
  return players;
}

/// Returns the sets of four to look at: all, if there are few, or the unions of the chosen sets of two.
Sets fours_of(const Sets& twos, std::span<const std::size_t> chosen, std::size_t n_players) {
  using Four = std::array<std::uint32_t, 4>;
  constexpr std::size_t most_all = 5000;
  Sets fours(4);
  const auto n = static_cast<std::uint32_t>(n_players);
  if (n_players < 4) return fours;
  if (n_players < 30 && std::size_t{n} * (n - 1) * (n - 2) * (n - 3) / 24 <= most_all) {
    Four four;
    for (four[0] = 0; four[0] < n; ++four[0])
      for (four[1] = four[0] + 1; four[1] < n; ++four[1])
        for (four[2] = four[1] + 1; four[2] < n; ++four[2])
          for (four[3] = four[2] + 1; four[3] < n; ++four[3]) fours.add(four);
    return fours;
  }
  std::vector<Four> found;
  for (std::size_t a = 0; a < chosen.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto x = twos[chosen[a]], y = twos[chosen[b]];
      Four four{x[0], x[1], y[0], y[1]};
      std::sort(four.begin(), four.end());
      if (std::adjacent_find(four.begin(), four.end()) == four.end()) found.push_back(four);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (const Four& four : found) fours.add(four);
  return fours;
}

/// Adds those sets of four to a fit of sets of two that correlate with its residuals.
void find_fours(TermSpace& space, Shrinkage& fit, const Sets& twos, std::size_t n_players, Sets& fours) {
  constexpr std::size_t most_twos = 300;
  constexpr double least_two = 2.5, least_four = 2.5;
  const std::vector<std::size_t> chosen = best_columns(fit, twos.size(), least_two, most_twos);
  const double spare = space.degrees_of_freedom() - static_cast<double>(chosen.size());
  if (chosen.size() < 2 || spare < 1) return;
  const double scale = std::sqrt(spare / (space.square() * static_cast<double>(space.n_used())));
  add_correlated(space, fit, fours_of(twos, chosen, n_players), scale, least_four, 1, fours);
}

PairStrengths fit_even_half(const PairSigns& pairs, const BlockLayout* layout, const TermSpace& odd,
                            std::span<const double> even, double floor, const TermsOptions& options,
                            std::span<const std::uint8_t> held_out, bool with_fours = false) {
  const std::size_t n = pairs.n_players();
  PairStrengths strengths;
  strengths.n_players = n;
  const std::unique_ptr<TermSpace> space = make_term_space(pairs, layout, Base::constant, held_out);
  space->set_residuals(even);
  if (space->degrees_of_freedom() < 2 || space->square() / space->degrees_of_freedom() <= floor) return strengths;
  std::vector<std::uint32_t> players = all_players(n);
  const auto most = static_cast<std::size_t>(std::sqrt(2 * options.most_additions / space->additions()));
  if (n > most) players = standing_out(player_scores(odd), most);
  const double n_sets = static_cast<double>(n) * static_cast<double>(n - 1) / 2;
  const bool all = n_sets <= static_cast<double>(most_pairs_without_search);
  const double threshold = all ? 0 : 2;
  Shrinkage fit(*space, std::span(&n_sets, 1), floor);
  Sets sets(2);
  for (std::size_t round = 0; round < 4 && !options.deadline.has_passed(); ++round) {
    const double scale = 1 / std::sqrt(fit.variance() * static_cast<double>(space->n_used()));
    std::vector<Found> found = search_pairs(*space, players, scale, threshold, options.num_threads);
    choose(found, sets, std::span(&threshold, 1), options.most_added * 3 / 2);
    if (found.empty()) break;
    for (const Found& set : found) {
      const std::span<const std::uint32_t> two(set.players, 2);
      sets.add(two);
      fit.add(two, 0);
    }
    fit.run();
    if (all) break;
  }
  if (with_fours && static_cast<double>(space->n_used()) >=
                        static_cast<double>(n) * static_cast<double>(options.pairs_per_player_for_five)) {
    Sets fours(4);
    space->prepare_search();
    find_fours(*space, fit, sets, n, fours);
    append(fit, fours, sets.size(), strengths.terms);
  }
  append(fit, sets, 0, strengths.terms);
  sort_terms(strengths.terms);
  return strengths;
}

/// Returns the players whose sets of three are searched.
std::vector<std::uint32_t> players_to_combine(const TermSpace& odd, const PairStrengths& strengths,
                                              double even_variance, const TermsOptions& options) {
  const std::size_t n = strengths.n_players;
  const auto most = static_cast<std::size_t>(std::cbrt(6 * options.most_additions / odd.additions()));
  if (n <= std::min(most, most_without_choice)) return all_players(n);
  std::vector<double> scores = player_scores(odd);
  const double least = 0.05 * std::sqrt(even_variance / static_cast<double>(odd.n_used()));
  for (const Term& term : strengths.terms) {
    const double score = least > 0 ? std::abs(term.coefficient) / least : 2;
    for (std::size_t k = 0; k < 2; ++k) scores[term.players[k]] = std::max(scores[term.players[k]], score);
  }
  return standing_out(scores, most);
}

}  // namespace

void TermsModel::predict(const PairSigns& pairs, std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  const std::size_t words = pairs.n_words();
  for (const Term& term : terms) {
    for (std::size_t w = 0; w < words; ++w) {
      std::uint64_t product = term.order % 2 == 0 ? ~std::uint64_t{0} : 0;
      for (std::size_t k = 0; k < term.order; ++k) product ^= pairs.column(term.players[k])[w];
      const std::size_t end = std::min(out.size(), 64 * (w + 1));
      for (std::size_t p = 64 * w; p < end; ++p, product >>= 1)
        out[p] += (product & 1U) != 0 ? term.coefficient : -term.coefficient;
    }
  }
}

TermsFitter::TermsFitter(const PairSigns& pairs, std::span<const std::uint32_t> places)
    : pairs_(&pairs), layout_(BlockLayout::find(pairs, places)) {}
TermsFitter::~TermsFitter() = default;
TermsFitter::TermsFitter(TermsFitter&&) noexcept = default;
TermsFitter& TermsFitter::operator=(TermsFitter&&) noexcept = default;

std::size_t TermsFitter::order() const noexcept { return layout_ ? layout_->order() : 0; }

TermsModel TermsFitter::fit(std::span<const double> odd, std::span<const double> even, const TermsOptions& options,
                            std::span<const std::uint8_t> held_out) const {
  TermsModel model;
  const std::unique_ptr<TermSpace> space = make_term_space(*pairs_, layout_.get(), Base::players, held_out);
  if (!enough(*space)) return model;
  space->set_residuals(odd);
  const double floor = rounding(odd, even, held_out);
  if (space->square() / space->degrees_of_freedom() <= floor) return model;
  PairStrengths own;
  if (options.strengths == nullptr) own = fit_even_half(*pairs_, layout_.get(), *space, even, floor, options, held_out);
  const PairStrengths& strengths = options.strengths == nullptr ? own : *options.strengths;
  const std::vector<std::uint32_t> players =
      players_to_combine(*space, strengths, variance_of(even, held_out), options);
  model.terms = OddFit(*space, strengths, players, floor, options)();
  return model;
}

PairStrengths TermsFitter::fit_pairs(std::span<const double> odd, std::span<const double> even,
                                     const TermsOptions& options, std::span<const std::uint8_t> held_out) const {
  return fit_pairs_and_fours(odd, even, options, held_out, false);
}

PairStrengths TermsFitter::fit_pairs_and_fours(std::span<const double> odd, std::span<const double> even,
                                               const TermsOptions& options, std::span<const std::uint8_t> held_out,
                                               bool with_fours) const {
  const std::unique_ptr<TermSpace> space = make_term_space(*pairs_, layout_.get(), Base::players, held_out);
  PairStrengths none;
  none.n_players = pairs_->n_players();
  if (!enough(*space)) return none;
  space->set_residuals(odd);
  return fit_even_half(*pairs_, layout_.get(), *space, even, rounding(odd, even, held_out), options, held_out,
                       with_fours);
}

TermsModel TermsFitter::fit_even(std::span<const double> odd, std::span<const double> even, const TermsOptions& options,
                                 std::span<const std::uint8_t> held_out) const {
  TermsModel model;
  model.terms = fit_pairs_and_fours(odd, even, options, held_out, true).terms;
  return model;
}

void TermsFitter::predict(std::span<const Term> terms, std::span<double> out) const {
  if (layout_ == nullptr) {
    TermsModel model;
    model.terms.assign(terms.begin(), terms.end());
    model.predict(*pairs_, out);
    return;
  }
  const std::size_t order = layout_->order();
  std::vector<double> table(layout_->n_blocks() * order);
  for (std::size_t b = 0; b < layout_->n_blocks(); ++b) {
    const std::uint32_t* codes = layout_->codes(b);
    double* const block = table.data() + b * order;
    for (const Term& term : terms) {
      std::uint32_t code = 0;
      for (std::size_t k = 0; k < term.order; ++k) code ^= codes[term.players[k]];
      block[code & ~BlockLayout::sign_bit] +=
          (code & BlockLayout::sign_bit) != 0 ? -term.coefficient : term.coefficient;
    }
  }
  transform_blocks(table, order);
  for (std::size_t p = 0; p < out.size(); ++p) out[p] = table[layout_->place(p)];
}

TermsModel fit_terms(const PairSigns& pairs, std::span<const double> odd, std::span<const double> even,
                     const TermsOptions& options) {
  return TermsFitter(pairs).fit(odd, even, options);
}

PairStrengths fit_pairs(const PairSigns& pairs, std::span<const double> odd, std::span<const double> even,
                        const TermsOptions& options) {
  return TermsFitter(pairs).fit_pairs(odd, even, options);
}

}  // namespace banzhaf
