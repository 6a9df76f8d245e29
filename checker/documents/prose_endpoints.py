"""Endpoints that a prose page names: in a text, on a line of their own, in one cell or two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from checker.domain.operation import OperationId

_METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_ENDPOINT = re.compile(rf"\b({_METHODS})\b[`\s*:]{{1,4}}((?:https?://[^\s/`]+)?/[^\s`,;)\"'|]*)")
_LONE = re.compile(
    rf"(?:[A-Z][\w ]{{0,24}}:)?[\s`*_>•+\-]*\b({_METHODS})\b[`*_\s:]+([^\s`*,;)\"'|]+)[`*_]*"
    r"(?:\s+HTTP/\d(?:\.\d)?)?[`*_\s]*"
)
_METHOD_WORD = re.compile(rf"(?<![\w/{{-])(?:{_METHODS})(?![\w/-])")
_PATH_WORD = re.compile(r"(?<![\w/.:}<-])/[\w{}:<>.~/-]*[\w}>]")
_PATH_CELL = re.compile(r"(?:https?://[^\s/]+)?/?[\w{}:<>.$~-]+(?:/[\w{}:<>.$~-]*)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def endpoints_in(text: str) -> tuple[OperationId, ...]:
    """Every `METHOD /path` of a text, in order, each once; the host of a URL is dropped."""
    return _each(_ENDPOINT.findall(text))


def lone_endpoints(text: str) -> tuple[OperationId, ...]:
    """The endpoints that stand on lines of their own, maybe behind a label ("Endpoint:"); the
    slash before the path may be left out there.
    """
    matches = (_LONE.fullmatch(line.strip()) for line in text.split("\n"))
    return _each([(m[1], m[2]) for m in matches if m and ("/" in m[2] or "{" in m[2])])


def mentioned(text: str) -> tuple[OperationId, ...]:
    """Every endpoint of a running text, also where other words stand between a method and a path
    (`POST` … `/orders`) in a sentence that has just one of each.
    """
    found: list[OperationId] = []
    for sentence in _SENTENCE.split(text):
        whole = endpoints_in(sentence)
        found += whole
        methods = list(_METHOD_WORD.finditer(sentence))
        paths = list(_PATH_WORD.finditer(sentence))
        if not whole and len(methods) == len(paths) == 1 and methods[0].end() <= paths[0].start():
            found += _each([(methods[0].group(0), paths[0].group(0))])
    return tuple(dict.fromkeys(found))


def _all_it_says(cell: str) -> tuple[OperationId, ...]:
    """The endpoints of a cell that says nothing else."""
    alone = lone_endpoints(cell)
    found = endpoints_in(cell) or alone
    return found if alone or not re.search(r"\w", _ENDPOINT.sub("", cell)) else ()


def endpoints_of_row(cells: Sequence[str]) -> tuple[OperationId, ...]:
    """The endpoints of a table row: a cell that is nothing else, or a method and a path in cells
    of their own.
    """
    plain = [_bare(cell) for cell in cells]
    for cell in plain:
        found = _all_it_says(cell)
        if found:
            return found
    methods = [cell.upper() for cell in plain if _METHOD_WORD.fullmatch(cell.upper())]
    paths = [cell for cell in plain if _PATH_CELL.fullmatch(cell) and re.search(r"[/{]", cell)]
    return _each([(methods[0], paths[0])]) if len(methods) == 1 and paths else ()


def _bare(cell: str) -> str:
    return cell.replace("`", "").replace("*", "").strip()


def _each(named: Sequence[tuple[str, str]]) -> tuple[OperationId, ...]:
    found: dict[OperationId, None] = {}
    for method, target in named:
        path = urlsplit(target).path if "://" in target else target.split("?")[0].split("#")[0]
        path = re.sub(r"(?<=/):([A-Za-z_]\w*)|<([A-Za-z_]\w*)>", r"{\1\2}", path)
        path = "/" + path.rstrip(".*_:").lstrip("/")
        if len(path) > 1 and not re.search(r"\.{3}|…", path):
            found[OperationId(method, path)] = None
    return tuple(found)
