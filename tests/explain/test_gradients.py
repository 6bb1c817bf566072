# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values from gradients: closed forms, brute force, errors, and what refuses them."""

import pickle

import numpy as np
import pytest

import banzhaf


class Quadratic(banzhaf.ModelAdapter):
    """A quadratic polynomial, summed column by column so that a row's bits do not depend on its batch."""

    def __init__(self, n, seed=0):
        rng = np.random.default_rng(seed)
        self.linear, self.square = rng.normal(size=n), rng.normal(size=n)

    def predict(self, rows):
        return sum(
            self.linear[j] * rows[:, j] + self.square[j] * rows[:, j] * rows[:, j - 1] for j in range(len(self.linear))
        )

    def value_and_gradient(self, rows):
        gradients = self.linear + self.square * np.roll(rows, 1, axis=1) + np.roll(self.square * rows, -1, axis=1)
        return self.predict(rows), gradients


class Network(banzhaf.ModelAdapter):
    """A network with one hidden layer of tanh and several outputs."""

    def __init__(self, n, n_outputs=None, hidden=16, seed=0):
        rng = np.random.default_rng(seed)
        self.first = rng.normal(size=(n, hidden)) / np.sqrt(n) * 1.5
        self.last = rng.normal(size=(hidden, n_outputs or 1))
        self.is_flat = n_outputs is None

    def predict(self, rows):
        return self.value_and_gradient(rows)[0]

    def value_and_gradient(self, rows):
        states = np.tanh(np.asarray(rows) @ self.first)
        outputs = states @ self.last
        gradients = np.einsum("mh,hk,nh->mkn", 1 - states**2, self.last, self.first)
        return (outputs[:, 0], gradients[:, 0]) if self.is_flat else (outputs, gradients)


class Rectified(banzhaf.ModelAdapter):
    """A network with one hidden layer of ReLU."""

    def __init__(self, n, hidden, seed):
        rng = np.random.default_rng(seed)
        self.first, self.shift = 1.5 * rng.normal(size=(n, hidden)) / np.sqrt(n), rng.normal(size=hidden) / 2
        self.last = rng.normal(size=hidden)

    def predict(self, rows):
        return np.maximum(rows @ self.first + self.shift, 0) @ self.last

    def value_and_gradient(self, rows):
        return self.predict(rows), ((rows @ self.first + self.shift > 0) * self.last) @ self.first.T


def data(n, n_background=6, n_rows=2, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_background, n)), rng.normal(size=(n_rows, n))


def test_quadratic_is_exact():
    background, X = data(50)
    model = Quadratic(50)
    found = banzhaf.Explainer(model, background, gradients=True, random_state=0)(X)
    middle = (X[:, np.newaxis] + background) / 2
    slopes = model.value_and_gradient(middle.reshape(-1, 50))[1].reshape(middle.shape)
    of_rows = (X[:, np.newaxis] - background) * slopes
    np.testing.assert_allclose(found.values, of_rows.mean(axis=1), atol=1e-12)
    assert found.standard_errors.max() < 1e-12
    assert found.estimators == ("gradients", "gradients")
    by_values = banzhaf.Explainer(model, background, random_state=0)(X)
    np.testing.assert_allclose(found.background_errors, of_rows.std(axis=1, ddof=1) / np.sqrt(6), rtol=1e-9)
    np.testing.assert_array_equal(found.predictions, by_values.predictions)
    np.testing.assert_array_equal(found.base_values, by_values.base_values)


@pytest.mark.parametrize("n_pairs", [60, 300])
def test_cubic_has_no_bias(n_pairs):
    """Terms of order 3 have a closed form: u_i^2 u_j gives errors, but no bias."""
    n = 48

    class Cubic(banzhaf.ModelAdapter):
        def predict(self, rows):
            return (rows**3).sum(axis=1) + (rows**2 * np.roll(rows, 1, axis=1)).sum(axis=1)

        def value_and_gradient(self, rows):
            before, after = np.roll(rows, 1, axis=1), np.roll(rows, -1, axis=1)
            return self.predict(rows), 3 * rows**2 + 2 * rows * before + after**2

    background, X = data(n, n_rows=1)
    x, b = X, background
    x_before, b_before, x_after, b_after = (np.roll(a, s, axis=1) for s in (1, -1) for a in (x, b))
    expected = (x**3 - b**3 + (x**2 - b**2) * (x_before + b_before) / 2 + (x - b) * (x_after**2 + b_after**2) / 2).mean(
        0
    )
    budget = 6 * 5 * n_pairs
    explanations = [
        banzhaf.Explainer(Cubic(), background, gradients="only", budget=budget, random_state=seed)(X)
        for seed in range(30)
    ]
    away = np.array([found.values[0] - expected for found in explanations])
    spread = away.std(axis=0, ddof=1)
    assert (np.abs(away.mean(axis=0)) < 5 * spread / np.sqrt(30)).all()
    errors = np.mean([found.standard_errors[0] for found in explanations], axis=0)
    assert (errors > 0.7 * spread).all()


@pytest.mark.parametrize("n_outputs", [None, 2])
def test_network_against_all_coalitions(n_outputs):
    n = 12
    background, X = data(n, n_background=3)
    model = Network(n, n_outputs)
    exact = banzhaf.Explainer(model, background, budget=3 * 2**n)(X)
    found = banzhaf.Explainer(model, background, gradients="only", budget=4000, random_state=0)(X)
    assert found.estimators == ("gradients", "gradients")
    assert np.abs(found.values - exact.values).max() < 0.03 * np.abs(exact.values).max()
    assert np.isnan(found.r2).all()
    assert (found.row_costs <= 4000).all()
    whole = banzhaf.Explainer(model, background, gradients="only", budget=3 * 2**n, random_state=0)(X)
    np.testing.assert_allclose(whole.values, exact.values, atol=1e-12)
    assert whole.estimators == ("values", "values")
    assert not whole.standard_errors.any()


def test_groups():
    n = 60
    background, X = data(n)
    groups = {"first": range(20), "second": [20, 25, 30]}
    model = Network(n)
    found = banzhaf.Explainer(model, background, gradients=True, groups=groups, budget=20_000, random_state=0)(X)
    expected = banzhaf.Explainer(model, background, groups=groups, budget=120_000, random_state=0)(X)
    assert found.feature_names[:2] == ("first", "second")
    error = np.abs(found.values - expected.values)
    assert (error < 6 * np.hypot(found.standard_errors, expected.standard_errors) + 1e-3).all()


def test_bits_depend_on_the_seed_alone():
    background, X = data(45)
    model = Quadratic(45)

    def cubed(rows):
        return model.predict(rows) ** 3

    cubed.value_and_gradient = lambda rows: (
        cubed(rows),
        3 * model.predict(rows)[:, None] ** 2 * model.value_and_gradient(rows)[1],
    )
    options = {"gradients": True, "budget": 3000, "random_state": 5}
    first = banzhaf.Explainer(cubed, background, **options)(X)
    for more in ({"batch_size": 1}, {"batch_size": 7}, {"num_threads": 4}, {"num_threads": 1, "batch_size": 100}):
        assert banzhaf.Explainer(cubed, background, **options, **more)(X) == first
    alone = banzhaf.Explainer(cubed, background, **options)(X[1:])
    np.testing.assert_array_equal(alone.values, first.values[1:])
    explainer = banzhaf.Explainer(cubed, background, **options)
    parts = [explainer(X[:1]), explainer(X[1:])]
    joined = banzhaf.concatenate(parts)
    np.testing.assert_array_equal(joined.values, first.values)
    assert joined.n_gradient_rows == sum(part.n_gradient_rows for part in parts)
    assert not np.array_equal(
        banzhaf.Explainer(cubed, background, **options | {"random_state": 6})(X).values, first.values
    )


def test_errors_are_smaller_than_those_of_values():
    n = 100
    background, X = data(n, n_background=20, n_rows=1)
    model = Network(n, hidden=32)
    expected = banzhaf.Explainer(model, background, budget=20 * 2**13, random_state=9)(X).values
    options = {"budget": 20 * 256, "random_state": 0}
    found = banzhaf.Explainer(model, background, gradients=True, **options)(X)
    values = banzhaf.Explainer(model, background, **options)(X)
    assert np.square(values.values - expected).sum() > 4 * np.square(found.values - expected).sum()


def test_weights_and_rows_of_weight_0():
    n = 45
    background, X = data(n, n_background=4)
    model = Network(n)
    weights = [1.0, 0.0, 2.0, 3.0]
    found = banzhaf.Explainer(model, background, gradients=True, weights=weights, budget=30_000, random_state=0)(X)
    expected = banzhaf.Explainer(model, background, weights=weights, budget=100_000, random_state=0)(X)
    np.testing.assert_allclose(found.values, expected.values, atol=0.02)
    assert (found.n_background == 3).all()


def test_small_budget_takes_a_sample_of_the_background():
    n = 45
    background, X = data(n, n_background=40, n_rows=1)
    explainer = banzhaf.Explainer(Network(n), background, gradients=True, budget=500, random_state=0)
    with pytest.warns(banzhaf.BudgetWarning, match="covers only a random 12 of 40"):
        found = explainer(X)
    exact = banzhaf.Explainer(Network(n), background, budget=200_000, random_state=0)(X)
    assert np.abs(found.values - exact.values).max() < 6 * found.standard_errors.max()
    with pytest.raises(ValueError, match="budget must be at least 40 model evaluations"):
        banzhaf.Explainer(Network(n), background, gradients=True, budget=20, random_state=0)(X)


@pytest.mark.parametrize("seed", [223, 344, 1034, 1290, 1483, 1606])
def test_smooth_networks_are_not_refused_by_chance(seed):
    # With these seeds, gradients miss a part of the same sign on each of six edges of a feature.
    n = 45
    background, X = data(n, n_background=40, n_rows=1, seed=seed)
    model = Network(n, seed=seed)
    explainer = banzhaf.Explainer(model, background, gradients=True, budget=500, random_state=seed)
    with pytest.warns(banzhaf.BudgetWarning, match="covers only"):
        found = explainer(X)
    assert found.estimators == ("gradients",)


def test_stopping_rules_and_callbacks():
    background, X = data(45)
    explainer = banzhaf.Explainer(Network(45), background, gradients="only", budget=20_000, random_state=0)
    whole = explainer(X)
    early = explainer(X, tolerance=1.0)
    assert early.stopped == ("tolerance", "tolerance")
    assert (early.row_costs < 0.6 * whole.row_costs).all()
    seen = []
    assert explainer(X, callback=seen.append) == whole
    assert [part.stopped[0] for part in seen] == ["running", "budget"]
    stopped = explainer(X, callback=lambda found: True)
    assert stopped.stopped == ("callback", "callback")
    np.testing.assert_array_equal(stopped.values, early.values)
    none = explainer(X, deadline=1e-9)
    assert none.stopped == ("deadline", "deadline")
    assert np.isnan(none.values).all()
    assert explainer(X, deadline=1e6).stopped == ("budget", "budget")


def test_exceptions_carry_what_is_complete():
    background, X = data(45, n_rows=2)
    model = Network(45)
    calls = []

    def value_and_gradient(rows):
        calls.append(len(rows))
        if len(calls) == 40:
            raise OSError("the device is gone")
        return Network.value_and_gradient(model, rows)

    model.value_and_gradient = value_and_gradient
    explainer = banzhaf.Explainer(model, background, gradients=True, budget=1000, batch_size=20, random_state=0)
    with pytest.raises(OSError, match="the device is gone"):
        explainer(X)


def test_noisy_model():
    background, X = data(45)
    rng = np.random.default_rng(3)
    quiet = Network(45)

    class Noisy(banzhaf.ModelAdapter):
        def predict(self, rows):
            return quiet.predict(rows) + 0.1 * rng.normal(size=len(rows))

        def value_and_gradient(self, rows):
            outputs, gradients = quiet.value_and_gradient(rows)
            return outputs + 0.1 * rng.normal(size=len(rows)), gradients + 0.1 * rng.normal(size=gradients.shape)

    options = {"gradients": True, "budget": 5000, "random_state": 0}
    found = banzhaf.Explainer(Noisy(), background, noisy=True, **options)(X)
    without = banzhaf.Explainer(quiet, background, **options)(X)
    assert (found.standard_errors > without.standard_errors).mean() > 0.9
    assert np.abs((found.values - without.values) / found.standard_errors).max() < 6


def test_prepare_saves_the_background():
    background, X = data(45)
    explainer = banzhaf.Explainer(Quadratic(45), background, gradients=True, random_state=0)
    before = explainer(X)
    after = explainer.prepare()(X)
    np.testing.assert_allclose(after.values, before.values, rtol=1e-12)
    assert after.n_model_rows < before.n_model_rows


class Calls(Network):
    """A network that notes the rows of each call."""

    def __init__(self, n):
        super().__init__(n)
        self.first /= 3  # nearly linear, as the comparison of edges likes it
        self.of_values, self.of_gradients = [], []

    def predict(self, rows):
        self.of_values.append(len(rows))
        return super().value_and_gradient(rows)[0]

    def value_and_gradient(self, rows):
        self.of_gradients.append(len(rows))
        return super().value_and_gradient(rows)


@pytest.mark.parametrize("n", [6, 40])
def test_background_rows_share_calls(n):
    """All coalitions of few players, or those of a comparison with gradients: not a call for each background row."""
    background, X = data(n, n_background=30, n_rows=1)
    model = Calls(n)
    explainer = banzhaf.Explainer(
        model, background, gradients=True, budget=60 * 2**n if n == 6 else 40_000, random_state=0
    )
    model.of_values.clear()
    found = explainer(X)
    if n == 6:
        np.testing.assert_allclose(found.standard_errors, 0, atol=1e-12)
    assert sum(model.of_values) + sum(model.of_gradients) == found.n_model_rows
    assert len(model.of_values) <= 8


def test_no_call_has_more_rows_than_batch_size():
    background, X = data(40, n_background=12, n_rows=2)
    model = Calls(40)
    explainer = banzhaf.Explainer(model, background, gradients=True, budget=20_000, batch_size=50, random_state=0)
    found = explainer(X)
    assert max(model.of_values + model.of_gradients) == 50
    whole = banzhaf.Explainer(Calls(40), background, gradients=True, budget=20_000, random_state=0)(X)
    np.testing.assert_allclose(found.values, whole.values, rtol=1e-12)
    assert found.n_model_rows == whole.n_model_rows


def test_results_remember_gradients(tmp_path):
    background, X = data(45)
    found = banzhaf.Explainer(Quadratic(45), background, gradients=True, random_state=0)(X)
    assert 0 < found.n_gradient_rows < found.n_model_rows
    assert "from gradients" in repr(found)
    assert f"{found.n_gradient_rows:,} of them with gradients" in repr(found)
    assert found[0].estimators == ("gradients",)
    found.save(tmp_path / "found.banzhaf")
    assert banzhaf.load(tmp_path / "found.banzhaf") == found == pickle.loads(pickle.dumps(found))
    with pytest.raises(ValueError, match="this explanation comes from gradients"):
        found.interactions()
    explainer = banzhaf.Explainer(Quadratic(45), background, gradients=True, random_state=0)
    assert pickle.loads(pickle.dumps(explainer))(X) == explainer(X)


def test_auto_keeps_the_bits_where_it_uses_values():
    background, X = data(12)
    model = Network(12)
    plain = banzhaf.Explainer(model, background, random_state=0)(X)
    auto = banzhaf.Explainer(model, background, gradients="auto", random_state=0)
    assert "fewer than 40 features" in repr(auto)
    assert auto(X) == plain
    wide, rows = data(45)
    for options, reason in (({"groups": [[0, 1]]}, "groups of columns"), ({"budget": 2000}, "so many evaluations")):
        explainer = banzhaf.Explainer(Network(45), wide, gradients="auto", random_state=0, **options)
        assert reason in repr(explainer)
        assert explainer(rows) == banzhaf.Explainer(Network(45), wide, random_state=0, **options)(rows)
    stepwise = Network(45)
    stepwise.value_and_gradient = lambda table: (stepwise.predict(table), np.zeros(table.shape))
    stepwise.predict = lambda table: Network(45).predict(np.round(table))
    options = {"budget": 800, "random_state": 0}
    by_values = banzhaf.Explainer(lambda table: stepwise.predict(table), wide, **options)(rows)
    assert banzhaf.Explainer(stepwise, wide, gradients="auto", **options)(rows) == by_values
    chosen = banzhaf.Explainer(Network(45), wide, gradients="auto", budget=800, random_state=0)(rows)
    assert chosen.estimators == ("gradients", "gradients")


def test_wrong_gradients_are_refused():
    background, X = data(45)

    def refusal(change, match, model=None):
        given = model or Network(45)
        original = given.value_and_gradient
        given.value_and_gradient = lambda rows: change(*original(rows))
        with pytest.raises(ValueError, match=match):
            banzhaf.Explainer(given, background, gradients=True, random_state=0)(X)

    refusal(lambda y, g: (y, 0 * g), "gradients are 0 although")
    refusal(lambda y, g: (y, 2 * g), "disagree with differences")
    other = Network(45)
    other.predict = lambda rows: Network(45).predict(rows) + 1
    refusal(lambda y, g: (y, g), "other outputs than the model", other)
    refusal(lambda y, g: (y, g * np.nan), "finite gradients")
    refusal(lambda y, g: (y, g[:, :-1]), "gradients of shape")
    refusal(lambda y, g: (y, g * (np.arange(45) != 7)), "gradients of feature 'x7'")
    model = Network(45)
    model.value_and_gradient = lambda rows: Network(45).value_and_gradient(rows)[1]
    with pytest.raises(TypeError, match="tuple of outputs and gradients"):
        banzhaf.Explainer(model, background, gradients=True)(X)


def test_dead_features_are_no_fault():
    background, X = data(45)
    model = Network(45)
    model.first[3] = 0
    found = banzhaf.Explainer(model, background, gradients=True, random_state=0)(X)
    assert (found.values[:, 3] == 0).all()
    assert (found.standard_errors[:, 3] == 0).all()


def test_what_does_not_go_with_gradients():
    background, X = data(45)
    model = Network(45)
    for options, match in (
        ({"p": 0.3}, "p=0.3"),
        ({"design": "paired"}, "design='paired'"),
        ({"interactions": "auto"}, "interactions='auto'"),
        ({"shapley": True}, "shapley=True"),
        ({"ridge": 1.0}, "ridge=1"),
    ):
        with pytest.raises(ValueError, match=match):
            banzhaf.Explainer(model, background, gradients=True, **options)
        assert "gradients do not go with" in repr(banzhaf.Explainer(model, background, gradients="auto", **options))
    with pytest.raises(ValueError, match="'auto', 'only', True or False"):
        banzhaf.Explainer(model, background, gradients="yes")
    with pytest.raises(ValueError, match="offers no gradients"):
        banzhaf.Explainer(model.predict, background, gradients=True)
    with pytest.raises(ValueError, match="dtype float64"):
        banzhaf.Explainer(model, background.astype(int), gradients=True)
    with pytest.raises(ValueError, match="keep_evaluations"):
        banzhaf.Explainer(model, background, gradients=True)(X, keep_evaluations=True)
    missing = background.copy()
    missing[0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        banzhaf.Explainer(lambda_model(model), missing, gradients=True)(X)


def lambda_model(model):
    """Return a model that replaces missing numbers."""
    filled = banzhaf.ModelAdapter()
    filled.predict = lambda rows: model.predict(np.nan_to_num(rows))
    filled.value_and_gradient = lambda rows: model.value_and_gradient(np.nan_to_num(rows))
    return filled


def test_frames():
    pd = pytest.importorskip("pandas")
    background, X = data(45)
    names = [f"c{j}" for j in range(45)]
    frame, rows = pd.DataFrame(background, columns=names), pd.DataFrame(X, columns=names)
    model = Network(45)
    found = banzhaf.Explainer(model, frame, gradients=True, random_state=0)(rows)
    plain = banzhaf.Explainer(model, background, gradients=True, random_state=0)(X)
    np.testing.assert_array_equal(found.values, plain.values)
    with pytest.raises(ValueError, match="column 'c3' has int64"):
        banzhaf.Explainer(model, frame.astype({"c3": "int64"}), gradients=True)


def jumps(kind):
    """Return a network with an added part whose gradients hide what it does."""
    network = Network(45)

    def value_and_gradient(rows):
        outputs, gradients = network.value_and_gradient(rows)
        z, gradients = np.asarray(rows)[:, 0], np.array(gradients)
        if kind == "step":
            outputs = outputs + 2.0 * (z > 0)
        elif kind == "stairs":
            outputs, gradients[:, 0] = outputs + np.round(3 * z) + 0.1 * z, gradients[:, 0] + 0.1
        elif kind == "waves":
            outputs = outputs + np.sin(10 * np.asarray(rows)).sum(axis=1)
            gradients += 10 * np.cos(10 * np.asarray(rows))
        elif kind == "log":
            outputs = outputs + np.log(np.abs(z) + 1e-3)
            gradients[:, 0] += np.sign(z) / (np.abs(z) + 1e-3)
        return outputs, gradients

    model = banzhaf.ModelAdapter()
    model.value_and_gradient = value_and_gradient
    model.predict = lambda rows: value_and_gradient(rows)[0]
    return model


@pytest.mark.parametrize("kind", ["step", "stairs", "waves", "log"])
@pytest.mark.parametrize("seed", [0, 1])
def test_hidden_jumps_are_refused(kind, seed):
    background, X = data(45, n_background=10)
    with pytest.raises(ValueError, match=r"do not add up|disagree with differences"):
        banzhaf.Explainer(jumps(kind), background, gradients=True, random_state=seed)(X)
    options = {"budget": 1000, "random_state": seed}
    auto = banzhaf.Explainer(jumps(kind), background, gradients="auto", **options)(X)
    assert auto == banzhaf.Explainer(jumps(kind), background, **options)(X)


@pytest.mark.parametrize("seed", range(5))
def test_kinks_of_networks_are_no_jumps(seed):
    rng = np.random.default_rng(seed)
    first, last = rng.normal(size=(45, 24)) / 4, rng.normal(size=24)

    class Relu(banzhaf.ModelAdapter):
        def predict(self, rows):
            return np.maximum(rows @ first, 0) @ last

        def value_and_gradient(self, rows):
            return self.predict(rows), ((rows @ first > 0) * last) @ first.T

    background, X = data(45, n_background=10, n_rows=1, seed=seed)
    assert banzhaf.Explainer(Relu(), background, gradients=True, random_state=seed)(X).estimators == ("gradients",)


@pytest.mark.parametrize(
    ("hidden", "seed"), [(2, 4), (2, 5), (2, 46), (2, 69), (2, 118), (2, 308), (4, 46), (4, 301), (4, 421)]
)
def test_few_kinks_are_not_refused_by_chance(hidden, seed):
    # With these seeds, a kink lies next to a middle of two rows, or the largest change of one edge turns sharply.
    background, X = data(45, n_background=10, n_rows=1, seed=seed)
    options = {"gradients": True, "budget": 2000, "random_state": seed}
    assert banzhaf.Explainer(Rectified(45, hidden, seed), background, **options)(X).estimators == ("gradients",)


@pytest.mark.parametrize("seed", [1, 10, 12, 14, 15])
def test_gradients_that_no_row_can_use_are_not_compared(seed):
    background, X = data(5, n_background=10, n_rows=1, seed=seed)
    model = Rectified(5, 8, seed)
    found = banzhaf.Explainer(model, background, gradients=True, random_state=seed)(X)
    expected = banzhaf.Explainer(model.predict, background, random_state=seed)(X)
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-12, atol=1e-12)
    assert found.estimators == ("values",)
    assert found.n_model_rows == expected.n_model_rows + 1  # the row itself once more
    assert found.n_gradient_rows == 0


def test_columns_without_numbers_and_rows_without_differences():
    background, X = data(46)
    model, filled = Network(46), banzhaf.ModelAdapter()
    background[:, 45] = X[:, 45] = np.nan
    filled.predict = lambda rows: model.predict(np.nan_to_num(rows)) + 2.0 * (np.asarray(rows)[:, 0] > 0)
    filled.value_and_gradient = lambda rows: (filled.predict(rows), model.value_and_gradient(np.nan_to_num(rows))[1])
    with pytest.raises(ValueError, match="do not add up"):
        banzhaf.Explainer(filled, background, gradients=True, random_state=0)(X)
    filled.predict = lambda rows: model.predict(np.nan_to_num(rows))
    found = banzhaf.Explainer(filled, background, gradients=True, random_state=0)(X)
    assert (found.values[:, 45] == 0).all()
    assert np.isfinite(found.values).all()
    same = banzhaf.Explainer(filled, background[:1], gradients=True, random_state=0)(background[:1])
    assert not same.values.any()
    assert same.estimators == ("values",)


@pytest.mark.parametrize("settings", [{}, {"batch_size": 7}])
@pytest.mark.parametrize("gradients", [True, "auto"])
def test_a_model_may_use_its_arrays_again(gradients, settings):
    """Outputs and gradients of a call are kept while the model is called again to check them."""
    background, X = data(50)
    outputs, slopes = np.empty(10_000), np.empty((10_000, 50))

    class Frugal(Quadratic):
        def predict(self, rows):
            outputs.fill(np.nan)
            outputs[: len(rows)] = super().predict(rows)
            return outputs[: len(rows)]

        def value_and_gradient(self, rows):
            slopes.fill(np.nan)
            slopes[: len(rows)] = Quadratic.value_and_gradient(self, rows)[1]
            return self.predict(rows), slopes[: len(rows)]

    found, expected = (
        banzhaf.Explainer(kind(50), background, gradients=gradients, random_state=0, **settings)(X)
        for kind in (Frugal, Quadratic)
    )
    assert found.estimators == expected.estimators
    assert found.n_gradient_rows == expected.n_gradient_rows > 0
    np.testing.assert_array_equal(found.values, expected.values)
