// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Functions that take sizes accept them or refuse them, however large they are. The first byte chooses the function,
// and each of the others a size.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <stdexcept>
#include <vector>

#include "banzhaf/budget.hpp"
#include "banzhaf/designs.hpp"
#include "banzhaf/estimate.hpp"
#include "banzhaf/native_game.hpp"
#include "banzhaf/native_model.hpp"
#include "banzhaf/transform.hpp"
#include "choices.hpp"

namespace {

using namespace banzhaf;

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
constexpr std::size_t sizes[] = {0,
                                 1,
                                 2,
                                 3,
                                 5,
                                 8,
                                 12,
                                 31,
                                 32,
                                 33,
                                 63,
                                 64,
                                 65,
                                 100,
                                 std::size_t{1} << 31,
                                 (std::size_t{1} << 32) + 1,
                                 std::size_t{1} << 53,
                                 std::size_t{1} << 58,
                                 std::size_t{1} << 62,
                                 std::size_t{1} << 63,
                                 largest - 1,
                                 largest};
constexpr DesignKind kinds[] = {DesignKind::hadamard, DesignKind::fresh, DesignKind::paired, DesignKind::independent,
                                DesignKind::exhaustive};

struct Called {};

class Choices : public fuzz::Choices {
 public:
  using fuzz::Choices::Choices;

  std::size_t size() { return one_of(sizes); }
  // Sizes whose memory can be had.
  std::size_t small() { return sizes[byte() % 14]; }
  DesignKind kind() { return one_of(kinds); }
};

int nothing(const std::uint64_t*, std::size_t, std::size_t, double*, std::size_t, void*) { return 1; }
int nothing_of_rows(const void*, std::size_t, std::size_t, double*, std::size_t, void*) { return 1; }

void use(Choices choices) {
  switch (choices.byte() % 8) {
    case 0: {
      const DesignKind kind = choices.kind();
      const std::size_t n = choices.size(), budget = choices.size();
      if (kind != DesignKind::exhaustive && count_coalitions(kind, n, budget) > budget) std::abort();
      break;
    }
    case 1: {
      const DesignKind kind = choices.kind();
      const std::size_t n = choices.size(), budget = choices.size();
      const BudgetDescription found = describe(kind, n, budget);
      if (kind != DesignKind::exhaustive && found.n_coalitions > budget) std::abort();
      break;
    }
    case 2: {
      const double epsilon = static_cast<double>(choices.size()) / 64,
                   delta = static_cast<double>(choices.size()) / 128;
      static_cast<void>(required_budget(choices.size(), epsilon, delta));
      break;
    }
    case 3: {
      const DesignKind kind = choices.kind();
      const std::size_t n = choices.size(), budget = choices.small(), batch = choices.size();
      if (kind == DesignKind::exhaustive && n > 12) break;
      const Game raising = [](CoalitionsView, std::vector<double>&) { throw Called(); };
      static_cast<void>(estimate(raising, Design(kind, n, budget, 1), {.num_threads = 1}, batch));
      break;
    }
    case 4: {
      std::vector<double> values(choices.small());
      walsh_hadamard(values, 1);
      break;
    }
    case 5: {
      const std::vector<double> values(choices.small());
      static_cast<void>(banzhaf_values({values, choices.small()}, choices.size(), 1));
      break;
    }
    case 6: {
      const std::size_t n_players = choices.size(), n_outputs = choices.size();
      const NativeGame game({.version = BANZHAF_NATIVE_VERSION,
                             .flags = 0,
                             .function = &nothing,
                             .data = nullptr,
                             .n_players = n_players,
                             .n_outputs = n_outputs,
                             .error_text = nullptr},
                            1);
      if (n_outputs > 100) break;  // the memory would be had in earnest
      Coalitions rows(choices.small(), choices.small());
      for (std::size_t r = 0; r < rows.n_rows(); ++r) std::fill(rows.row(r).begin(), rows.row(r).end(), 0);
      std::vector<double> worths;
      game(rows.view(), worths);
      break;
    }
    default: {
      const std::size_t n_columns = choices.size(), n_outputs = choices.size();
      const NativeModel model({.version = BANZHAF_NATIVE_VERSION,
                               .flags = 0,
                               .function = &nothing_of_rows,
                               .data = nullptr,
                               .n_columns = n_columns,
                               .n_outputs = n_outputs,
                               .error_text = nullptr,
                               .cell_type = static_cast<std::uint32_t>(choices.byte())},
                              1);
      if (model.n_outputs() != n_outputs) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    use(Choices(std::span(data, size)));
  } catch (const std::invalid_argument&) {
    // The sizes were refused, as they should be.
  } catch (const std::runtime_error&) {
    // The native function reported an error.
  } catch (const Called&) {
    // The sizes were accepted.
  }
  return 0;
}
