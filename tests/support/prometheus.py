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


class _Process:
    """A Prometheus with this configuration and this data folder."""

    def _start(self, folder, config):
        (folder / "prometheus.yml").write_text(config)
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

    def _get(self, path):
        with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}") as answer:
            return json.load(answer)["data"]

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=30)
        self._reader.join(timeout=30)
        self._process.stderr.close()
        self._folder.cleanup()


class Watcher(_Process):
    """Scrapes a server every second, with the rules of a file that fire at once, whatever their `for`."""

    def __init__(self, http_address, rules):
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        (folder / "rules.yml").write_text(re.sub(r"^ +for: .*\n", "", rules, flags=re.M))
        self._start(folder, f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - {{job_name: convoy, static_configs: [{{targets: ["{http_address}"]}}]}}
""")

    def firing(self):
        """The labels of each alert that fires, by its name."""
        return {alert["labels"]["alertname"]: alert["labels"]
                for alert in self._get("alerts")["alerts"] if alert["state"] == "firing"}

    def scrapes(self):
        """How many there were."""
        result = self._get("query?" + urllib.parse.urlencode(
            {"query": 'count_over_time(up{job="convoy"}[1h])'}))["result"]
        return int(result[0]["value"][1]) if result else 0


class Prometheus(_Process):
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
        self._start(folder, "global: {}\n")

    @staticmethod
    def _sample(line, at):
        """A line of the text format with the labels and the time that a scrape adds."""
        series, value = line.rsplit(" ", 1)
        name, brace, labels = series.partition("{")
        labels = labels.removesuffix("}") + "," if brace else ""
        return f'{name}{{{labels}job="convoy",instance="one"}} {value} {at}'

    def query(self, expression):
        """The samples of an instant vector: (labels, value) pairs."""
        arguments = urllib.parse.urlencode({"query": expression, "time": self.now})
        result = self._get(f"query?{arguments}")["result"]
        return [(sample["metric"], float(sample["value"][1])) for sample in result]
