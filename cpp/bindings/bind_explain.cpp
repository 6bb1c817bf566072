// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Explaining a Python model.
#include <pybind11/stl.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "banzhaf/crossed.hpp"
#include "banzhaf/explain.hpp"
#include "banzhaf/gradients.hpp"
#include "binders.hpp"
#include "native.hpp"
#include "xgboost.hpp"

namespace banzhaf::bindings {
namespace {

// An explainer, with a reference to the background that it reads.
struct PreparedRows {
  py::array background;
  CrossedExplainer explainer;
};

// Explanations, with references to the arrays that they read.
struct ModelRun {
  py::array background;
  py::array explicands;
  std::unique_ptr<Explanations> explanations;
  std::shared_ptr<void> gradients{};  // what a GradientModel calls
};

// Memory for a batch of masked rows. All batches share it, unless the model keeps a reference to one.
class BatchArray {
 public:
  BatchArray(const py::array& like, std::size_t n_rows) : dtype_(like.dtype()), shape_{extent(n_rows), like.shape(1)} {
    renew();
  }

  [[nodiscard]] py::array first(std::size_t n_rows) const {
    return py::array(dtype_, {extent(n_rows), shape_[1]}, array_.data(), array_);
  }
  void renew_if_kept() {
    if (array_.ref_count() > 1) renew();
  }
  // Is called without the interpreter lock, so it asks no Python object, not even for a size.
  [[nodiscard]] std::span<std::uint8_t> bytes() const { return bytes_; }

 private:
  void renew() {
    array_ = py::array(dtype_, shape_);
    bytes_ = {static_cast<std::uint8_t*>(array_.mutable_data()), static_cast<std::size_t>(array_.nbytes())};
  }

  py::dtype dtype_;
  std::vector<py::ssize_t> shape_;
  py::array array_;
  std::span<std::uint8_t> bytes_;
};

// Calls a Python function on batches that share an array, and writes into this array.
class PythonModel {
 public:
  PythonModel(const py::function& function, const py::array& like, std::size_t batch_rows)
      : function_(function), batch_(like, batch_rows) {}

  void operator()(std::size_t n_rows, std::vector<double>& outputs) {
    const Held gil;
    append_rows(call_python(function_, batch_.first(n_rows)), n_rows, outputs);
    batch_.renew_if_kept();
  }
  [[nodiscard]] std::span<std::uint8_t> bytes() const { return batch_.bytes(); }

 private:
  const py::function& function_;
  BatchArray batch_;
};

constexpr std::chrono::milliseconds between_reports(50);

// Tells Python how many rows a model has evaluated, each time that some time has passed since it did so.
class Reports {
 public:
  explicit Reports(const py::function& progress) : progress_(progress) {}

  void operator()(std::size_t n_rows) {
    n_rows_ += n_rows;
    if (Clock::now() - last_ < between_reports) return;
    const Held gil;
    call_python(progress_, py::int_(std::exchange(n_rows_, 0)));
    last_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;

  const py::function& progress_;
  std::size_t n_rows_ = 0;
  Clock::time_point last_ = Clock::now();
};

// Calls body(model, memory) without the interpreter lock. Rows with which XGBoost has trouble go to `otherwise`, a
// Python function.
template <typename Body>
auto with_booster(const XGBoostModel& model, const py::array& like, std::size_t batch_rows,
                  const std::optional<py::function>& progress, const py::function& otherwise, Body&& body) {
  const std::size_t n_columns = columns_of(like),
                    n_bytes = batch_rows * n_columns * static_cast<std::size_t>(like.itemsize());
  const py::dtype dtype = like.dtype();
  std::optional<Reports> reports;
  if (progress) reports.emplace(*progress);
  const Released no_gil;  // no Python object is touched, unless XGBoost has trouble or a report is due
  const std::unique_ptr<std::uint8_t[]> memory(new std::uint8_t[n_bytes]);
  const std::span<std::uint8_t> batch(memory.get(), n_bytes);
  const Model reading = model.reading(batch.data(), n_columns, [&](std::size_t n_rows, std::vector<double>& outputs) {
    const Held gil;
    const py::array rows(dtype, {extent(n_rows), extent(n_columns)}, batch.data());  // a copy
    append_rows(call_python(otherwise, rows), n_rows, outputs);
  });
  const BatchMemory same = [batch] { return batch; };
  if (!reports) return body(reading, same);
  const Model counted = [&](std::size_t n_rows, std::vector<double>& outputs) {
    reading(n_rows, outputs);
    (*reports)(n_rows);
  };
  return body(counted, same);
}

// Calls body(model, memory) without the interpreter lock. A native model takes it only to tell `progress`, if that is
// given, how many rows it has evaluated.
template <typename Body>
auto with_model(const py::object& model, const py::array& like, std::size_t batch_rows, int num_threads,
                const std::optional<py::function>& progress, const std::optional<py::function>& otherwise,
                Body&& body) {
  if (py::isinstance<XGBoostModel>(model)) {
    if (!otherwise) throw std::invalid_argument("otherwise must be given for a booster");
    return with_booster(model.cast<const XGBoostModel&>(), like, batch_rows, progress, *otherwise, body);
  }
  if (!py::isinstance<BoundModel>(model)) {
    const auto function = model.cast<py::function>();
    PythonModel called(function, like, batch_rows);
    const Released no_gil;  // the model takes it back for each call
    return body(Model(std::ref(called)), BatchMemory([&] { return called.bytes(); }));
  }
  const NativeModel native = model.cast<const BoundModel&>().model(num_threads);
  if (static_cast<std::size_t>(like.itemsize()) != native.cell_bytes())
    throw std::invalid_argument("background must have the cells of the model");
  const std::size_t n_columns = columns_of(like), n_bytes = batch_rows * n_columns * native.cell_bytes();
  const Released no_gil;  // no Python object is touched
  const std::unique_ptr<std::uint8_t[]> memory(new std::uint8_t[n_bytes]);
  const std::span<std::uint8_t> batch(memory.get(), n_bytes);
  const Model reading = native.reading(batch.data(), n_columns);
  const BatchMemory same = [batch] { return batch; };
  if (!progress) return body(reading, same);
  const Model counted = [&](std::size_t n_rows, std::vector<double>& outputs) {
    reading(n_rows, outputs);
    const Held gil;
    call_python(*progress, py::int_(n_rows));
  };
  return body(counted, same);
}

void require_alike(const py::array& background, const py::array& explicands) {
  require_dimensions(background, 2, "background");
  require_dimensions(explicands, 2, "explicands");
  constexpr int contiguous = py::array::c_style;
  if ((background.flags() & contiguous) == 0 || (explicands.flags() & contiguous) == 0 ||
      background.itemsize() != explicands.itemsize() || columns_of(background) != columns_of(explicands))
    throw std::invalid_argument("background and explicands must be C-contiguous, of one dtype and width");
}

MaskedTable table_of(const py::array& background, const py::array& explicands, std::size_t n_players,
                     std::vector<std::uint32_t> player_of_column, std::vector<double> weights) {
  require_alike(background, explicands);
  return {.background = background.data(),
          .explicands = explicands.data(),
          .n_background = rows_of(background),
          .n_explicands = rows_of(explicands),
          .n_columns = columns_of(background),
          .cell_bytes = static_cast<std::size_t>(background.itemsize()),
          .n_players = n_players,
          .player_of_column = std::move(player_of_column),
          .weights = std::move(weights)};
}

// A Python function that returns outputs and their gradients, and what it is called on. It is dropped with the run, and
// so with the interpreter lock.
class PythonGradients {
 public:
  PythonGradients(py::function function, const py::array& like, std::size_t batch_rows)
      : function_(std::move(function)), batch_(like, batch_rows) {}
  PythonGradients(const PythonGradients&) = delete;
  PythonGradients& operator=(const PythonGradients&) = delete;

  // The core keeps the model as long as this object lives.
  [[nodiscard]] GradientModel model() {
    return {.model = [this](std::size_t n_rows) { return call(n_rows); }, .memory = [this] { return batch_.bytes(); }};
  }

 private:
  GradientBatch call(std::size_t n_rows) {
    const Held gil;
    const Returned returned = call_python(function_, batch_.first(n_rows));
    const auto [outputs, gradients] = py::cast<std::pair<DoubleArray, py::array>>(returned.get());
    outputs_ = outputs;
    gradients_ = gradients;
    batch_.renew_if_kept();
    if (py::isinstance<FloatArray>(gradients_)) return {to_span(outputs_), numbers_of<float>(gradients_)};
    if (py::isinstance<DoubleArray>(gradients_)) return {to_span(outputs_), numbers_of<double>(gradients_)};
    throw std::invalid_argument("gradients must be a C-contiguous array of float32 or float64");
  }

  template <typename Number>
  static std::span<const Number> numbers_of(const py::array& array) {
    return {static_cast<const Number*>(array.data()), static_cast<std::size_t>(array.size())};
  }

  py::function function_;
  BatchArray batch_;
  DoubleArray outputs_;  // of the last batch
  py::array gradients_;
};

// A background row of positive weight, and the largest difference of each output by rounding.
using CheckedRow = std::pair<std::size_t, std::vector<double>>;

BackgroundCheck check_of(std::optional<CheckedRow> check) {
  if (!check) return {};
  return {.row = check->first, .tolerance = std::move(check->second)};
}

// The function must outlive what is returned, or be dropped with the interpreter lock.
std::function<bool()> called(py::function callback) {
  return [function = std::move(callback)] {
    const Held gil;
    return py::cast<bool>(call_python(function).get());
  };
}

py::array_t<std::int64_t> to_counts(const std::vector<std::size_t>& counts) {
  py::array_t<std::int64_t> array(extent(counts.size()));
  std::ranges::transform(counts, array.mutable_data(),
                         [](std::size_t count) { return static_cast<std::int64_t>(count); });
  return array;
}

template <typename Number>
bool any_nan(const py::array& numbers) {
  const auto* const first = static_cast<const Number*>(numbers.data());
  bool found = false;
  for (py::ssize_t i = 0; i < numbers.size(); ++i) found |= std::isnan(first[i]);
  return found;
}

// Whether contiguous numbers of float32 or float64 hold NaN. For a few of them, NumPy takes ten times as long.
bool has_nan(const py::array& numbers) {
  if ((numbers.flags() & py::array::c_style) == 0) throw std::invalid_argument("numbers must be C-contiguous");
  if (py::isinstance<py::array_t<double>>(numbers)) return any_nan<double>(numbers);
  if (py::isinstance<py::array_t<float>>(numbers)) return any_nan<float>(numbers);
  throw std::invalid_argument("numbers must be float32 or float64");
}

const char* adjusted_name(RowsAdjusted outcome) {
  switch (outcome) {
    case RowsAdjusted::exact:
      return "exact";
    case RowsAdjusted::few_pairs:
      return "few pairs";
    case RowsAdjusted::nested:
      return "nested";
    case RowsAdjusted::costly:
      return "costly";
    case RowsAdjusted::no_gain:
      return "no gain";
    case RowsAdjusted::late:
      return "deadline";
    case RowsAdjusted::adjusted:
      return "adjusted";
    case RowsAdjusted::off:
      break;
  }
  return "none";
}

// What was done about interactions in each row.
py::tuple adjustments_of(const ModelRun& run) {
  const Explanations& explanations = *run.explanations;
  const std::vector<RowsAdjustment>* found = nullptr;
  if (const auto* crossed = dynamic_cast<const CrossedExplanations*>(&explanations)) found = &crossed->adjustments();
  if (const auto* by_gradients = dynamic_cast<const GradientExplanations*>(&explanations))
    found = &by_gradients->adjustments();
  py::tuple result(explanations.n_explained());
  for (std::size_t x = 0; x < explanations.n_explained(); ++x)
    result[x] = py::str(adjusted_name(found != nullptr ? (*found)[x].outcome : RowsAdjusted::off));
  return result;
}

// Does what setflags(write=False) does.
template <typename Array>
Array read_only(Array array) {
  py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return array;
}

template <typename Number>
py::array_t<std::int64_t> integers(std::size_t n_rows, std::size_t n_columns, const Number& number) {
  py::array_t<std::int64_t> array({extent(n_rows), extent(n_columns)});
  std::int64_t* next = array.mutable_data();
  for (std::size_t r = 0; r < n_rows; ++r)
    for (std::size_t c = 0; c < n_columns; ++c) *next++ = static_cast<std::int64_t>(number(r, c));
  return read_only(std::move(array));
}

// The evaluations that a run has kept, until somebody asks for them as arrays. Most explanations never need them.
struct TakenRows {
  KeptRows rows;
};

py::object take_kept(const ModelRun& run) {
  auto* crossed = dynamic_cast<CrossedExplanations*>(run.explanations.get());
  if (crossed == nullptr) return py::none();
  TakenRows taken{crossed->take_kept()};
  if (taken.rows.keeping != Keeping::kept) return py::none();
  return py::cast(std::move(taken));
}

// Gives the evaluations away. A single row's worths are moved, not copied.
py::tuple arrays_of(TakenRows& taken) {
  KeptRows kept = std::exchange(taken.rows, {});
  if (kept.keeping != Keeping::kept) throw std::logic_error("the evaluations were taken before");
  std::vector<const KeptDesign*> designs;
  std::vector<double> factors, worths;
  std::vector<std::uint64_t> words;
  std::size_t n_worths = 0, n_designs = 0;
  for (const KeptRow& row : kept.rows) {
    n_worths += row.worths.size();
    n_designs += row.designs.size();
  }
  designs.reserve(n_designs);
  factors.reserve(n_designs);
  if (kept.rows.size() > 1) worths.reserve(n_worths);
  for (KeptRow& row : kept.rows) {
    for (const KeptDesign& design : row.designs) {
      designs.push_back(&design);
      factors.push_back(design.factor);
    }
    words.insert(words.end(), row.players.begin(), row.players.end());
    if (kept.rows.size() == 1)
      worths = std::move(row.worths);
    else
      worths.insert(worths.end(), row.worths.begin(), row.worths.end());
  }
  const std::size_t n_words = words_for(kept.n_players), k = kept.n_outputs;
  const py::ssize_t n_coalitions = extent(worths.size() / k);
  return py::make_tuple(
      integers(kept.rows.size(), 3,
               [&](std::size_t r, std::size_t c) {
                 const KeptRow& row = kept.rows[r];
                 return c == 0 ? row.designs.size() : c == 1 ? row.n_drawn : row.has_values ? 1 : 0;
               }),
      integers(designs.size(), 4,
               [&](std::size_t d, std::size_t c) {
                 const KeptDesign& design = *designs[d];
                 return c == 0   ? design.background
                        : c == 1 ? (design.fresh ? 1 : 0)
                        : c == 2 ? design.n_pairs
                                 : design.n_used;
               }),
      read_only(to_array(factors, {extent(factors.size())})),
      integers(designs.size(), n_words, [&](std::size_t d, std::size_t c) { return words[d * n_words + c]; }),
      read_only(owned(std::move(worths), {n_coalitions, extent(k)})));
}

using IntegerArray = py::array_t<std::int64_t, py::array::c_style>;

// Arrays as arrays_of() returns them.
py::tuple pair_interactions_of(const IntegerArray& rows, const IntegerArray& designs, const DoubleArray& factors,
                               const IntegerArray& players, const DoubleArray& worths, std::size_t n_players,
                               std::uint64_t seed, bool noisy, int num_threads) {
  require_dimensions(rows, 2, "rows");
  require_dimensions(designs, 2, "designs");
  require_dimensions(players, 2, "players");
  require_dimensions(worths, 2, "worths");
  const std::size_t n_words = words_for(n_players), n_designs = rows_of(designs);
  if (columns_of(rows) != 3 || columns_of(designs) != 4 || columns_of(players) != n_words ||
      rows_of(players) != n_designs || static_cast<std::size_t>(factors.size()) != n_designs)
    throw std::invalid_argument("rows, designs, factors and players must be those of kept evaluations");
  KeptRows kept{
      .keeping = Keeping::kept, .n_players = n_players, .n_outputs = columns_of(worths), .seed = seed, .noisy = noisy};
  const auto size = [](std::int64_t number) { return static_cast<std::size_t>(number); };
  std::size_t d = 0, start = 0;
  for (std::size_t r = 0; r < rows_of(rows); ++r) {
    const std::int64_t* row = rows.data() + 3 * r;
    KeptRow& added = kept.rows.emplace_back();
    added.n_drawn = size(row[1]);
    added.has_values = row[2] != 0;
    if (size(row[0]) > n_designs - d) throw std::invalid_argument("designs must be those of all rows");
    std::size_t n_coalitions = 0;
    for (const std::size_t last = d + size(row[0]); d < last; ++d) {
      const std::int64_t* design = designs.data() + 4 * d;
      added.designs.push_back({.background = size(design[0]),
                               .fresh = design[1] != 0,
                               .n_pairs = size(design[2]),
                               .n_used = size(design[3]),
                               .factor = factors.data()[d]});
      for (std::size_t w = 0; w < n_words; ++w)
        added.players.push_back(static_cast<std::uint64_t>(players.data()[d * n_words + w]));
      n_coalitions += 2 * size(design[3]);
    }
    if (n_coalitions > rows_of(worths) - start) throw std::invalid_argument("worths must be those of all designs");
    const double* first = worths.data() + start * kept.n_outputs;
    added.worths.assign(first, first + n_coalitions * kept.n_outputs);
    start += n_coalitions;
  }
  const PairInteractions found = [&] {
    const Released no_gil;
    return pair_interactions(kept, num_threads);
  }();
  const py::ssize_t n_rows = extent(kept.rows.size()), k = extent(kept.n_outputs),
                    n_sets = extent(n_players * (n_players - 1) / 2);
  return py::make_tuple(
      to_array(found.values, {n_rows, n_sets, k}), to_array(found.standard_errors, {n_rows, n_sets, k}),
      to_array(found.degrees_of_freedom, {n_rows, k}), to_array(found.unresolved_variance, {n_rows, k}));
}

// Everything that a run has found, in one call. Without an axis of outputs, the arrays hold the only output. They are
// read-only.
py::tuple results_of(const ModelRun& run, bool outputs_axis) {
  const Explanations& e = *run.explanations;
  const py::ssize_t rows = extent(e.n_explained()), players = extent(e.n_players()), outputs = extent(e.n_outputs());
  if (!outputs_axis && outputs > 1) throw std::invalid_argument("several outputs need an axis");
  std::vector<py::ssize_t> base{outputs}, by_output{rows, outputs}, by_player{rows, players, outputs};
  if (!outputs_axis)
    for (std::vector<py::ssize_t>* shape : {&base, &by_output, &by_player}) shape->pop_back();
  const auto all = [](std::span<const double> numbers, const std::vector<py::ssize_t>& shape) {
    return read_only(to_array(numbers, shape));
  };
  py::object predictions = py::none();
  if (!e.predictions().empty() || rows == 0) predictions = all(e.predictions(), by_output);
  py::tuple reasons(e.n_explained());
  for (std::size_t x = 0; x < e.n_explained(); ++x) reasons[x] = py::str(name_of(e.stopped()[x]));
  return py::make_tuple(all(e.base_values(), base), all(e.values(), by_player), all(e.standard_errors(), by_player),
                        all(e.background_errors(), by_player), all(e.r2(), by_output),
                        all(e.degrees_of_freedom(), by_output), std::move(predictions),
                        read_only(to_counts(e.row_costs())), read_only(to_counts(e.n_background())), std::move(reasons),
                        e.n_model_rows(), e.rank(), e.condition_number());
}

// Shapley values with their errors from sampling, from what is not resolved and from the background: an array of shape
// (4, rows, players, outputs). It is empty unless they were asked for.
py::array_t<double> shapley_of(const ModelRun& run) {
  const Explanations& e = *run.explanations;
  const auto* crossed = dynamic_cast<const CrossedExplanations*>(&e);
  if (crossed == nullptr) return to_array({}, {0, 0, 0, 0});
  const ShapleyResults& found = crossed->shapley();
  std::vector<double> all;
  for (const std::vector<double>* part :
       {&found.values, &found.sampling_errors, &found.unresolved_errors, &found.background_errors})
    all.insert(all.end(), part->begin(), part->end());
  if (all.empty()) return to_array({}, {0, 0, 0, 0});
  return to_array(all, {4, extent(e.n_explained()), extent(e.n_players()), extent(e.n_outputs())});
}

}  // namespace

void bind_explain(py::module_& module) {
  py::class_<TakenRows>(module, "TakenRows").def("arrays", &arrays_of);
  module.def("has_nan", &has_nan, py::arg("numbers"));
  module.def("least_players_for_gradients", &least_players_for_gradients, py::arg("gradient_cost"));
  module.def("pair_interactions", &pair_interactions_of, py::arg("rows"), py::arg("designs"), py::arg("factors"),
             py::arg("players"), py::arg("worths"), py::kw_only(), py::arg("n_players"), py::arg("seed"),
             py::arg("noisy"), py::arg("num_threads"));
  const auto by_player = [](const std::vector<double>& (Explanations::*member)() const noexcept) {
    return [member](const ModelRun& r) {
      const Explanations& e = *r.explanations;
      return to_array((e.*member)(), {extent(e.n_explained()), extent(e.n_players()), extent(e.n_outputs())});
    };
  };
  const auto by_output = [](const std::vector<double>& (Explanations::*member)() const noexcept) {
    return [member](const ModelRun& r) {
      const Explanations& e = *r.explanations;
      return to_array((e.*member)(), {extent(e.n_explained()), extent(e.n_outputs())});
    };
  };
  py::class_<CrossedOptions>(module, "CrossedOptions")
      .def(py::init([](std::size_t budget, double ridge, bool noisy, const std::string& interactions,
                       std::uint64_t seed, int num_threads, const StoppingRules& rules, double deadline,
                       const std::optional<py::function>& callback) {
             CrossedOptions options{
                 .budget = budget,
                 .ridge = ridge,
                 .noisy = noisy,
                 .interactions = interactions_named(interactions),
                 .seed = seed,
                 .num_threads = num_threads,
                 .rules = rules,
                 .deadline = deadline,
             };
             if (callback) options.callback = called(*callback);
             return options;
           }),
           py::kw_only(), py::arg("budget"), py::arg("ridge") = 0.0, py::arg("noisy") = false,
           py::arg("interactions") = "none", py::arg("seed") = 0, py::arg("num_threads") = 0,
           py::arg("rules") = StoppingRules{}, py::arg("deadline") = std::numeric_limits<double>::infinity(),
           py::arg("callback") = py::none());

  py::class_<ModelRun>(module, "Explanations")
      .def_static(
          "shared",
          [](py::array background, py::array explicands, std::size_t n_players,
             const std::vector<std::uint32_t>& player_of_column, const std::vector<double>& weights,
             const std::string& design, std::size_t n_coalitions, std::uint64_t seed,
             std::shared_ptr<Estimator> estimator, int num_threads, double p) {
            MaskedTable table = table_of(background, explicands, n_players, player_of_column, weights);
            auto run = [&] {
              const Released no_gil;  // planning may take long
              return std::make_unique<SharedExplanations>(std::move(table),
                                                          design_named(design, n_players, n_coalitions, seed, p),
                                                          std::move(estimator), num_threads);
            }();
            return ModelRun{std::move(background), std::move(explicands), std::move(run)};
          },
          py::arg("background"), py::arg("explicands"), py::kw_only(), py::arg("n_players"),
          py::arg("player_of_column"), py::arg("weights"), py::arg("design"), py::arg("n_coalitions"), py::arg("seed"),
          py::arg("estimator"), py::arg("num_threads"), py::arg("p") = 0.5)
      .def_static(
          "crossed",
          [](py::array background, py::array explicands, std::size_t n_players,
             const std::vector<std::uint32_t>& player_of_column, const std::vector<double>& weights,
             const CrossedOptions& options) {
            MaskedTable table = table_of(background, explicands, n_players, player_of_column, weights);
            auto run = std::make_unique<CrossedExplanations>(std::move(table), options);
            return ModelRun{std::move(background), std::move(explicands), std::move(run)};
          },
          py::arg("background"), py::arg("explicands"), py::kw_only(), py::arg("n_players"),
          py::arg("player_of_column"), py::arg("weights"), py::arg("options"))
      .def_static(
          "gradients",
          [](py::array background, py::array explicands, const py::function& gradients, std::size_t batch_rows,
             std::size_t n_players, const std::vector<std::uint32_t>& player_of_column,
             const std::vector<double>& weights, std::size_t budget, double gradient_cost, bool noisy,
             bool compares_values, std::uint64_t seed, int num_threads, const StoppingRules& rules, double deadline,
             const std::optional<py::function>& callback, const std::optional<DoubleArray>& background_outputs,
             std::optional<CheckedRow> background_check) {
            MaskedTable table = table_of(background, explicands, n_players, player_of_column, weights);
            GradientOptions options{.budget = budget,
                                    .gradient_cost = gradient_cost,
                                    .noisy = noisy,
                                    .compares_values = compares_values,
                                    .seed = seed,
                                    .num_threads = num_threads,
                                    .rules = rules,
                                    .deadline = deadline};
            if (callback) options.callback = called(*callback);
            std::span<const double> known;
            if (background_outputs) known = to_worths(*background_outputs, "background_outputs").values;
            auto model = std::make_shared<PythonGradients>(gradients, background, batch_rows);
            auto run = std::make_unique<GradientExplanations>(std::move(table), std::move(options), model->model(),
                                                              known, check_of(std::move(background_check)));
            return ModelRun{std::move(background), std::move(explicands), std::move(run), std::move(model)};
          },
          py::arg("background"), py::arg("explicands"), py::kw_only(), py::arg("gradients"), py::arg("batch_rows"),
          py::arg("n_players"), py::arg("player_of_column"), py::arg("weights"), py::arg("budget"),
          py::arg("gradient_cost"), py::arg("noisy"), py::arg("compares_values"), py::arg("seed"),
          py::arg("num_threads"), py::arg("rules") = StoppingRules{},
          py::arg("deadline") = std::numeric_limits<double>::infinity(), py::arg("callback") = py::none(),
          py::arg("background_outputs") = py::none(), py::arg("background_check") = py::none())
      .def(
          "run",
          [](ModelRun& run, const py::object& model, std::size_t batch_rows, int num_threads,
             const std::optional<py::function>& progress, const std::optional<py::function>& otherwise) {
            try {
              with_model(
                  model, run.explicands, batch_rows, num_threads, progress, otherwise,
                  [&](const Model& called, const BatchMemory& memory) { run.explanations->run(called, memory); });
            } catch (const ModelChanged& changed) {
              throw std::runtime_error(std::string(changed.what()) +
                                       " when prepare was called: call prepare again if the model has changed, or make "
                                       "the explainer with noisy=True and without prepare if the model's outputs vary");
            }
          },
          py::arg("model"), py::arg("batch_rows"), py::arg("num_threads") = 0, py::arg("progress") = py::none(),
          py::arg("otherwise") = py::none())
      .def("take_kept", &take_kept)
      .def("results", &results_of, py::arg("outputs_axis") = true)
      .def_property_readonly("shapley", &shapley_of)
      .def_property_readonly("adjustments", &adjustments_of)
      .def_property_readonly("n_model_rows", [](const ModelRun& r) { return r.explanations->n_model_rows(); })
      .def_property_readonly("n_passed",
                             [](const ModelRun& r) {
                               const auto* run = dynamic_cast<const GradientExplanations*>(r.explanations.get());
                               return run == nullptr ? std::size_t{0} : run->n_passed();
                             })
      .def_property_readonly(
          "flat",
          [](const ModelRun& r) {
            const auto* run = dynamic_cast<const GradientExplanations*>(r.explanations.get());
            if (run == nullptr) return ByteArray(std::vector<py::ssize_t>{0, 0});
            ByteArray flags(std::vector<py::ssize_t>{extent(run->n_explained()), extent(run->n_players())});
            std::ranges::copy(run->flat(), flags.mutable_data());
            return flags;
          })
      .def_property_readonly("gradient_rows",
                             [](const ModelRun& r) {
                               const auto* run = dynamic_cast<const GradientExplanations*>(r.explanations.get());
                               return run == nullptr ? std::vector<std::size_t>() : run->gradient_rows();
                             })
      .def_property_readonly("gradient_weights",
                             [](const ModelRun& r) {
                               const auto* run = dynamic_cast<const GradientExplanations*>(r.explanations.get());
                               if (run == nullptr) return to_array(std::vector<double>(), {0, 0});
                               return to_array(run->gradient_weights(),
                                               {extent(run->n_explained()), extent(run->n_outputs())});
                             })
      .def_property_readonly("n_explained", [](const ModelRun& r) { return r.explanations->n_explained(); })
      .def_property_readonly("n_confirming", [](const ModelRun& r) { return r.explanations->n_confirming(); })
      .def_property_readonly("rank", [](const ModelRun& r) { return r.explanations->rank(); })
      .def_property_readonly("condition_number", [](const ModelRun& r) { return r.explanations->condition_number(); })
      .def_property_readonly("base_values",
                             [](const ModelRun& r) {
                               const auto& base = r.explanations->base_values();
                               return to_array(base, {extent(base.size())});
                             })
      .def_property_readonly("values", by_player(&Explanations::values))
      .def_property_readonly("standard_errors", by_player(&Explanations::standard_errors))
      .def_property_readonly("background_errors", by_player(&Explanations::background_errors))
      .def_property_readonly("r2", by_output(&Explanations::r2))
      .def_property_readonly("degrees_of_freedom", by_output(&Explanations::degrees_of_freedom))
      .def_property_readonly("row_costs", [](const ModelRun& r) { return r.explanations->row_costs(); })
      .def_property_readonly("n_background", [](const ModelRun& r) { return r.explanations->n_background(); })
      .def_property_readonly("stopped", [](const ModelRun& r) {
        std::vector<std::string> names;
        for (const Stopped why : r.explanations->stopped()) names.emplace_back(name_of(why));
        return names;
      });

  py::class_<PreparedRows>(module, "PreparedExplainer")
      .def(py::init([](py::array background, std::size_t n_players, const std::vector<std::uint32_t>& player_of_column,
                       const std::vector<double>& weights, std::size_t budget, double ridge, bool noisy,
                       const std::string& interactions, bool shapley, std::uint64_t seed, int num_threads) {
             CrossedExplainer explainer(table_of(background, background, n_players, player_of_column, weights),
                                        {.budget = budget,
                                         .ridge = ridge,
                                         .noisy = noisy,
                                         .interactions = interactions_named(interactions),
                                         .shapley = shapley,
                                         .seed = seed,
                                         .num_threads = num_threads});
             return PreparedRows{std::move(background), std::move(explainer)};
           }),
           py::arg("background"), py::kw_only(), py::arg("n_players"), py::arg("player_of_column"), py::arg("weights"),
           py::arg("budget"), py::arg("ridge"), py::arg("noisy"), py::arg("interactions") = "none",
           py::arg("shapley") = false, py::arg("seed"), py::arg("num_threads"))
      .def(
          "start",
          [](const PreparedRows& prepared, py::array explicands, const StoppingRules& rules, double deadline,
             const std::optional<py::function>& callback, const std::optional<DoubleArray>& background_outputs,
             std::optional<CheckedRow> background_check, std::size_t most_kept) {
            require_alike(prepared.background, explicands);
            std::span<const double> known;
            if (background_outputs) {
              known = to_worths(*background_outputs, "background_outputs").values;
              if (known.empty() || rows_of(*background_outputs) != prepared.explainer.n_background())
                throw std::invalid_argument("background_outputs must hold one row for each of " +
                                            std::to_string(prepared.explainer.n_background()) +
                                            " background rows of positive weight");
            }
            CrossedLimits limits{.rules = rules,
                                 .deadline = deadline,
                                 .most_kept = most_kept,
                                 .check = check_of(std::move(background_check))};
            if (callback) limits.callback = called(*callback);
            std::unique_ptr<Explanations> run(new CrossedExplanations(
                prepared.explainer.start(explicands.data(), rows_of(explicands), std::move(limits), known)));
            return ModelRun{prepared.background, std::move(explicands), std::move(run)};
          },
          py::arg("explicands"), py::kw_only(), py::arg("rules") = StoppingRules{},
          py::arg("deadline") = std::numeric_limits<double>::infinity(), py::arg("callback") = py::none(),
          py::arg("background_outputs") = py::none(), py::arg("background_check") = py::none(),
          py::arg("most_kept") = 0)
      .def(
          "background_outputs",
          [](const PreparedRows& prepared, const py::object& model, std::size_t batch_rows, int num_threads) {
            const std::vector<double> outputs =
                with_model(model, prepared.background, batch_rows, num_threads, std::nullopt, std::nullopt,
                           [&](const Model& called, const BatchMemory& memory) {
                             return prepared.explainer.background_outputs(called, memory);
                           });
            const std::size_t n_background = prepared.explainer.n_background();
            return to_array(outputs, {extent(n_background), extent(outputs.size() / n_background)});
          },
          py::arg("model"), py::arg("batch_rows"), py::arg("num_threads") = 0);
}

}  // namespace banzhaf::bindings
