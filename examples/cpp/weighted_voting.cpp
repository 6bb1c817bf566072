// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Estimates the power of each state in the Electoral College of the United States, and compares it with the exact
// value.
#include <algorithm>
#include <array>
#include <banzhaf/banzhaf.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

struct State {
  std::string_view name;
  std::size_t electors;
};

// The elections of 2024 and 2028.
constexpr std::array<State, 51> states{{
    {"CA", 54}, {"TX", 40}, {"FL", 30}, {"NY", 28}, {"IL", 19}, {"PA", 19}, {"OH", 17}, {"GA", 16}, {"NC", 16},
    {"MI", 15}, {"NJ", 14}, {"VA", 13}, {"WA", 12}, {"AZ", 11}, {"IN", 11}, {"MA", 11}, {"TN", 11}, {"CO", 10},
    {"MD", 10}, {"MN", 10}, {"MO", 10}, {"WI", 10}, {"AL", 9},  {"SC", 9},  {"KY", 8},  {"LA", 8},  {"OR", 8},
    {"CT", 7},  {"OK", 7},  {"AR", 6},  {"IA", 6},  {"KS", 6},  {"MS", 6},  {"NV", 6},  {"UT", 6},  {"NE", 5},
    {"NM", 5},  {"HI", 4},  {"ID", 4},  {"ME", 4},  {"MT", 4},  {"NH", 4},  {"RI", 4},  {"WV", 4},  {"AK", 3},
    {"DE", 3},  {"DC", 3},  {"ND", 3},  {"SD", 3},  {"VT", 3},  {"WY", 3},
}};
constexpr std::size_t quota = 270;

// A coalition is worth 1 if its electors are a majority.
void wins(banzhaf::CoalitionsView coalitions, std::vector<double>& worths) {
  for (std::size_t r = 0; r < coalitions.n_rows; ++r) {
    std::size_t electors = 0;
    for (std::size_t i = 0; i < states.size(); ++i)
      if (coalitions.contains(r, i)) electors += states[i].electors;
    worths.push_back(electors >= quota ? 1.0 : 0.0);
  }
}

// Returns the share of the other states' coalitions that lose, but win with this state. They are counted by their
// electors.
double exact_value(std::size_t player) {
  std::vector<double> share(quota, 0.0);  // of losing coalitions, by their number of electors
  share[0] = 1.0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (i == player) continue;
    for (std::size_t electors = quota; electors-- > 0;) {
      const double joined = electors >= states[i].electors ? share[electors - states[i].electors] : 0.0;
      share[electors] = (share[electors] + joined) / 2;
    }
  }
  double value = 0.0;
  for (std::size_t electors = quota - states[player].electors; electors < quota; ++electors) value += share[electors];
  return value;
}

}  // namespace

int main() {
  const banzhaf::Design design(banzhaf::DesignKind::paired, states.size(), 100'000, 2026);
  const banzhaf::Estimate found = banzhaf::estimate(wins, design);

  std::printf("state  electors  exact    estimate  standard error   (%zu evaluations)\n", found.n_evaluations);
  double worst = 0.0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const double exact = exact_value(i);
    worst = std::max(worst, std::abs(found.values[i] - exact) / found.standard_errors[i]);
    if (i < 10)
      std::printf("%-5s  %8zu  %.5f  %.5f   %.5f\n", states[i].name.data(), states[i].electors, exact, found.values[i],
                  found.standard_errors[i]);
  }
  std::printf("largest error of all %zu states: %.1f standard errors\n", states.size(), worst);
  return worst < 5.0 ? 0 : 1;
}
