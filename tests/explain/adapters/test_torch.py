# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Modules of PyTorch as models: dtypes, devices, embeddings, shapes, and what is refused."""

from __future__ import annotations

import copy
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import banzhaf

torch = pytest.importorskip("torch")
nn = torch.nn

ROWS = np.random.default_rng(0).normal(size=(12, 4))


def network(n_outputs=3, dtype=torch.float32):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, n_outputs)).to(dtype).eval()


def check(model, background, rows, function, named="PyTorch in inference mode"):
    """The explanation of the module has the bits of that of a function that calls it."""
    explainer = banzhaf.Explainer(model, background, random_state=0)
    assert f"; model called by {named}" in repr(explainer)
    found, expected = explainer(rows), banzhaf.Explainer(function, background, random_state=0)(rows)
    for name in ("values", "standard_errors", "base_values"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert np.abs(found.values).max() > 0
    return explainer


def by(model, dtype=torch.float32):
    def function(rows):
        with torch.no_grad():
            return model(torch.as_tensor(np.asarray(rows).tolist(), dtype=dtype)).double().numpy()

    return function


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("given", [np.float64, np.float32, np.int64, np.int8, np.bool_])
def test_rows_take_the_dtype_of_the_module(dtype, given):
    model, rows = network(dtype=dtype), (ROWS > 0 if given is np.bool_ else (3 * ROWS).astype(given))
    before = rows.copy()
    kind = str(dtype).removeprefix("torch.")
    check(model, rows[:9], rows[9:], by(model, dtype), f"PyTorch in inference mode, rows as {kind} on cpu")
    np.testing.assert_array_equal(rows, before)


@pytest.mark.parametrize("shape", ["(m,)", "(m, 1)", "(m, 3)"])
def test_shapes_of_outputs(shape):
    model = network(3 if shape == "(m, 3)" else 1)
    if shape == "(m,)":
        model = nn.Sequential(model, nn.Flatten(0)).eval()
    explainer = check(model, ROWS[:9], ROWS[9:], by(model))
    assert explainer(ROWS[9:]).values.shape == {"(m,)": (3, 4), "(m, 1)": (3, 4, 1), "(m, 3)": (3, 4, 3)}[shape]


class Looked(nn.Module):
    """A module that looks its first column up in an embedding."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embedding, self.linear = nn.Embedding(10, 3), nn.Linear(6, 1)

    def forward(self, rows):
        return self.linear(torch.cat([self.embedding(rows[:, 0].long()), rows[:, 1:].float()], 1))[:, 0]


def test_integers_stay_integers_for_an_embedding():
    model = Looked().eval()
    rows = np.random.default_rng(0).integers(0, 10, size=(12, 4))
    named = "PyTorch in inference mode, rows as float32, integers as int64 on cpu"
    check(model, rows[:9], rows[9:], by(model, torch.int64), named)
    mixed = np.c_[rows[:, :1], ROWS[:, 1:]]
    check(model, mixed[:9], mixed[9:], by(model, torch.float32), named)
    mixed[0, 0] = 2.0**24 + 2
    with pytest.raises(ValueError, match="rows hold numbers beyond 16777216, which float32 rounds"):
        banzhaf.Explainer(model, mixed[:9])(mixed[9:])


def test_a_module_without_parameters_gets_the_rows_as_they_are():
    class Product(nn.Module):
        def forward(self, rows):
            assert isinstance(rows, torch.Tensor)
            return rows.prod(1)

    model = Product().eval()
    check(model, ROWS[:9], ROWS[9:], by(model, torch.float64), "PyTorch in inference mode, rows as their own dtype")


def test_polars(pl):
    frame = pl.DataFrame(dict(zip("abcd", ROWS.T.copy(), strict=True)))
    check(network(), frame[:9], frame[9:], by(network()))


def test_pandas(pd):
    model, names = network(), list("abcd")
    for frame in (pd.DataFrame(ROWS, columns=names), pd.DataFrame(ROWS, columns=names).astype({"a": "float32"})):
        check(model, frame[:9], frame[9:], by(model))
    texts = pd.DataFrame(ROWS, columns=names).assign(a="x")
    with pytest.raises(TypeError, match="torch module, which takes numbers, but background has dtype object"):
        banzhaf.Explainer(model, texts[:9])(texts[9:])


def test_training_mode_is_refused():
    model = network().train()
    with pytest.raises(ValueError, match=r"its part 'Sequential' is in training mode.*: call model\.eval\(\)"):
        banzhaf.Explainer(model, ROWS)
    model.eval()[2].train()
    with pytest.raises(ValueError, match="its part '2' is in training mode"):
        banzhaf.Explainer(model, ROWS)
    explainer = banzhaf.Explainer(model.eval(), ROWS)
    model.train()  # after construction
    with pytest.raises(ValueError, match="training mode"):
        explainer(ROWS[:1])
    assert model.training


def test_other_outputs_are_refused():
    class Two(nn.Module):
        def forward(self, rows):
            return torch.relu(rows), rows

    with pytest.raises(TypeError, match="model returns a tuple instead of a tensor: pass a function of rows"):
        banzhaf.Explainer(Two().eval(), ROWS)(ROWS[:1])


def test_errors_of_the_module_are_its_own():
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        banzhaf.Explainer(network(), ROWS[:, :3])(ROWS[:1, :3])


def test_a_module_written_for_arrays_is_called_as_it_is():
    class OfArrays(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(4, 2)

        def forward(self, rows):
            with torch.no_grad():
                return self.linear(torch.from_numpy(rows.astype(np.float32))).numpy()

    model = OfArrays().eval()
    explainer = banzhaf.Explainer(model, ROWS[:9], random_state=0)
    expected = banzhaf.Explainer(lambda rows: model(rows), ROWS[:9], random_state=0)(ROWS[9:])
    np.testing.assert_array_equal(explainer(ROWS[9:]).values, expected.values)
    assert "model called by OfArrays, which takes rows as they are" in repr(explainer)


def test_a_module_with_predict_is_called_by_it():
    class Predicting(nn.Module):
        def predict(self, rows):
            return rows[:, 0] * rows[:, 1]

    assert "called by" not in repr(banzhaf.Explainer(Predicting(), ROWS))


def test_no_gradients_no_warnings_and_no_change_of_the_rows():
    class Greedy(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(4, dtype=torch.float64))

        def forward(self, rows):
            assert not torch.is_grad_enabled()
            return (rows * self.weight).sum(1)

    ROWS.flags.writeable = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = banzhaf.Explainer(Greedy().eval(), ROWS[:9], random_state=0)(ROWS[9:])
    finally:
        ROWS.flags.writeable = True
    np.testing.assert_allclose(found.values, ROWS[9:] - ROWS[:9].mean(axis=0), atol=1e-12)


def test_the_module_is_read_in_every_call():
    model = network()
    explainer = banzhaf.Explainer(model, ROWS[:9], random_state=0)
    single = explainer(ROWS[9:]).values
    model.double()
    double = explainer(ROWS[9:]).values
    expected = banzhaf.Explainer(by(model, torch.float64), ROWS[:9], random_state=0)(ROWS[9:])
    np.testing.assert_array_equal(double, expected.values)
    assert not np.array_equal(single, double)


def test_parts_that_are_replaced_later():
    model = network()
    explainer = banzhaf.Explainer(model, ROWS[:9], random_state=0)
    before = explainer(ROWS[9:]).values
    model[0] = nn.Linear(4, 8).eval()
    expected = banzhaf.Explainer(by(model), ROWS[:9], random_state=0)(ROWS[9:])
    np.testing.assert_array_equal(explainer(ROWS[9:]).values, expected.values)
    assert not np.array_equal(before, expected.values)
    model[0], model[3] = nn.Linear(4, 8, dtype=torch.float64).eval(), nn.Linear(8, 3, dtype=torch.float64).eval()
    expected = banzhaf.Explainer(by(model, torch.float64), ROWS[:9], random_state=0)(ROWS[9:])
    np.testing.assert_array_equal(explainer(ROWS[9:]).values, expected.values)
    model[1] = nn.Sequential(nn.Identity(), nn.Dropout(0.5))  # in training mode, as new modules are
    model.training = model[1].training = model[1][0].training = False
    with pytest.raises(ValueError, match=r"its part '1\.1' is in training mode"):
        explainer(ROWS[9:])


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning", "ignore:.*torch.jit:FutureWarning")
def test_torchscript():
    model = network()
    compiled = torch.jit.script(model)
    explainer = check(compiled, ROWS[:9], ROWS[9:], by(model))
    compiled.train()
    with pytest.raises(ValueError, match="training mode"):
        explainer(ROWS[9:])


def test_threads_and_copies():
    explainer = banzhaf.Explainer(network(), ROWS[:9], random_state=0)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda row: explainer(ROWS[row : row + 1]).values, range(12)))
    np.testing.assert_allclose(np.concatenate(found), explainer(ROWS).values, atol=1e-6)  # sums depend on the batch
    for other in (copy.deepcopy(explainer), pickle.loads(pickle.dumps(explainer))):
        np.testing.assert_array_equal(other(ROWS[:2]).values, explainer(ROWS[:2]).values)


class Changing(nn.Module):
    """A module whose output for a row is not a function of the row."""

    def __init__(self, way):
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.norm = nn.BatchNorm1d(2, track_running_stats=False)
        self.register_buffer("calls", torch.zeros(()))
        self.way = way

    def forward(self, rows):
        found = self.layer(rows)
        if self.way == "mean":
            return found - found.mean(0)
        if self.way == "norm":
            return self.norm(found)
        if self.way == "dropout":
            return nn.functional.dropout(found)
        self.calls += 1.0
        return found + self.calls


@pytest.mark.parametrize("way", ["mean", "norm", "dropout", "calls"])
@pytest.mark.parametrize("n_background", [2, 9])
def test_outputs_that_are_no_function_of_the_row_are_refused(way, n_background):
    torch.manual_seed(0)
    model = Changing(way).eval()
    with pytest.raises(ValueError, match=r"model must have one output for a row, but gave .* for row"):
        banzhaf.Explainer(model, ROWS[:n_background], random_state=0)(ROWS[9:])


@pytest.mark.parametrize("seed", range(10))
def test_little_randomness_is_noticed(seed):
    class Rare(nn.Module):
        """A module that drops 2 % of its hidden units."""

        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(4, 32), nn.Linear(32, 1)

        def forward(self, rows):
            return self.last(nn.functional.dropout(torch.tanh(self.first(rows)), 0.02))

    torch.manual_seed(seed)
    with pytest.raises(ValueError, match=r"model must have one output for a row, but gave .* for row"):
        banzhaf.Explainer(Rare().eval(), ROWS[:9], random_state=0)(ROWS[9:])


def test_a_module_may_change_its_rows():
    model = nn.Sequential(nn.ReLU(inplace=True), network()).eval()
    expected = nn.Sequential(nn.ReLU(), model[1]).eval()
    background, rows = ROWS[:9].astype(np.float32), ROWS[9:].astype(np.float32)
    before = background.copy(), rows.copy()
    for gradients in (False, "auto"):
        found = banzhaf.Explainer(model, background, gradients=gradients, random_state=0)(rows)
        assert found == banzhaf.Explainer(expected, background, gradients=gradients, random_state=0)(rows)
    np.testing.assert_array_equal(background, before[0])
    np.testing.assert_array_equal(rows, before[1])
    adapted = banzhaf._explain.adapters.torch._Module(model)
    own = banzhaf._explain.adapters.torch._Module(expected)
    for one, other in zip(adapted.value_and_gradient(rows), own.value_and_gradient(rows), strict=True):
        np.testing.assert_array_equal(one, other)


def test_exported_modules():
    """torch.export fixes the mode of each part, but leaves their flags as in training."""
    model = network()
    rows = torch.as_tensor(ROWS, dtype=torch.float32)
    found = torch.export.export(model, (rows,), dynamic_shapes=({0: torch.export.Dim("rows")},)).module()
    np.testing.assert_allclose(
        banzhaf.Explainer(found, ROWS[:9])(ROWS[9:]).values, banzhaf.Explainer(model, ROWS[:9])(ROWS[9:]).values, 1e-5
    )


TENSORS = {
    "requires gradients": lambda rows: rows.clone().requires_grad_(),
    "a parameter": nn.Parameter,
    "not contiguous": lambda rows: rows.t().contiguous().t(),
    "negated": torch._neg_view,
    "of bfloat16": lambda rows: rows.bfloat16(),
    "a list of rows": list,
}


@pytest.mark.parametrize("kind", TENSORS)
def test_tensors_are_rows(kind):
    rows = torch.as_tensor(ROWS, dtype=torch.float32).bfloat16().float()
    given = TENSORS[kind](-rows if kind == "negated" else rows)
    expected = banzhaf.Explainer(network(), rows.numpy())(rows.numpy()[:2])
    np.testing.assert_array_equal(banzhaf.Explainer(network(), given)(given[:2]).values, expected.values)


def test_tensors_that_are_no_arrays_are_refused():
    rows = torch.as_tensor(ROWS)
    for tensor in (rows.to_sparse(), rows.to("meta")):
        with pytest.raises(TypeError, match=r"background must be a NumPy array .* got a tensor that NumPy cannot hold"):
            banzhaf.Explainer(network(), tensor)
    with pytest.raises(TypeError, match=r"X must be a NumPy array like background, not a .*list: .*grad"):
        banzhaf.Explainer(network(), ROWS)([[row.requires_grad_() for row in rows[0].clone().unbind()]])


@pytest.mark.parametrize("change", [torch.Tensor.requires_grad_, torch.Tensor.bfloat16, torch.Tensor.half])
def test_games_models_and_fit_take_tensors(change):
    coalitions = banzhaf.sample_coalitions(5, 64, random_state=0)
    worths = change(torch.as_tensor(coalitions.sum(axis=1), dtype=torch.float32))
    np.testing.assert_allclose(banzhaf.fit(torch.as_tensor(coalitions), worths).values, np.ones(5), rtol=1e-9)
    found = banzhaf.exact(lambda rows: change(torch.as_tensor(rows).float()).sum(1), 4)
    np.testing.assert_array_equal(found.values, np.ones(4))
    explainer = banzhaf.Explainer(lambda rows: change(torch.as_tensor(rows)).sum(1), np.zeros((1, 3)))
    np.testing.assert_array_equal(explainer(np.ones((1, 3))).values, np.ones((1, 3)))


def test_gradients_under_inference_mode():
    rows = ROWS.astype(np.float32)
    adapted = banzhaf._explain.adapters.torch._Module(network())
    expected = adapted.value_and_gradient(rows)
    with torch.inference_mode():
        found = adapted.value_and_gradient(rows)
        made_inside = network()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match=r"made under torch\.inference_mode, so it has no gradients"):
        banzhaf._explain.adapters.torch._Module(made_inside).value_and_gradient(rows)


class Frugal(nn.Module):
    """A module that returns a part of its own memory."""

    def __init__(self, n_outputs):
        super().__init__()
        self.inner = network(n_outputs)
        self.space = torch.empty(10_000, n_outputs)

    def forward(self, rows):
        self.space.fill_(torch.nan)
        self.space[: len(rows)] = self.inner(rows)
        return self.space[: len(rows)]


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_a_module_may_use_its_memory_again(n_outputs):
    """The first calls evaluate some rows again, and must return what the module gave before."""
    module = Frugal(n_outputs).eval()
    found = banzhaf.Explainer(module, ROWS[:8], random_state=0)(ROWS[8:])
    expected = banzhaf.Explainer(module.inner, ROWS[:8], random_state=0)(ROWS[8:])
    np.testing.assert_array_equal(found.values, expected.values)
    with ThreadPoolExecutor(1) as pool:

        def function(rows):
            with torch.no_grad():
                return module(torch.as_tensor(np.asarray(rows, dtype=np.float32)))

        found = banzhaf.Explainer(function, ROWS[:8], random_state=0, executor=pool)(ROWS[8:])
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-4, atol=1e-7)  # products of other sizes


def test_a_module_that_tables_suit_may_change_its_rows():
    """The trial that tells whether a module takes tables must not change the rows that are explained."""

    class Product(nn.Module):
        def forward(self, rows):
            rows[:, 0] = rows.prod(1)
            return rows[:, 0]

    rows = ROWS.astype(np.float32)
    found = banzhaf.Explainer(Product().eval(), rows[:8], random_state=0)(rows[8:])
    expected = banzhaf.Explainer(lambda table: table.prod(1), rows[:8], random_state=0)(rows[8:])
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-6)
