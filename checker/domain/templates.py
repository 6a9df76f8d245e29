"""`{{variables}}` and `{parameters}` in the texts of workflow records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from checker.domain.operation import OperationId
from checker.domain.workflow import Step

TEMPLATE = re.compile(r"\{\{\s*([\w.\-]+)\s*\}\}")
PARAMETER = re.compile(r"\{([^{}/]+)\}")
KNOWN_TEMPLATES = 16_384
"""Of as many path templates the parts are remembered: each request is compared with all."""
BUILT_INS = frozenset(
    {
        "now_timestamp",
        "now_datetime",
        "today_date",
        "tomorrow_date",
        "tomorrow_datetime",
        "next_week_date",
        "next_week_datetime",
        "next_month_date",
        "yesterday_date",
        "future_datetime",
        "random_string",
        "random_email",
        "random_phone",
        "uuid",
        "webhook_url",
    }
)
"""Variables that are computed when used."""


def variables_in(value: Any) -> set[str]:
    """Names of the `{{templates}}` in a nested value, members' names included."""
    match value:
        case str():
            return set(TEMPLATE.findall(value))
        case Mapping():
            return {n for k, v in value.items() for n in variables_in(k) | variables_in(v)}
        case list() | tuple():
            return {n for v in value for n in variables_in(v)}
        case _:
            return set()


_TEMPLATED = ("path", "params", "headers", "cookies", "form_fields", "file_fields", "body")
"""The parts of a step that may hold templates."""


def needed_by(step: Step) -> set[str]:
    """The variables of a step's request."""
    return {n for part in _TEMPLATED for n in variables_in(getattr(step, part))}


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A nested value whose `{{templates}}` have other names, where `names` gives them one."""
    match value:
        case str():
            return TEMPLATE.sub(
                lambda m: "{{" + names[m[1]] + "}}" if m[1] in names else m[0], value
            )
        case Mapping():
            return {renamed(k, names): renamed(v, names) for k, v in value.items()}
        case list() | tuple():
            return type(value)(renamed(v, names) for v in value)
        case _:
            return value


def step_renamed(step: Step, suffix: str, names: Mapping[str, str]) -> Step:
    """Another step like this one, which uses and gives variables under their other `names`."""
    return replace(
        step,
        id=f"{step.id}{suffix}",
        extract={names.get(v, v): path for v, path in step.extract.items()},
        **{part: renamed(getattr(step, part), names) for part in _TEMPLATED},
    )


def calls(template: str, concrete: str) -> bool:
    """Whether a concrete (or `{{variable}}`) path is one of a path template."""
    wanted, given = _segments(template), _given(concrete)
    return len(wanted) == len(given) and all(
        plain == theirs if pattern is None else pattern.fullmatch(theirs) is not None
        for (plain, _, pattern), theirs in zip(wanted, given, strict=True)
    )


def match_path(template: str, concrete: str) -> dict[str, Any] | None:
    """Path values of a concrete (or `{{variable}}`) path; None where it doesn't fit.

    A path that is the template itself (`/x/{uid}`) fits with no values.
    """
    wanted, given = _segments(template), _given(concrete)
    if len(wanted) != len(given):
        return None
    values: dict[str, Any] = {}
    for (plain, names, pattern), theirs in zip(wanted, given, strict=True):
        if pattern is None:
            if plain != theirs:
                return None
            continue
        hit = pattern.fullmatch(theirs)
        if hit is None:
            return None
        values.update(zip(names, map(unquote, hit.groups()), strict=True))
    return values


@lru_cache(maxsize=KNOWN_TEMPLATES)
def _given(concrete: str) -> tuple[str, ...]:
    """The segments of a concrete path, which is compared with one template after the other."""
    return tuple(s for s in concrete.partition("?")[0].split("/") if s)


@lru_cache(maxsize=KNOWN_TEMPLATES)
def _segments(template: str) -> tuple[tuple[str, tuple[str, ...], re.Pattern[str] | None], ...]:
    """A template's segments, each as it stands, with its parameters and what finds their values."""
    return tuple((s, tuple(PARAMETER.findall(s)), _finding(s)) for s in template.split("/") if s)


def _finding(segment: str) -> re.Pattern[str] | None:
    pattern, names = re.escape(segment), PARAMETER.findall(segment)
    for name in names:
        pattern = pattern.replace(re.escape("{" + name + "}"), "(.+)", 1)
    return re.compile(pattern) if names else None


def called_by(method: str, path: str, known: Iterable[OperationId]) -> bool:
    """Whether any of the known operations has this method and concrete path."""
    return any(o.method == method.upper() and calls(o.path, path) for o in known)
