"""Checks a JSON value against a schema: the keywords that ours use, and no others."""

import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
NOTES = {"$schema", "$defs", "title", "description"}


def is_a(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


class Checker:
    """`errors` lists what breaks the schema, each with the place of it.

    With `closed` members that an object's schema does not name break it, too.
    """

    def __init__(self, root, closed=False):
        self.root = root
        self.closed = closed

    def errors(self, value, schema=None, place="$"):
        schema = self.root if schema is None else schema
        found = self.check_type(value, schema["type"], schema, place) if "type" in schema else []
        if found:
            return found  # the other keywords are for values of that type
        for keyword, wanted in schema.items():
            if keyword not in NOTES:
                found += getattr(self, "check_" + keyword.lstrip("$"))(value, wanted, schema, place)
        if self.closed and isinstance(value, dict) and "additionalProperties" not in schema:
            found += self.check_additionalProperties(value, False, schema, place)
        return found

    def check_ref(self, value, wanted, schema, place):
        target = self.root
        for step in wanted.removeprefix("#/").split("/"):
            target = target[step]
        return self.errors(value, target, place)

    def check_type(self, value, wanted, schema, place):
        names = [wanted] if isinstance(wanted, str) else wanted
        if any(is_a(value, name) for name in names):
            return []
        return [f"{place}: expected {wanted}, got {value!r}"]

    def check_enum(self, value, wanted, schema, place):
        return [] if value in wanted else [f"{place}: expected one of {wanted}, got {value!r}"]

    def check_const(self, value, wanted, schema, place):
        return self.check_enum(value, [wanted], schema, place)

    # The two say nothing of what is no number.
    def check_minimum(self, value, wanted, schema, place):
        if not is_a(value, "number") or value >= wanted:
            return []
        return [f"{place}: expected at least {wanted}, got {value!r}"]

    def check_maximum(self, value, wanted, schema, place):
        if not is_a(value, "number") or value <= wanted:
            return []
        return [f"{place}: expected at most {wanted}, got {value!r}"]

    def check_pattern(self, value, wanted, schema, place):
        return [] if re.search(wanted, value) else [f"{place}: expected {wanted}, got {value!r}"]

    def check_required(self, value, wanted, schema, place):
        return [f"{place}.{name} is missing" for name in wanted if name not in value]

    def check_items(self, value, wanted, schema, place):
        return [error for i, item in enumerate(value)
                for error in self.errors(item, wanted, f"{place}[{i}]")]

    def check_properties(self, value, wanted, schema, place):
        return [error for name, inner in wanted.items() if name in value
                for error in self.errors(value[name], inner, f"{place}.{name}")]

    def check_additionalProperties(self, value, wanted, schema, place):
        others = [name for name in value if name not in schema.get("properties", {})]
        if wanted is False:
            return [f"{place}: {name} is not in the schema" for name in others]
        return [error for name in others
                for error in self.errors(value[name], wanted, f"{place}.{name}")]
