"""What makes a document invalid: every error, each once, in its owner's words.

The meta-schemas and the judgement of defaults are openapi-spec-validator's own; the schema part
runs on jsonschema-rs, and its semantic checks are done here in one walk, which finds the same
errors many times faster and doesn't stop at (or fall over) the first one. On top come errors
that it doesn't look for: references that lead nowhere, path templates outside the grammar,
undeclared security schemes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from checker.documents.bundle import Bundle, bundled
from checker.documents.meta import meta_problems
from checker.documents.operations import Context
from checker.documents.semantics import semantic_problems
from checker.documents.unresolved import Followed, followed
from checker.domain.location import Location
from checker.domain.portal import Problem

MAX_PROBLEMS = 2_000
_NEW = {"2.0": ("swagger", "2.0"), "3.0": ("openapi", "3.0.3"), "3.1": ("openapi", "3.1.1")}


def check(context: Context) -> list[Problem]:
    """Every error of the document. Never raises: a check that fails says so in a problem."""
    found = list(version_problems(context))
    shown = Followed()
    with _deep(found, context):
        shown = followed(context)
    bundle = Bundle(context)
    if not shown.whole:
        with _deep(found, context):
            bundle = bundled(context)
    checks: tuple[Callable[[Context], list[Problem]], ...] = (meta_problems, semantic_problems)
    for one in checks:
        with _deep(found, context):
            found += [bundle.told(problem) for problem in one(bundle.context)]
    return [*found, *bundle.problems, *shown.problems][:MAX_PROBLEMS]


@contextmanager
def _deep(found: list[Problem], context: Context) -> Iterator[None]:
    """Where a check can't go deep enough, that is told."""
    try:
        yield
    except RecursionError:
        message = "The document is nested too deeply to be checked in full."
        mend = "Move inner schemas to components and refer to them."
        found.append(Problem(message, mend, Location(context.info.file)))


def version_problems(context: Context) -> list[Problem]:
    """A missing, unknown or misspelt version key."""
    root: Mapping[str, Any] = context.root.value
    name = context.info.file
    present = [key for key in ("swagger", "openapi") if key in root]
    key, version = _NEW.get(context.dialect, ("openapi", context.dialect + ".0"))
    if not present:
        return [
            Problem(
                'The document has no version key ("swagger" or "openapi"), so no tool reads it.',
                f'Add "{key}": "{version}" at the top.',
                Location(name),
                fatal=True,
                patch=({"op": "add", "path": f"/{key}", "value": version},),
            )
        ]
    if len(present) == 2:
        return [
            Problem(
                'The document has both "swagger" and "openapi".',
                "Delete the one that isn't true.",
                Location(name, "/openapi"),
                fatal=True,
            )
        ]
    return _misspelt(name, present[0], root[present[0]], version)


def _misspelt(name: str, key: str, value: Any, version: str) -> list[Problem]:
    """What is wrong with the value of the version key; `version` is the nearest real one."""
    good = ("2.0",) if key == "swagger" else ("3.0", "3.1", "3.2")
    written = str(value).strip()
    known = written in good if key == "swagger" else written.rpartition(".")[0] in good
    if known and isinstance(value, str):
        return []
    if not isinstance(value, str) and (written in good or known):
        fixed = written if key == "swagger" else written + ".0" * (written.count(".") < 2)
        return [
            Problem(
                f"`{key}` must be a string, not a number.",
                f'Put it in quotes: "{fixed}".',
                Location(name, f"/{key}"),
                patch=({"op": "replace", "path": f"/{key}", "value": fixed},),
            )
        ]
    fixed = "2.0" if key == "swagger" else {"3.0": "3.0.3", "3.1": "3.1.1"}.get(written, version)
    near = written in good
    message = f'`{key}` says "{written[:40]}", which is no version of the specification.'
    return [
        Problem(
            message,
            f'Write "{fixed}".',
            Location(name, f"/{key}"),
            fatal=not near,
            patch=({"op": "replace", "path": f"/{key}", "value": fixed},),
        )
    ]
