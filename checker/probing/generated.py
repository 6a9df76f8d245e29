"""Schemathesis's cases for one operation, as calls. Its public API only; see `fuzz`, and
`generator_set_up` for what is prepared."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any
from urllib.parse import unquote

from checker.domain.exchange import Call
from checker.domain.operation import Operation, Place
from checker.domain.schema import MISSING
from checker.planning.encoding import is_json
from checker.planning.nobodys_hosts import reaching_nobody
from checker.probing.generator_set_up import prepared
from checker.probing.reduced import CREDENTIALS, NOT_GENERATED, unrolled

MAX_CONTENT = 64_000
MAX_UNROLLED = 100_000
"""Generating what is wrong visits every place where something can be, one by one."""
LOADING_S = 10.0
AGAIN_S = 0.25
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class TimeUp(KeyboardInterrupt):
    """Ends a generation at once: Hypothesis lets it through as it would an interrupt."""


def generated_cases(
    document: dict[str, Any],
    operation: Operation,
    count: int,
    seed: int,
    valid: bool,
    seconds: float,
) -> list[Any]:
    """Schemathesis's cases; whatever goes wrong in there means fewer of them.

    `seconds` are of this thread's processor time: other work on the machine must not decide
    which cases a seed gives.
    """
    # Slow to import, and only needed where something is generated.
    import hypothesis
    import schemathesis
    from hypothesis import HealthCheck, Phase, Verbosity

    cases: list[Any] = []
    until = [0.0]
    if not valid and unrolled(document, MAX_UNROLLED) >= MAX_UNROLLED:
        return cases

    def take(case: Any) -> None:
        cases.append(case)
        if len(cases) >= 4 * count or time.thread_time() > until[0]:
            raise TimeUp

    try:
        with prepared(), _processor_time(2 * seconds + LOADING_S):
            config = schemathesis.Config.from_dict(
                {
                    "generation": {
                        "allow-x00": False,
                        "codec": "ascii" if valid else "utf-8",
                        "with-security-parameters": False,
                        "allow-extra-parameters": False,
                    }
                }
            )
            loaded = schemathesis.openapi.from_dict(document, config=config)
            described = loaded[operation.path_template][operation.id.method.lower()]
            mode = schemathesis.GenerationMode.POSITIVE
            fixed: dict[str, Any] = {}
            if not valid:
                # The flaw has to be where it is sent from: not in the path, which is bound.
                mode = schemathesis.GenerationMode.NEGATIVE
                names = [f.key.name for f in operation.parameters if f.key.place is Place.PATH]
                fixed = {"path_parameters": dict.fromkeys(names, "1")}
            strategy = described.as_strategy(generation_mode=mode, **fixed)
            settings: Any = hypothesis.settings(
                max_examples=count,
                database=None,
                deadline=None,
                derandomize=False,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
                verbosity=Verbosity.quiet,
                report_multiple_bugs=False,
                print_blob=False,
            )
            seeded: Any = hypothesis.seed(seed)
            given: Any = hypothesis.given(strategy)
            run: Any = seeded(settings(given(take)))
            until[0] = time.thread_time() + seconds
            run()
    except TimeUp:
        pass
    except Exception:
        # An odd schema (unsatisfiable, recursive without end, an invalid pattern).
        pass
    return cases


@contextmanager
def _processor_time(seconds: float) -> Iterator[None]:
    """Raises TimeUp in the body after that much processor time, where timers can be had."""
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(_: int, __: FrameType | None) -> None:
        raise TimeUp

    def unraised(told: Any) -> None:
        if not isinstance(told.exc_value, TimeUp):
            others(told)

    others, sys.unraisablehook = sys.unraisablehook, unraised
    before = signal.signal(signal.SIGVTALRM, ring)
    # Again and again: what is raised in a callback of the garbage collector is swallowed there.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        sys.unraisablehook = others


def call_of(case: Any, operation: Operation) -> Call | None:
    """A generated case in an operation's own terms; None where it can't be sent."""
    media_type = case.media_type
    body: Any = reaching_nobody(_plain(case.body))
    if type(case.body).__name__ == "NotSet":
        body, media_type = MISSING, None
    bare = (media_type or "").split(";")[0].strip().lower()
    if body is not MISSING:
        sendable = is_json(bare) or bare in _FORMS or bare.startswith("text/")
        if is_json(bare) and isinstance(body, bytes):
            return None  # no JSON at all: what a parser says of it is in no document
        if not sendable and not isinstance(body, (bytes, str)):
            return None
        if bare in _FORMS and not isinstance(body, (Mapping, bytes, str)):
            return None
    headers = {
        str(k): v
        for k, v in dict(case.headers or {}).items()
        if str(k).lower() not in CREDENTIALS | NOT_GENERATED and _header_value(v)
    }
    call = Call(
        operation=operation.id,
        path={k: unquote(str(v)) for k, v in dict(case.path_parameters or {}).items()},
        query=reaching_nobody(_plain(dict(case.query or {}))),
        header=headers,
        cookie=_plain(dict(case.cookies or {})),
        body=body,
        media_type=media_type,
    )
    return call if _sendable(call) else None


def _header_value(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _plain(value: Any) -> Any:
    """Plain JSON values (and bytes) of what Schemathesis wraps."""
    match value:
        case Mapping():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case bytes():
            return value
        case str():
            data = getattr(value, "data", None)
            return data if isinstance(data, bytes) else str(value)
        case bool() | int() | float() | None:
            return value
        case _:
            return str(value)


def _sendable(call: Call) -> bool:
    """Whether it can be written down: finite numbers, real characters, a sane size."""
    for part in (call.path, call.query, call.header, call.cookie, call.body):
        if part is MISSING:
            continue
        try:
            text = json.dumps(part, allow_nan=False, ensure_ascii=False, default=_bytes_text)
            if len(text.encode()) > MAX_CONTENT:
                return False
        except (ValueError, TypeError, RecursionError):
            return False
    return True


def _bytes_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    raise TypeError(type(value).__name__)
