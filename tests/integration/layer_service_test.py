#!/usr/bin/env python3
"""convoy.v1.LayerService: what it tells of layers."""

import hashlib
import json
import unittest
from collections import Counter

import grpc
import numpy as np

from support.case import ServerTestCase
from support.layer_service import LayerService, pb
from support.layers import conv1d_config, write_layer, write_random_layer

Code = grpc.StatusCode

# Every field that is the name of a layer, with another method's other fields filled.
NAMES = {"GetLayer": "name", "ListLayerVersions": "parent", "ComputeOutputShape": "name",
         "GetWeights": "name"}
BAD_NAMES = ("", "conv", "layers", "layers/", "layers/..", "layers/../conv", "layers/a/b",
             "layers/.hidden", "/etc/passwd", "layers/conv\n", "layers/conv/versions/",
             "layers/conv/versions/../../other", "layers/" + "x" * 300)


class LayerServiceTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        _, cls.tensors = write_random_layer(
            repository, "conv", 4, 8, 5, padding="same", strides=2, activation="relu",
            kernel_regularizer={"class_name": "L2", "config": {"l2": 0.01}})
        write_random_layer(repository, "conv", 4, 8, 5, version=2)
        (repository / "conv" / "2" / "serving.json").write_text('{"live_versions": 2}')
        for index in range(12):
            write_random_layer(repository, f"many-{index:02}", 1, 1, 1)
        cls.big = np.random.default_rng(1).standard_normal((16, 256, 64), dtype=np.float32)
        write_layer(repository, conv1d_config("big", 64, 16, use_bias=False), {"kernel": cls.big})
        (repository / "broken" / "1").mkdir(parents=True)
        (repository / "broken" / "1" / "config.json").write_text("{}")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = LayerService(cls.server.grpc_address)
        cls.addClassCleanup(cls.service.close)

    def weights(self, name):
        info, *pieces, end = self.service.GetWeights(name=name)
        data = b"".join(piece.piece for piece in pieces)
        self.assertEqual(len(data), info.info.size_bytes)
        self.assertEqual(hashlib.sha256(data).hexdigest(), end.sha256)
        return info.info.name, data

    def test_a_layer_and_all_that_is_known_of_it(self):
        layer = self.service.GetLayer(name="layers/conv")
        self.assertEqual((layer.name, layer.state, layer.version), ("layers/conv", pb.Layer.READY, 2))
        self.assertEqual(list(layer.live_versions), [2, 1])
        self.assertEqual(layer.count_params, 5 * 4 * 8 + 8)
        self.assertEqual(layer.serving.live_versions, 2)
        self.assertEqual(layer.serving.constraints, "ignore")
        self.assertFalse(layer.serving.HasField("max_batch_bytes"))
        self.assertEqual(list(layer.input.shape), [-1, -1, 4])
        self.assertEqual((layer.output.datatype, list(layer.output.shape)), ("FP32", [-1, -1, 8]))
        self.assertEqual((layer.compute_dtype, layer.variable_dtype), ("float32", "float32"))
        self.assertEqual(list(layer.execution.example.input_shape), [1, 1000, 4])
        self.assertGreater(layer.execution.example.multiply_accumulates, 0)
        page = json.loads(self.server.get("/config")[1])
        live = next(each for each in page["layers"] if each["name"] == "conv")["versions"][0]
        self.assertEqual(layer.checksum, live["checksum"])
        self.assertEqual(json.loads(layer.config)["config"], live["config"]["config"])

    def test_an_older_version(self):
        layer = self.service.GetLayer(name="layers/conv/versions/1")
        self.assertEqual(layer.version, 1)
        self.assertEqual(json.loads(layer.config)["config"]["activation"], "relu")
        (loss,) = layer.losses
        self.assertEqual(loss.variable, "kernel")
        self.assertAlmostEqual(loss.value, 0.01 * float(np.sum(self.tensors["kernel"] ** 2.0)), 4)

    def test_a_broken_layer_says_why(self):
        layer = self.service.GetLayer(name="layers/broken")
        self.assertEqual(layer.state, pb.Layer.BROKEN)
        self.assertIn("broken/1/config.json", layer.errors[0])
        self.assert_refused(Code.FAILED_PRECONDITION,
                            lambda: self.service.GetLayer(name="layers/broken/versions/1"), "config.json")

    def test_pages_have_every_layer_once_and_sorted(self):
        names, token = [], ""
        while True:
            page = self.service.ListLayers(page_size=5, page_token=token)
            self.assertLessEqual(len(page.layers), 5)
            names += [layer.name for layer in page.layers]
            token = page.next_page_token
            if not token:
                break
        everything = ["layers/big", "layers/broken", "layers/conv"] + [
            f"layers/many-{index:02}" for index in range(12)]
        self.assertEqual(names, everything)
        self.assertEqual(Counter(names).most_common(1)[0][1], 1)

    def test_a_page_that_ends_with_the_last_layer_has_no_token(self):
        page = self.service.ListLayers(page_size=15)
        self.assertEqual((len(page.layers), page.next_page_token), (15, ""))

    def test_a_token_of_a_layer_that_is_gone_goes_on_behind_it(self):
        page = self.service.ListLayers(page_token="many-105")
        self.assertEqual([layer.name for layer in page.layers], ["layers/many-11"])

    def test_filters(self):
        page = self.service.ListLayers(prefix="many-0", page_size=4)
        self.assertEqual([layer.name for layer in page.layers],
                         [f"layers/many-0{index}" for index in range(4)])
        self.assertEqual(page.next_page_token, "many-03")
        page = self.service.ListLayers(states=[pb.Layer.BROKEN])
        self.assertEqual([layer.name for layer in page.layers], ["layers/broken"])
        page = self.service.ListLayers(states=[pb.Layer.READY], prefix="b")
        self.assertEqual([layer.name for layer in page.layers], ["layers/big"])
        self.assertEqual(len(self.service.ListLayers(prefix="none").layers), 0)

    def test_versions(self):
        page = self.service.ListLayerVersions(parent="layers/conv", page_size=1)
        self.assertEqual([(each.name, each.state) for each in page.versions],
                         [("layers/conv/versions/2", pb.VersionInfo.LIVE)])
        self.assertFalse(page.versions[0].written_by_server)
        page = self.service.ListLayerVersions(parent="layers/conv", page_token=page.next_page_token)
        self.assertEqual([each.version for each in page.versions], [1])
        self.assertEqual(page.next_page_token, "")
        (broken,) = self.service.ListLayerVersions(parent="layers/broken").versions
        self.assertEqual(broken.state, pb.VersionInfo.BROKEN)
        self.assertIn("config.json", broken.error)

    def test_shapes(self):
        call = self.service.ComputeOutputShape(name="layers/conv/versions/1", input_shape=[2, 10, 4])
        self.assertEqual((call.datatype, list(call.output_shape)), ("FP32", [2, 5, 8]))
        self.assertEqual((call.padding_left, call.padding_right, call.receptive_field), (1, 2, 5))
        self.assertEqual(call.estimate.multiply_accumulates, 2 * 5 * 8 * 5 * 4)
        unknown = self.service.ComputeOutputShape(name="layers/conv/versions/1", input_shape=[-1, -1, 4])
        self.assertEqual(list(unknown.output_shape), [-1, -1, 8])
        self.assertFalse(unknown.HasField("padding_left") or unknown.HasField("estimate"))

    def test_weights_in_pieces(self):
        name, data = self.weights("layers/big")
        self.assertEqual(name, "layers/big/versions/1")
        self.assertEqual(data, (self.repository / "big/1/weights.safetensors").read_bytes())
        self.assertGreater(len(data), 2 * (256 << 10))
        name, data = self.weights("layers/conv/versions/1")
        self.assertEqual(data, (self.repository / "conv/1/weights.safetensors").read_bytes())

    def test_readers_that_stop_in_the_middle_leave_the_others_alone(self):
        for _ in range(80):  # more than may be open at once
            stream = self.service.GetWeights(name="layers/big")
            next(stream)
            stream.cancel()
        self.weights("layers/big")

    def test_many_read_at_once(self):
        streams = [self.service.GetWeights(name="layers/big") for _ in range(20)]
        firsts = [next(stream) for stream in streams]  # all open, none read
        self.assertEqual(len({first.info.size_bytes for first in firsts}), 1)
        for stream in streams:
            self.assertTrue(list(stream)[-1].sha256)

    def test_names_that_are_none(self):
        for method, field in NAMES.items():
            for name in BAD_NAMES:
                with self.subTest(method=method, name=name):
                    self.assert_refused(Code.INVALID_ARGUMENT, lambda: self.call(method, **{field: name}),
                                        f"{field}: ")

    def test_layers_and_versions_that_are_not_there(self):
        for method, field in NAMES.items():
            shape = {"input_shape": [1, 1, 4]} if method == "ComputeOutputShape" else {}
            with self.subTest(method=method):
                self.assert_refused(Code.NOT_FOUND,
                                    lambda: self.call(method, **{field: "layers/none"}, **shape), "none")
                if method != "ListLayerVersions":
                    self.assert_refused(
                        Code.NOT_FOUND,
                        lambda: self.call(method, **{field: "layers/conv/versions/9"}, **shape), "9")

    def test_bad_pages_and_filters(self):
        for call in (lambda: self.service.ListLayers(page_size=-1),
                     lambda: self.service.ListLayers(states=[0]),
                     lambda: self.service.ListLayers(states=[99]),
                     lambda: self.service.ListLayerVersions(parent="layers/conv", page_size=-1),
                     lambda: self.service.ListLayerVersions(parent="layers/conv", page_token="x")):
            self.assert_refused(Code.INVALID_ARGUMENT, call)
        self.assertEqual(len(self.service.ListLayers(page_size=10**9).layers), 15)

    def test_bad_shapes(self):
        for shape in ([], [1], [1, 2], [1, 2, 3, 4], [1, 10, 5], [-2, 10, 4], [2**62, 2**62, 4]):
            with self.subTest(shape=shape):
                self.assert_refused(Code.INVALID_ARGUMENT, lambda: self.service.ComputeOutputShape(
                    name="layers/conv", input_shape=shape))

    def test_messages_that_are_none(self):
        for method in NAMES:
            self.assert_refused(Code.INVALID_ARGUMENT,
                                lambda: self.service.send_bytes(method, b"\xff\xff"))
            self.assert_refused(Code.RESOURCE_EXHAUSTED,
                                lambda: self.service.send_bytes(method, b"\x0a\xff\xff\x01" + b"x" * 32767))

    def call(self, method, **fields):
        answer = getattr(self.service, method)(**fields)
        return list(answer) if method == "GetWeights" else answer


if __name__ == "__main__":
    unittest.main()
