# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the extension module: build information, every kernel, and arrays that it would have to copy."""

from __future__ import annotations

import math
import re
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import banzhaf
from banzhaf import _core

CMAKE = Path(__file__).parents[2] / "CMakeLists.txt"


class TestBuild:
    def test_info(self):
        info = banzhaf.build_info()
        assert list(info) == ["kernel", "threads", "compiler", "eigen"]
        assert info["kernel"] in ("generic", "avx2", "avx512")
        assert info["threads"] in ("std", "none")
        assert info["compiler"]
        assert re.fullmatch(r"\d+\.\d+\.\d+", info["eigen"])

    @pytest.mark.skipif(not CMAKE.exists(), reason="these tests do not lie beside their CMakeLists.txt")
    def test_version_is_cmakes(self):
        version = re.search(r"project\(banzhaf VERSION ([0-9.]+)", CMAKE.read_text())[1]
        assert banzhaf.__version__ == _core.__version__ == version

    def test_version_is_that_of_the_distribution(self):
        try:
            installed = metadata.distribution("banzhaf")
        except metadata.PackageNotFoundError:
            pytest.skip("banzhaf is taken from the tree, not installed")
        assert installed.version == banzhaf.__version__

    def test_import_takes_numpy_alone(self, fresh_python):
        program = "import sys, banzhaf; print(sorted({name.partition('.')[0] for name in sys.modules}))"
        modules = fresh_python(program)
        for name in ("matplotlib", "pandas", "polars", "scipy", "shap", "sklearn", "tqdm", "xgboost", "lightgbm"):
            assert repr(name) not in modules

    def test_public_names(self):
        assert sorted(banzhaf.__all__) == sorted(set(banzhaf.__all__))
        for name in banzhaf.__all__:
            assert hasattr(banzhaf, name)


# Exercises every kernel, at sizes that leave tails.
COMPUTE = """
import warnings
import numpy as np
import banzhaf

warnings.simplefilter("ignore", banzhaf.RankWarning)
rng = np.random.default_rng(0)
found = {}

def keep(name, values):
    for field in ("values", "standard_errors", "mean_worth", "r2", "condition_number"):
        found[f"{name} {field}"] = getattr(values, field)

for n, budget in [(3, 6), (65, 300), (130, 901), (300, 2000), (200, 100)]:
    coefficients, threes = rng.normal(size=(2, n, 3))
    def game(coalitions):
        return coalitions @ coefficients + (coalitions * coalitions[:, ::-1] * coalitions[:, :1]) @ threes
    for design in ("paired", "independent"):
        for ridge in (0.0, 1.0):
            keep(
                f"{design} {n} {ridge}",
                banzhaf.estimate(game, n, budget=budget, design=design, ridge=ridge, random_state=n),
            )
    if budget >= 2 * n:
        keep(f"monte_carlo {n}", banzhaf.monte_carlo(game, n, budget=budget, random_state=n))
    keep(f"msr {n}", banzhaf.msr(game, n, budget=budget, random_state=n))
    found[f"coalitions {n}"] = banzhaf.sample_coalitions(n, budget, random_state=n)
for n in (1, 5, 11, 12, 13, 16):
    worths = rng.normal(size=(2**n, 3))
    keep(f"exact {n}", banzhaf.exact(worths, n))
    keep(f"exact, one output {n}", banzhaf.exact(worths[:, 0], n))
    found[f"walsh_hadamard {n}"] = banzhaf.walsh_hadamard(worths[:, 0])
for dtype in (np.float32, np.float64, np.int8, np.int16):
    background, X = ((100 * rng.normal(size=(rows, 37))).astype(dtype) for rows in (21, 3))
    groups = {"pair": [3, 30]}
    rows = []
    def model(masked):
        rows.append(masked.astype(float).sum(axis=0))
        return masked[:, 0] * 1.0 + masked[:, 36]
    for design in ("paired", "hadamard"):
        options = {"budget": 21 * 100, "design": design, "random_state": 0, "batch_size": 1000}
        explain = banzhaf.Explainer(model, background, groups=groups, **options)
        found[f"explanation {design} {dtype.__name__}"] = explain(X).values
    found[f"rows {dtype.__name__}"] = np.array(rows)
np.savez("found.npz", kernel=banzhaf.build_info()["kernel"], **found)
"""


def usable_kernels(fresh_python):
    """The kernels that this CPU supports, best last, read from the error about an unknown one."""
    program = """
import banzhaf
try:
    banzhaf.build_info()
except ValueError as error:
    print(error)
"""
    message = r"BANZHAF_KERNEL must name a set of kernels that this CPU runs \((.*)\), got \"abacus\"\n"
    return re.fullmatch(message, fresh_python(program, BANZHAF_KERNEL="abacus"))[1].split(", ")


class TestKernels:
    def test_the_best_is_taken_unless_one_is_named(self, fresh_python):
        usable = usable_kernels(fresh_python)
        assert usable[0] == "generic"
        program = "import banzhaf; print(banzhaf.build_info()['kernel'])"
        assert fresh_python(program, BANZHAF_KERNEL="").strip() == usable[-1]
        for name in usable:
            assert fresh_python(program, BANZHAF_KERNEL=name).strip() == name

    @pytest.mark.parametrize("name", ["avx2", "avx512"])
    def test_all_agree(self, name, fresh_python, tmp_path):
        if name not in usable_kernels(fresh_python):
            pytest.skip(f"this CPU does not run {name}")
        results = []
        for kernel in ("generic", name):
            fresh_python(COMPUTE, BANZHAF_KERNEL=kernel)
            with np.load(tmp_path / "found.npz") as archive:
                results.append({key: archive[key] for key in archive})
        generic, other = results
        assert (generic.pop("kernel"), other.pop("kernel")) == ("generic", name)
        assert generic.keys() == other.keys()
        for key, expected in generic.items():
            if expected.dtype == bool or key.startswith("rows"):
                np.testing.assert_array_equal(other[key], expected, err_msg=key)
                continue
            size = np.abs(expected[np.isfinite(expected)]).max(initial=0)
            # From 32 players on, standard errors may come from sums of integers, which are weighed in single precision.
            in_single = re.fullmatch(r"(paired|independent) (65|130|300) .* standard_errors", key)
            precision = 1e-6 if in_single else 1e-12
            np.testing.assert_allclose(other[key], expected, rtol=precision, atol=precision * size, err_msg=key)


class TestStudentsQuantile:
    def test_closed_forms(self):
        """Degrees 1 and 2 have a closed form, and the normal limit has an inverse with one."""
        for p in (1e-10, 1e-3, 0.05, 0.3, 0.5, 0.8, 0.975, 1 - 1e-6):
            assert _core.student_t_quantile(p, 1) == pytest.approx(-1 / math.tan(math.pi * p), rel=1e-8, abs=1e-12)
            centre = p - 0.5
            expected = 2 * centre * math.sqrt(2 / (4 * p * (1 - p)))
            assert _core.student_t_quantile(p, 2) == pytest.approx(expected, rel=1e-8, abs=1e-12)
            x = _core.student_t_quantile(p, math.inf)
            assert 0.5 * math.erfc(-x / math.sqrt(2)) == pytest.approx(p, rel=1e-9)

    def test_is_odd_and_tends_to_the_normal(self):
        for degrees in (1, 3, 17.5, 1000, math.inf):
            for p in (0.6, 0.9, 0.999):
                upper, lower = _core.student_t_quantile(p, degrees), _core.student_t_quantile(1 - p, degrees)
                assert upper == pytest.approx(-lower, rel=1e-9)
            assert _core.student_t_quantile(0.5, degrees) == pytest.approx(0, abs=1e-15)
        limit = _core.student_t_quantile(0.975, math.inf)
        assert _core.student_t_quantile(0.975, 1e9) == pytest.approx(limit, rel=1e-8)


class TestArrays:
    """Arrays of another kind are refused, because Python has converted them and a copy would be wasted."""

    COALITIONS = banzhaf.sample_coalitions(6, 40, random_state=0)
    WORTHS = np.arange(40.0)[:, None]

    @pytest.mark.parametrize(
        "coalitions",
        [
            COALITIONS.astype(np.uint8),
            COALITIONS.astype(float),
            np.asfortranarray(COALITIONS),
            np.repeat(COALITIONS, 2, axis=0)[::2],
            COALITIONS.tolist(),
            None,
        ],
        ids=["uint8", "float", "Fortran", "strided", "list", "None"],
    )
    def test_fit_refuses_coalitions(self, coalitions):
        with pytest.raises(TypeError, match="incompatible function arguments"):
            _core.fit(coalitions, self.WORTHS, _core.EstimateOptions())

    @pytest.mark.parametrize(
        "worths",
        [
            WORTHS.astype(np.float32),
            WORTHS.astype(int),
            WORTHS.astype(">f8"),
            np.repeat(WORTHS, 2, axis=0)[::2],
            np.asfortranarray(np.hstack([WORTHS, WORTHS])),
            WORTHS.tolist(),
        ],
        ids=["float32", "int", "big-endian", "strided", "Fortran", "list"],
    )
    def test_fit_and_exact_refuse_worths(self, worths):
        with pytest.raises(TypeError, match="incompatible function arguments"):
            _core.fit(self.COALITIONS, worths, _core.EstimateOptions())
        with pytest.raises(TypeError, match="incompatible function arguments"):
            _core.exact(worths, 5, 0)

    def test_dimensions(self):
        with pytest.raises(ValueError, match="worths must have 2 dimensions"):
            _core.fit(self.COALITIONS, np.arange(40.0), _core.EstimateOptions())
        with pytest.raises(ValueError, match="coalitions must have 2 dimensions"):
            _core.fit(self.COALITIONS[0], self.WORTHS, _core.EstimateOptions())
        with pytest.raises(ValueError, match="worths must hold one row for each of 40 coalitions"):
            _core.fit(self.COALITIONS, self.WORTHS[1:].copy(), _core.EstimateOptions())
        with pytest.raises(ValueError, match="worths must hold"):
            _core.exact(self.WORTHS, 5, 0)

    @pytest.mark.parametrize(
        "values",
        [np.arange(8), np.arange(8, dtype=np.float32), np.arange(16.0)[::2], [0.0] * 8],
        ids=["int", "float32", "strided", "list"],
    )
    def test_walsh_hadamard_works_in_place_or_not_at_all(self, values):
        with pytest.raises(TypeError, match="incompatible function arguments"):
            _core.walsh_hadamard(values)

    def test_walsh_hadamard_refuses_what_it_may_not_write(self):
        values = np.arange(8.0)
        values.flags.writeable = False
        with pytest.raises(ValueError, match="not writeable"):
            _core.walsh_hadamard(values)
        with pytest.raises(ValueError, match=r"2\^n"):
            _core.walsh_hadamard(np.arange(9.0))

    def explanations(self, background, explicands, **changes):
        design = {"design": "paired", "n_players": 6, "n_coalitions": 40, "seed": 0} | changes
        estimator = _core.Estimator(
            design["design"], design["n_players"], design["n_coalitions"], design["seed"], _core.EstimateOptions()
        )
        rest = {"player_of_column": [], "weights": [], "estimator": estimator, "num_threads": 0}
        return _core.Explanations.shared(background, explicands, **(rest | design))

    @pytest.mark.parametrize(
        ("background", "explicands"),
        [
            (np.zeros((12, 6))[::2], np.zeros((2, 6))),
            (np.zeros((6, 6)), np.asfortranarray(np.zeros((2, 6)))),
            (np.zeros((6, 6)), np.zeros((2, 6), np.float32)),
            (np.zeros((6, 6)), np.zeros((2, 5))),
        ],
        ids=["strided", "Fortran", "sizes of cells", "columns"],
    )
    def test_explanations_refuse_tables(self, background, explicands):
        with pytest.raises(ValueError, match="must be C-contiguous, of one dtype and width"):
            self.explanations(background, explicands)

    def test_explanations_refuse_what_does_not_fit(self):
        good = np.zeros((4, 6))
        with pytest.raises(ValueError, match="background must have 2 dimensions"):
            self.explanations(np.zeros(6), good)
        for changes in ({"n_players": 5}, {"player_of_column": [0, 1, 2]}, {"player_of_column": [0, 1, 2, 3, 4, 6]}):
            with pytest.raises(ValueError, match="player"):
                self.explanations(good, good, **changes)
        with pytest.raises(ValueError, match="cell"):
            self.explanations(good.astype(complex), good.astype(complex))
        run = self.explanations(good, good)
        with pytest.raises(ValueError, match="buffer must hold at least one row"):
            run.run(lambda rows: np.zeros((len(rows), 1)), 0)

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ([1.0] * 3, "weights must hold one number for each of the 4 background rows, got 3"),
            ([1.0, -1.0, 1.0, 1.0], "weights must be finite and not negative"),
            ([1.0, np.nan, 1.0, 1.0], "weights must be finite and not negative"),
            ([1.0, np.inf, 1.0, 1.0], "weights must be finite and not negative"),
            ([0.0] * 4, "weights must not all be 0"),
        ],
    )
    def test_explanations_refuse_weights(self, weights, message):
        good = np.zeros((4, 6))
        with pytest.raises(ValueError, match=message):
            self.explanations(good, good, weights=weights)

    def test_explanations_refuse_numbers_of_threads(self):
        good = np.zeros((4, 6))
        with pytest.raises(ValueError, match="num_threads must be positive, or 0 for the default, got -3"):
            self.explanations(good, good, num_threads=-3)

    def test_callbacks_must_return_matching_rows(self):
        run = _core.GameEvaluation("paired", 6, 40, 0)
        for returned, message in (
            (np.zeros(40), "2 dimensions"),
            (np.zeros((39, 1)), "must return 40 rows, got 39"),
            (np.zeros((40, 0)), "returned 0 worths"),
        ):
            with pytest.raises(ValueError, match=message):
                run.evaluate(lambda coalitions, returned=returned: returned, 0, False, 0)

    def test_coalitions_are_known_before_they_are_evaluated(self):
        run = _core.GameEvaluation("paired", 6, 40, 0)
        assert run.n_evaluated == 0
        np.testing.assert_array_equal(run.coalitions(30, 10), _core.sample_coalitions("paired", 6, 40, 0, first=30))
        for first, count in ((0, 41), (40, 1), (41, 0), (2**62, 2**62)):
            with pytest.raises(ValueError, match="at most the number of coalitions"):
                run.coalitions(first, count)

    def test_designs(self):
        with pytest.raises(ValueError, match="unknown design: best"):
            _core.sample_coalitions("best", 6, 40, 0)
        with pytest.raises(ValueError, match="first must be at most"):
            _core.sample_coalitions("paired", 6, 40, 0, first=41)
        assert _core.sample_coalitions("paired", 6, 40, 0, first=30, count=99).shape == (10, 6)
        with pytest.raises(ValueError, match="n_players must be between 1 and 1048576, got 0"):
            _core.describe("paired", 0, 40)
        with pytest.raises(ValueError, match="budget must be at least 12 for two evaluations for each player, got 11"):
            _core.describe("walks", 6, 11)
        with pytest.raises(ValueError, match="n_players must be at most 30 to evaluate all"):
            _core.describe("exhaustive", 31, 0)
        assert (_core.MAX_PLAYERS, _core.MAX_EXHAUSTIVE_PLAYERS) == (2**20, 30)
