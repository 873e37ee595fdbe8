"""HTTP/2 as bytes on a socket, for what no well-behaved client does (RFC 9113, RFC 7541)."""

import socket
import struct
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 0x1, 0x1, 0x4
CANCEL = 8
SECONDS = 60


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _literal(text):
    data = text.encode()
    assert len(data) < 127, "a longer length takes more than one byte"
    return bytes([len(data)]) + data


def call_headers(path, *fields):
    """A header block that opens a gRPC call; no entry of it stays in the table."""
    # Static entries: 3 ":method: POST", 6 ":scheme: http", names 4 ":path", 1 ":authority", 31 "content-type".
    block = b"\x83\x86" + b"\x04" + _literal(path) + b"\x01" + _literal("localhost")
    block += b"\x0f\x10" + _literal("application/grpc")
    for name, value in (("te", "trailers"), *fields):
        block += b"\x00" + _literal(name) + _literal(value)
    return block


class Connection:
    """A connection that sends what it is told, and reads, forgets and counts what comes."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=SECONDS)
        self.frames = {}  # kind: how many came
        self._reader = threading.Thread(target=self._read, daemon=True)
        self.send(PREFACE, frame(SETTINGS, 0, 0))
        self._reader.start()

    def send(self, *pieces):
        self.socket.sendall(b"".join(pieces))

    def _read(self):
        stream = self.socket.makefile("rb")
        try:
            while head := stream.read(9):
                kind, flags = head[3], head[4]
                stream.read(int.from_bytes(head[:3], "big"))
                self.frames[kind] = self.frames.get(kind, 0) + 1
                if kind == SETTINGS and not flags & ACK:
                    self.send(frame(SETTINGS, ACK, 0))
        except OSError:
            pass  # closed, here or there

    def close(self):
        self.socket.close()
