# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Gradients of PyTorch modules."""

import numpy as np
import pytest

import banzhaf

torch = pytest.importorskip("torch")


def network(n=48, n_outputs=1, activation=torch.nn.Tanh):
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(n, 16), activation(), torch.nn.Linear(16, n_outputs)).eval()


def data(n=48, dtype=np.float64):
    rng = np.random.default_rng(0)
    return rng.normal(size=(6, n)).astype(dtype), rng.normal(size=(2, n)).astype(dtype)


@pytest.mark.filterwarnings("ignore:.* at the speed of the first ones this call takes")  # a busy machine's
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_values_agree_with_those_of_coalitions(dtype, n_outputs):
    background, X = data(dtype=dtype)
    module = network(n_outputs=n_outputs).to(torch.float32 if dtype is np.float32 else torch.float64)
    found = banzhaf.Explainer(module, background, gradients="only", budget=20_000, random_state=0)(X)
    expected = banzhaf.Explainer(module, background, budget=60_000, random_state=0)(X)
    assert found.values.shape == expected.values.shape == (2, 48, n_outputs)
    assert np.abs(found.values - expected.values).max() < 0.02 * np.abs(expected.values).max()
    assert found.n_gradient_rows > 1000
    assert all(parameter.grad is None for parameter in module.parameters())


def test_gradients_are_those_of_autograd():
    module = network(n_outputs=2).double()
    background, _ = data()
    adapter = banzhaf._explain.adapters.whole_adapter(module, None)
    outputs, gradients = adapter.value_and_gradient(background)
    np.testing.assert_array_equal(outputs, adapter.predict(background))
    rows = torch.tensor(background)
    for row in range(6):
        expected = torch.autograd.functional.jacobian(module, rows[row])
        np.testing.assert_allclose(gradients[row], expected.numpy(), rtol=1e-12)


def test_outputs_without_an_axis():
    class Flat(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = network().double()

        def forward(self, rows):
            return self.inner(rows)[:, 0]

    background, X = data()
    found = banzhaf.Explainer(Flat().eval(), background, gradients=True, random_state=0)(X)
    with_axis = banzhaf.Explainer(network().double(), background, gradients=True, random_state=0)(X)
    np.testing.assert_allclose(found.values, with_axis.values[..., 0], rtol=1e-12)


@pytest.mark.parametrize("kind", ["no_grad", "detach", "argmax", "round"])
def test_modules_without_gradients_are_refused(kind):
    class Cut(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = network(n_outputs=3)

        def forward(self, rows):
            if kind == "round":
                return self.inner(rows.round())
            if kind == "no_grad":
                with torch.no_grad():
                    return self.inner(rows)
            outputs = self.inner(rows)
            return outputs.detach() if kind == "detach" else outputs.argmax(1).float()

    background, X = data(dtype=np.float32)
    with pytest.raises(ValueError, match="pass gradients=False"):
        banzhaf.Explainer(Cut().eval(), background, gradients=True)(X)
    options = {"budget": 800, "random_state": 0}
    auto = banzhaf.Explainer(Cut().eval(), background, gradients="auto", **options)(X)
    assert auto == banzhaf.Explainer(Cut().eval(), background, **options)(X)


def test_an_embedding_of_codes_is_refused():
    class Coded(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.table = torch.nn.Embedding(5, 4)
            self.inner = network(47 + 4)

        def forward(self, rows):
            return self.inner(torch.cat([rows[:, 1:], self.table(rows[:, 0].long())], dim=1))

    background, X = data(dtype=np.float32)
    background[:, 0], X[:, 0] = np.arange(6) % 4, 4
    module = Coded().eval()
    with pytest.raises(ValueError, match=r"gradients of feature 'x0' are 0|disagree with differences"):
        banzhaf.Explainer(module, background, gradients=True)(X)
    options = {"budget": 800, "random_state": 0}
    auto = banzhaf.Explainer(module, background, gradients="auto", **options)
    assert "embedding" in repr(auto)
    assert auto(X) == banzhaf.Explainer(module, background, **options)(X)


def test_auto_chooses_gradients_for_many_features():
    background, X = data(dtype=np.float32)
    auto = banzhaf.Explainer(network(), background, gradients="auto", budget=800, random_state=0)
    assert auto(X).estimators == ("gradients", "gradients")
    assert banzhaf.Explainer(network(), background, random_state=0)(X).estimators == ("values", "values")
