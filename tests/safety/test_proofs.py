"""An own thing's address is read before it is changed or deleted there: it may be another's."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from document_samples import load
from registers import DOCUMENT, Registers, registers

from checker.domain.exchange import Exchange, Purpose, Request
from checker.probing.http import Wire
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Target

Pairs = tuple[tuple[str, str], ...]


def sent(server: Registers, folder: Path, *requests: Request) -> list[Exchange]:
    """What became of requests that were sent one after the other."""
    operations = {o.id: o for o in load(folder, DOCUMENT).operations}
    gate = Gate(Policy(), operations, Ledger())

    async def ran() -> list[Exchange]:
        async with Wire(Target(base_url=server.url), gate, max_requests=50) as wire:
            wire.observers.append(lambda e: gate.note(e, e.response is not None))
            return [await wire.send(r, {}, {}) for r in requests]

    return asyncio.run(ran())


def ask(
    method: str,
    path: str,
    name: str = "",
    query: Pairs = (),
    headers: Pairs = (),
    purpose: Purpose = "probe",
) -> Request:
    content = json.dumps({"name": name}).encode() if name else None
    return Request(method, path, query, headers, content, "application/json", purpose=purpose)


def makes(path: str, query: Pairs = (), headers: Pairs = ()) -> list[Request]:
    """Two creations: they show that each makes another one. The second is number 22."""
    return [ask("POST", path, f"kqzw {n} vbnm", query, headers) for n in ("one", "two")]


def changes(path: str, query: Pairs = (), headers: Pairs = ()) -> list[Request]:
    return [
        ask("PUT", path, "another name", query, headers),
        ask("DELETE", path, "", query, headers, purpose="clean-up"),
    ]


DRAFT: Pairs = (("branch", "draft"),)
TRIAL: Pairs = (("X-Desk", "trial"),)


@pytest.mark.parametrize(
    ("made_at", "item", "query", "headers"),
    [
        ("/pages", "/pages/22", DRAFT, ()),  # made in another branch
        ("/files", "/files/22", (), TRIAL),  # made at another desk
        ("/trial/notes", "/notes/22", (), ()),  # a collection that is called alike
        ("/papers", "/papers/22", (), ()),  # the number of the job that makes it
        ("/sheets", "/sheets/22", (), ()),  # the end of an identifier with a slash
        ("/brands", "/brands/kqzw%20two%20vbnm", (), ()),  # a name that is read as a number
    ],
)
def test_what_stands_at_the_address_is_anothers(
    tmp_path: Path, made_at: str, item: str, query: Pairs, headers: Pairs
) -> None:
    with registers() as server:
        before = server.theirs()
        done = sent(server, tmp_path, *makes(made_at, query, headers), *changes(item))
        assert server.theirs() == before
    assert all(e.response is not None and e.response.status == 201 for e in done[:2])
    assert all(e.held for e in done[2:])


@pytest.mark.parametrize(
    ("path", "item", "query", "headers"),
    [
        ("/cards", "/cards/922", (), ()),
        ("/pages", "/pages/22", DRAFT, ()),
        ("/files", "/files/22", (), TRIAL),
    ],
)
def test_what_is_read_there_is_own(
    tmp_path: Path, path: str, item: str, query: Pairs, headers: Pairs
) -> None:
    """One reading of an address is enough, with what places it."""
    with registers() as server:
        before = server.theirs()
        requests = makes(path, query, headers) + changes(item, query, headers)
        done = sent(server, tmp_path, *requests)
        assert server.theirs() == before
    assert [e.response.status for e in done[2:] if e.response] == [200, 204]
    assert len([a for a in server.asked if a.startswith("GET")]) == 1


def test_where_nothing_reads_an_item_its_plain_address_has_to_do(tmp_path: Path) -> None:
    with registers() as server:
        before = server.theirs()
        done = sent(server, tmp_path, *makes("/slips"), *changes("/slips/922"))
        assert server.theirs() == before
    assert [e.response.status for e in done[2:] if e.response] == [200, 204]
