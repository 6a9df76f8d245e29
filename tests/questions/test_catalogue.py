"""Every kind of question is asked: none stands beside the catalogue."""

from __future__ import annotations

import importlib
import pkgutil

from checker.questions import kinds
from checker.questions.catalogue import KINDS
from checker.questions.kinds.base import QuestionKind


def subclasses(of: type[QuestionKind]) -> set[type[QuestionKind]]:
    direct = set(of.__subclasses__())
    return direct.union(*(subclasses(each) for each in direct))


def test_every_kind_is_in_the_catalogue() -> None:
    for module in pkgutil.iter_modules(kinds.__path__):
        importlib.import_module(f"{kinds.__name__}.{module.name}")
    known = {type(kind) for kind in KINDS}
    # What only others are made from has no name to be asked by.
    own = {k for k in subclasses(QuestionKind) if k.__module__.startswith(kinds.__name__)}
    assert {k.__name__ for k in own if getattr(k, "name", "")} <= {k.__name__ for k in known}
