"""A Prometheus that knows what a server's /metrics said at chosen times."""

import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

START_SECONDS = 60
LISTENS = re.compile(r'msg="Listening on" address=(\S+)')
READY = "Server is ready to receive web requests"


def installed():
    return shutil.which("prometheus") is not None and shutil.which("promtool") is not None


class Prometheus:
    """`scrapes` are pairs of a time, in seconds before now, and the text of /metrics then."""

    # Of samples: some time ago, so that all of them lie in a block that is closed.
    AGE = 600

    def __init__(self, scrapes):
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.now = int(time.time()) - self.AGE
        lines = [self._sample(line, self.now - age) for age, text in scrapes
                 for line in text.splitlines() if line and not line.startswith("#")]
        (folder / "samples.txt").write_text("\n".join(lines) + "\n# EOF\n")
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics",
                        folder / "samples.txt", folder / "data"], check=True, capture_output=True)
        (folder / "prometheus.yml").write_text("global: {}\n")
        self._process = subprocess.Popen(
            ["prometheus", f"--config.file={folder / 'prometheus.yml'}",
             f"--storage.tsdb.path={folder / 'data'}", "--web.listen-address=127.0.0.1:0"],
            stderr=subprocess.PIPE, text=True)
        self.address = None
        self._said = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(START_SECONDS) or self.address is None:
            self.stop()
            raise AssertionError("Prometheus did not start:\n" + "".join(self._said))

    @staticmethod
    def _sample(line, at):
        """A line of the text format with the labels and the time that a scrape adds."""
        series, value = line.rsplit(" ", 1)
        name, brace, labels = series.partition("{")
        labels = labels.removesuffix("}") + "," if brace else ""
        return f'{name}{{{labels}job="convoy",instance="one"}} {value} {at}'

    def _read(self):
        is_ready = False
        for line in self._process.stderr:
            self._said.append(line)
            if found := LISTENS.search(line):
                self.address = found.group(1)
            is_ready = is_ready or READY in line
            if is_ready and self.address:  # in either order
                self._ready.set()
        self._ready.set()  # ended: nobody waits in vain

    def query(self, expression):
        """The samples of an instant vector: (labels, value) pairs."""
        arguments = urllib.parse.urlencode({"query": expression, "time": self.now})
        with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{arguments}") as answer:
            data = json.load(answer)["data"]
        return [(sample["metric"], float(sample["value"][1])) for sample in data["result"]]

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=30)
        self._reader.join(timeout=30)
        self._process.stderr.close()
        self._folder.cleanup()
