#!/usr/bin/env python3
"""The status page in Chromium, on a server under load.

With CONVOY_SCREENSHOTS=FOLDER it leaves there how each state looks.
"""

import json
import os
import signal
import tempfile
import unittest
from pathlib import Path

import numpy as np

from support.browser import Browser, skip_without_chromium
from support.client import infer_request
from support.layers import write_random_layer
from support.load import Load
from support.server import Server
from support.tokens import TokenFile

MANY = 1000 if os.environ.get("CONVOY_TEST_SCALE") == "full" else 120
SIZES = {"wide": (1280, 900), "phone": (390, 844)}
SCREENSHOTS = os.environ.get("CONVOY_SCREENSHOTS")
HOSTILE = "<img src=x onerror=document.title='owned'>"

ROWS = "document.querySelectorAll('#layers tbody tr').length"
NAMES = "[...document.querySelectorAll('#layers tbody td.name span')].map((name) => name.textContent)"
DRAWN = "[...document.querySelectorAll('#charts path')].some((path) => path.getAttribute('d'))"
LEVEL = "document.body?.dataset.level"
SENTENCE = "document.getElementById('sentence').textContent"

# Every text that can be seen whose contrast with what is behind it is too small, as WCAG 2.1 AA
# asks for: 4.5, and 3 for large letters.
POOR_CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
  };
  const luminance = ([r, g, b]) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = rgba(getComputedStyle(element).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [1, 1, 1, 1];
  };
  const poor = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let checked = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, style, .unseen")) continue;
    const style = getComputedStyle(element);
    const text = rgba(element.closest("svg") ? style.fill : style.color);
    const [light, dark] = [luminance(text), luminance(behind(element))].sort((a, b) => b - a);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const contrast = (light + 0.05) / (dark + 0.05);
    ++checked;
    if (contrast < (large ? 3 : 4.5)) poor.push(`${texts.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
  }
  return { checked, poor };
})()"""

# Lines of charts and signs: 3 to what is beside them.
POOR_LINES = POOR_CONTRAST.split("const poor")[0] + """
  const poor = [];
  let checked = 0;
  for (const line of document.querySelectorAll("#charts path:not(.area), .legend i, #sign, td.state .sign")) {
    const style = getComputedStyle(line);
    const colour = line.tagName === "path" ? style.stroke : line.tagName === "I" ? style.backgroundColor : style.color;
    const [light, dark] = [luminance(rgba(colour)), luminance(behind(line.parentElement))].sort((a, b) => b - a);
    ++checked;
    if ((light + 0.05) / (dark + 0.05) < 3) poor.push(`${line.outerHTML.slice(0, 60)}: ${colour}`);
  }
  return { checked, poor };
})()"""


def request(layer, frames=16, channels=8):
    return infer_request(layer, [1, frames, channels],
                         np.ones((frames, channels), "<f4").tobytes())


class StatusPageTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def serve(self, layers, *flags, broken=False):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for layer in layers:
            write_random_layer(folder.name, layer, 8, 8, 3)
        if broken:
            for name, version in (("broken", 1), (HOSTILE, 1), (layers[0], 2)):
                version = Path(folder.name) / name / str(version)
                version.mkdir(parents=True)
                (version / "config.json").write_text(json.dumps({"class_name": HOSTILE}))
        server = Server(folder.name, "--tuning", "off", *flags)
        self.addCleanup(server.kill)
        return server

    def open(self, server, rows):
        self.url = f"http://{server.http_address}/"
        self.browser.events.clear()
        self.browser.go(self.url)
        self.browser.wait_until(f"location.href === '{self.url}' && {LEVEL} && "
                                f"{LEVEL} !== 'unknown' && {ROWS} === {rows}")
        self.addCleanup(self.check_that_nothing_was_wrong)

    def check_that_nothing_was_wrong(self):
        """No script failed, nothing was blocked, and nothing but the page's own was fetched."""
        self.assertEqual(self.browser.happened("Runtime.exceptionThrown"), [])
        texts = [event["entry"]["text"] for event in self.browser.happened("Log.entryAdded")]
        self.assertEqual([text for text in texts if "Content Security" in text], [])
        urls = {event["request"]["url"] for event in self.browser.happened("Network.requestWillBeSent")}
        fetched = {url for url in urls if not url.startswith("data:")}
        self.assertLessEqual(fetched, {self.url, f"{self.url}status"})
        self.browser.go("about:blank")

    def test_it_asks_for_a_token_and_keeps_it_for_the_tab(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = TokenFile(Path(folder.name) / "tokens.json")
        reads, infers = file.add("reads", "--read"), file.add("infers", "--infer", "*")
        server = self.serve(["conv"], "--tokens", file.path)
        self.browser.go(f"http://{server.http_address}/")
        asks = "document.getElementById('login')?.hidden === false"
        for token, sentence in (("", "asks for a token"), ("reads.wrong", "not valid"),
                                (infers, "does not allow"), (reads, None)):
            if token:
                self.browser.evaluate(f"document.getElementById('token').value = '{token}'; "
                                      "document.getElementById('login').requestSubmit(); 0")
            if sentence:
                self.browser.wait_until(f"{asks} && {SENTENCE}.includes('{sentence}')")
        for _ in range(2):
            self.browser.wait_until(f"{LEVEL} && {LEVEL} !== 'unknown' && {ROWS} === 1")
            self.assertFalse(self.browser.evaluate(asks))
            self.browser.evaluate("location.reload(); 0")
        self.browser.go("about:blank")

    def check_looks(self, name):
        """Fits, and can be read, at every size and in both colour schemes."""
        for size, (width, height) in SIZES.items():
            for dark in (False, True):
                self.browser.look(width, height, dark)
                self.browser.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
                with self.subTest(name=name, size=size, dark=dark):
                    self.assertEqual(self.browser.evaluate("document.documentElement.scrollWidth"), width)
                    for script in (POOR_CONTRAST, POOR_LINES):
                        found = self.browser.evaluate(script)
                        self.assertGreater(found["checked"], 10)
                        self.assertEqual(found["poor"], [])
                if SCREENSHOTS:
                    scheme = "dark" if dark else "light"
                    self.browser.screenshot(f"{SCREENSHOTS}/{name}-{size}-{scheme}.png", whole=True)
        self.browser.look(*SIZES["wide"])

    def wait_for_level(self, level):
        self.browser.wait_until(f"{LEVEL} === '{level}'")

    def test_one_idle_layer(self):
        self.open(self.serve(["conv"]), rows=1)
        self.wait_for_level("ok")
        self.assertIn("Up and idle", self.browser.evaluate(SENTENCE))
        self.assertEqual(self.browser.evaluate("document.title"), "Convoy: up")
        self.check_looks("idle")

    def test_fifty_layers_under_load_and_some_broken(self):
        layers = [f"layer-{i:02d}" for i in range(50)]
        server = self.serve(layers, broken=True)
        requests = [request("layer-01"), request("layer-02"), request("layer-03", channels=9)]
        with Load(server.grpc_address, requests):
            self.open(server, rows=52)
            self.browser.wait_until(f"['warning', 'critical'].includes({LEVEL})")
            self.browser.wait_until(f"{DRAWN} && !document.getElementById('now').innerText.includes('–')")
            # What came from outside is text.
            self.assertIn(HOSTILE, self.browser.evaluate(NAMES))
            self.assertIn("2 layers of 52 cannot be called", self.browser.evaluate(
                "document.getElementById('state').textContent"))
            self.assertEqual(self.browser.evaluate("document.images.length"), 0)
            # Trouble first.
            self.assertEqual(set(self.browser.evaluate(NAMES)[:3]), {HOSTILE, "broken", "layer-00"})
            self.assertGreater(self.browser.evaluate("document.querySelectorAll('#warnings code').length"), 2)
            self.check_looks("broken")

    def test_many_layers(self):
        self.open(self.serve([f"layer-{i:04d}" for i in range(MANY)]), rows=100)
        self.check_looks("many")
        self.browser.evaluate("document.getElementById('filter').focus()")
        self.browser.write(f"{MANY - 1:04d}")
        self.browser.wait_until(f"{ROWS} === 1")
        self.assertEqual(self.browser.evaluate(NAMES), [f"layer-{MANY - 1:04d}"])
        self.browser.evaluate("""(() => { const filter = document.getElementById('filter');
            filter.value = 'nothing'; filter.dispatchEvent(new Event('input')); })()""")
        self.browser.wait_until(f"{ROWS} === 0 && document.body.innerText.includes('No layer has this')")
        self.browser.evaluate("""(() => { const filter = document.getElementById('filter');
            filter.value = ''; filter.dispatchEvent(new Event('input')); })()""")
        self.browser.evaluate("document.getElementById('layers-all').click()")
        self.browser.wait_until(f"{ROWS} === {MANY}")

    def test_drains_and_is_lost_and_found(self):
        server = self.serve(["conv"], "--drain-seconds", "300")
        self.open(server, rows=1)
        server.process.send_signal(signal.SIGTERM)
        self.wait_for_level("draining")
        self.check_looks("draining")
        server.process.send_signal(signal.SIGTERM)  # the second ends it at once
        self.wait_for_level("lost")
        self.assertIn("Lost the server", self.browser.evaluate(SENTENCE))
        self.assertEqual(self.browser.evaluate("document.title"), "Convoy: lost")
        self.assertEqual(self.browser.evaluate(ROWS), 1)  # what it knew last
        if SCREENSHOTS:
            self.browser.screenshot(f"{SCREENSHOTS}/lost-wide-light.png", whole=True)
        server = Server(self.repository_of(server), "--http-address", server.http_address)
        self.addCleanup(server.kill)
        self.wait_for_level("ok")

    @staticmethod
    def repository_of(server):
        arguments = server.process.args
        return arguments[arguments.index("--repository") + 1]

    def focused(self):
        """The name and role of what has the focus, as a screen reader says it."""
        node = self.browser.send("Runtime.evaluate", expression="document.activeElement")
        tree = self.browser.send("Accessibility.getPartialAXTree",
                                 objectId=node["result"]["objectId"], fetchRelatives=False)
        node = tree["nodes"][0]
        return node["role"]["value"], node.get("name", {}).get("value", "")

    def test_keyboard(self):
        self.open(self.serve(["b", "a", "c"]), rows=3)
        self.browser.wait_until(DRAWN)
        reached = []
        for _ in range(40):
            self.browser.press("Tab")
            if self.browser.evaluate("document.activeElement === document.body"):
                break  # behind the last one
            role, name = self.focused()
            self.assertTrue(name, f"a {role} has no name")
            reached.append((role, name))
        self.assertEqual(reached[0], ("link", "Skip to the layers"))
        self.assertEqual(sum(role == "image" for role, _ in reached), 6, reached)
        self.assertEqual(len(set(reached)), len(reached))
        self.assertIn(("button", "Layer"), reached)
        self.assertIn(("searchbox", "Show only layers whose name has"), reached)
        self.browser.evaluate("document.querySelector('th[data-key=name] button').focus()")
        for names, order in ((["a", "b", "c"], "ascending"), (["c", "b", "a"], "descending")):
            self.browser.press("Enter")
            self.browser.wait_until(f"({NAMES}).join() === '{','.join(names)}'")
            self.assertEqual(self.browser.evaluate(
                "document.querySelector('th[data-key=name]').getAttribute('aria-sort')"), order)
        self.browser.evaluate("document.querySelector('#charts svg').focus()")
        self.browser.press("Home")
        self.browser.wait_until("document.getElementById('reading').textContent.includes('answered ')"
                                " && document.getElementById('cursor').textContent.includes('ago')")
        self.browser.press("Escape")
        self.browser.wait_until("document.getElementById('cursor').textContent === ''")

    def test_roles(self):
        self.open(self.serve(["conv"]), rows=1)
        for size in SIZES.values():  # the table is laid out anew on a phone
            self.browser.look(*size)
            nodes = self.browser.send("Accessibility.getFullAXTree")["nodes"]
            roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
            for role, count in (("banner", 1), ("main", 1), ("contentinfo", 1), ("navigation", 1),
                                ("table", 1), ("status", 2), ("searchbox", 1), ("radio", 2), ("image", 6),
                                ("columnheader", 7 if size == SIZES["wide"] else 6)):
                self.assertEqual(roles.count(role), count, role)
            self.assertGreaterEqual(roles.count("row"), 2)
            self.assertEqual(roles.count("rowheader"), 1)
            self.assertGreaterEqual(roles.count("cell"), 5)
            self.assertGreaterEqual(roles.count("heading"), 5)
        self.assertEqual(self.browser.evaluate("document.documentElement.lang"), "en")


if __name__ == "__main__":
    skip_without_chromium()
    unittest.main()
