"""The part of JSON Schema that docs/status.schema.json uses."""

TYPES = {"object": dict, "array": list, "string": str, "number": (int, float), "integer": int,
         "null": type(None)}
KNOWN = {"$schema", "title", "type", "const", "enum", "minimum", "maximum", "properties",
         "required", "items"}


def _is(value, names):
    names = [names] if isinstance(names, str) else names
    return any(isinstance(value, TYPES[name]) and not isinstance(value, bool) for name in names)


def problems(schema, value, path="$"):
    """What of `value` is not as `schema` says; members that it does not know count, too."""
    unknown = schema.keys() - KNOWN
    assert not unknown, f"this test cannot check {unknown} of {path}"
    if "type" in schema and not _is(value, schema["type"]):
        return [f"{path} is {value!r}, not of type {schema['type']}"]
    found = []
    if value != schema.get("const", value) or value not in schema.get("enum", [value]):
        found.append(f"{path} is {value!r}")
    if value is not None and not (schema.get("minimum", value) <= value <= schema.get("maximum", value)
                                  if isinstance(value, (int, float)) else True):
        found.append(f"{path} is {value!r}, out of its range")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{path}.{name} is missing" for name in schema.get("required", ())
                  if name not in value]
        found += [f"{path}.{name} is not in the schema" for name in value if name not in known]
        for name in value.keys() & known.keys():
            found += problems(known[name], value[name], f"{path}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            found += problems(schema["items"], item, f"{path}[{i}]")
    return found
