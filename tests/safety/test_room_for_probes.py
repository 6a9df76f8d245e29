"""What probes have made makes room for the next ones, before their operation is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import write
from premises import document, premises

from checker.pipeline import live, run
from checker.pipeline.removing import cleanup
from checker.settings import Settings, Target

MOST = 32


def examined(folder: Path) -> tuple[str, int]:
    """How `POST /rooms` ended, and how many rooms there were at most at a time."""
    write(folder, document())
    with premises() as server:
        there = len(server.rooms)
        settings = Settings(
            paths=(folder,), targets=(Target(base_url=server.url),), fuzz=False, max_created=MOST
        )
        result = run(settings)
        assert len(server.rooms) == there
    status = {str(o.operation): o.status for o in result.operations}
    return status["POST /rooms"], sum(a == "POST /rooms" for a in server.asked)


def test_probes_make_room(tmp_path: Path) -> None:
    status, sent = examined(tmp_path)
    assert status == "probed" and sent > MOST


def test_without_it_an_operation_is_left_half_examined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "CROWDED", 1)
    assert examined(tmp_path)[0] != "probed"


def statuses(folder: Path, **settings: Any) -> tuple[dict[str, str], list[str]]:
    """How each operation ended, and what was asked, of a server with these settings."""
    write(folder, document())
    with premises() as server:
        there = set(server.rooms)
        undeletable = settings.get("deletes") is False
        for name, value in settings.items():
            setattr(server, name, value)
        chosen = ("* /rooms", "* /rooms/{id}")
        target = Target(base_url=server.url)
        found = run(Settings(paths=(folder,), targets=(target,), operations=chosen, fuzz=False))
        assert set(server.rooms) == there or (undeletable and there < set(server.rooms))
    return {str(o.operation): o.status for o in found.operations}, server.asked


@pytest.mark.parametrize("most", [17, 8, 7])
def test_what_a_server_keeps_no_more_of(tmp_path: Path, most: int) -> None:
    ended, asked = statuses(tmp_path, most=most)
    assert asked.count("POST /rooms") > most
    assert [ended[f"{o} /rooms{i}"] for o, i in (("POST", ""), ("PUT", "/{id}"))] == ["probed"] * 2


def test_what_is_told_by_its_list_alone_goes_when_its_operation_is_over(tmp_path: Path) -> None:
    _, asked = statuses(tmp_path, tells=False)
    verbs = [a.partition(" ")[0] for a in asked]
    over = len(verbs) - verbs[::-1].index("PUT")
    assert "DELETE" in verbs[:over], "before the next operation is over, too"


@pytest.mark.parametrize("most", [12, 9])
def test_what_is_there_stands_in_where_no_more_is_made_and_nothing_can_go(
    tmp_path: Path, most: int
) -> None:
    ended, asked = statuses(tmp_path, most=most, deletes=False)
    assert asked.count("POST /rooms") > most
    assert ended["PUT /rooms/{id}"] == "probed"


def test_without_it_there_is_nothing_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "standing_in", lambda *_: iter(()))
    ended, _ = statuses(tmp_path, most=9, deletes=False)
    assert ended["PUT /rooms/{id}"] != "probed"


def test_one_of_each_kind_stays_where_deleting_makes_no_room(tmp_path: Path) -> None:
    ended, _ = statuses(tmp_path, ever=20)
    assert ended["GET /rooms/{id}"] == "probed"
