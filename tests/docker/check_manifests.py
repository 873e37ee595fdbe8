"""check_manifests.py CRDS: checks the Kubernetes objects on standard input against Kubernetes' own
schemas, strictly, and those of other kinds against the definitions in the folder CRDS. Prints a list:
each object, what is wrong with it, and what is wrong with it when its spec has a field too many.
Runs in build/clients/kubernetes."""

import json
import sys
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

VERSION = "1.33"


def strict(schema):
    """The schema of a definition, with unknown fields as errors: the API server drops them silently."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: strict(value) for key, value in schema.items()}
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and not open_ended:
        schema["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string") is True:
        schema["type"] = ["integer", "string"]
    return schema


def definitions(folder):
    """Schemas by API version and kind."""
    found = {}
    for path in folder.glob("*.yaml"):
        spec = yaml.load(path.read_text(), yaml.CSafeLoader)["spec"]
        for version in spec["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return found


def error_of(manifest, known):
    schema = known.get((manifest["apiVersion"], manifest["kind"]))
    try:
        if schema is None:
            kubernetes_validate.validate(manifest, VERSION, strict=True)
        else:
            # Not jsonschema.validate, which checks the large definition itself each time.
            jsonschema.Draft202012Validator(schema).validate(manifest)
    except (jsonschema.ValidationError, kubernetes_validate.ValidationError,
            kubernetes_validate.SchemaNotFoundError) as error:
        # Not str(error), which shows all of the definition and takes longer than all else here.
        return f"{error.json_path}: {error.message}" if hasattr(error, "json_path") else type(error).__name__
    return None


def main():
    known = definitions(Path(sys.argv[1]))
    results = []
    for manifest in yaml.load_all(sys.stdin, yaml.CSafeLoader):
        misspelt = manifest | {"spec": manifest["spec"] | {"misspelt": 1}}
        results.append({"object": manifest, "error": error_of(manifest, known),
                        "error_misspelt": error_of(misspelt, known)})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
