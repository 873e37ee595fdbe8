"""read_yaml.py [SCHEMA] <FILE: the file as JSON, if the JSON schema allows it. Runs in
build/clients/kubernetes, which has the packages."""

import json
import sys
from pathlib import Path

import jsonschema
import yaml

content = yaml.load(sys.stdin, yaml.CSafeLoader)
if len(sys.argv) > 1:
    jsonschema.validate(content, json.loads(Path(sys.argv[1]).read_text()))
json.dump(content, sys.stdout)
