#!/usr/bin/env python3
"""try_image.py server|memory|limits|tests -- PODMAN...: runs the image that docker/test_image.sh has built,
as an operator would, or the unit tests inside it. Prints times and memory."""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import grpc
import numpy as np

from container import IMAGE, Container, Served, check, report
from model_files import write_layer
from resident_memory import IDLE_SECONDS, LAYERS, folder_name, settled
from support.client import Client, infer_request

ROOT = Path(__file__).parent.parent
SPEECH = ROOT / "build" / "speech"
SBOM = "/usr/share/doc/convoy/sbom.spdx.json"
# What a small machine gives, and how much more than it can do is asked of it.
CORES, MEMORY_MIB, OVERLOAD = 0.5, 256, 10
FEATURES = ("speech features", (1, 1000, 64), {"filters": 128, "kernel_size": 5})


def check_what_it_is(container):
    check(container.exec("/usr/bin/convoy", "health").stdout, "convoy health said nothing")
    check(container.inspect("{{.Config.Healthcheck.Test}}") == "[CMD /usr/bin/convoy health]", "no HEALTHCHECK")
    container.podman("healthcheck", "run", container.inspect("{{.Id}}"))
    check(container.exec("/bin/sh", "-c", "true", may_fail=True).returncode != 0, "there is a shell")
    check(container.status("Uid").split()[0] == "65532", "it runs as somebody else")
    check(int(container.status("CapEff"), 16) == 0, "it has privileges")
    labels = json.loads(container.inspect("{{json .Config.Labels}}"))
    version = container.exec("/usr/bin/convoy", "--version").stdout.split()[1]
    check(labels["org.opencontainers.image.version"] == version, labels)
    libraries = container.exec("/usr/bin/convoy-server", "--version").stdout
    check("oneDNN 3.7" in libraries, libraries)
    report("libraries", " ".join(libraries.split()))
    check_contents(container, version)


def check_contents(container, version):
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sbom.json"
        container.podman("cp", f"{container.inspect('{{.Id}}')}:{SBOM}", copy)
        packages = {each["name"]: each["versionInfo"] for each in json.loads(copy.read_text())["packages"]}
    check(packages["convoy"] == version and {"libc6", "libdnnl", "libstdc++6"} <= {
        re.sub(r"^(libdnnl).*", r"\1", name) for name in packages}, packages)
    report("packages in its SBOM", len(packages))


def find_speech(container):
    done = subprocess.run([sys.executable, ROOT / "examples/speech/vad.py", "--server", container.grpc_address,
                           "--lstm", SPEECH / "lstm.npz"], capture_output=True, text=True)
    check(done.returncode == 0, done.stdout + done.stderr)
    print(done.stdout)


class Caller:
    """Calls one layer again and again until that fails."""

    def __init__(self, address):
        self.answered = 0
        self.code = None
        self._client = Client(address)
        self._thread = threading.Thread(target=self._call)
        self._thread.start()

    def _call(self):
        request = infer_request("stft", [1, 16_000, 1], np.ones(16_000, "<f4").tobytes())
        try:
            while True:
                self._client.send(request)
                self.answered += 1
        except grpc.RpcError as error:
            self.code = error.code()

    def join(self):
        self._thread.join()
        self._client.close()


def stop_under_load(container):
    """It takes calls for as long as it says, then ends well."""
    callers = [Caller(container.grpc_address) for _ in range(4)]
    container.wait_for(lambda: all(caller.answered for caller in callers), "the calls were not answered")
    container.podman("kill", "--signal=TERM", container.inspect("{{.Id}}"))
    container.wait_for(lambda: "draining ready=true" in container.log(), "no drain")
    answered = [caller.answered for caller in callers]
    code = container.podman("wait", container.inspect("{{.Id}}")).stdout.strip()
    for caller in callers:
        caller.join()
    check(code == "0", f"exit code {code}")
    check(all(caller.answered > before for caller, before in zip(callers, answered)), "no calls while it drained")
    check({caller.code for caller in callers} <= {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED},
          [caller.code for caller in callers])
    report("calls answered while it drained", sum(caller.answered for caller in callers) - sum(answered))


def try_server(podman):
    with tempfile.TemporaryDirectory() as empty:
        write_repository(empty, [])
        with Served(podman, empty) as container:
            report("resident, no layers", f"{settled(container) / 2**20:.1f} MiB")
    with Served(podman, SPEECH / "repository") as container:
        report("process start to ready, six layers", f"{container.seconds_from_start_to_ready():.2f} s")
        report("resident, idle, six layers", f"{settled(container) / 2**20:.1f} MiB")
        check_what_it_is(container)
        find_speech(container)
        stop_under_load(container)


def try_memory(podman):
    """Eight layers as of tests/bench/resident_memory.py: idle, and at most under load."""
    with tempfile.TemporaryDirectory() as folder:
        write_repository(folder, LAYERS)
        with Served(podman, folder) as container:
            report("process start to ready, eight layers", f"{container.seconds_from_start_to_ready():.2f} s")
            report("resident, idle, eight layers", f"{settled(container) / 2**20:.1f} MiB")
            most = 0
            for name, shape, _ in LAYERS:
                container.bench(folder_name(name), shape, 16, 3)
                most = max(most, container.resident_bytes() / 2**20)
            report("resident, most after a layer's load", f"{most:.1f} MiB")
            time.sleep(IDLE_SECONDS)
            report(f"resident, {IDLE_SECONDS} s later", f"{settled(container) / 2**20:.1f} MiB")


def write_repository(folder, layers):
    Path(folder).chmod(0o755)  # the server is another user
    for name, shape, config in layers:
        write_layer(folder, folder_name(name), shape[-1], config)


def try_limits(podman):
    """Far more calls than it can answer on half a core, in little memory, each with a second to be answered in."""
    name, shape, _ = FEATURES
    with tempfile.TemporaryDirectory() as folder:
        write_repository(folder, [FEATURES])
        with Served(podman, folder, f"--cpus={CORES}", f"--memory={MEMORY_MIB}m") as container:
            def run(inflight, seconds, *arguments):
                return container.bench(folder_name(name), shape, inflight, seconds, "--timeout", 1, *arguments)

            follows_the_limits(json.loads(container.get("/config"))["server"])
            run(4, 3)  # warm
            capacity = run(4, 10)["requests_per_second"]
            flood = run(1024, 30, "--rate", OVERLOAD * capacity)
            state = container.inspect("running {{.State.Running}}, out of memory {{.State.OOMKilled}}, exit code {{.State.ExitCode}}")
            check(state == "running true, out of memory false, exit code 0", f"{state}; {flood}; {container.log()}")
            after = run(4, 10)["requests_per_second"]
            report(f"capacity on {CORES} cores, before and after", f"{capacity:.0f} and {after:.0f} requests/s")
            report(f"goodput at {OVERLOAD} times that", f"{flood['requests_per_second']:.0f} requests/s")
            report("others", f"{flood['errors']}, {flood['dropped']} that the caller could not send")
            report("resident, at most", f"{container.peak_mib():.1f} of {MEMORY_MIB} MiB")


def follows_the_limits(config):
    check(config["workers"] == 1, config["workers"])
    queue = config["options"]["max-queue-bytes"]
    check((queue["value"], queue["source"]) == (MEMORY_MIB * 2**20 // 8, "memory limit"), queue)


def try_tests(podman):
    """Every test binary of the image; the server beside them only keeps the container alive."""
    with Container(podman, IMAGE.replace("server", "tests"), "--tmpfs=/tmp:rw,exec", "--env=CONVOY_REPOSITORY=/layers",
                   "--env=CONVOY_GRPC_ADDRESS=unix:/tmp/grpc", "--env=CONVOY_HTTP_ADDRESS=unix:/tmp/http") as container:
        folder = Path(container.podman("mount", container.inspect("{{.Id}}")).stdout.strip()) / "tests"
        names = sorted(path.name for path in folder.iterdir() if path.name.endswith("_test"))
        check(len(names) > 20, names)
        failed = []
        for name in names:
            done = container.exec(f"/tests/{name}", "--gtest_brief=1", may_fail=True)
            if done.returncode != 0:
                failed.append(name)
                print(done.stdout[-4000:], done.stderr[-2000:])
            report(name, "failed" if done.returncode else done.stdout.strip().splitlines()[-1])
        check(not failed, f"failed: {failed}")


STEPS = {"server": try_server, "memory": try_memory, "limits": try_limits, "tests": try_tests}


def main():
    step, _, *podman = sys.argv[1:]
    STEPS[step](podman)


if __name__ == "__main__":
    main()
