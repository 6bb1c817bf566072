# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the Walsh-Hadamard transform against its matrix, its inverse, and exact values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import Table, all_coalitions, same_bits

import banzhaf


def matrix(n):
    """The matrix (-1)^|S and T| as a Kronecker product."""
    H = np.ones((1, 1))
    for _ in range(n):
        H = np.kron([[1, 1], [1, -1]], H)
    return H


class TestWalshHadamard:
    @pytest.mark.parametrize("n", range(9))
    def test_equals_the_matrix(self, n):
        worths = np.random.default_rng(n).normal(size=2**n)
        np.testing.assert_allclose(banzhaf.walsh_hadamard(worths), matrix(n) @ worths / 2**n, rtol=1e-12, atol=1e-15)

    @pytest.mark.parametrize("n", range(9))
    def test_integers_are_transformed_without_error(self, n):
        worths = np.random.default_rng(n).integers(-(2**40), 2**40, size=2**n)
        np.testing.assert_array_equal(banzhaf.walsh_hadamard(worths) * 2**n, matrix(n).astype(int) @ worths)

    @pytest.mark.parametrize("n", range(21))
    def test_is_its_own_inverse(self, n):
        worths = np.random.default_rng(n).integers(-1000, 1000, size=2**n).astype(float)
        np.testing.assert_array_equal(banzhaf.walsh_hadamard(banzhaf.walsh_hadamard(worths)) * 2**n, worths)

    @pytest.mark.parametrize("n", [3, 12, 13, 16, 20])
    def test_conserves_squares(self, n):
        worths = np.random.default_rng(n).normal(size=2**n)
        assert (banzhaf.walsh_hadamard(worths) ** 2).sum() == pytest.approx((worths**2).mean(), rel=1e-12)

    @pytest.mark.parametrize("n", [1, 2, 9, 14, 18])
    def test_first_order_terms_are_the_values(self, n):
        worths = np.random.default_rng(n).integers(-1000, 1000, size=2**n)
        coefficients = banzhaf.walsh_hadamard(worths)
        found = banzhaf.exact(worths, n)
        np.testing.assert_array_equal(-2 * coefficients[1 << np.arange(n)], found.values)
        assert coefficients[0] == found.mean_worth
        share = (coefficients[1 << np.arange(n)] ** 2).sum() / (coefficients[1:] ** 2).sum()
        assert found.r2 == pytest.approx(share, rel=1e-10)

    @given(st.integers(1, 6), st.data())
    def test_a_parity_is_one_term(self, n, data):
        term = data.draw(st.integers(0, 2**n - 1))
        inside = all_coalitions(n)[:, [i for i in range(n) if term >> i & 1]]
        coefficients = banzhaf.walsh_hadamard((-1.0) ** inside.sum(axis=1))
        np.testing.assert_array_equal(coefficients, np.eye(2**n)[term])

    @pytest.mark.parametrize("num_threads", [2, 7, None])
    @pytest.mark.parametrize("n", [15, 20])
    def test_threads_do_not_change_results(self, n, num_threads):
        worths = np.random.default_rng(n).normal(size=2**n)
        assert same_bits(
            banzhaf.walsh_hadamard(worths, num_threads=num_threads), banzhaf.walsh_hadamard(worths, num_threads=1)
        )

    def test_leaves_its_argument_alone(self):
        worths = np.arange(8.0)
        worths.flags.writeable = False
        banzhaf.walsh_hadamard(worths)
        np.testing.assert_array_equal(worths, np.arange(8.0))

    @pytest.mark.parametrize(
        "given_",
        [lambda w: w.tolist(), lambda w: w.astype(np.int8), lambda w: np.repeat(w, 3)[::3], lambda w: w.astype(">f4")],
        ids=["list", "int8", "strided", "big-endian"],
    )
    def test_takes_worths_as_they_come(self, given_):
        worths = np.arange(16.0)
        np.testing.assert_array_equal(banzhaf.walsh_hadamard(given_(worths)), banzhaf.walsh_hadamard(worths))


class TestExactTables:
    @pytest.mark.parametrize("outputs", [1, 2, 5])
    @pytest.mark.parametrize("n", [1, 3, 11, 12, 13, 15])
    def test_outputs_do_not_mix(self, n, outputs):
        game = Table.random(n, outputs=outputs)
        found = banzhaf.exact(game.worths, n)
        for o in range(outputs):
            alone = banzhaf.exact(game.worths[:, o], n)
            np.testing.assert_allclose(found.values[:, o], alone.values, rtol=1e-11, atol=1e-14)

    def test_an_array_is_a_table_and_a_callable_a_game(self):
        game = Table.random(10)
        assert banzhaf.exact(game, 10) == banzhaf.exact(game.worths, 10)
        assert banzhaf.exact(game.worths.tolist(), 10) == banzhaf.exact(game.worths, 10)
