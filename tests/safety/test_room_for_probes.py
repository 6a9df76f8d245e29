"""What probes have made makes room for the next ones, before their operation is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from document_samples import write
from premises import document, premises

from checker.pipeline import cleanup, run
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
