// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "banzhaf/designs.hpp"
#include "check.hpp"
#include "interactions/terms.hpp"

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

}  // namespace

int main() {
  for (const bool in_blocks : {true, false}) {
    for (const bool hold_out : {false, true}) check_planted(in_blocks, hold_out);
    check_nothing_to_find(in_blocks);
  }
  return banzhaf::testing::finish();
}
