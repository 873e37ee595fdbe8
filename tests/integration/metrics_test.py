#!/usr/bin/env python3
"""Every query of docs/metrics.md, evaluated by Prometheus, tells the truth about a known load."""

import os
import re
import tempfile
import time
import unittest
from pathlib import Path

import grpc
import numpy as np
import tritonclient.grpc as triton

from support import ROOT, prometheus
from support.client import Client, infer_request
from support.layers import write_random_layer
from support.server import Server
from support.skipping import skip

# What the load consists of.
CUT, SMALL, WRONG, REFUSED, LATE, WAITING, UNKNOWN = 10, 5, 3, 4, 2, 2, 6
MINUTE, FIVE_MINUTES = 60, 300  # the windows, in seconds
WAITS_FRAMES = 1000  # far from a full batch, however slow the machine is

# What the tests below call the documented queries, and how each begins.
QUERIES = {
    "requests per second": "sum by (layer) (rate(convoy_requests_total[1m]))",
    "share of failures": "sum by (layer) (rate(convoy_requests_total{code!~",
    "99th percentile": "histogram_quantile(0.99, sum by (layer, le)",
    "parts of a batch": "rate(convoy_batch_parts_total[5m]) / rate(convoy_batch_requests_count",
    "parts of a request": "rate(convoy_batch_parts_total[5m]) / rate(convoy_batch_requests_sum",
    "stages": "histogram_quantile(0.99, sum by (layer, stage, le)",
    "computing speed": "2e-9 * sum(rate(convoy_multiply_accumulates_total",
    "wasted": "sum by (layer) (rate(convoy_batch_wasted_frames_total",
    "too much": "sum by (reason) (rate(convoy_refused_requests_total",
    "time without execution": "(sum by (layer) (rate(convoy_request_duration_seconds_sum",
    "cores": "rate(process_cpu_seconds_total[1m])\n",
    "processor time": "rate(process_cpu_seconds_total[1m]) / ",
    "turned away": 'sum by (layer) (rate(convoy_requests_total{code="RESOURCE_EXHAUSTED"}',
    "unknown": "rate(convoy_unknown_layer_requests_total",
    "not loaded": "convoy_load_errors",
}


def queries():
    """The documented queries. One that begins on a line of its own ends before the next that does."""
    text = (ROOT / "docs" / "metrics.md").read_text()
    found = []
    for block in re.findall(r"```promql\n(.*?)```", text, re.S):
        found += [query.strip() for query in re.split(r"\n(?=[^\s)])", block) if query.strip()]
    return found


def process_cpu_seconds(server):
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Load:
    """Calls whose number and fate are known."""

    def __init__(self, server):
        self.server = server
        self.client = Client(server.grpc_address)
        self.seconds = []  # of the answered calls to "cut", as the caller sees them

    def infer(self, layer, shape, **arguments):
        return self.client.infer(layer, np.zeros(shape, np.float32), **arguments)

    def fail(self, code, layer, shape, **arguments):
        try:
            self.infer(layer, shape, **arguments)
        except triton.InferenceServerException as error:
            assert error.status() == f"StatusCode.{code}", error
        else:
            raise AssertionError(f"{layer} answered a call that is to end with {code}")

    def run(self):
        for _ in range(CUT):
            began = time.monotonic()
            self.infer("cut", (1, 4000, 64))
            self.seconds.append(time.monotonic() - began)
        for _ in range(SMALL):
            self.infer("small", (3, 20, 4))
        for _ in range(WRONG):
            self.fail("INVALID_ARGUMENT", "cut", (1, 4000, 63))
        for _ in range(LATE):
            self.fail("DEADLINE_EXCEEDED", "cut", (1, 4000, 64), timeout=1)
        for _ in range(UNKNOWN):
            self.fail("NOT_FOUND", "nobody", (1, 1, 1))
        self.fill_and_refuse()
        self.client.close()

    def fill_and_refuse(self):
        """Fills the queue with calls that wait for an hour, is refused, and takes them back."""
        request = infer_request("waits", (1, WAITS_FRAMES, 1), bytes(4 * WAITS_FRAMES))
        calls = [self.client.stub.ModelInfer.future(request) for _ in range(WAITING)]
        while self.server.metric("convoy_queue_requests") < WAITING:
            time.sleep(0.01)
        for _ in range(REFUSED):
            self.fail("RESOURCE_EXHAUSTED", "cut", (1, 4000, 64))
        for call in calls:
            call.cancel()
        while self.server.metric("convoy_queue_requests") > 0:
            time.sleep(0.01)
        for call in calls:
            assert call.code() == grpc.StatusCode.CANCELLED, call.code()


class DocumentedQueriesTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        repository = Path(folder.name)
        write_random_layer(repository, "cut", 64, 64, 31)
        write_random_layer(repository, "small", 4, 4, 3)
        write_random_layer(repository, "waits", 1, 1, 1)
        (repository / "waits" / "1" / "serving.json").write_text(
            '{"max_queue_delay_microseconds": 3600000000}')
        (repository / "broken" / "1").mkdir(parents=True)
        (repository / "broken" / "1" / "config.json").write_text("{}")
        # Both calls that wait fit; one that is to be cut does beside none of them.
        limit = 4000 * 64 * 4 + 1000
        server = Server(repository, "--workers", 1, "--max-queue-bytes", limit)
        cls.addClassCleanup(server.kill)
        outer = process_cpu_seconds(server)
        _, before = server.get("/metrics")
        inner = process_cpu_seconds(server)
        cls.load = Load(server)
        cls.load.run()
        inner = process_cpu_seconds(server) - inner
        _, after = server.get("/metrics")
        cls.cpu_seconds = inner, process_cpu_seconds(server) - outer
        cls.prometheus = prometheus.Prometheus([(300, before), (60, before), (0, after)])
        cls.addClassCleanup(cls.prometheus.stop)

    def ask(self, name):
        """The values by layer of a documented query."""
        (query,) = [query for query in queries() if (query + "\n").startswith(QUERIES[name])]
        return {labels.get("layer", ""): value for labels, value in self.prometheus.query(query)}

    def sums(self, name, **labels):
        """How much a counter grew by the load."""
        chosen = ",".join(f'{label}="{value}"' for label, value in labels.items())
        (sample,) = self.prometheus.query(f"sum(rate({name}{{{chosen}}}[1m]) * {MINUTE})")
        return sample[1]

    def test_requests_per_second(self):
        rates = self.ask("requests per second")
        for layer, calls in (("cut", CUT + WRONG + REFUSED + LATE), ("small", SMALL),
                             ("waits", WAITING)):
            self.assertAlmostEqual(rates[layer] * MINUTE, calls, places=6)

    def test_share_of_calls_that_fail(self):
        shares = self.ask("share of failures")
        self.assertAlmostEqual(shares["cut"], (REFUSED + LATE) / (CUT + WRONG + REFUSED + LATE))
        self.assertEqual(shares["small"], 0)
        self.assertEqual(shares["waits"], 0)

    def test_the_99th_percentile_is_that_of_answers(self):
        quantiles = self.ask("99th percentile")
        self.assertEqual(
            self.sums("convoy_request_duration_seconds_count", layer="cut", outcome="answered"), CUT)
        self.assertEqual(
            self.sums("convoy_request_duration_seconds_count", layer="cut", outcome="failed"),
            WRONG + REFUSED + LATE)
        # It lies in the bucket of the slowest, and buckets are at most 2.5 times wider than low.
        self.assertLess(quantiles["cut"], 2.5 * max(self.load.seconds))
        self.assertGreater(quantiles["cut"], 0)
        self.assertTrue(np.isnan(quantiles["waits"]))

    def test_the_stages_of_answers_make_up_their_time(self):
        (query,) = [query for query in queries() if query.startswith(QUERIES["stages"])]
        stages = {labels["stage"] for labels, _ in self.prometheus.query(query)}
        self.assertEqual(stages, {"decode", "queue", "compute", "respond"})
        for layer, calls in (("cut", CUT), ("small", SMALL)):
            sums = {}
            for stage in stages:
                self.assertEqual(self.sums("convoy_request_stage_seconds_count", layer=layer,
                                           stage=stage), calls, stage)
                sums[stage] = self.sums("convoy_request_stage_seconds_sum", layer=layer, stage=stage)
            until_computed = sums["decode"] + sums["queue"] + sums["compute"]
            answered = self.sums("convoy_request_duration_seconds_sum", layer=layer,
                                 outcome="answered")
            self.assertGreater(min(sums.values()), 0)
            self.assertLessEqual(until_computed, answered)
            self.assertLessEqual(answered, until_computed + sums["respond"])

    def test_parts_of_batches_and_of_requests(self):
        in_batches = self.ask("parts of a batch")
        of_requests = self.ask("parts of a request")
        self.assertEqual((in_batches["small"], of_requests["small"]), (1, 1))
        self.assertGreaterEqual(of_requests["cut"], 2)
        self.assertAlmostEqual(self.sums("convoy_batch_requests_sum", layer="cut"), CUT)
        self.assertAlmostEqual(self.sums("convoy_batch_sequences_total", layer="cut"), CUT)
        self.assertAlmostEqual(self.sums("convoy_batch_sequences_total", layer="small"), 3 * SMALL)
        self.assertAlmostEqual(self.sums("convoy_batch_requests_count", layer="waits"), 0)

    def test_time_that_is_not_execution(self):
        idle = self.ask("time without execution")
        for layer, calls in (("cut", CUT), ("small", SMALL)):
            answered = self.sums("convoy_request_duration_seconds_sum", layer=layer,
                                 outcome="answered")
            # One worker and one caller: while a batch runs, the request is executed.
            batches = self.sums("convoy_batch_duration_seconds_sum", layer=layer)
            self.assertGreater(idle[layer], 0)
            self.assertLessEqual(idle[layer], (answered - batches) / calls + 1e-9)

    def test_cores_and_processor_time_of_a_request(self):
        cores = self.ask("cores")
        self.assertLessEqual(self.cpu_seconds[0], cores[""] * MINUTE + 0.011)
        self.assertLessEqual(cores[""] * MINUTE, self.cpu_seconds[1] + 0.011)
        each = self.ask("processor time")
        calls = CUT + WRONG + REFUSED + LATE + SMALL + WAITING
        self.assertAlmostEqual(each[""] * calls, cores[""] * MINUTE)

    def test_who_is_turned_away(self):
        full = self.ask("turned away")
        self.assertEqual(list(full), ["cut"])
        self.assertAlmostEqual(full["cut"] * MINUTE, REFUSED)

    def test_what_was_too_much(self):
        (query,) = [query for query in queries() if query.startswith(QUERIES["too much"])]
        reasons = {labels["reason"]: value * MINUTE for labels, value in self.prometheus.query(query)}
        self.assertEqual(set(reasons), {"queue_bytes", "deadline"})
        self.assertAlmostEqual(reasons["queue_bytes"], REFUSED)
        self.assertAlmostEqual(reasons["deadline"], LATE)

    def test_what_was_computed(self):
        # "valid" padding, so each request has a few frames fewer than it brought.
        for layer, frames, work in (("cut", CUT * (4000 - 30), 31 * 64 * 64),
                                    ("small", SMALL * 3 * (20 - 2), 3 * 4 * 4)):
            wanted = self.sums("convoy_batch_frames_total", layer=layer)
            wasted = self.sums("convoy_batch_wasted_frames_total", layer=layer)
            self.assertAlmostEqual(wanted, frames, places=3)
            self.assertAlmostEqual(self.sums("convoy_multiply_accumulates_total", layer=layer),
                                   (wanted + wasted) * work, delta=work)
            self.assertAlmostEqual(self.ask("wasted")[layer], wasted / (wanted + wasted))
        total = sum(self.sums("convoy_multiply_accumulates_total", layer=layer)
                    for layer in ("cut", "small"))
        self.assertAlmostEqual(self.ask("computing speed")[""] * MINUTE / (2e-9 * total), 1)

    def test_who_is_not_there(self):
        unknown = self.ask("unknown")
        self.assertAlmostEqual(unknown[""] * FIVE_MINUTES, UNKNOWN)

    def test_what_could_not_be_loaded(self):
        self.assertEqual(self.ask("not loaded"), {"": 1})

    def test_no_documented_query_is_left_out(self):
        for query in queries():
            begins = [name for name, start in QUERIES.items() if (query + "\n").startswith(start)]
            self.assertEqual(len(begins), 1, query)
        self.assertEqual(len(queries()), len(QUERIES))


if __name__ == "__main__":
    if not prometheus.installed():
        skip("Prometheus is not installed (apt-get install prometheus)")
    unittest.main()
