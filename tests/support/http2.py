"""HTTP/2 as bytes on a socket, for what no well-behaved client does (RFC 9113, RFC 7541)."""

import socket
import struct
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
CONTINUATION = 9
END_STREAM, ACK, END_HEADERS = 0x1, 0x1, 0x4
CANCEL = 8
INITIAL_WINDOW_SIZE = 4  # a setting
INITIAL_WINDOW = 65535
MAX_FRAME = 16384
SECONDS = 60


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _literal(text):
    data = text.encode()
    if len(data) < 127:
        return bytes([len(data)]) + data
    length, rest = b"\x7f", len(data) - 127  # RFC 7541, 5.1
    while rest > 127:
        length += bytes([128 | rest & 127])
        rest >>= 7
    return length + bytes([rest]) + data


def call_headers(path, *fields):
    """A header block that opens a gRPC call; no entry of it stays in the table."""
    # Static entries: 3 ":method: POST", 6 ":scheme: http", names 4 ":path", 1 ":authority", 31 "content-type".
    block = b"\x83\x86" + b"\x04" + _literal(path) + b"\x01" + _literal("localhost")
    block += b"\x0f\x10" + _literal("application/grpc")
    for name, value in (("te", "trailers"), *fields):
        block += b"\x00" + _literal(name) + _literal(value)
    return block


def header_frames(stream, block):
    """The frames of a header block of any length."""
    pieces = [block[at:at + MAX_FRAME] for at in range(0, len(block), MAX_FRAME)]
    return b"".join(frame(CONTINUATION if number else HEADERS,
                          END_HEADERS if number == len(pieces) - 1 else 0, stream, piece)
                    for number, piece in enumerate(pieces))


def message_head(size):
    """What a gRPC message of so many bytes begins with: it is not compressed."""
    return b"\0" + size.to_bytes(4, "big")


def window_settings(size):
    """SETTINGS: so many bytes may be sent on each stream before the first WINDOW_UPDATE."""
    return frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, size))


def connect(address, source=""):
    """A socket to `address`, from `source` unless it is empty."""
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), SECONDS, (source, 0) if source else None)


class Connection:
    """A connection that sends what it is told, and reads, forgets and counts what comes.

    The server's settings, limits of streams and headers among them, are in force once it
    acknowledges them, which it may leave out. `source` is the address that it comes from.
    """

    def __init__(self, address, acknowledges=True, source=""):
        self._acknowledges = acknowledges
        self.socket = connect(address, source)
        self.frames = {}  # kind: how many came
        self._windows = {0: INITIAL_WINDOW}  # stream: bytes that may be sent, 0 for all together
        self._initial_window = INITIAL_WINDOW
        self.ended = False
        self._news = threading.Condition()
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self.send(PREFACE, frame(SETTINGS, 0, 0))
        self._reader.start()

    def send(self, *pieces):
        with self._sending:  # frames of the reader's go between frames
            self.socket.sendall(b"".join(pieces))

    def _read(self):
        stream = self.socket.makefile("rb")
        try:
            while len(head := stream.read(9)) == 9:
                kind, flags = head[3], head[4]
                payload = stream.read(int.from_bytes(head[:3], "big"))
                with self._news:
                    self._take(kind, flags, int.from_bytes(head[5:], "big"), payload)
                    self._news.notify_all()
                if kind == SETTINGS and not flags & ACK and self._acknowledges:
                    self.send(frame(SETTINGS, ACK, 0))
            self.socket.shutdown(socket.SHUT_RDWR)  # as every peer does whose other side has ended
        except OSError:
            pass  # closed, here or there
        with self._news:
            self.ended = True
            self._news.notify_all()

    def _take(self, kind, flags, stream, payload):
        self.frames[kind] = self.frames.get(kind, 0) + 1
        if kind == WINDOW_UPDATE and stream in self._windows:
            self._windows[stream] += int.from_bytes(payload, "big")
        elif kind == SETTINGS and not flags & ACK:
            for name, value in struct.iter_unpack(">HI", payload):
                if name == INITIAL_WINDOW_SIZE:
                    for open_stream in self._windows.keys() - {0}:
                        self._windows[open_stream] += value - self._initial_window
                    self._initial_window = value
        elif kind == RST_STREAM or (kind == HEADERS and flags & END_STREAM):
            self._windows.pop(stream, None)

    def upload(self, stream, path, size):
        """Sends a message of `size` zeros, as fast as it may; returns how many went out before the call ended."""
        with self._news:
            self._windows[stream] = self._initial_window
        self.send(frame(HEADERS, END_HEADERS, stream, call_headers(path)))
        rest = 5 + size
        head = message_head(size)
        while rest:
            with self._news:
                self._news.wait_for(lambda: self.ended or stream not in self._windows
                                    or min(self._windows[0], self._windows[stream]) > 0, SECONDS)
                if self.ended or stream not in self._windows:
                    break
                count = min(rest, MAX_FRAME, self._windows[0], self._windows[stream])
                if count <= 0:
                    raise TimeoutError("the window stays closed")
                self._windows[0] -= count
                self._windows[stream] -= count
            payload, head = (head + bytes(count))[:count], b""
            rest -= count
            self.send(frame(DATA, 0 if rest else END_STREAM, stream, payload))
        return 5 + size - rest

    def ends(self, seconds=SECONDS):
        """Whether the other side has closed the connection, now or within `seconds`."""
        self._reader.join(seconds)
        return not self._reader.is_alive()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # the reader has it open too
        except OSError:
            pass  # the other side was first
        self.socket.close()
