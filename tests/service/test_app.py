# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The routes of the service: values, limits, deadlines, a full queue, the start and the end."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from small import BACKGROUND, COLUMNS

pytestmark = pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning")  # of deadlines
ROW = [1.0, 2.0, 0.5]
NAMED = dict(zip(COLUMNS, ROW, strict=True))


def metric(client, name, **labels):
    """The value of a metric, or 0 if it has not been counted yet."""
    from prometheus_client.parser import text_string_to_metric_families

    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            if sample.name == name and all(sample.labels[key] == value for key, value in labels.items()):
                return sample.value
    return 0.0


class TestValues:
    def test_are_those_of_the_explainer_to_the_last_bit(self, serve, explainer):
        rows = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
        answer = serve().post("/explain", json={"rows": rows.astype(float).tolist()})
        assert answer.status_code == 200
        found, truth = answer.json(), explainer(rows)
        np.testing.assert_array_equal([row["values"] for row in found["rows"]], truth.values)
        np.testing.assert_array_equal([row["standard_errors"] for row in found["rows"]], truth.standard_errors)
        assert found["base_value"] == truth.base_values
        assert [row["prediction"] for row in found["rows"]] == truth.predictions.tolist()
        assert [row["stopped"] for row in found["rows"]] == ["budget"] * 5
        assert found["names"] == list(COLUMNS)
        assert (found["seed"], found["model"], found["version"], found["output"]) == (0, "small", "1", "prediction")
        assert found["n_model_rows"] == truth.row_costs.sum()
        assert found["elapsed_ms"] > 0

    def test_names_may_come_in_any_order(self, serve):
        client = serve()
        by_name = dict(reversed(NAMED.items()))
        named, listed = (client.post("/explain", json={"rows": [row]}).json() for row in (by_name, ROW))
        assert named["rows"] == listed["rows"]

    def test_a_missing_cell_is_null(self, serve, explainer):
        answer = serve().post("/explain", json={"rows": [[1.0, None, 0.5]]})
        truth = explainer(np.array([[1.0, np.nan, 0.5]], dtype=np.float32))
        np.testing.assert_array_equal(answer.json()["rows"][0]["values"], truth.values[0])
        assert answer.json()["rows"][0]["prediction"] == truth.predictions[0]

    def test_batching_does_not_change_a_bit(self, serve, gate):
        client = serve(batch_ms=1e6)  # the closed gate counts as time of a row
        rows = np.random.default_rng(2).normal(size=(9, 3)).tolist()
        alone = [client.post("/explain", json={"rows": [row]}).json()["rows"][0] for row in rows]
        n_batches = metric(client, "explain_batch_rows_count", engine="sampled")
        gate.shut()
        with ThreadPoolExecutor(len(rows)) as pool:
            answers = [pool.submit(client.post, "/explain", json={"rows": [rows[0]]})]
            gate.wait_for_call()
            answers += [pool.submit(client.post, "/explain", json={"rows": [row]}) for row in rows[1:]]
            while metric(client, "explain_queue_rows") < len(rows) - 1:
                pass
            gate.open()
            together = [answer.result().json()["rows"][0] for answer in answers]
        assert together == alone
        assert metric(client, "explain_batch_rows_count", engine="sampled") - n_batches < len(rows)


class TestLimits:
    @pytest.mark.parametrize(
        ("body", "status", "text"),
        [
            ("{", 400, "the body must be JSON"),
            ("[" * 100_000, 400, "the body must be JSON"),
            ('{"rows": [[NaN, 1, 2]]}', 400, "has no NaN: send null"),
            ('{"rows": [{"age": 1, "age": 2, "income": 2, "height": 3}]}', 422, "given more than once: 'age'"),
            ('{"rows": [[1, 2, 3]], "rows": [[4, 5, 6]]}', 422, "given more than once: 'rows'"),
            ("[]", 422, "must be a JSON object"),
            ({}, 422, "rows must be an array of at least one row"),
            ({"rows": []}, 422, "rows must be an array of at least one row"),
            ({"rows": ROW}, 422, "a single row goes into brackets of its own"),
            ({"rows": [ROW], "deadline": 5}, 422, "unknown field 'deadline': the fields are 'rows', 'deadline_ms'"),
            ({"rows": [ROW] * 6}, 413, "rows must be at most 5 rows, got 6"),
            ({"rows": [ROW, [1.0]]}, 422, "rows[1] must have 3 numbers, got 1"),
            ({"rows": [{"age": 1.0, "income": 2.0}]}, 422, "rows[0]: missing 'height'"),
            ({"rows": [{**NAMED, "weight": 1.0}]}, 422, "rows[0]: unknown 'weight'"),
            ({"rows": [[1.0, "2.0", 3.0]]}, 422, "rows[0]: 'income' must be a number, got a text '2.0'"),
            ({"rows": [[1.0, True, 3.0]]}, 422, "rows[0]: 'income' must be a number, got a Boolean"),
            ({"rows": [[1.0, [2], 3.0]]}, 422, "rows[0]: 'income' must be a number, got an array"),
            ({"rows": [[1.0, 1e300, 3.0]]}, 422, "rows[0]: 'income' is too large for float32"),
            ('{"rows": [[1.0, 1e999, 3.0]]}', 422, "rows[0]: 'income' is too large"),
            ({"rows": [[1, 10**400, 3]]}, 422, "rows[0]: 'income' is too large"),
            ({"rows": [ROW], "deadline_ms": 0}, 422, "deadline_ms must be a number of milliseconds, more than 0"),
            ({"rows": [ROW], "deadline_ms": 1e9}, 422, "at most 60000"),
            ({"rows": [ROW], "deadline_ms": "5"}, 422, "deadline_ms must be"),
            ({"rows": [ROW], "deadline_ms": True}, 422, "deadline_ms must be"),
        ],
    )
    def test_name_what_does_not_fit(self, serve, body, status, text):
        client = serve(max_rows=5)
        answer = client.post("/explain", content=body if isinstance(body, str) else json.dumps(body))
        assert text in answer.json()["error"]
        assert answer.status_code == status

    def test_missing_cells_may_be_forbidden(self, serve):
        answer = serve(allow_missing=False).post("/explain", json={"rows": [[1.0, None, 0.5]]})
        assert (answer.status_code, answer.json()["error"]) == (422, "rows[0]: 'income' is missing")

    def test_a_large_body_is_refused_unread(self, serve):
        client = serve(max_body_bytes=1000)
        body = json.dumps({"rows": [ROW] * 100})
        assert client.post("/explain", content=body).status_code == 413
        assert client.post("/explain", content=(part.encode() for part in [body, body])).status_code == 413

    def test_a_header_gives_the_deadline_too(self, serve):
        client = serve()
        wrong = client.post("/explain", json={"rows": [ROW]}, headers={"X-Deadline-Ms": "soon"})
        assert wrong.status_code == 422
        assert "X-Deadline-Ms must be a number of milliseconds, got 'soon'" in wrong.json()["error"]
        assert client.post("/explain", json={"rows": [ROW]}, headers={"X-Deadline-Ms": "nan"}).status_code == 422

    def test_routes_that_do_not_exist(self, serve):
        client = serve()
        assert client.get("/explain").status_code == 405
        assert client.get("/nothing").json() == {"error": "Not Found"}
        assert client.post("/explain/exact", json={"rows": [ROW]}).status_code == 404


class TestDeadlines:
    def test_an_answer_does_not_wait_for_a_slow_model(self, serve, gate):
        client = serve()
        gate.shut()  # until the answer is there: only the deadline can have ended the request
        answer = client.post("/explain", json={"rows": [ROW, ROW], "deadline_ms": 20})
        gate.open()
        found = answer.json()
        assert answer.status_code == 504
        assert found["error"] == "the deadline left 2 of 2 rows without values"
        assert [row["values"] for row in found["rows"]] == [None, None]
        assert [row["stopped"] for row in found["rows"]] == ["deadline", "deadline"]
        assert metric(client, "explain_deadline_misses_total") == 1

    def test_the_header_counts_if_it_is_shorter(self, serve, gate):
        client = serve()
        gate.shut()
        answer = client.post("/explain", json={"rows": [ROW], "deadline_ms": 50_000}, headers={"X-Deadline-Ms": "20"})
        gate.open()
        assert answer.status_code == 504

    def test_rows_that_are_complete_are_in_the_answer(self, serve, gate, loaded):
        client = serve(max_batch_rows=1)
        engine = loaded.engines["sampled"]
        explainer, calls = engine.explainer, []

        def second_call_waits(rows, deadline):
            calls.append(len(rows))
            if len(calls) == 2:
                gate.shut()
            return explainer(rows, deadline=deadline)

        engine.explainer = second_call_waits
        answer = client.post("/explain", json={"rows": [ROW, ROW], "deadline_ms": 1000})
        gate.open()
        first, second = answer.json()["rows"]
        assert answer.status_code == 504
        assert "1 of 2 rows" in answer.json()["error"]
        assert first["values"] is not None
        assert second["values"] is None

    def test_the_request_after_a_miss_is_served(self, serve, gate):
        client = serve()
        gate.shut()
        assert client.post("/explain", json={"rows": [ROW], "deadline_ms": 20}).status_code == 504
        gate.open()
        assert client.post("/explain", json={"rows": [ROW]}).status_code == 200


class TestQueue:
    def test_a_full_one_refuses(self, serve, gate):
        client = serve(max_queue_rows=2)
        gate.shut()
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(client.post, "/explain", json={"rows": [ROW]})
            gate.wait_for_call()
            second = pool.submit(client.post, "/explain", json={"rows": [ROW, ROW]})
            while metric(client, "explain_queue_rows") < 2:
                pass
            third = client.post("/explain", json={"rows": [ROW]})
            gate.open()
            assert (first.result().status_code, second.result().status_code) == (200, 200)
        assert third.status_code == 503
        assert "queue is full" in third.json()["error"]
        assert int(third.headers["Retry-After"]) >= 1


class TestStart:
    def test_health_is_told_while_the_model_loads(self, serve, loaded):
        go_on = threading.Event()

        def load(settings):
            assert go_on.wait(60)
            return loaded

        client = serve(load, wait=False)
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json() == {"status": "starting"}
        refused = client.post("/explain", json={"rows": [ROW]})
        go_on.set()
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "1"

    def test_a_failure_is_told(self, serve):
        def load(settings):
            raise OSError("no such model")

        client = serve(load, wait=False)
        while (answer := client.get("/healthz")).status_code == 200:
            pass
        assert answer.status_code == 500
        assert answer.json()["error"] == "OSError: no such model"
        assert client.get("/readyz").status_code == 503
        assert "failed to start" in client.post("/explain", json={"rows": [ROW]}).json()["error"]

    def test_the_model_is_described(self, serve):
        found = serve().get("/model").json()
        assert found["columns"] == list(COLUMNS)
        assert list(found["example"].values()) == BACKGROUND[0].tolist()


class TestEnd:
    def test_what_waits_is_finished_and_more_is_refused(self, serve, gate):
        client = serve(max_batch_rows=1)
        service = client.app.state.service
        gate.shut()
        with ThreadPoolExecutor(2) as pool:
            waiting = pool.submit(client.post, "/explain", json={"rows": [ROW, ROW, ROW]})
            gate.wait_for_call()
            left = pool.submit(client.run, service.leave())
            while service.state != "closed":
                pass
            refused = client.post("/explain", json={"rows": [ROW]})
            assert client.get("/readyz").status_code == 503
            assert client.get("/healthz").status_code == 200
            gate.open()
            left.result()
            assert waiting.result().status_code == 200
        assert refused.status_code == 503
        assert refused.headers["Connection"] == "close"
        assert "shutting down" in refused.json()["error"]

    def test_load_balancers_are_told_first(self, serve, loaded):
        client = serve()
        client.app.state.service.state = "leaving"
        assert client.get("/readyz").status_code == 503
        assert client.post("/explain", json={"rows": [ROW]}).status_code == 200


class TestFailures:
    def test_the_client_learns_the_id_and_no_more(self, serve, loaded):
        client = serve()

        def broken(rows, deadline):
            raise RuntimeError("the password is in here")

        engine = loaded.engines["sampled"]
        explainer, engine.explainer = engine.explainer, broken
        answer = client.post("/explain", json={"rows": [ROW]}, headers={"X-Request-Id": "abc-1"})
        engine.explainer = explainer
        assert answer.status_code == 500
        assert answer.json() == {"error": "the explanation failed", "request": "abc-1"}
        assert answer.headers["X-Request-Id"] == "abc-1"
        assert metric(client, "explain_requests_total", route="/explain", code="500") == 1
        assert client.post("/explain", json={"rows": [ROW]}).status_code == 200

    def test_an_id_that_could_break_a_log_is_replaced(self, serve):
        answer = serve().get("/healthz", headers={"X-Request-Id": "a b"})
        assert answer.headers["X-Request-Id"] != "a b"


class TestMetrics:
    def test_count_what_happened(self, serve, explainer):
        client = serve()
        client.post("/explain", json={"rows": [ROW, ROW]})
        client.post("/explain", json={"rows": []})
        client.get("/a/path/of/a/scanner")
        assert metric(client, "explain_requests_total", route="/explain", code="200") == 1
        assert metric(client, "explain_requests_total", route="/explain", code="422") == 1
        assert metric(client, "explain_requests_total", route="other", code="404") == 1
        assert metric(client, "explain_latency_seconds_count", route="/explain") == 2
        assert metric(client, "explain_rows_total", engine="sampled", stopped="budget") == 2
        cost = explainer(np.array([ROW, ROW], dtype=np.float32)).row_costs.sum()
        assert metric(client, "explain_model_rows_total", engine="sampled") == cost
        assert metric(client, "explain_ready") == 1
        assert metric(client, "explain_queue_rows") == 0
        assert "scanner" not in client.get("/metrics").text

    def test_two_applications_in_one_process_count_apart(self, serve):
        first, second = serve(), serve()
        first.post("/explain", json={"rows": [ROW]})
        assert metric(first, "explain_rows_total", engine="sampled") == 1
        assert metric(second, "explain_rows_total", engine="sampled") == 0


class TestLog:
    def test_has_one_line_for_each_request_and_no_cell(self, serve, capsys):
        client = serve(log_level="INFO")
        client.post("/explain", json={"rows": [[1234.5, None, 0.5]]})
        client.post("/explain", json={"rows": [[1234.5, "secret", 0.5]]})
        client.get("/healthz")
        written = capsys.readouterr().out
        lines = [json.loads(line) for line in written.splitlines()]
        requests = [line for line in lines if line["event"] == "request" and line["route"] == "/explain"]
        assert [line["status"] for line in requests] == [200, 422]
        assert (requests[0]["rows"], requests[0]["deadline_ms"]) == (1, 60_000)
        assert "1234" not in written
        assert "secret" not in written
