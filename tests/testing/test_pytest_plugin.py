"""`pytest --driftcheck`: a test an operation, one run for all of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from keeping_shop import TOKEN, document, open_shop

from checker import pytest_plugin

ROOT = Path(__file__).parents[2]
OLD = {"/gone": {"get": {"responses": {"200": {"description": "ok"}}}}}


def run_pytest(folder: Path, *arguments: str, **environment: str) -> tuple[dict[str, str], str]:
    """The outcome of each test by its name, and all that pytest said."""
    plugins = ["-p", "checker.pytest_plugin", "-p", "xdist.plugin", "-p", "no:cacheprovider"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DRIFTCHECK_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-rA", *arguments],
        cwd=folder,
        env={
            **kept,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "TMPDIR": str(folder),
            **environment,
        },
        capture_output=True,
        text=True,
    )
    said = done.stdout + done.stderr
    found = re.findall(r"^(PASSED|FAILED|ERROR) driftcheck::(.+?)(?: - .*)?$", said, re.M)
    return {name: outcome for outcome, name in found}, said


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A document and an older one that has more."""
    (tmp_path / "docs" / "legacy").mkdir(parents=True)
    current: dict[str, Any] = document()
    (tmp_path / "docs" / "shop.json").write_text(json.dumps(current))
    (tmp_path / "docs" / "legacy" / "old.json").write_text(
        json.dumps({**current, "paths": {**current["paths"], **OLD}})
    )
    return tmp_path


def test_it_is_found_where_the_package_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    plugins = project["entry-points"]["pytest11"]
    assert list(plugins.values()) == [pytest_plugin.__name__]


def test_workers_share_one_run(project: Path) -> None:
    with open_shop() as shop:
        options = f"--base-url {shop.url} --no-fuzz --concurrency 1 --operation '* /items'"
        arguments = ["--driftcheck", "docs/shop.json", "--driftcheck-args", options, "-n", "2"]
        outcomes, said = run_pytest(project, *arguments, DRIFTCHECK_TOKEN_STAFF=TOKEN)
        first_looks = [line for line in shop.log if line == "GET /"]
    assert outcomes["POST /items"] == "FAILED" and "required-undocumented" in said
    assert outcomes["GET /items"] == outcomes[pytest_plugin.RUN] == "PASSED"
    assert outcomes["documents"] == "PASSED" and len(outcomes) == 4
    assert len(first_looks) == 1
    # Nothing is left but what was there.
    assert {p.name for p in project.iterdir() if "pytest-of" not in p.name} == {"docs"}


def test_what_the_baseline_knows_passes(project: Path) -> None:
    """And what is about no documented operation has a test, too."""
    arguments = ["--driftcheck", "docs", "--driftcheck-args", "--static --fail-on minor"]
    outcomes, said = run_pytest(project, *arguments)
    assert outcomes["documents"] == "FAILED" and "operation-dropped" in said
    fingerprint, *others = set(re.findall(r"\[([0-9a-f]{16})\]", said))
    assert not others
    known = {"fingerprint": fingerprint, "rule": "operation-dropped", "operation": "GET /gone"}
    (project / "known.json").write_text(
        json.dumps({"baseline_version": 1, "examined": [], "findings": [known]})
    )
    arguments[-1] += " --baseline known.json"
    outcomes, said = run_pytest(project, *arguments)
    assert set(outcomes.values()) == {"PASSED"}, said


def test_wrong_options_end_the_session_in_a_sentence(project: Path) -> None:
    outcomes, said = run_pytest(project, "--driftcheck", "nowhere")
    assert not outcomes and "ERROR: --driftcheck: nowhere: no such file" in said
    assert "Traceback" not in said
