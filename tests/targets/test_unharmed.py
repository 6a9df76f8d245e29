"""A run with default options leaves servers by others as they were, and what others have there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from inhabited import TARGETS, Dump, Inhabited, asking, dumped, harm, more
from targets import document, free_port, run, serving


@pytest.mark.skipif(
    "DRIFTCHECK_WHOLE_TARGETS" not in os.environ,
    reason="whole servers with default options take minutes each; `.ci/run targets` runs them",
)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_others_have_is_as_it_was(target: Inhabited, tmp_path: Path) -> None:
    port = free_port()
    start = target.start(tmp_path, port)
    spec = document(target.name, target.document)
    with serving(start.command, port, tmp_path, start.environment) as url:
        token = target.token(tmp_path)
        ask = asking(url, target, token)
        target.others(ask)
        before = dumped(target, ask)
        assert all(status == 200 for status, _ in before.values()), before
        credential = {k: getattr(target, k) for k in ("scheme", "header") if getattr(target, k)}
        done, report = run(spec, url, tmp_path / "run", credential, token=token)
        after = dumped(target, ask)  # a server that is gone answers nothing here
    assert done.returncode in (0, 1, 3), done.stderr[-2000:]
    assert not harm(before, after, target.stays)
    left = " ".join(report["run"]["cleanup"])
    for path, operation in target.stays.items():
        assert operation in left or not more(before, after, path), (
            f"it doesn't say what is at {path}"
        )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([{"id": 1}, {"id": 2}], [{"id": 2}], "is gone or changed"),
        ([{"id": 1, "name": "a"}], [{"id": 1, "name": "b"}], "is gone or changed"),
        ([{"id": 1}], [{"id": 1}, {"id": 2}], "came in"),
        ({"a": {"x": 1}}, {"a": {"x": 2}}, "/things a x: 1 is 2 now"),
        ({"a": 1}, {}, "'a' is gone"),
        ({"a": 1}, {"a": 1, "b": 2}, "'b' came in"),
        ("text", "other", 'is "other" now'),
    ],
)
def test_a_dump_tells_each_difference(before: Any, after: Any, told: str) -> None:
    first: Dump = {"/things": (200, before)}
    (said,) = {s for s in harm(first, {"/things": (200, after)}) if told in s}
    assert "/things" in said
    assert not harm(first, first)


def test_a_list_in_which_things_stay_loses_none() -> None:
    before: Dump = {"/things": (200, [{"id": 1}])}
    assert not harm(before, {"/things": (200, [{"id": 2}, {"id": 1}])}, ["/things"])
    assert harm(before, {"/things": (200, [{"id": 2}])}, ["/things"])
    assert harm(before, {"/things": (404, [])}, ["/things"])
    assert harm(before, {}, ["/things"])
