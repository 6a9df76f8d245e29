"""What Hypothesis is spared before it generates: work that doesn't depend on the operation."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

ENCODABLE = {"ascii": [[0, 0x7F]], "utf-8": [[0, 0xD7FF], [0xE000, 0x10FFFF]]}
"""First and last of the characters that an encoding can write, by what generation asks for."""
NOWHERE = os.path.join(os.devnull, "hypothesis")
"""Where no folder can be made: Hypothesis then keeps nothing, and works out anew what it needs."""


@contextmanager
def prepared() -> Iterator[None]:
    """Generation in this block keeps nothing on disk, asks no character one by one whether it can
    be encoded, and takes no constants from the modules that happen to be imported."""
    _know_encodings()
    with _without_local_constants():
        yield


@cache
def _know_encodings() -> None:
    """Hypothesis asks each of a million characters, which takes seconds, unless a table in its
    folder says it. It reads that once; afterwards there is no folder any more."""
    from hypothesis import strategies
    from hypothesis.configuration import set_hypothesis_home_dir
    from hypothesis.internal.charmap import charmap_file

    try:
        with tempfile.TemporaryDirectory(prefix="driftcheck-") as folder, suppress(Exception):
            set_hypothesis_home_dir(folder)
            for codec, intervals in ENCODABLE.items():
                table = Path(charmap_file(f"codec-v2-{codec}"))
                table.parent.mkdir(parents=True, exist_ok=True)
                # What can be written can be read back: the second list is empty.
                table.write_bytes(gzip.compress(json.dumps([intervals, []]).encode()))
                strategies.characters(codec=codec).validate()
    except OSError:
        pass  # no place for it: it is worked out
    finally:
        set_hypothesis_home_dir(NOWHERE)


@contextmanager
def _without_local_constants() -> Iterator[None]:
    """Hypothesis likes to draw the constants of all modules that are not installed: ours in a
    checkout, the user's in their tests. Parsing them takes seconds, and the values that a seed
    gives would depend on them."""
    from hypothesis.internal.conjecture import providers

    usual = providers._get_local_constants
    nothing = type(providers._local_constants)()
    providers._get_local_constants = lambda: nothing
    try:
        yield
    finally:
        providers._get_local_constants = usual
