// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include <algorithm>
#include <bit>
#include <chrono>
#include <random>
#include <span>
#include <stdexcept>
#include <vector>

#include "banzhaf/designs.hpp"
#include "check.hpp"
#include "interactions/terms.hpp"
#include "support/interrupt.hpp"

using banzhaf::Coalitions;
using banzhaf::PairSigns;
using banzhaf::Term;
using banzhaf::TermsFitter;
using banzhaf::TermsModel;
using banzhaf::TermsOptions;
using banzhaf::testing::normals;

namespace {

struct Planted {
  std::vector<std::uint32_t> players;
  double coefficient;
};

/// The signs of Sylvester blocks with columns and signs of their own, or of independent pairs.
PairSigns make_pairs(std::size_t n, std::size_t n_blocks, bool in_blocks, unsigned seed) {
  const std::size_t order = std::bit_ceil(n);
  std::mt19937_64 engine(seed);
  Coalitions rows(n_blocks * order, n);
  for (std::size_t j = 0; j < n_blocks; ++j) {
    std::vector<std::uint32_t> columns(order);
    for (std::size_t c = 0; c < order; ++c) columns[c] = static_cast<std::uint32_t>(c);
    std::shuffle(columns.begin(), columns.end(), engine);
    const std::uint64_t signs[2] = {engine(), engine()};
    for (std::size_t a = 0; a < order; ++a) {
      for (std::size_t i = 0; i < n; ++i) {
        const bool in = in_blocks ? ((std::popcount(a & columns[i]) ^ (signs[i / 64] >> (i % 64))) & 1U) != 0
                                  : (engine() & 1U) != 0;
        if (in) rows.row(j * order + a)[i / 64] |= std::uint64_t{1} << (i % 64);
      }
    }
  }
  return PairSigns(rows.view());
}

void add(const PairSigns& pairs, const std::vector<Planted>& terms, std::vector<double>& out) {
  std::vector<double> column(pairs.n_pairs()), product;
  for (const Planted& term : terms) {
    product.assign(pairs.n_pairs(), term.coefficient);
    for (const std::uint32_t i : term.players) {
      pairs.expand(i, column);
      for (std::size_t p = 0; p < out.size(); ++p) product[p] *= column[p];
    }
    for (std::size_t p = 0; p < out.size(); ++p) out[p] += product[p];
  }
}

std::vector<double> linear(const PairSigns& pairs, unsigned seed) {
  const std::vector<double> phi = normals(pairs.n_players(), seed);
  std::vector<Planted> terms;
  for (std::uint32_t i = 0; i < pairs.n_players(); ++i) terms.push_back({{i}, phi[i]});
  std::vector<double> out(pairs.n_pairs());
  add(pairs, terms, out);
  return out;
}

double coefficient_of(const std::vector<Term>& terms, const std::vector<std::uint32_t>& players) {
  for (const Term& term : terms)
    if (term.order == players.size() && std::equal(players.begin(), players.end(), term.players.begin()))
      return term.coefficient;
  return 0;
}

void check_planted(bool in_blocks, bool hold_out) {
  const PairSigns pairs = make_pairs(20, 6, in_blocks, 3);
  const std::vector<Planted> triples = {{{1, 4, 7}, 1.5}, {{2, 3, 9}, -0.7}, {{0, 10, 19}, 0.3}};
  std::vector<double> odd = linear(pairs, 5), even(pairs.n_pairs(), 2.0);
  add(pairs, triples, odd);
  add(pairs, {{{1, 4}, 0.4}, {{2, 9}, -0.1}}, even);
  std::vector<std::uint8_t> held_out;
  if (hold_out)
    for (std::size_t p = 0; p < pairs.n_pairs(); ++p) held_out.push_back(p % 5 == 2);
  const TermsFitter fitter(pairs);
  CHECK(fitter.order() == (in_blocks ? 32U : 0U));
  const TermsModel model = fitter.fit(odd, even, TermsOptions{}, held_out);
  for (const Planted& term : triples)
    CHECK(banzhaf::testing::close(coefficient_of(model.terms, term.players), term.coefficient, 1e-9));
  const banzhaf::PairStrengths strengths = fitter.fit_pairs(odd, even, TermsOptions{}, held_out);
  CHECK(banzhaf::testing::close(coefficient_of(strengths.terms, {1, 4}), 0.4, 1e-9));
  CHECK(banzhaf::testing::close(coefficient_of(strengths.terms, {2, 9}), -0.1, 1e-9));
  std::vector<double> expected(pairs.n_pairs()), slow(pairs.n_pairs()), fast(pairs.n_pairs());
  add(pairs, triples, expected);
  model.predict(pairs, slow);
  fitter.predict(model.terms, fast);
  bool right = true;
  for (std::size_t p = 0; p < pairs.n_pairs(); ++p)
    right &= std::abs(slow[p] - expected[p]) < 1e-8 && std::abs(fast[p] - slow[p]) < 1e-12;
  CHECK(right);
}

void check_nothing_to_find(bool in_blocks) {
  const PairSigns pairs = make_pairs(40, 4, in_blocks, 9);
  const TermsModel model = banzhaf::fit_terms(pairs, linear(pairs, 2), std::vector<double>(pairs.n_pairs(), 3.0));
  CHECK(model.terms.empty());
}

void check_five() {
  const PairSigns pairs = make_pairs(20, 12, true, 4);
  const std::vector<Planted> planted = {
      {{1, 4, 7}, 1.5}, {{4, 9, 12}, 1.1}, {{0, 2, 3}, -0.8}, {{3, 5, 6}, 0.9}, {{1, 4, 7, 9, 12}, 0.5}};
  std::vector<double> odd = linear(pairs, 6);
  add(pairs, planted, odd);
  const std::vector<double> even(pairs.n_pairs(), 1.0);
  const TermsModel model = banzhaf::fit_terms(pairs, odd, even);
  for (const Planted& term : planted)
    CHECK(banzhaf::testing::close(coefficient_of(model.terms, term.players), term.coefficient, 1e-6));
  TermsOptions options;
  options.sets_of_five = false;
  const TermsModel without = banzhaf::fit_terms(pairs, odd, even, options);
  CHECK(std::all_of(without.terms.begin(), without.terms.end(), [](const Term& term) { return term.order == 3; }));
  CHECK(!without.terms.empty());
}

/// Noisy interactions among 70 players, so that the search chooses players, classes and candidates.
struct Noisy {
  PairSigns pairs;
  std::vector<double> odd, even;

  Noisy() : pairs(make_pairs(70, 5, true, 11)), odd(linear(pairs, 7)), even(pairs.n_pairs(), 0.0) {
    std::vector<Planted> triples, couples;
    for (std::uint32_t i = 0; i < 20; ++i) {
      triples.push_back({{i, i + 1, i + 3}, 1.0 / (1 + i)});
      couples.push_back({{i, i + 1}, 2.0 / (1 + i)});
    }
    add(pairs, triples, odd);
    add(pairs, couples, even);
    const std::vector<double> noise = normals(2 * odd.size(), 8);
    for (std::size_t p = 0; p < odd.size(); ++p) {
      odd[p] += 0.1 * noise[p];
      even[p] += 0.1 * noise[odd.size() + p];
    }
  }
};

bool same(const TermsModel& a, const TermsModel& b) {
  return std::equal(a.terms.begin(), a.terms.end(), b.terms.begin(), b.terms.end(), [](const Term& x, const Term& y) {
    return x.players == y.players && x.order == y.order && x.coefficient == y.coefficient && x.error == y.error;
  });
}

void check_threads(const Noisy& game) {
  const TermsFitter fitter(game.pairs);
  TermsOptions options;
  const TermsModel one = fitter.fit(game.odd, game.even, options);
  CHECK(coefficient_of(one.terms, {0, 1, 3}) > 0.9);
  for (const int num_threads : {2, 5}) {
    options.num_threads = num_threads;
    CHECK(same(one, fitter.fit(game.odd, game.even, options)));
  }
  // What is held out must not matter.
  std::vector<std::uint8_t> held_out(game.pairs.n_pairs());
  for (std::size_t p = 0; p < held_out.size(); p += 4) held_out[p] = 1;
  const TermsModel part = fitter.fit(game.odd, game.even, options, held_out);
  std::vector<double> odd = game.odd, even = game.even;
  for (std::size_t p = 0; p < held_out.size(); p += 4) odd[p] = even[p] = 1e6;
  CHECK(!part.terms.empty() && same(part, fitter.fit(odd, even, options, held_out)));
}

/// Pairs in shuffled blocks, the last of them incomplete, are found with the places of the pairs.
void check_places() {
  const PairSigns blocks = make_pairs(20, 7, true, 12);
  std::vector<std::uint32_t> places(blocks.n_pairs());
  for (std::size_t p = 0; p < places.size(); ++p) places[p] = static_cast<std::uint32_t>(p);
  std::mt19937_64 engine(3);
  for (auto first = places.begin(); first != places.end(); first += 32) std::shuffle(first, first + 32, engine);
  places.resize(6 * 32 + 11);
  const PairSigns pairs = blocks.subset(places);
  CHECK(TermsFitter(pairs).order() == 0);
  const TermsFitter fitter(pairs, places);
  CHECK(fitter.order() == 32);
  const std::vector<Planted> planted = {{{1, 4, 7}, 1.5}, {{2, 3, 9}, -0.7}, {{0, 10, 19}, 0.3}};
  std::vector<double> odd = linear(pairs, 5), fitted(pairs.n_pairs()), expected(pairs.n_pairs());
  add(pairs, planted, odd);
  const std::vector<double> even(pairs.n_pairs(), 2.0);
  const TermsModel model = fitter.fit(odd, even, TermsOptions{});
  fitter.predict(model.terms, fitted);
  add(pairs, planted, expected);
  bool right = true;
  for (std::size_t p = 0; p < fitted.size(); ++p) right &= std::abs(fitted[p] - expected[p]) < 1e-8;
  CHECK(right);
}

void check_interrupt(const Noisy& game) {
  const banzhaf::InterruptScope scope([] { throw std::runtime_error("ended"); }, std::chrono::milliseconds(0));
  CHECK(banzhaf::testing::throws<std::runtime_error>([&] { (void)banzhaf::fit_terms(game.pairs, game.odd, game.even); },
                                                     "ended"));
}

void check_deadline(const Noisy& game) {
  TermsOptions options;
  options.deadline = banzhaf::Deadline(0, [] { return 1.0; });
  CHECK(banzhaf::fit_terms(game.pairs, game.odd, game.even, options).terms.empty());
}

/// With a budget of additions, few players are combined, and their terms are still found.
void check_many_players(const Noisy& game) {
  TermsOptions options;
  options.most_additions = 5000;
  const TermsModel model = banzhaf::fit_terms(game.pairs, game.odd, game.even, options);
  std::vector<bool> used(70);
  for (const Term& term : model.terms)
    for (std::size_t k = 0; k < term.order; ++k) used[term.players[k]] = true;
  CHECK(std::count(used.begin(), used.end(), true) <= 18);  // 18^3 / 6 sets of three, with 5 additions each
  CHECK(!model.terms.empty());
}

}  // namespace

int main() {
  const Noisy game;
  check_threads(game);
  check_interrupt(game);
  check_deadline(game);
  check_many_players(game);
  check_five();
  check_places();
  for (const bool in_blocks : {true, false}) {
    for (const bool hold_out : {false, true}) check_planted(in_blocks, hold_out);
    check_nothing_to_find(in_blocks);
  }
  return banzhaf::testing::finish();
}
