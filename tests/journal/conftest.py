from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from checker_process import Place
from keeping_shop import open_shop


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_shop() as shop:
        yield Place(tmp_path, shop)
