"""A caller that reads its answer late and slowly, over a bare socket (RFC 9113)."""

import select
import socket
import struct
import time
from pathlib import Path

from support.http2 import (ACK, DATA, END_STREAM, GOAWAY, HEADERS, PING, PREFACE, SECONDS, SETTINGS, WINDOW_UPDATE,
                           call_headers, frame, header_frames, message_head, window_settings)

RECEIVE_BUFFER = 1 << 16  # bytes: most of an answer waits at the server's side
MOST = 2**31 - 1
FIN_WAIT1, FIN_WAIT2 = "04", "05"  # /proc/net/tcp


class SlowCaller:
    """Lets the server send without bound, and reads when it is told."""

    def __init__(self, address):
        if address.startswith("unix:"):
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(address.removeprefix("unix:"))
        else:
            host, port = address.rsplit(":", 1)
            self._socket = socket.socket()
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            self._socket.connect((host, int(port)))
        self._socket.settimeout(SECONDS)
        self._stream = self._socket.makefile("rb", buffering=0)
        self.answer_bytes = 0
        self.answered = False  # to the end of the answer
        self._send(PREFACE, window_settings(MOST), frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", MOST - 65535)))

    def _send(self, *frames):
        self._socket.sendall(b"".join(frames))

    def begin(self, path):
        self._send(header_frames(1, call_headers(path)))

    def finish(self, message):
        """Sends the only message of the call, of at most a frame."""
        self._send(frame(DATA, END_STREAM, 1, message_head(len(message)) + message))

    def call(self, path, message):
        self.begin(path)
        self.finish(message)

    def _take(self, count):
        data = b""
        while len(data) < count:
            piece = self._stream.read(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def read_frame(self):
        """The next frame's kind; None when the server has sent its last one."""
        try:
            head = self._take(9)
        except EOFError:
            return None
        kind, flags = head[3], head[4]
        payload = self._take(int.from_bytes(head[:3], "big"))
        if kind == SETTINGS and not flags & ACK:
            self._send(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self._send(frame(PING, ACK, 0, payload))
        elif kind == DATA:
            self.answer_bytes += len(payload)
            self._send(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", len(payload))))
        elif kind == HEADERS and flags & END_STREAM:
            self.answered = True
        return kind

    def read_until(self, *kinds):
        while self.read_frame() not in kinds:
            pass

    def read_goaways(self):
        """Until the server takes no more calls: it says so twice, with a ping between."""
        self.read_until(GOAWAY)
        self.read_until(GOAWAY)

    def read_to_the_end(self):
        self.read_until(None)

    def wait_until_ended(self):
        """Until the server has ended the connection, which the unread answer hides from readers."""
        while not self._has_ended():
            time.sleep(0.01)

    def _has_ended(self):
        if self._socket.family == socket.AF_UNIX:
            poll = select.poll()
            poll.register(self._socket, select.POLLRDHUP)
            return bool(poll.poll(0))
        mine, its = (f":{name[1]:04X}" for name in (self._socket.getsockname(), self._socket.getpeername()))
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, state = line.split()[:4]
            if local.endswith(its) and remote.endswith(mine):
                return state in (FIN_WAIT1, FIN_WAIT2)
        return True  # and nothing is left of it

    def close(self):
        self._stream.close()
        self._socket.close()
