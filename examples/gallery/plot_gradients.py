# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
A network and its gradients
===========================

A network returns the derivatives by all inputs for the price of two or three more outputs. We train one on digits, and
explain with and without these derivatives at equal cost.
"""

from importlib.util import find_spec

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPRegressor

import banzhaf

# %%
# A network, and its gradients in ten lines
# -----------------------------------------
# The network tells an eight from a three: its output is near 1 for an eight and near -1 for a three. Modules of PyTorch
# and functions of ``jax.jit`` bring their gradients along. For other networks, a class with two methods is enough.

data = load_digits()
kept = np.isin(data.target, (3, 8))
rows, targets = data.data[kept] / 16, np.where(data.target[kept] == 8, 1.0, -1.0)
fitted = MLPRegressor(hidden_layer_sizes=[64, 64], activation="tanh", max_iter=500, random_state=0)
fitted.fit(rows[60:], targets[60:])


class Network(banzhaf.ModelAdapter):
    """A network of tanh units with one output."""

    def predict(self, rows):
        return fitted.predict(rows)

    def value_and_gradient(self, rows):
        weights, biases = fitted.coefs_, fitted.intercepts_
        layers = [rows]
        for matrix, bias in zip(weights[:-1], biases[:-1], strict=True):
            layers.append(np.tanh(layers[-1] @ matrix + bias))
        outputs = (layers[-1] @ weights[-1] + biases[-1])[:, 0]
        gradients = np.broadcast_to(weights[-1].T, layers[-1].shape)
        for matrix, layer in zip(weights[-2::-1], layers[:0:-1], strict=True):
            gradients = (gradients * (1 - layer**2)) @ matrix.T
        return outputs, gradients


# %%
# The same cost, with and without gradients
# -----------------------------------------
# An eight is explained against twenty threes. The budget counts model evaluations, and a row with its gradient counts
# as 2.5 of them. An eight and a three differ in about forty pixels, so gradients can win a factor of three at most.
# ``gradients=True`` takes outputs then, because gradients may have a bias. ``gradients="only"`` takes gradients.

eight = rows[:60][targets[:60] > 0][:1]
threes = rows[60:][targets[60:] < 0][:20]
BUDGET = 20 * 64 * 5


def explain(gradients, seed, budget=BUDGET):
    """Return the explanation of the eight."""
    return banzhaf.Explainer(Network(), threes, budget=budget, gradients=gradients, random_state=seed)(eight)


reference = explain(False, seed=100, budget=40 * BUDGET).values[0]
errors_of = {"only": [], False: []}
for gradients, found in errors_of.items():
    for seed in range(5):
        values = explain(gradients, seed).values[0]
        found.append(np.sum((values - reference) ** 2) / np.sum(reference**2))
    print(f"relative squared error, gradients={gradients}: {np.mean(found):.1e}")
print(f"with gradients, the error is {np.mean(errors_of[False]) / np.mean(errors_of['only']):.1f} times lower")

# %%
# Not only the corners
# --------------------
# Integrated gradients follow the straight line from a three to the eight. They answer another question: how did the
# output change on the way? All pixels change together on it. A Banzhaf value switches a pixel while about half of the
# others are the eight's, and half are the three's.


def integrated_gradients(row, background, n_steps=50):
    """Return the mean over the background of integrated gradients, by the midpoint rule."""
    shares = (np.arange(n_steps) + 0.5) / n_steps
    points = background[:, np.newaxis] + shares[:, np.newaxis] * (row - background)[:, np.newaxis]
    _, gradients = Network().value_and_gradient(points.reshape(-1, row.shape[1]))
    means = gradients.reshape(len(background), n_steps, -1).mean(axis=1)
    return ((row - background) * means).mean(axis=0)


explanation = explain("only", seed=0)
path = integrated_gradients(eight, threes)
change = (Network().predict(eight) - Network().predict(threes).mean())[0]
print(f"the output changes by {change:.2f}")
print(f"integrated gradients add up to {path.sum():.2f}, Banzhaf values to {explanation.values.sum():.2f}")
print(f"correlation of both: {np.corrcoef(path, reference)[0, 1]:.3f}")

# %%
# The sum of integrated gradients is the change of the output. Banzhaf values have no such sum, but each of them is the
# mean effect of its pixel over all combinations of the others. They come with standard errors.

largest = np.abs(reference).max()
figure, axes = plt.subplots(1, 4, figsize=(11, 3), layout="constrained")
axes[0].imshow(eight.reshape(8, 8), cmap="gray_r")
axes[0].set_title("the eight")
shown = {"Banzhaf values": explanation.values[0], "integrated gradients": path}
for ax, (title, values) in zip(axes[1:], shown.items(), strict=False):
    picture = ax.imshow(values.reshape(8, 8), cmap="RdBu_r", vmin=-largest, vmax=largest)
    ax.set_title(title)
figure.colorbar(picture, ax=axes[2])
errors = axes[3].imshow(explanation.standard_errors.reshape(8, 8), cmap="Greys", vmin=0)
axes[3].set_title("standard errors")
figure.colorbar(errors, ax=axes[3])
for ax in axes:
    ax.set_axis_off()
plt.show()

# %%
# A residual network for colour images
# ------------------------------------
# With torchvision, the same call explains a network for colour images. Its players are 64 patches, each with all its
# pixels in three colours. The images are noise with a square in red or in green, and the network says how likely it is
# that the square is red. Without torchvision, the digits above are the images.

SIDE, PATCH = 32, 4


def squares(count, rng):
    """Return images of noise with a square, a row each, and whether the square is red."""
    pixels = rng.normal(0.5, 0.1, (count, 3, SIDE, SIDE)).astype(np.float32)
    is_red = rng.random(count) < 0.5
    for image, red in zip(pixels, is_red, strict=True):
        y, x = rng.integers(0, SIDE - 8, 2)
        image[0 if red else 1, y : y + 8, x : x + 8] += 0.5
    return pixels.reshape(count, -1), is_red


def explain_a_red_square():
    """Train a network of torchvision, and show the patches that make a square red."""
    import torch
    from torchvision.models.resnet import BasicBlock, ResNet

    torch.manual_seed(0)
    images, is_red = squares(400, np.random.default_rng(0))
    layers = torch.nn.Unflatten(1, (3, SIDE, SIDE)), ResNet(BasicBlock, [1, 1, 1, 1], num_classes=1)
    network = torch.nn.Sequential(*layers, torch.nn.Flatten(0))
    steering = torch.optim.Adam(network.parameters(), 1e-3)
    loss = torch.nn.BCEWithLogitsLoss()
    for _ in range(60):
        batch = torch.randint(300, (32,))
        steering.zero_grad()
        loss(network(torch.from_numpy(images)[batch]), torch.from_numpy(is_red[batch.numpy()]).float()).backward()
        steering.step()
    network.eval()

    n_patches = SIDE // PATCH
    columns = np.arange(images.shape[1]).reshape(3, n_patches, PATCH, n_patches, PATCH)
    columns = columns.transpose(1, 3, 0, 2, 4).reshape(n_patches**2, -1)
    patches = {f"patch {place}": each.tolist() for place, each in enumerate(columns)}
    red, greens = images[300:][is_red[300:]][:1], images[:300][~is_red[:300]][:5]
    explainer = banzhaf.Explainer(network, greens, groups=patches, budget=1600, gradients=True, random_state=0)
    found = explainer(red)
    _, axes = plt.subplots(1, 2, figsize=(6, 3), layout="constrained")
    axes[0].imshow(np.clip(red.reshape(3, SIDE, SIDE).transpose(1, 2, 0), 0, 1))
    most = np.abs(found.values).max()
    axes[1].imshow(found.values.reshape(n_patches, n_patches), cmap="RdBu_r", vmin=-most, vmax=most)
    for ax, title in zip(axes, ("a red square", "Banzhaf values of patches"), strict=True):
        ax.set_title(title)
        ax.set_axis_off()
    plt.show()
    square = red.reshape(3, n_patches, PATCH, n_patches, PATCH)[0].mean(axis=(1, 3)) > 0.75
    return found.values.reshape(n_patches, n_patches)[square].mean() / most


share_of_square = explain_a_red_square() if find_spec("torchvision") and find_spec("torch") else None

# %%
# **Conclusion.** Red pixels make the image an eight. The two methods agree on most of them here, because the network is
# nearly linear between threes and eights.
