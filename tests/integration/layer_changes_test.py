#!/usr/bin/env python3
"""convoy.v1.LayerService: what it changes, and what it refuses to."""

import hashlib
import json
import shutil
import tempfile
import threading
import unittest
from pathlib import Path

import grpc
import numpy as np

from support.client import Client
from support.layer_service import LayerService, pb
from support.layers import conv1d_config, encode_safetensors, write_random_layer
from support.server import Server

Code = grpc.StatusCode
X = np.arange(24, dtype=np.float32).reshape(1, 6, 4)


def config_text(**arguments):
    """A layer of one tap that adds up 4 channels, twice."""
    return json.dumps({"class_name": "Conv1D", "config": conv1d_config(
        "sum", 2, 1, use_bias=False, **arguments)})


def file_of(value, channels=4, filters=2):
    return encode_safetensors({"kernel": np.full((1, channels, filters), value, np.float32)})


def tensor(name, array):
    return pb.NamedTensor(name=name, datatype="FP32", shape=array.shape,
                          data=array.astype("<f4").tobytes())


def upload(service, data, size=None, sha256="", pieces=3):
    step = max(1, -(-len(data) // pieces))

    def requests():
        yield pb.UploadWeightsRequest(info={"size_bytes": len(data) if size is None else size,
                                            "sha256": sha256})
        for at in range(0, len(data), step):
            yield pb.UploadWeightsRequest(piece=data[at:at + step])

    return service.UploadWeights(requests())


class ChangesTestCase(unittest.TestCase):
    FLAGS = ("--repository-mode", "managed", "--tuning", "off", "--keep-versions", "3")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = Path(folder.name) / "repository"
        self.repository.mkdir()
        self.start()

    def start(self, *flags):
        self.server = Server(self.repository, *(flags or self.FLAGS))
        self.addCleanup(self.server.kill)
        self.service = LayerService(self.server.grpc_address)
        self.addCleanup(self.service.close)
        self.client = Client(self.server.grpc_address)
        self.addCleanup(self.client.close)

    def create(self, name="sum", value=1.0, **fields):
        fields = {"layer": {"config": config_text()}, "weights": {"safetensors": file_of(value)}} | fields
        return self.service.CreateLayer(layer_id=name, **fields)

    def answer(self, name="sum", **arguments):
        return self.client.infer(name, X, **arguments)

    def stored(self, name="sum"):
        folder = self.repository / name
        return sorted(int(each.name) for each in folder.iterdir()) if folder.exists() else []

    def refused(self, code, call, *says):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        for word in says:
            self.assertIn(word, caught.exception.details())
        return caught.exception.details()


class LayerChangesTest(ChangesTestCase):

    def test_a_layer_from_its_creation_to_its_end(self):
        made = self.create(value=2.0)
        self.assertEqual((made.name, made.version, made.state), ("layers/sum", 1, pb.Layer.READY))
        expected = 2 * X.sum(axis=2, keepdims=True).repeat(2, axis=2)
        np.testing.assert_array_equal(self.answer(), expected)  # at once
        self.assertEqual(json.loads((self.repository / "sum/1/config.json").read_text()),
                         json.loads(config_text()))
        self.assertEqual(self.service.GetLayer(name="layers/sum").etag, made.etag)

        changed = self.service.SetWeights(name="layers/sum", etag=made.etag,
                                          weights={"safetensors": file_of(3.0)})
        self.assertEqual(changed.version, 2)
        np.testing.assert_array_equal(self.answer(), 1.5 * expected)

        served = self.service.UpdateLayer(
            layer={"name": "layers/sum", "serving": {"deterministic": True, "live_versions": 2}})
        self.assertEqual((served.version, list(served.live_versions)), (3, [3, 2]))
        self.assertTrue(served.serving.deterministic)
        np.testing.assert_array_equal(self.answer(), 1.5 * expected)

        back = self.service.RollbackLayer(name="layers/sum", version=1)
        self.assertEqual(back.version, 4)
        np.testing.assert_array_equal(self.answer(), expected)
        self.assertEqual(self.stored(), [2, 3, 4])  # --keep-versions 3

        gone = self.service.DeleteLayer(name="layers/sum")
        self.assertEqual(list(gone.versions), [f"layers/sum/versions/{n}" for n in (4, 3, 2)])
        self.assertEqual(self.stored(), [])
        self.refused(Code.NOT_FOUND, lambda: self.service.GetLayer(name="layers/sum"))
        self.assertEqual(self.create().version, 1)

    def test_a_restart_finds_what_was_written(self):
        self.create(value=5.0)
        before = self.answer()
        self.server.stop()
        self.start()
        np.testing.assert_array_equal(self.answer(), before)
        self.assertTrue(self.service.ListLayerVersions(parent="layers/sum").versions[0].written_by_server)

    def test_weights_of_every_source(self):
        data = file_of(4.0)
        sha256 = upload(self.service, data).sha256
        self.assertEqual(sha256, hashlib.sha256(data).hexdigest())
        for name, weights in (
                ("raw", {"tensors": {"tensors": [tensor("kernel", np.full((1, 4, 2), 4.0))]}}),
                ("file", {"safetensors": data}), ("sent", {"uploaded_sha256": sha256})):
            self.create(name, weights=weights)
            np.testing.assert_array_equal(self.answer(name), 4 * X.sum(axis=2, keepdims=True).repeat(2, 2))
        self.create("made", weights={"initialize": {"seed": 7, "input_channels": 4}})
        again = self.create("again", weights={"initialize": {"seed": 7, "input_channels": 4}})
        np.testing.assert_array_equal(self.answer("made"), self.answer("again"))
        self.assertTrue((self.repository / "made/1/weights.safetensors").exists())
        self.assertEqual(again.count_params, 8)
        other = self.service.SetWeights(name="layers/made", weights={"initialize": {"seed": 8}})
        self.assertEqual(other.version, 2)  # the channels are those of the layer
        self.assertFalse(np.array_equal(self.answer("made"), self.answer("again")))

    def test_a_mask_names_what_changes(self):
        self.create(layer={"config": config_text(), "serving": {
            "deterministic": True, "max_batch_requests": 4, "live_versions": 2}})
        new = {"name": "layers/sum", "config": config_text(activation="relu"),
               "serving": {"max_batch_requests": 9}}

        def update(*paths, layer=new):
            return self.service.UpdateLayer(layer=layer, update_mask={"paths": paths})

        layer = update("serving.max_batch_requests")
        self.assertEqual((layer.serving.max_batch_requests, layer.serving.deterministic), (9, True))
        self.assertIn('"activation":"linear"', layer.config)
        layer = update("serving.deterministic")
        self.assertEqual((layer.serving.max_batch_requests, layer.serving.deterministic), (9, False))
        layer = update("config")
        self.assertIn('"activation":"relu"', layer.config)
        self.assertEqual(layer.serving.live_versions, 2)
        layer = update("serving")
        self.assertEqual((layer.serving.max_batch_requests, layer.serving.live_versions), (9, 1))
        layer = update("*", layer={"name": "layers/sum", "config": config_text()})
        self.assertFalse(layer.serving.HasField("max_batch_requests"))
        self.assertIn('"activation":"linear"', layer.config)

    def test_lora_is_enabled_once(self):
        self.create(value=1.0)
        before = self.answer()
        layer = self.service.UpdateLayer(layer={"name": "layers/sum"}, lora={"rank": 1, "alpha": 2.0})
        self.assertEqual(json.loads(layer.config)["config"]["lora_rank"], 1)
        np.testing.assert_array_equal(self.answer(), before)  # b is zeros
        self.refused(Code.FAILED_PRECONDITION, lambda: self.service.UpdateLayer(
            layer={"name": "layers/sum"}, lora={"rank": 1}), "lora is already enabled")
        a, b = np.full((1, 4, 1), 0.5), np.full((1, 2), 3.0)
        self.create("two", value=1.0)
        self.service.UpdateLayer(layer={"name": "layers/two"}, lora={"rank": 1, "variables": {
            "a": tensor("a", a), "b": tensor("b", b)}})
        np.testing.assert_allclose(self.answer("two"), 2.5 * before)
        self.create("three", layer={"config": config_text(kernel_constraint="NonNeg")})
        self.refused(Code.FAILED_PRECONDITION, lambda: self.service.UpdateLayer(
            layer={"name": "layers/three"}, lora={"rank": 1}), "kernel constraints")

    def test_constraints_when_weights_are_written(self):
        config = config_text(kernel_constraint="NonNeg")
        bad = {"safetensors": file_of(-1.0)}
        layer = self.create(layer={"config": config}, weights=bad)
        self.assertIn("served as they are", layer.warnings[0])
        self.assertLess(self.answer().min(), 0)
        layer = self.service.SetWeights(name="layers/sum", weights=bad, constraints=pb.APPLY)
        self.assertEqual(len(layer.warnings), 0)
        np.testing.assert_array_equal(self.answer(), np.zeros((1, 6, 2)))
        self.refused(Code.FAILED_PRECONDITION, lambda: self.service.SetWeights(
            name="layers/sum", weights=bad, constraints=pb.REFUSE), "kernel")
        self.assertEqual(self.stored(), [1, 2])

    def test_validation_tells_all_and_changes_nothing(self):
        would = self.create(validate_only=True)
        self.assertEqual((would.version, would.count_params, would.etag), (1, 8, ""))
        self.assertGreater(would.execution.example.seconds, 0)
        self.assertTrue(would.execution.description)
        self.assertEqual(self.stored(), [])
        made = self.create()
        self.assertEqual(made.checksum, would.checksum)
        before = self.service.GetLayer(name="layers/sum").etag
        would = self.service.UpdateLayer(layer={"name": "layers/sum", "config": config_text(activation="relu")},
                                         validate_only=True)
        self.assertEqual(would.version, 2)
        self.assertIn('"activation":"relu"', would.config)
        would = self.service.SetWeights(name="layers/sum", weights={"safetensors": file_of(float("nan"))},
                                        validate_only=True)
        self.assertIn("not a number", would.warnings[0])
        self.assertEqual(self.service.RollbackLayer(name="layers/sum", version=1, validate_only=True).version, 2)
        self.assertEqual(len(self.service.DeleteLayer(name="layers/sum", validate_only=True).versions), 1)
        self.assertEqual(self.stored(), [1])
        self.assertEqual(self.service.GetLayer(name="layers/sum").etag, before)
        # It refuses what the real call would.
        self.refused(Code.ALREADY_EXISTS, lambda: self.create(validate_only=True))
        self.refused(Code.INVALID_ARGUMENT, lambda: self.create("Upper", validate_only=True))
        self.refused(Code.INVALID_ARGUMENT, lambda: self.create("x", weights={"safetensors": file_of(1, 4, 3)},
                                                                validate_only=True), "kernel")

    def test_what_people_made_is_deleted_only_when_that_is_asked_for(self):
        write_random_layer(self.repository, "mine", 4, 2, 1)
        self.create()
        shutil.copytree(self.repository / "mine/1", self.repository / "sum/7")
        for validate_only in (True, False):
            self.refused(Code.FAILED_PRECONDITION, lambda: self.service.DeleteLayer(
                name="layers/sum", validate_only=validate_only), "7", "delete_foreign")
        self.assertEqual(self.stored(), [1, 7])
        self.service.DeleteLayer(name="layers/sum", delete_foreign=True)
        self.assertEqual(self.stored(), [])

    def test_a_version_above_what_people_put_there(self):
        write_random_layer(self.repository, "mine", 4, 2, 1, version=5)
        self.server.kill()
        self.start()
        layer = self.service.UpdateLayer(layer={"name": "layers/mine", "serving": {"live_versions": 2}})
        self.assertEqual(list(layer.live_versions), [6, 5])

    def test_an_unloaded_layer_is_seen_and_changed_and_does_not_answer(self):
        self.create()
        self.create("other")
        self.client.triton.unload_model("sum")
        layer = self.service.GetLayer(name="layers/sum")
        self.assertEqual((layer.state, layer.version), (pb.Layer.UNLOADED, 0))
        states = {each.name: each.state for each in self.service.ListLayers().layers}
        self.assertEqual(states, {"layers/other": pb.Layer.READY, "layers/sum": pb.Layer.UNLOADED})
        page = self.service.ListLayers(states=[pb.Layer.UNLOADED], page_size=1)
        self.assertEqual([each.name for each in page.layers], ["layers/sum"])
        changed = self.service.SetWeights(name="layers/sum", etag=layer.etag,
                                          weights={"safetensors": file_of(3.0)})
        self.assertIn("does not answer", changed.warnings[0])
        self.assertEqual(self.service.GetLayer(name="layers/sum").state, pb.Layer.UNLOADED)
        self.client.triton.load_model("sum")
        np.testing.assert_array_equal(self.answer(), 3 * X.sum(axis=2, keepdims=True).repeat(2, axis=2))

    def test_a_layer_that_a_caller_brought_is_told_as_such(self):
        self.client.triton.load_model("brought", config=config_text(), files={
            "file:1/weights.safetensors": file_of(2.0)})
        self.assertTrue(self.service.GetLayer(name="layers/brought").given)
        self.refused(Code.FAILED_PRECONDITION, lambda: self.service.SetWeights(
            name="layers/brought", weights={"safetensors": file_of(3.0)}), "not on the disk")

    def test_a_stale_etag_changes_nothing(self):
        etag = self.create().etag
        self.service.SetWeights(name="layers/sum", weights={"safetensors": file_of(2.0)})
        for call in (
                lambda: self.service.UpdateLayer(layer={"name": "layers/sum", "etag": etag, "config": config_text()}),
                lambda: self.service.SetWeights(name="layers/sum", etag=etag, weights={"safetensors": file_of(1)}),
                lambda: self.service.RollbackLayer(name="layers/sum", etag=etag, version=1),
                lambda: self.service.DeleteLayer(name="layers/sum", etag=etag)):
            self.refused(Code.ABORTED, call, "etag")
        for call in (lambda: self.service.DeleteLayer(name="layers/sum", etag="nonsense"),
                     lambda: self.service.UpdateLayer(layer={"name": "layers/sum", "etag": "1-x", "config": "{}"})):
            self.refused(Code.INVALID_ARGUMENT, call, "etag")
        self.assertEqual(self.stored(), [1, 2])

    def test_sixteen_updaters_lose_no_update(self):
        # Each adds its own mark to what it read; an etag that went stale means: once more.
        self.create(layer={"config": config_text(), "serving": {"max_batch_requests": 1}})
        errors = []

        def add_one():
            with_service = LayerService(self.server.grpc_address)
            try:
                while True:
                    layer = with_service.GetLayer(name="layers/sum")
                    layer.serving.max_batch_requests += 1
                    try:
                        with_service.UpdateLayer(layer={"name": layer.name, "etag": layer.etag, "serving": {
                            "max_batch_requests": layer.serving.max_batch_requests}})
                        return
                    except grpc.RpcError as error:
                        if error.code() != Code.ABORTED:
                            raise
            except grpc.RpcError as error:
                errors.append(error)
            finally:
                with_service.close()

        threads = [threading.Thread(target=add_one) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        layer = self.service.GetLayer(name="layers/sum")
        self.assertEqual((layer.serving.max_batch_requests, layer.version), (17, 17))

    def test_updaters_without_an_etag_keep_each_others_changes(self):
        self.create()
        fields = {"max_batch_requests": 7, "max_batch_bytes": 8, "max_queue_delay_microseconds": 9,
                  "live_versions": 2, "deterministic": True}
        threads = [threading.Thread(target=self.service.UpdateLayer, kwargs={
            "layer": {"name": "layers/sum", "serving": {key: value}}}) for key, value in fields.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        serving = self.service.GetLayer(name="layers/sum").serving
        self.assertEqual({key: getattr(serving, key) for key in fields}, fields)

    def test_bad_creations(self):
        config = {"config": config_text()}
        weights = {"safetensors": file_of(1.0)}
        short = tensor("kernel", np.ones((1, 4, 2)))
        short.data = short.data[:-1]
        odd = tensor("kernel", np.ones((1, 4, 2)))
        odd.datatype = "FLOAT"
        for name, fields, word in (
                ("", {}, "layer name"), ("Sum", {}, "layer name"), ("../x", {}, "layer name"),
                ("a/b", {}, "layer name"), (".x", {}, "layer name"), ("x" * 64, {}, "layer name"),
                ("x", {"layer": {}}, "layer.config"),
                ("x", {"layer": {"config": "{"}}, "layer.config"),
                ("x", {"layer": {"config": "[" * 100000}}, "layer.config"),
                ("x", {"layer": {"config": config_text(strides=0)}}, "layer.config"),
                ("x", {"layer": {"config": config_text(no_such=1)}}, "layer.config"),
                ("x", {"layer": config | {"serving": {"live_versions": 0}}}, "live_versions"),
                ("x", {"layer": config | {"serving": {"constraints": "maybe"}}}, "constraints"),
                ("x", {"weights": None}, "weights"),
                ("x", {"weights": {}}, "weights"),
                ("x", {"weights": {"safetensors": b""}}, "weights"),
                ("x", {"weights": {"safetensors": b"nothing of the kind"}}, "weights"),
                ("x", {"weights": {"safetensors": file_of(1.0, filters=3)}}, "kernel"),
                ("x", {"weights": pb.Weights(tensors=pb.Tensors())}, "kernel"),
                ("x", {"weights": {"tensors": {"tensors": [short]}}}, "weights.tensors[0].data"),
                ("x", {"weights": {"tensors": {"tensors": [odd]}}}, "weights.tensors[0].datatype"),
                ("x", {"weights": {"tensors": {"tensors": [tensor("", np.ones(1))]}}}, "name"),
                ("x", {"weights": {"tensors": {"tensors": [tensor("a", np.ones(1))] * 2}}}, "name"),
                ("x", {"weights": {"tensors": {"tensors": [tensor("gamma", np.ones(1))]}}}, "gamma"),
                ("x", {"weights": {"uploaded_sha256": "abc"}}, "uploaded_sha256"),
                ("x", {"weights": {"uploaded_sha256": "../" * 21 + "x"}}, "uploaded_sha256"),
                ("x", {"weights": pb.Weights(initialize=pb.Initialize())}, "input_channels"),
                ("x", {"weights": {"initialize": {"seed": -1, "input_channels": 4}}}, "seed"),
                ("x", {"constraints": 77}, "constraints")):
            fields = {"layer": config, "weights": weights} | fields
            with self.subTest(name=name, fields=str(fields)[:200]):
                self.refused(Code.INVALID_ARGUMENT, lambda: self.service.CreateLayer(layer_id=name, **fields), word)
        self.refused(Code.FAILED_PRECONDITION, lambda: self.create("x", weights={"uploaded_sha256": "0" * 64}),
                     "10 minutes")
        self.refused(Code.UNIMPLEMENTED, lambda: self.create("x", layer={"config": config_text(
            activation={"class_name": "__lambda__", "config": {}})}))
        self.refused(Code.RESOURCE_EXHAUSTED, lambda: self.create("x", layer={"config": json.dumps(
            {"class_name": "Conv1D", "config": conv1d_config("x", 1 << 16, 1)})},
            weights={"initialize": {"input_channels": 1 << 12}}), "max-upload-bytes")
        self.refused(Code.RESOURCE_EXHAUSTED, lambda: self.create("x", weights={"initialize": {
            "input_channels": 2**62}}), "max-upload-bytes")
        self.create()
        self.refused(Code.ALREADY_EXISTS, lambda: self.create(), "sum")
        self.assertEqual(sorted(each.name for each in self.repository.iterdir()
                                if not each.name.startswith(".")), ["sum"])

    def test_bad_updates(self):
        self.create()
        name = {"name": "layers/sum"}

        def update(layer, **fields):
            return lambda: self.service.UpdateLayer(layer=layer, **fields)

        for call, word in (
                (update({}), "layer.name"), (update({"name": "sum"}), "layer.name"),
                (update({"name": "layers/sum/versions/1"}), "layer.name"),
                (update(name), "something to change"),
                (update(name, update_mask={"paths": ["state"]}), "update_mask"),
                (update(name, update_mask={"paths": ["serving.no_such"]}), "update_mask"),
                (update(name, update_mask={"paths": ["serving.weights"]}), "update_mask"),
                (update(name, update_mask={"paths": [""]}), "update_mask"),
                (update(name, update_mask={"paths": ["config"]}), "layer.config"),
                (update(name, update_mask={"paths": ["*"]}), "layer.config"),
                (update(name | {"config": "null"}), "layer"),
                (update(name | {"config": json.dumps(
                    {"class_name": "Conv1D", "config": conv1d_config("sum", 3, 1, use_bias=False)})}), "kernel"),
                (update(name, lora=pb.Lora()), "lora.rank"), (update(name, lora={"rank": -1}), "lora.rank"),
                (update(name, lora={"rank": 1, "initializers": {"a": "no_such"}}), "no_such"),
                (update(name, lora=pb.Lora(rank=1, variables=pb.LoraVariables())), "lora.variables.a"),
                (update(name, lora={"rank": 1, "variables": {
                    "a": tensor("a", np.ones((1, 4, 2))), "b": tensor("b", np.ones((1, 2)))}}), "lora.variables.a"),
                (lambda: self.service.SetWeights(name="layers/sum"), "weights"),
                (lambda: self.service.SetWeights(name="", weights={"safetensors": file_of(1)}), "name"),
                (lambda: self.service.RollbackLayer(name="layers/sum"), "version"),
                (lambda: self.service.RollbackLayer(name="layers/sum", version=-3), "version"),
                (lambda: self.service.RollbackLayer(name="layers/..", version=1), "name"),
                (lambda: self.service.DeleteLayer(name=""), "name"),
                (lambda: self.service.DeleteLayer(name="layers/../repository"), "name")):
            with self.subTest(word=word):
                self.refused(Code.INVALID_ARGUMENT, call, word)
        for call in (update({"name": "layers/none", "config": config_text()}),
                     lambda: self.service.SetWeights(name="layers/none", weights={"safetensors": file_of(1)}),
                     lambda: self.service.RollbackLayer(name="layers/none", version=1),
                     lambda: self.service.RollbackLayer(name="layers/sum", version=9),
                     lambda: self.service.DeleteLayer(name="layers/none")):
            self.refused(Code.NOT_FOUND, call)
        self.refused(Code.RESOURCE_EXHAUSTED, update(name, lora={"rank": 1 << 40}))
        self.assertEqual(self.stored(), [1])
        for method in ("CreateLayer", "UpdateLayer", "SetWeights", "RollbackLayer", "DeleteLayer"):
            self.refused(Code.INVALID_ARGUMENT, lambda: self.service.send_bytes(method, b"\xff\xff"))

    def test_a_version_that_cannot_be_read_is_not_gone_back_to(self):
        self.create()
        (self.repository / "sum/2").mkdir()
        (self.repository / "sum/2/config.json").write_text("{}")
        self.refused(Code.INVALID_ARGUMENT, lambda: self.service.RollbackLayer(name="layers/sum", version=2))
        self.assertEqual(self.service.RollbackLayer(name="layers/sum", version=1).version, 3)

    def test_bad_uploads(self):
        data = file_of(1.0)
        for code, call, word in (
                (Code.INVALID_ARGUMENT, lambda: upload(self.service, data, size=len(data) - 1), "size_bytes"),
                (Code.INVALID_ARGUMENT, lambda: upload(self.service, data, size=len(data) + 1), "size_bytes"),
                (Code.INVALID_ARGUMENT, lambda: upload(self.service, data, sha256="0" * 64), "sha256"),
                (Code.INVALID_ARGUMENT, lambda: upload(self.service, data, size=-1), "size_bytes"),
                (Code.RESOURCE_EXHAUSTED, lambda: upload(self.service, data, size=1 << 40), "max-upload-bytes"),
                (Code.RESOURCE_EXHAUSTED, lambda: upload(self.service, bytes(5 << 20), pieces=1), "bytes"),
                (Code.INVALID_ARGUMENT, lambda: self.service.UploadWeights(iter(())), "info"),
                (Code.INVALID_ARGUMENT, lambda: self.service.UploadWeights(iter(
                    [pb.UploadWeightsRequest(piece=b"x")])), "info"),
                (Code.INVALID_ARGUMENT, lambda: self.service.UploadWeights(iter(
                    [pb.UploadWeightsRequest(info={"size_bytes": 1})] * 2)), "piece")):
            with self.subTest(word=word):
                self.refused(code, call, word)
        self.assertEqual(upload(self.service, b"", pieces=1).size_bytes, 0)

    def begin_upload(self, size, release):
        """A call that has announced so much and sends no more until `release`."""
        def requests():
            yield pb.UploadWeightsRequest(info={"size_bytes": size})
            release.wait(60)

        return self.service.channel.stream_unary(
            "/convoy.v1.LayerService/UploadWeights",
            request_serializer=pb.UploadWeightsRequest.SerializeToString).future(requests())

    def fits(self, size):
        """Whether so much could be uploaded now."""
        with self.assertRaises(grpc.RpcError) as caught:
            upload(self.service, b"", size=size)
        self.assertIn(caught.exception.code(), (Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED))
        return caught.exception.code() == Code.INVALID_ARGUMENT  # it came short

    def test_uploads_that_stop_in_the_middle_give_back_their_place(self):
        self.server.kill()
        self.start(*self.FLAGS, "--max-upload-bytes", "1MiB")
        release = threading.Event()
        call = self.begin_upload(1 << 20, release)
        while self.fits(1 << 20):  # until its first message has arrived
            if call.done():  # it came while we asked
                call = self.begin_upload(1 << 20, release)
        call.cancel()
        release.set()
        while not self.fits(1 << 20):  # until the server knows
            pass

    def test_the_server_ends_beside_an_upload(self):
        release = threading.Event()
        limit = 256 << 20  # the default
        call = self.begin_upload(limit, release)
        while self.fits(limit):
            if call.done():
                call = self.begin_upload(limit, release)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(call.code(), Code.UNAVAILABLE)
        release.set()


class ReadOnlyServerTest(ChangesTestCase):
    FLAGS = ("--tuning", "off")

    def test_every_write_says_how_to_get_it(self):
        for call in (lambda: self.create(), lambda: self.create(validate_only=True),
                     lambda: self.service.UpdateLayer(layer={"name": "layers/sum", "config": config_text()}),
                     lambda: self.service.SetWeights(name="layers/sum", weights={"safetensors": file_of(1)}),
                     lambda: self.service.RollbackLayer(name="layers/sum", version=1),
                     lambda: self.service.DeleteLayer(name="layers/sum"),
                     lambda: upload(self.service, b"x")):
            self.refused(Code.FAILED_PRECONDITION, call, "--repository-mode managed")


class ReadOnlyDiskTest(ChangesTestCase):

    def test_a_repository_that_cannot_be_written_is_a_clear_error(self):
        # A file where the writer's lock should be: root may write into any folder.
        (self.repository / ".convoy-lock").unlink(missing_ok=True)
        (self.repository / ".convoy-lock").mkdir()
        details = self.refused(Code.UNAVAILABLE, lambda: self.create())
        self.assertIn("lock", details)


if __name__ == "__main__":
    unittest.main()
