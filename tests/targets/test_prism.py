"""Prism serves a true document; driftcheck is given copies with one fact changed."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from targets import check, document, free_port, program, rules, serving

Document = dict[str, Any]


def pet(doc: Document) -> Document:
    found: Document = doc["components"]["schemas"]["Pet"]
    return found


def _requires(doc: Document, *names: str) -> None:
    pet(doc)["required"] = list(names)


def _of(doc: Document, name: str, **facts: Any) -> None:
    """Change facts of a property; None takes one out."""
    schema = pet(doc)["properties"].setdefault(name, {})
    for key, value in facts.items():
        schema[key] = value
        if value is None:
            del schema[key]


CHANGES: list[tuple[str, str, Callable[[Document], None]]] = [
    ("required-undocumented", "kind", lambda d: _requires(d, "name")),
    ("required-not-enforced", "age", lambda d: _requires(d, "name", "kind", "age")),
    ("required-undocumented", "home.city", lambda d: _of(d, "home", required=None)),
    ("enum-undocumented", "kind", lambda d: _of(d, "kind", enum=None)),
    ("enum-value-rejected", "kind", lambda d: _of(d, "kind", enum=["cat", "dog", "bird"])),
    ("type-mismatch", "tags", lambda d: pet(d)["properties"].update(tags={"type": "string"})),
    ("bound-mismatch", "name", lambda d: _of(d, "name", maxLength=None)),
    ("bound-mismatch", "age", lambda d: _of(d, "age", minimum=None)),
    ("format-mismatch", "born", lambda d: _of(d, "born", format=None)),
    ("field-rejected", "nick", lambda d: _of(d, "nick", type="string")),
    ("field-undocumented", "tags", lambda d: pet(d)["properties"].pop("tags")),
]
CONSEQUENCES = {
    "tags": {("response-type-mismatch", "tags"), ("response-field-undocumented", "tags")},
}
ALWAYS = {("status-undocumented", "")}
"""The true document leaves out 422."""


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Document]]:
    folder = tmp_path_factory.mktemp("prism")
    spec = document("prism", "v3.yaml")
    binary = program("prism", os.environ.get("DRIFTCHECK_PRISM", ""))
    port = free_port()
    command = [binary, "mock", "-h", "127.0.0.1", "-p", str(port), "-v", "warn", str(spec)]
    with serving(command, port, folder) as url:
        yield url, yaml.safe_load(spec.read_text())


def _run(prism: tuple[str, Document], change: Callable[[Document], Any], folder: Path) -> Any:
    url, true = prism
    changed = copy.deepcopy(true)
    changed["servers"] = [{"url": url}]
    change(changed)
    given = folder / "given.yaml"
    given.write_text(yaml.safe_dump(changed, sort_keys=False))
    return rules(check(given, url, folder / "run"))


def test_the_true_document_has_no_other_drift(prism: tuple[str, Document], tmp_path: Path) -> None:
    assert _run(prism, lambda _: None, tmp_path) == ALWAYS


@pytest.mark.parametrize(("rule", "name", "change"), CHANGES)
def test_one_changed_fact_is_named(
    prism: tuple[str, Document],
    tmp_path: Path,
    rule: str,
    name: str,
    change: Callable[[Document], None],
) -> None:
    seen = _run(prism, change, tmp_path)
    assert (rule, name) in seen
    assert seen <= {(rule, name)} | ALWAYS | CONSEQUENCES.get(name, set())
