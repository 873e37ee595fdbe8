#!/usr/bin/env python3
"""sbom.py VERSION FOLDER: what an image of Convoy is made of, as SPDX 2.3 in JSON, from the
entries of its Debian packages in FOLDER. Called while the image is built."""

import datetime
import hashlib
import json
import os
import re
import sys
from pathlib import Path

NAMESPACE = "https://spdx.org/spdxdocs/convoy-"


def fields(entry):
    """The fields of one line each of a package's entry."""
    return dict(re.findall(r"^([\w-]+): (.*)$", entry, re.M))


def identifier(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def debian_package(entry):
    package = fields(entry)
    name, version, architecture = package["Package"], package["Version"], package["Architecture"]
    escaped = version.replace("+", "%2B").replace(":", "%3A")
    return {
        "SPDXID": identifier(name),
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "comment": f"The licence is in /usr/share/doc/{name}/copyright.",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:deb/debian/{name}@{escaped}?arch={architecture}&distro=debian-13",
        }],
    }


def convoy(version):
    return {
        "SPDXID": identifier("convoy"),
        "name": "convoy",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
    }


def relationship(subject, kind, target):
    return {"spdxElementId": subject, "relationshipType": kind, "relatedSpdxElement": target}


def document(version, entries):
    packages = [convoy(version), *map(debian_package, entries)]
    content = hashlib.sha256(json.dumps(packages).encode()).hexdigest()
    created = datetime.datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp()),
        datetime.timezone.utc)
    main = packages[0]["SPDXID"]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"convoy-{version}",
        "documentNamespace": f"{NAMESPACE}{version}-{content[:32]}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": ["Tool: convoy-docker-sbom"]},
        "packages": packages,
        "relationships": [
            relationship("SPDXRef-DOCUMENT", "DESCRIBES", main),
            *(relationship(main, "DEPENDS_ON", package["SPDXID"]) for package in packages[1:])],
    }


def main():
    version, folder = sys.argv[1:]
    entries = [path.read_text() for path in sorted(Path(folder).iterdir())]
    json.dump(document(version, entries), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
