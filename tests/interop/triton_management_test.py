#!/usr/bin/env python3
"""Triton's extensions that manage and describe what a server holds, by tritonclient."""

import json
import threading
import unittest

import numpy as np
import tritonclient.grpc as triton
from google.protobuf import descriptor_pool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

from support.case import ServerTestCase
from support.layers import convolve, encode_safetensors, write_random_layer


def sequences(count, frames=9, seed=0):
    return np.random.default_rng(seed).standard_normal((count, frames, 2), dtype=np.float32)


class StatisticsTest(ServerTestCase):

    # Requests of a few milliseconds are cut into parts and shared.
    FLAGS = ("--workers", "2")

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 4, 3, version=3)
        write_random_layer(repository, "idle", 2, 4, 3)
        write_random_layer(repository, "wide", 2, 64, 33)

    def statistics(self, layer="conv", version=""):
        (model,) = self.client.triton.get_inference_statistics(layer, version).model_stats
        return model

    def assert_whole(self, model):
        """The stages are of the same requests, and their times are all of the time."""
        stats = model.inference_stats
        stages = (stats.compute_input, stats.queue, stats.compute_infer, stats.compute_output)
        for stage in stages:
            self.assertEqual(stage.count, stats.success.count)
        self.assertEqual(sum(stage.ns for stage in stages), stats.success.ns)
        self.assertEqual(sum(batch.compute_infer.count for batch in model.batch_stats),
                         model.execution_count)
        self.assertEqual(sum(batch.batch_size * batch.compute_infer.count
                             for batch in model.batch_stats), model.inference_count)

    def test_they_add_up_to_the_requests_that_were_sent(self):
        before = self.statistics()
        sizes = [1 + i % 5 for i in range(100)]

        def send(share):
            for size in share:
                self.client.infer("conv", sequences(size))

        threads = [threading.Thread(target=send, args=(sizes[i::4],)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for _ in range(3):
            with self.assertRaises(InferenceServerException):
                self.client.infer("conv", np.zeros((1, 9, 7), np.float32))
        after = self.statistics()
        self.assert_whole(after)
        self.assertEqual(after.version, "3")
        new = {field: getattr(after.inference_stats, field).count -
                      getattr(before.inference_stats, field).count for field in ("success", "fail")}
        self.assertEqual(new, {"success": len(sizes), "fail": 3})
        self.assertEqual(after.inference_count - before.inference_count, sum(sizes))
        self.assertLessEqual(after.execution_count - before.execution_count, len(sizes))
        self.assertGreaterEqual(after.last_inference, before.last_inference)
        self.assertGreater(after.inference_stats.fail.ns, 0)

    def test_a_request_in_parts_is_one(self):
        x = sequences(2, frames=40_000)
        parts = self.server.metric('convoy_batch_parts_total{layer="wide"}')
        self.client.infer("wide", x)
        self.assertGreater(self.server.metric('convoy_batch_parts_total{layer="wide"}') - parts, 1,
                           "it was not cut")
        model = self.statistics("wide")
        self.assert_whole(model)
        self.assertEqual(model.inference_stats.success.count, 1)
        self.assertEqual(model.inference_count, 2)
        self.assertEqual(model.execution_count, 1)

    def test_all_layers_one_layer_or_one_version(self):
        models = self.client.triton.get_inference_statistics().model_stats
        self.assertEqual([(model.name, model.version) for model in models],
                         [("conv", "3"), ("idle", "1"), ("wide", "1")])
        idle = self.statistics("idle", "1")
        self.assertEqual(idle.inference_stats.success.count, 0)
        self.assertEqual(idle.last_inference, 0)
        self.assertEqual(idle.memory_usage[0].byte_size, (3 * 2 * 4 + 4) * 4)
        for arguments, word in ((("nobody",), "nobody"), (("conv", "4"), "'4'")):
            with self.assertRaisesRegex(InferenceServerException, f"NOT_FOUND.*{word}"):
                self.client.triton.get_inference_statistics(*arguments)

    def test_as_json_like_other_servers(self):
        model = self.client.triton.get_inference_statistics("idle", as_json=True)["model_stats"][0]
        self.assertEqual(model["name"], "idle")
        self.assertIn("compute_infer", model["inference_stats"])


class LoadAndUnloadTest(ServerTestCase):

    FLAGS = ("--repository-mode", "managed")

    @classmethod
    def write_layers(cls, repository):
        cls.config, cls.tensors = write_random_layer(repository, "conv", 2, 4, 3)

    def setUp(self):
        self.triton = self.client.triton
        self.x = sequences(2)

    def assert_answers(self, kernel, bias=None, layer="conv"):
        y, _ = convolve(self.x, kernel, bias)
        np.testing.assert_allclose(self.client.infer(layer, self.x), y, rtol=1e-5, atol=1e-5)

    def assert_refused_load(self, code, word, layer="conv", **arguments):
        with self.assertRaisesRegex(InferenceServerException, f"(?s){code}.*{word}"):
            self.triton.load_model(layer, **arguments)

    def index(self):
        models = self.triton.get_model_repository_index().models
        return {model.name: (model.version, model.state, model.reason) for model in models}

    def test_the_basic_flow_of_a_controlled_server(self):
        """As in simple_grpc_model_control.py of Triton's client examples."""
        self.triton.load_model("conv")
        self.assertTrue(self.triton.is_model_ready("conv"))
        self.triton.unload_model("conv")
        self.assertFalse(self.triton.is_model_ready("conv"))
        with self.assertRaisesRegex(InferenceServerException, "NOT_FOUND"):
            self.client.infer("conv", self.x)
        self.assertEqual(self.index()["conv"], ("", "UNAVAILABLE", "unloaded"))
        with self.assertRaises(InferenceServerException):
            self.triton.load_model("wrong_model_name")
        self.triton.load_model("conv")
        self.assert_answers(self.tensors["kernel"], self.tensors["bias"])
        self.assertEqual(self.index()["conv"], ("1", "READY", ""))

    def test_a_layer_that_the_call_brings(self):
        kernel = np.random.default_rng(5).standard_normal((1, 2, 3), dtype=np.float32)
        config = json.dumps({"class_name": "Conv1D", "config": {
            "filters": 3, "kernel_size": [1], "use_bias": False}})
        files = {"file:1/weights.safetensors": encode_safetensors({"kernel": kernel}),
                 "file:1/serving.json": b'{"deterministic": true}'}
        self.triton.load_model("brought", config=config, files=files)
        self.assert_answers(kernel, layer="brought")
        version, state, reason = self.index()["brought"]
        self.assertEqual((version, state), ("1", "READY"))
        self.assertIn("request", reason)
        self.assertFalse((self.repository / "brought").exists())
        # In the place of one that has a folder, until that is asked for again.
        self.triton.load_model("conv", config=config, files=files)
        self.assert_answers(kernel)
        self.triton.load_model("conv")
        self.assert_answers(self.tensors["kernel"], self.tensors["bias"])
        # Nothing is left of what was unloaded.
        self.triton.unload_model("brought")
        self.assert_refused_load("NOT_FOUND", "brought", layer="brought")
        self.assertNotIn("brought", self.index())

    def test_what_is_wrong_is_refused_by_name_and_changes_nothing(self):
        config = json.dumps({"class_name": "Conv1D", "config": self.config})
        weights = encode_safetensors({"kernel": np.zeros((3, 2, 4), np.float32)})
        for says, arguments in (
                ("Triton ModelConfig", {"config": json.dumps({"backend": "onnxruntime"})}),
                ("Triton ModelConfig", {"config": json.dumps({"max_batch_size": 8})}),
                ("file:1/config.json", {"config": "{"}),
                ("file:1/weights.safetensors", {"config": config}),
                ("expected a config", {"files": {"file:1/weights.safetensors": weights}}),
                ("file:1/weights.safetensors", {
                    "config": config, "files": {"file:1/weights.safetensors": b"tensors"}}),
                ("file:2/", {"config": config, "files": {"file:2/weights.safetensors": weights}}),
                ("file:1/../../escape", {
                    "config": config, "files": {"file:1/../../escape": b"1"}}),
        ):
            with self.subTest(says):
                self.assert_refused_load("INVALID_ARGUMENT", says, **arguments)
                self.assert_answers(self.tensors["kernel"], self.tensors["bias"])
        self.assert_refused_load("INVALID_ARGUMENT", "layer name", layer="../conv")
        with self.assertRaisesRegex(InferenceServerException, "NOT_FOUND"):
            self.triton.unload_model("nobody")

    def test_loads_and_unloads_under_traffic_lose_no_answer_that_was_promised(self):
        stop = threading.Event()
        unexpected = []

        def infer():
            while not stop.is_set():
                try:
                    self.client.infer("conv", self.x)
                except InferenceServerException as error:
                    if "NOT_FOUND" not in str(error):
                        unexpected.append(error)

        threads = [threading.Thread(target=infer) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(30):
            self.triton.unload_model("conv")
            self.assertFalse(self.triton.is_model_ready("conv"))
            self.triton.load_model("conv")
            self.assert_answers(self.tensors["kernel"], self.tensors["bias"])
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(unexpected, [])


class UnmanagedTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 4, 3)

    def test_changes_are_refused_and_the_refusal_says_how_to_get_them(self):
        for call in (self.client.triton.load_model, self.client.triton.unload_model):
            with self.assertRaisesRegex(InferenceServerException,
                                        "FAILED_PRECONDITION.*--repository-mode managed"):
                call("conv")

    def test_metadata_names_the_extensions_that_are_served(self):
        extensions = set(self.client.triton.get_server_metadata().extensions)
        self.assertTrue({"model_configuration", "model_repository",
                         "model_repository(unload_dependents)", "parameters", "schedule_policy",
                         "statistics"} <= extensions, extensions)
        for call in (self.client.triton.get_trace_settings,
                     self.client.triton.get_system_shared_memory_status):
            with self.assertRaisesRegex(InferenceServerException, "UNIMPLEMENTED.*: "):
                call()

    def test_a_configuration_lets_clients_send_several_sequences(self):
        config = self.client.triton.get_model_config("conv").config
        self.assertGreater(config.max_batch_size, 1)
        self.assertEqual(list(config.input[0].dims), [-1, 2])


class DescriptorTest(ServerTestCase):
    """Every field that the server has is the one of the same number that tritonclient has."""

    @classmethod
    def write_layers(cls, repository):
        pass

    # Where Convoy's enumeration or the kind of a label differs in nothing that travels.
    def fields(self, descriptor):
        return {field.name: (field.number, field.type, field.is_repeated,
                             field.containing_oneof.name if field.containing_oneof else None)
                for field in descriptor.fields}

    def compare(self, ours, theirs, seen):
        if ours.full_name in seen:
            return
        seen.add(ours.full_name)
        other = self.fields(theirs)
        for name, field in self.fields(ours).items():
            with self.subTest(f"{ours.full_name}.{name}"):
                self.assertEqual(field, other.get(name))
        for field in ours.fields:
            if field.message_type is not None and field.name in theirs.fields_by_name:
                self.compare(field.message_type, theirs.fields_by_name[field.name].message_type,
                             seen)
            if field.enum_type is not None and field.name in theirs.fields_by_name:
                names = theirs.fields_by_name[field.name].enum_type.values_by_name
                for value in field.enum_type.values:
                    self.assertEqual(value.number, names[value.name].number)

    def test_field_numbers_are_those_of_tritonclient(self):
        pool = descriptor_pool.DescriptorPool(
            ProtoReflectionDescriptorDatabase(self.client.channel))
        ours = pool.FindServiceByName("inference.GRPCInferenceService")
        theirs = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
        self.assertGreaterEqual({method.name for method in ours.methods},
                                {"ModelConfig", "ModelStatistics", "RepositoryIndex",
                                 "RepositoryModelLoad", "RepositoryModelUnload"})
        seen = set()
        for method in ours.methods:
            other = theirs.methods_by_name[method.name]
            self.compare(method.input_type, other.input_type, seen)
            self.compare(method.output_type, other.output_type, seen)
        self.assertIn("inference.InferStatistics", seen)
        self.assertIn("inference.ModelRepositoryParameter", seen)


if __name__ == "__main__":
    unittest.main()
