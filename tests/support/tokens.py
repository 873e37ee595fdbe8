"""Token files."""

import json
import os

from support.server import run_tool


class TokenFile:
    """A file of tokens, made by the tool; `tokens` has the tokens by name."""

    def __init__(self, path):
        self.path = path
        self.tokens = {}

    def add(self, name, *flags):
        """A new token, as the tool prints it."""
        code, out, error = run_tool("token", name, "--tokens", self.path, *flags)
        if code != 0:
            raise AssertionError(error)
        self.tokens[name] = out.decode().strip()
        return self.tokens[name]

    def remove(self, name):
        """Takes an entry out, at once."""
        document = json.loads(self.path.read_text())
        document["tokens"] = [entry for entry in document["tokens"] if entry["name"] != name]
        following = self.path.with_suffix(".next")
        following.write_text(json.dumps(document))
        os.replace(following, self.path)
        return self.tokens.pop(name)


def bearer(token):
    """Metadata, and the header, of a call."""
    return (("authorization", f"Bearer {token}"),) if token else ()
