"""Text of a JSON or YAML file → plain data, without ever failing.

What is wrong with the text comes back as `Flaw`s; the data is as much as could be read.
"""

from __future__ import annotations

from collections.abc import Mapping

from checker.documents.flaws import Parsed
from checker.documents.json_source import parse_json
from checker.documents.yaml_source import parse_yaml


def parse(text: str, syntax: str) -> Parsed:
    """`syntax` is "json" or "yaml". JSON that isn't is tried as YAML, which forgives more."""
    if syntax != "json":
        return parse_yaml(text)
    parsed = parse_json(text)
    if parsed.data is None and text.lstrip()[:1] in ("{", "["):
        forgiving = parse_yaml(text)
        if isinstance(forgiving.data, Mapping):
            return Parsed(forgiving.data, parsed.flaws, "yaml")
    return parsed
