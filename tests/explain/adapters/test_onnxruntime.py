# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Sessions of ONNX Runtime as models: types of inputs, ZipMap, one input for each column, and what is refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import banzhaf

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
helper, kinds = onnx.helper, onnx.TensorProto

ROWS = np.random.default_rng(0).normal(size=(14, 3))
WEIGHTS = np.array([[1.0, -2.0, 0.5], [0.5, 1.0, -1.0], [0.0, 1.0, 2.0]])


def session(nodes, inputs, outputs, constants=()):
    """Build a session from nodes, and from (name, type, shape) of inputs and outputs."""
    graph = helper.make_graph(
        [helper.make_node(*node[:3], **node[3]) for node in nodes],
        "graph",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [each if not isinstance(each, tuple) else helper.make_tensor_value_info(*each) for each in outputs],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants],
    )
    versions = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def linear(kind=kinds.FLOAT, n_rows=None, name="scores", extra=()):
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    return session(
        [("MatMul", ["X", "W"], ["S"], {}), ("Tanh", ["S"], [name], {}), *extra],
        [("X", kind, [n_rows, 3])],
        [(name, kind, [n_rows, 3])],
        [("W", WEIGHTS.astype(dtype))],
    )


def classifier(zipmap, labels=("low", "mid", "top")):
    """Scores, probabilities and labels, as skl2onnx writes them."""
    texts = isinstance(labels[0], str)
    nodes = [
        ("MatMul", ["X", "W"], ["S"], {}),
        ("Softmax", ["S"], ["probabilities"], {}),
        ("ArgMax", ["S"], ["label"], {"axis": 1, "keepdims": 0}),
    ]
    outputs = [("label", kinds.INT64, [None]), ("probabilities", kinds.FLOAT, [None, 3])]
    if zipmap:
        key = {"classlabels_strings": labels} if texts else {"classlabels_int64s": labels}
        nodes.append(("ZipMap", ["probabilities"], ["output_probability"], {"domain": "ai.onnx.ml", **key}))
        value = helper.make_tensor_type_proto(kinds.FLOAT, None)
        dicts = helper.make_sequence_type_proto(
            helper.make_map_type_proto(kinds.STRING if texts else kinds.INT64, value)
        )
        outputs = [("label", kinds.INT64, [None]), helper.make_value_info("output_probability", dicts)]
    return session(nodes, [("X", kinds.FLOAT, [None, 3])], outputs, [("W", WEIGHTS.astype(np.float32))])


def explained(model, background, rows):
    explainer = banzhaf.Explainer(model, background, random_state=0)
    return explainer(rows), repr(explainer)


def same(found, function, background, rows):
    expected = banzhaf.Explainer(function, background, random_state=0)(rows)
    for name in ("values", "standard_errors", "base_values"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert np.abs(found.values).max() > 0


@pytest.mark.parametrize(("kind", "dtype"), [(kinds.FLOAT, np.float32), (kinds.DOUBLE, np.float64)])
@pytest.mark.parametrize("given", [np.float64, np.float32, np.int64])
def test_rows_take_the_type_of_the_input(kind, dtype, given):
    model, rows = linear(kind), (3 * ROWS).astype(given)
    found, text = explained(model, rows[:10], rows[10:])
    same(found, lambda rows: model.run(None, {"X": rows.astype(dtype)})[0], rows[:10], rows[10:])
    assert text.endswith(f"; model called by ONNX Runtime, output 'scores', rows as {np.dtype(dtype).name}")


@pytest.mark.parametrize("labels", [("low", "mid", "top"), (0, 1, 5), ("top", "low", "mid")])
@pytest.mark.parametrize("by_tensor", [True, False])
def test_zipmap(monkeypatch, labels, by_tensor):
    if not by_tensor:  # without the package onnx
        monkeypatch.setitem(sys.modules, "onnx", None)
    model = classifier(True, labels)
    explainer = banzhaf.Explainer(model, ROWS[:10], random_state=0)
    found, text = explainer(ROWS[10:]), repr(explainer)
    assert bool(explainer._calls.model.way._tensors) == by_tensor
    labels, written = tuple(sorted(labels)), labels
    assert "output 'output_probability'" in text
    assert found.output_names == tuple(map(str, labels))

    def by_label(rows):
        dicts = model.run(None, {"X": rows.astype(np.float32)})[1]
        return [[row[label] for label in labels] for row in dicts]

    same(found, by_label, ROWS[:10], ROWS[10:])
    without, _ = explained(classifier(False), ROWS[:10], ROWS[10:])
    order = [written.index(label) for label in labels]
    np.testing.assert_array_equal(found.values, without.values[..., order])


@pytest.mark.parametrize(
    ("kind", "labels"), [(kinds.INT64, ("-1", "0", "5")), (kinds.STRING, ("label a", "prob", "c"))]
)
def test_an_output_for_each_class(kind, labels):
    """As ``zipmap="columns"`` of skl2onnx writes them."""
    names = [("s" if kind == kinds.STRING else "i") + label for label in labels]
    to_label = {"keys_int64s": [0, 1, 2], "values_strings": labels, "domain": "ai.onnx.ml"}
    made = ("LabelEncoder", ["place"], ["output_label"], to_label)
    if kind == kinds.INT64:
        made = ("Identity", ["place"], ["output_label"], {})
    columns = [("Gather", ["P", f"at{k}"], [name], {"axis": 1}) for k, name in enumerate(names)]
    model = session(
        [
            ("MatMul", ["X", "W"], ["S"], {}),
            ("Softmax", ["S"], ["P"], {}),
            ("ArgMax", ["S"], ["place"], {"axis": 1, "keepdims": 0}),
            made,
            *columns,
        ],
        [("X", kinds.FLOAT, [None, 3])],
        [("output_label", kind, [None]), *[(name, kinds.FLOAT, [None]) for name in names]],
        [("W", WEIGHTS.astype(np.float32)), *[(f"at{k}", np.array(k)) for k in range(3)]],
    )
    found, text = explained(model, ROWS[:10], ROWS[10:])
    assert "ONNX Runtime, outputs " + ", ".join(map(repr, names)) in text
    assert found.output_names == labels
    same(found, lambda rows: np.stack(model.run(names, {"X": rows.astype(np.float32)}), 1), ROWS[:10], ROWS[10:])


def test_a_tensor_that_is_not_what_zipmap_returns_is_left_alone(monkeypatch):
    model = classifier(True)
    wanted, _ = explained(model, ROWS[:10], ROWS[10:])
    adapters = sys.modules["banzhaf._explain.adapters.onnxruntime"]
    monkeypatch.setattr(adapters, "_before_zipmap", lambda *_: (linear(), "scores", ["low", "mid", "top"]))
    found, _ = explained(model, ROWS[:10], ROWS[10:])
    np.testing.assert_array_equal(found.values, wanted.values)


def test_probabilities_come_before_other_numbers():
    nodes = [("Softmax", ["scores"], ["class_prob"], {}), ("ArgMax", ["scores"], ["label"], {"axis": 1, "keepdims": 0})]
    model = session(
        [("MatMul", ["X", "W"], ["scores"], {}), *nodes],
        [("X", kinds.FLOAT, [None, 3])],
        [("label", kinds.INT64, [None]), ("scores", kinds.FLOAT, [None, 3]), ("class_prob", kinds.FLOAT, [None, 3])],
        [("W", WEIGHTS.astype(np.float32))],
    )
    found, text = explained(model, ROWS[:10], ROWS[10:])
    assert "output 'class_prob'" in text
    same(found, lambda rows: model.run(["class_prob"], {"X": rows.astype(np.float32)})[0], ROWS[:10], ROWS[10:])


def columns_model():
    """A model with an input of its own type for each column: age * gain[job]."""
    return session(
        [
            (
                "LabelEncoder",
                ["job"],
                ["gain"],
                {"domain": "ai.onnx.ml", "keys_strings": ["a", "b"], "values_floats": [1.0, -2.0]},
            ),
            ("Cast", ["age"], ["years"], {"to": kinds.FLOAT}),
            ("Mul", ["gain", "years"], ["product"], {}),
            ("Add", ["product", "wage"], ["scores"], {}),
        ],
        [("wage", kinds.FLOAT, [None, 1]), ("age", kinds.INT64, [None, 1]), ("job", kinds.STRING, [None, 1])],
        [("scores", kinds.FLOAT, [None, 1])],
    )


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_one_input_for_each_column(library):
    module = pytest.importorskip(library)
    age, wage = np.arange(20, 34), ROWS[:, 0]
    job = ["a", "b"] * 7
    frame = module.DataFrame({"age": age, "job": job, "wage": wage})
    found, _ = explained(columns_model(), frame[:10], frame[10:])

    def function(rows):
        gain = np.array([1.0 if each == "a" else -2.0 for each in rows["job"].to_list()])
        return gain * rows["age"].to_numpy() + rows["wage"].to_numpy()

    expected = banzhaf.Explainer(function, frame[:10], random_state=0)(frame[10:])
    np.testing.assert_allclose(found.values[..., 0], expected.values, rtol=1e-5, atol=1e-5)
    more = module.DataFrame({"age": age, "job": job, "wage": wage, "more": age})
    with pytest.raises(ValueError, match=r"background has columns that are not inputs of model: \['more'\]"):
        banzhaf.Explainer(columns_model(), more)
    with pytest.raises(TypeError, match=r"model has 3 inputs .* it has no column 'job'"):
        banzhaf.Explainer(columns_model(), module.DataFrame({"age": age, "wage": wage}))


def test_several_inputs_need_a_frame():
    with pytest.raises(TypeError, match=r"model has 3 inputs \(wage, age, job\), so background must be a pandas or"):
        banzhaf.Explainer(columns_model(), ROWS)


def test_frames_of_numbers(pd):
    model, frame = linear(), pd.DataFrame(ROWS, columns=list("abc"))
    found, _ = explained(model, frame[:10], frame[10:])
    same(found, lambda rows: model.run(None, {"X": rows.to_numpy(np.float32)})[0], frame[:10], frame[10:])
    mixed = frame.assign(b=list(range(14)))
    found, _ = explained(model, mixed[:10], mixed[10:])
    same(found, lambda rows: model.run(None, {"X": rows.to_numpy(np.float32)})[0], mixed[:10], mixed[10:])
    texts = frame.assign(b="text")
    with pytest.raises(TypeError, match="model takes float32, but a column of background or X holds other values"):
        banzhaf.Explainer(model, texts[:10])(texts[10:])


def test_integers_that_a_type_cannot_hold_are_refused():
    rows = np.array([[2**24 + 1, 0, 0], [1, 1, 1]])
    with pytest.raises(ValueError, match="model takes float32, which cannot hold 16777217 of a column of background"):
        banzhaf.Explainer(linear(), rows)(rows)
    to_integers = session(
        [("Cast", ["X"], ["scores"], {"to": kinds.FLOAT})],
        [("X", kinds.INT64, [None, 3])],
        [("scores", kinds.FLOAT, [None, 3])],
    )
    with pytest.raises(ValueError, match=r"model takes int64, which cannot hold 0\.5 of"):
        banzhaf.Explainer(to_integers, np.full((2, 3), 0.5))(np.ones((1, 3)))


def test_labels_are_refused():
    nodes = [("MatMul", ["X", "W"], ["S"], {}), ("ArgMax", ["S"], ["label"], {"axis": 1, "keepdims": 0})]
    model = session(
        nodes, [("X", kinds.FLOAT, [None, 3])], [("label", kinds.INT64, [None])], [("W", WEIGHTS.astype(np.float32))]
    )
    with pytest.raises(TypeError, match=r"model predicts labels: its outputs are label of type tensor\(int64\)"):
        banzhaf.Explainer(model, ROWS)


def test_inputs_that_are_no_rows_are_refused():
    with pytest.raises(TypeError, match="input 'X' of model takes exactly 1 rows: export the model with a dynamic"):
        banzhaf.Explainer(linear(n_rows=1), ROWS)
    with pytest.raises(ValueError, match="model takes 3 columns, but background has 2"):
        banzhaf.Explainer(linear(), ROWS[:, :2])
    pd = pytest.importorskip("pandas")
    pair = [("u", kinds.FLOAT, [1, 1]), ("v", kinds.FLOAT, [1, 1])]
    product = session([("Mul", ["u", "v"], ["Y"], {})], pair, [("Y", kinds.FLOAT, [1, 1])])
    with pytest.raises(TypeError, match="input 'u' of model takes exactly 1 rows: export the model with a dynamic"):
        banzhaf.Explainer(product, pd.DataFrame(ROWS[:, :2], columns=["u", "v"]))
    image = session(
        [("Tanh", ["X"], ["Y"], {})], [("X", kinds.FLOAT, [None, 1, 4, 4])], [("Y", kinds.FLOAT, [None, 1, 4, 4])]
    )
    with pytest.raises(TypeError, match=r"input 'X' of model has shape .*: pass a function that reshapes the rows"):
        banzhaf.Explainer(image, ROWS)
