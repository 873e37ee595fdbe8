"""Peers that mean harm, and a harmless one, each a process that is held to a part of a core."""

import contextlib
import itertools
import multiprocessing
import os
import resource
import socket
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # support

from support import attacks, http2  # noqa: E402
from support.client import INFER, Client, infer_request  # noqa: E402

# Processor time that is saved while a peer waits is kept for so long, as control groups do.
PERIOD_SECONDS = 0.1
HALF_OPEN = 1000
SLOW = 200  # connections of those who write or read slowly
UNREAD = 100  # answers that each of them lets wait
ANSWER_BYTES = 1400  # of one, or more
PAUSE_SECONDS = 0.001
SOURCE = "127.0.0.2"  # the attacker's own address
MIB = 1 << 20


class Quota:
    """Holds this process to `share` of a core."""

    def __init__(self, share):
        self._share = share
        self._used = time.process_time()
        self._allowed_since = time.monotonic()

    def wait(self):
        """Until some of the quota is left. True, for loops."""
        now, used = time.monotonic(), time.process_time()
        self._allowed_since = max(self._allowed_since + (used - self._used) / self._share, now - PERIOD_SECONDS)
        self._used = used
        if self._allowed_since > now:
            time.sleep(self._allowed_since - now)
        return True


def infer_frames(stream, request):
    """An ordinary call."""
    message = request.SerializeToString()
    return http2.frame(http2.HEADERS, http2.END_HEADERS, stream, http2.call_headers(INFER)) + http2.frame(
        http2.DATA, http2.END_STREAM, stream, http2.message_head(len(message)) + message)


def harmless(address, request, quota):
    client = Client(address)
    while quota.wait():
        client.send(request)


def header_flood(address, _, quota):
    attacks.unacknowledged_headers(address, INFER, 1000, quota.wait, SOURCE)


def continuation_flood(address, _, quota):
    """A header block of small fields that does not end."""
    block = http2.call_headers(INFER, *[("x", "v")] * 1000)
    connection = http2.Connection(address, source=SOURCE)
    with contextlib.closing(connection):
        connection.send(http2.frame(http2.HEADERS, 0, 1, http2.call_headers(INFER)))
        piece = block[len(http2.call_headers(INFER)):]
        while quota.wait():
            connection.send(http2.frame(http2.CONTINUATION, 0, 1, piece) * 10)


def reset_storm(address, _, quota):
    attacks.reset_storm(address, INFER, http2.END_STREAM, quota.wait, SOURCE)


def zero_window(address, request, quota):
    """Calls whose answers it leaves no room for, a connection with as many as it may have after the other."""
    held = []
    while True:
        connection = http2.Connection(address, source=SOURCE)
        held.append(connection)
        connection.send(http2.window_settings(0))
        for stream in range(1, 2001, 2):
            quota.wait()
            connection.send(infer_frames(stream, request))
        if len(held) == SLOW:
            held.pop(0).close()


def slow_writers(address, _, quota):
    """Messages of a megabyte, byte by byte, over many connections."""
    head = http2.frame(http2.HEADERS, http2.END_HEADERS, 1, http2.call_headers(INFER)) + http2.frame(
        http2.DATA, 0, 1, http2.message_head(MIB))
    writers = [http2.Connection(address, source=SOURCE) for _ in range(SLOW)]
    for writer in writers:
        writer.send(head)
    for writer in itertools.cycle(writers):
        quota.wait()
        writer.send(http2.frame(http2.DATA, 0, 1, b"\0"))


def slow_readers(address, request, quota):
    """Each has more answers under way than sockets hold, takes a byte now and then, and asks for another answer for
    each that it has read: whoever only sends requests is no matter of reading, but of tenants' shares."""
    host, port = address.rsplit(":", 1)
    readers = []
    # Its windows are no obstacle; that nothing is read is one.
    open_window = http2.frame(http2.WINDOW_UPDATE, 0, 0, (1 << 30).to_bytes(4, "big"))
    for _ in range(SLOW):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.bind((SOURCE, 0))
        reader.connect((host, int(port)))
        reader.sendall(http2.PREFACE + http2.window_settings((1 << 31) - 1) + open_window)
        for stream in range(1, 2 * UNREAD, 2):
            quota.wait()
            reader.sendall(infer_frames(stream, request))
        readers.append(reader)
    for stream in range(2 * UNREAD + 1, 1 << 30, 2):
        for reader in readers:
            for _ in range(ANSWER_BYTES):
                quota.wait()
                if not reader.recv(1):
                    return
            reader.sendall(infer_frames(stream, request))


def half_open(address, _, quota):
    """A thousand connections that have said half of what opens one, anew when they are closed."""
    waiting = []
    while quota.wait():
        if len(waiting) < HALF_OPEN:
            waiting.append(http2.connect(address, SOURCE))
            waiting[-1].sendall(http2.PREFACE[:10])
            waiting[-1].setblocking(False)
            continue
        time.sleep(PAUSE_SECONDS)
        oldest = waiting.pop(0)
        with contextlib.suppress(BlockingIOError):
            if not oldest.recv(MIB):
                oldest.close()
                continue
        waiting.append(oldest)


def flood(frame):
    return lambda address, _, quota: attacks.flood(address, frame, quota.wait, SOURCE)


ATTACKS = {
    "headers": header_flood,
    "continuations": continuation_flood,
    "resets": reset_storm,
    **{name.replace(" ", "-"): flood(frame) for name, frame in attacks.FLOODS.items()},
    "zero-window": zero_window,
    "slow-writers": slow_writers,
    "slow-readers": slow_readers,
    "half-open": half_open,
}
PEERS = {"harmless": harmless, **ATTACKS}


def _work(name, address, layer, shape, share, cores, begun):
    os.sched_setaffinity(0, cores)
    os.nice(19)  # the good caller on the same core measures the server, not who shares the core with it
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    elements = 1
    for count in shape:
        elements *= count
    request = infer_request(layer, shape, bytes(4 * elements))
    quota = Quota(share)
    begun.set()
    while quota.wait():
        with contextlib.suppress(OSError):  # cut, or not let in: again
            PEERS[name](address, request, quota)


class Peer:
    """One of PEERS at its work; as a context, ends. `core` is the part of a core that it had."""

    def __init__(self, name, address, layer, shape, share, cores):
        context = multiprocessing.get_context("spawn")
        begun = context.Event()
        self._process = context.Process(target=_work, args=(name, address, layer, shape, share, cores, begun),
                                        daemon=True)
        self._process.start()
        if not begun.wait(60):
            raise RuntimeError(f"{name} did not begin")
        self._since = time.monotonic(), self._cpu_seconds()
        self.core = None

    def _cpu_seconds(self):
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        then, used = self._since
        self.core = (self._cpu_seconds() - used) / (time.monotonic() - then)
        self._process.kill()
        self._process.join()
