"""Validity of API documents."""

from __future__ import annotations

from checker.documents.operations import Context
from checker.domain.portal import Problem


def check(context: Context) -> list[Problem]:
    return []
