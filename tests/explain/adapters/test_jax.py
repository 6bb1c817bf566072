# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Functions that JAX compiled as models: shapes, dtypes, tables, gradients, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import banzhaf
from banzhaf._explain.adapters.jax import _Jitted, _n_filled

jax = pytest.importorskip("jax")
jnp = jax.numpy
# The first call compiles, and a busy machine is slow at that.
pytestmark = pytest.mark.filterwarnings("ignore:budget allows:banzhaf.BudgetWarning")

ROWS = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
WEIGHTS = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)


def several(rows):
    return jnp.tanh(rows @ WEIGHTS)


def single(rows):
    return jnp.tanh(rows @ WEIGHTS)[:, 0]


@pytest.mark.parametrize("function", [single, several])
def test_an_explanation_is_that_of_the_function(function):
    model = jax.jit(function)
    explainer = banzhaf.Explainer(model, ROWS[:9], random_state=0)
    assert "; model called by JAX" in repr(explainer)
    found = explainer(ROWS[9:])
    expected = banzhaf.Explainer(lambda rows: np.asarray(model(rows)), ROWS[:9], random_state=0)(ROWS[9:])
    np.testing.assert_allclose(found.values, expected.values, atol=1e-5)
    np.testing.assert_allclose(found.base_values, expected.base_values, atol=1e-5)
    assert np.abs(found.values).max() > 0


def test_frames_become_arrays():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(ROWS, columns=list("abcd"))
    found = banzhaf.Explainer(jax.jit(single), frame[:9], random_state=0)(frame[9:])
    expected = banzhaf.Explainer(jax.jit(single), ROWS[:9], random_state=0)(ROWS[9:])
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.feature_names == ("a", "b", "c", "d")


@pytest.mark.parametrize("n_rows", [1, 2, 5, 7, 12])
@pytest.mark.parametrize("function", [single, several])
def test_gradients_are_those_of_the_formula(function, n_rows):
    rows = ROWS[:n_rows]
    before = rows.copy()
    outputs, gradients = _Jitted(jax.jit(function)).value_and_gradient(rows)
    tanh = np.tanh(rows.astype(np.float64) @ WEIGHTS)
    expected = (1 - tanh**2)[:, :, np.newaxis] * WEIGHTS.T.astype(np.float64)
    if function is single:
        tanh, expected = tanh[:, 0], expected[:, 0]
    np.testing.assert_allclose(outputs, tanh, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(gradients, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(rows, before)


def test_narrow_outputs_become_float32():
    model = jax.jit(lambda rows: single(rows).astype(jnp.bfloat16))
    outputs, gradients = _Jitted(model).value_and_gradient(ROWS)
    assert outputs.dtype == np.float32
    assert gradients.dtype == np.float32
    assert np.abs(gradients).max() > 0
    found = banzhaf.Explainer(model, ROWS[:9], random_state=0)(ROWS[9:])
    wanted = banzhaf.Explainer(lambda rows: np.asarray(model(rows)).astype(float), ROWS[:9], random_state=0)(ROWS[9:])
    np.testing.assert_array_equal(found.values, wanted.values)
    assert np.abs(found.values).max() > 0


def test_few_numbers_of_rows_are_compiled():
    sizes = {_n_filled(n_rows) for n_rows in range(1, 65_537)}
    assert len(sizes) <= 33
    assert all(n_rows <= _n_filled(n_rows) < 2 * n_rows or n_rows == 1 for n_rows in range(1, 65_537))


def test_outputs_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"model must return an array of shape \(m,\) or \(m, k\)"):
        _Jitted(jax.jit(lambda rows: rows.sum())).value_and_gradient(ROWS)
    with pytest.raises(ValueError, match=r"got tuple for 12"):
        _Jitted(jax.jit(lambda rows: (rows, rows))).value_and_gradient(ROWS)
    with pytest.raises(ValueError, match=r"got \(\) for (9|12)"):
        banzhaf.Explainer(jax.jit(lambda rows: rows.sum()), ROWS[:9])(ROWS[9:])


def test_integers_that_jax_would_cut_off_are_refused():
    model = jax.jit(lambda rows: rows.sum(axis=1))
    rows = np.array([[0, 1], [2**40, 3]])
    with pytest.raises(ValueError, match="rows hold integers beyond 2147483647"):
        banzhaf.Explainer(model, rows[:1], random_state=0)(rows[1:])
    small = banzhaf.Explainer(model, np.array([[0, 1]]), random_state=0)(np.array([[2, 3]]))
    np.testing.assert_array_equal(small.values, [[2.0, 2.0]])


def test_texts_are_refused():
    with pytest.raises(TypeError, match="model is a function of JAX, which takes numbers"):
        banzhaf.Explainer(jax.jit(single), np.array([["a", "b"]], dtype=object))(np.array([["c", "d"]], dtype=object))


@pytest.mark.parametrize("function", [single, several])
def test_explanations_by_gradients(function):
    """They agree with the values of all coalitions, within their errors."""
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(12, 3)).astype(np.float32) / 4
    rows = rng.normal(size=(6, 12)).astype(np.float32)
    model = jax.jit(lambda cells: jnp.tanh(cells @ weights) if function is several else jnp.tanh(cells @ weights)[:, 0])
    found = banzhaf.Explainer(model, rows[:4], budget=4_000, gradients="only", random_state=0)(rows[4:])
    exact = banzhaf.Explainer(model, rows[:4], budget=4 * 2**12, random_state=0)(rows[4:])
    assert found.estimators == ("gradients", "gradients")
    assert found.n_gradient_rows > 0
    assert np.all(np.abs(found.values - exact.values) < 5 * found.standard_errors + 1e-5)
    assert np.abs(exact.values).max() > 20 * found.standard_errors.max()
