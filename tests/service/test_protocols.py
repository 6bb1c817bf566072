# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The Open Inference Protocol, and the verb `:explain` of KServe's first one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from small import COLUMNS

ROWS = [[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]]
FLAT = [cell for row in ROWS for cell in row]
INFER = "/v2/models/small/infer"


def tensor(name="rows", shape=(2, 3), data=None, datatype="FP64"):
    return {"name": name, "shape": list(shape), "datatype": datatype, "data": FLAT if data is None else data}


class TestV2:
    def test_health_and_metadata(self, serve):
        client = serve()
        assert client.get("/v2").json().keys() == {"name", "version", "extensions"}
        assert client.get("/v2/health/live").json() == {"live": True}
        assert client.get("/v2/health/ready").json() == {"ready": True}
        assert client.get("/v2/models/small/ready").json() == {"name": "small", "ready": True}
        found = client.get("/v2/models/small").json()
        assert found == client.get("/v2/models/small/versions/1").json()
        assert (found["name"], found["versions"], found["platform"]) == ("small", ["1"], "banzhaf")
        (given,) = found["inputs"]
        assert (given["name"], given["datatype"], given["shape"]) == ("rows", "FP64", [-1, 3])
        assert given["parameters"]["names"] == list(COLUMNS)
        assert {output["name"]: output["shape"] for output in found["outputs"]} == {
            "values": [-1, 3],
            "standard_errors": [-1, 3],
            "base_values": [-1],
            "predictions": [-1],
            "stopped": [-1],
            "n_model_rows": [-1],
        }

    def test_an_answer_has_the_shape_of_the_protocol(self, serve, explainer):
        client = serve()
        found = client.post(INFER, json={"id": "7", "inputs": [tensor()]}).json()
        assert (found["model_name"], found["model_version"], found["id"]) == ("small", "1", "7")
        described = {output["name"]: output for output in client.get("/v2/models/small").json()["outputs"]}
        outputs = {output["name"]: output for output in found["outputs"]}
        assert list(outputs) == list(described)
        for name, output in outputs.items():
            assert output["datatype"] == described[name]["datatype"]
            assert output["shape"] == [2, *described[name]["shape"][1:]]
            assert len(output["data"]) == math.prod(output["shape"])
        truth = explainer(np.array(ROWS, dtype=np.float32))
        np.testing.assert_array_equal(np.reshape(outputs["values"]["data"], (2, 3)), truth.values)
        assert outputs["stopped"]["data"] == ["budget", "budget"]
        assert "id" not in client.post(INFER, json={"inputs": [tensor()]}).json()

    @pytest.mark.parametrize(
        "inputs",
        [
            [tensor(data=ROWS)],
            [tensor("predict", datatype="FP32")],
            [tensor(name, [2], [row[j] for row in ROWS]) for j, name in enumerate(COLUMNS)],
            [tensor(name, [2, 1], [[row[j]] for row in ROWS]) for j, name in reversed(list(enumerate(COLUMNS)))],
        ],
        ids=["nested", "another name", "a tensor for each column", "columns of one cell"],
    )
    def test_tensors_may_be_given_in_several_ways(self, serve, inputs):
        client = serve()
        wanted = {"outputs": [{"name": "values"}]}
        plain, other = (client.post(INFER, json={"inputs": given, **wanted}) for given in ([tensor()], inputs))
        assert other.status_code == 200
        assert [output["name"] for output in other.json()["outputs"]] == ["values"]
        assert other.json()["outputs"] == plain.json()["outputs"]

    @pytest.mark.parametrize(
        ("body", "status", "text"),
        [
            ({}, 400, "inputs must be an array of at least one tensor"),
            ({"inputs": [tensor(shape=[3, 2])]}, 400, "input 'rows' must have the shape [rows, 3], got [3, 2]"),
            ({"inputs": [tensor(shape=[3, 3])]}, 400, "data must be 9 numbers for the shape [3, 3], got 6"),
            ({"inputs": [tensor(datatype="BYTES")]}, 400, "datatype must be one of FP32"),
            ({"inputs": [tensor(data=[FLAT[:2], FLAT[2:4], FLAT[4:]])]}, 400, "nested data must have the shape [2, 3]"),
            ({"inputs": [tensor(data=[FLAT])]}, 400, "nested data must have the shape [2, 3]"),
            ({"inputs": [tensor(data=1.0)]}, 400, "data must be an array"),
            ({"inputs": [tensor(shape=[1] * 70, data=[1.0])]}, 400, "shape must be [rows] or [rows, columns]"),
            ({"inputs": [tensor(shape=[2**70, 0], data=[])]}, 400, "inputs must have at least one row"),
            (
                {"inputs": [tensor(datatype="INT32", data=[0.5] * 6)]},
                400,
                "data must be whole numbers for the datatype",
            ),
            ({"inputs": [tensor(data=["1", *FLAT[1:]])]}, 400, "must be a number, got a text '1'"),
            ({"inputs": [tensor(shape=[0, 3], data=[])]}, 400, "inputs must have at least one row"),
            ({"inputs": [tensor(shape=[6, 3], data=FLAT * 3)]}, 413, "at most 5 rows, got 6"),
            ({"inputs": [tensor("age"), tensor("weight")]}, 400, "or one for each of the columns"),
            ({"inputs": [tensor()], "outputs": [{"name": "shap"}]}, 400, "there is no output 'shap'"),
            ({"inputs": [tensor()], "id": 7}, 400, "id must be a string"),
            ({"inputs": [tensor()], "parameters": {"deadline_ms": -1}}, 400, "parameters.deadline_ms must be"),
            ({"instances": []}, 400, "unknown field 'instances'"),
        ],
    )
    def test_errors_are_told_in_its_form(self, serve, body, status, text):
        answer = serve(max_rows=5).post(INFER, json=body)
        assert list(answer.json()) == ["error"]
        assert text in answer.json()["error"]
        assert answer.status_code == status

    @pytest.mark.parametrize("path", ["large", "small/versions/2", "small-exact"])
    def test_other_models_are_not_found(self, serve, path):
        client = serve()
        assert client.get(f"/v2/models/{path}").status_code == 404
        assert client.get(f"/v2/models/{path}/ready").status_code == 404
        assert client.post(f"/v2/models/{path}/infer", json={"inputs": [tensor()]}).status_code == 404

    def test_a_parameter_gives_the_deadline(self, serve, gate):
        client = serve()
        gate.shut()
        answer = client.post(INFER, json={"inputs": [tensor()], "parameters": {"deadline_ms": 20}})
        gate.open()
        assert answer.status_code == 504
        assert answer.json() == {"error": "the deadline left 2 of 2 rows without values"}

    def test_binary_tensors_are_refused(self, serve):
        answer = serve().post(INFER, content=b"{}", headers={"Inference-Header-Content-Length": "2"})
        assert (answer.status_code, answer.json()["error"][:27]) == (400, "binary tensors are not serv")


class TestV1:
    def test_explain(self, serve, explainer):
        client = serve()
        assert client.get("/v1/models").json() == {"models": ["small"]}
        assert client.get("/v1/models/small").json() == {"name": "small", "ready": True}
        found = client.post("/v1/models/small:explain", json={"instances": ROWS}).json()
        truth = explainer(np.array(ROWS, dtype=np.float32))
        assert found["predictions"] == truth.predictions.tolist()
        np.testing.assert_array_equal([row["values"] for row in found["explanations"]], truth.values)
        assert found["explanations"][0]["names"] == list(COLUMNS)

    def test_errors(self, serve):
        client = serve()
        assert client.post("/v1/models/large:explain", json={"instances": ROWS}).status_code == 404
        answer = client.post("/v1/models/small:explain", json={"rows": ROWS})
        assert (answer.status_code, answer.json()["error"][:19]) == (422, "unknown field 'rows")
