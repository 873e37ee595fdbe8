"""A headless Chromium, driven over the DevTools protocol."""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time

from support.skipping import skip

SECONDS = 60  # for one step, on a busy machine


def find_chromium():
    return shutil.which("chromium") or shutil.which("chromium-browser")


def skip_without_chromium():
    """Ends the script, visibly, where there is no Chromium."""
    if find_chromium() is None:
        skip("chromium is not there; ./run test-long installs it")


class Browser:
    """One page in a Chromium of its own; as a context, ends it."""

    def __init__(self):
        self._profile = tempfile.TemporaryDirectory()
        to_browser, self._commands = os.pipe()
        self._answers, from_browser = os.pipe()
        # Chromium reads commands from descriptor 3 and answers on 4.
        script = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", find_chromium(), "--headless", "--remote-debugging-pipe",
             "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--force-color-profile=srgb", "--hide-scrollbars", "--mute-audio",
             f"--user-data-dir={self._profile.name}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(to_browser, from_browser), start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self._number = 0
        self._replies = {}
        self._ended = False
        self.events = []  # (method, parameters), oldest first
        self._news = threading.Condition()
        self._session = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            targets = self.send("Target.getTargets")["targetInfos"]
            page = next(target for target in targets if target["type"] == "page")
            self._session = self.send("Target.attachToTarget", targetId=page["targetId"],
                                      flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
                self.send(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def _read(self):
        rest = b""
        while True:
            with contextlib.suppress(OSError):
                block = os.read(self._answers, 1 << 16)
            if not block:
                break
            *messages, rest = (rest + block).split(b"\0")
            with self._news:
                for message in map(json.loads, messages):
                    if "id" in message:
                        self._replies[message["id"]] = message
                    else:
                        self.events.append((message["method"], message["params"]))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def send(self, method, **parameters):
        """The result of one command."""
        self._number += 1
        number = self._number
        command = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data):]
        with self._news:
            self._news.wait_for(lambda: number in self._replies or self._ended, SECONDS)
            reply = self._replies.pop(number, None)
        if reply is None:
            raise AssertionError(f"chromium did not answer {method}")
        if "error" in reply:
            raise AssertionError(f"{method}: {reply['error']['message']}")
        return reply["result"]

    def evaluate(self, expression):
        """What JavaScript says, awaited where it is a promise."""
        answer = self.send("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_until(self, expression, seconds=SECONDS):
        """Waits until JavaScript says something true, and returns it."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            if time.monotonic() > end:
                raise AssertionError(
                    f"never true: {expression}\n{self.evaluate('document.body.innerText')[:3000]}")
            time.sleep(0.05)
        return value

    def look(self, width, height=900, dark=False):
        """How large the window is, and which colours its user prefers."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.send("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def go(self, url):
        self.send("Page.navigate", url=url)

    def press(self, key, code=None):
        """A key that has a name."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "Home": 36, "End": 35, "ArrowLeft": 37,
                 "ArrowRight": 39, " ": 32}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        shared = {"key": key, "code": code or key, "windowsVirtualKeyCode": codes[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **shared)
        self.send("Input.dispatchKeyEvent", type="keyUp", **shared)

    def write(self, text):
        self.send("Input.insertText", text=text)

    def screenshot(self, path, whole=False):
        data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                         **({"clip": self._whole()} if whole else {}))["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def _whole(self):
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}

    def happened(self, method):
        """The parameters of all events of that name so far."""
        with self._news:
            return [parameters for name, parameters in self.events if name == method]

    def close(self):
        self._session = None
        with contextlib.suppress(AssertionError, OSError):
            self.send("Browser.close")
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        self._reader.join(timeout=20)
        os.close(self._answers)
        with contextlib.suppress(OSError):  # its helpers may write a moment longer
            self._profile.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
