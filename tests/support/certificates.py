"""Certificates for tests, made by the openssl program."""

import subprocess
from pathlib import Path


def _openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr)


class Authority:
    """Signs certificates; each is a pair of files, NAME.pem and NAME.key, in `folder`."""

    def __init__(self, folder, name="authority"):
        self.folder = Path(folder)
        self.certificate, self._key = self._files(name)
        _openssl("req", "-x509", *self._new_key(self._key), "-out", self.certificate, "-days", "30",
                 "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def _files(self, name):
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    @staticmethod
    def _new_key(path):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path)

    def sign(self, name, common_name=None, alternative=None, days=20):
        """The files of a new certificate and its key."""
        certificate, key = self._files(name)
        request = self.folder / f"{name}.csr"
        _openssl("req", *self._new_key(key), "-out", request, "-subj", f"/CN={common_name or name}")
        extensions = self.folder / f"{name}.extensions"
        # With what Python's strict reader, the default since 3.13, asks for.
        extensions.write_text("subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
                              + (f"subjectAltName={alternative}\n" if alternative else ""))
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                 "-CAcreateserial", "-out", certificate, "-days", days, "-extfile", extensions)
        return certificate, key

    def sign_server(self, name="server", days=20):
        """One for a server on this machine."""
        return self.sign(name, "localhost", "DNS:localhost,IP:127.0.0.1", days)
