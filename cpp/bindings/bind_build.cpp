// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Build information, random words, and quantiles of Student's t.
#include "arrays.hpp"
#include "banzhaf/version.hpp"
#include "binders.hpp"
#include "support/random.hpp"
#include "support/statistics.hpp"

namespace banzhaf::bindings {

void bind_build(py::module_& module) {
  module.attr("__version__") = version();
  module.def("build_info", [] {
    const BuildInfo info = build_info();
    py::dict result;
    result["kernel"] = info.kernel;
    result["threads"] = info.threads;
    result["compiler"] = info.compiler;
    result["eigen"] = info.eigen;
    return result;
  });
  module.def("default_num_threads", &default_num_threads);
  module.def("student_t_quantile", &student_t_quantile, py::arg("probability"), py::arg("degrees_of_freedom"));
  module.def(
      "random_words",
      [](std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::size_t count) {
        py::array_t<std::uint64_t> words(extent(count));
        const std::span<std::uint64_t> span{words.mutable_data(), count};
        const Released no_gil;  // nobody else has the array yet
        random_words(seed, static_cast<Stream>(stream), first, span);
        return words;
      },
      py::arg("seed"), py::arg("stream"), py::arg("first"), py::arg("count"));
}

}  // namespace banzhaf::bindings
