"""Config file, environment and options."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.config import load_settings
from checker.domain.finding import Severity
from checker.errors import UsageError

FULL = """
[run]
fail_on = "minor"
max_requests = 77
rate = "5/s"
format = ["md", "html"]
workflows = "records"

[targets.gateway]
documents = ["communication/**"]
base_url = "https://staging.example.com/apigw/"
fallback_url = "https://staging.example.com/api2"
setup = "setup.md"
destructive = ["POST /wipe/*"]

[targets.gateway.tokens.staff]
[targets.gateway.tokens.directory]
headers = { "X-On-Behalf-Of" = "{business_id}" }
[targets.gateway.tokens.admin]
scheme = "Admin"
file = "admin.txt"
[targets.gateway.tokens.my-key]
header = "x-api-key"

[targets.gateway.variables]
business_id = "b1"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "setup.md").write_text("x")
    (tmp_path / "admin.txt").write_text("from-a-file\n")
    (tmp_path / "driftcheck.toml").write_text(FULL)
    return tmp_path


def test_file_is_found_above_and_read(folder: Path) -> None:
    environment = {"DRIFTCHECK_TOKEN_STAFF": "s1", "DRIFTCHECK_TOKEN_MY_KEY": "k1"}
    loaded = load_settings([folder / "docs"], {}, environment)
    settings = loaded.settings
    assert loaded.config == folder / "driftcheck.toml"
    assert settings.fail_on is Severity.MINOR
    assert settings.max_requests == 77
    assert settings.rate == 5.0
    assert settings.formats == ("md", "html")
    assert settings.workflows == (folder / "records",)
    (target,) = settings.targets
    assert target.name == "gateway"
    assert target.base_url == "https://staging.example.com/apigw"
    assert target.setup == folder / "setup.md"
    assert {n: t.value for n, t in target.tokens.items()} == {
        "staff": "s1",
        "admin": "from-a-file",
        "my-key": "k1",
    }
    assert target.tokens["admin"].scheme == "Admin"
    assert target.tokens["my-key"].header == "x-api-key"
    assert len(loaded.warnings) == 1 and "DRIFTCHECK_TOKEN_DIRECTORY" in loaded.warnings[0]


def test_options_win_over_environment_over_file(folder: Path) -> None:
    environment = {"DRIFTCHECK_MAX_REQUESTS": "88", "DRIFTCHECK_TOKEN_STAFF": "env"}
    settings = load_settings([folder], {}, environment).settings
    assert settings.max_requests == 88
    options = {"max_requests": "99", "base_url": "http://localhost:1", "var": ("business_id=b2",)}
    loaded = load_settings([folder], options, environment, tokens={"staff": "option"})
    assert loaded.settings.max_requests == 99
    (target,) = loaded.settings.targets
    assert target.base_url == "http://localhost:1"
    assert target.fallback_url == "https://staging.example.com/api2"
    assert target.variables == {"business_id": "b2"}
    assert target.tokens["staff"].value == "option"


def test_without_a_file_there_is_one_target(tmp_path: Path) -> None:
    environment = {"DRIFTCHECK_TOKEN_APP": "a", "DRIFTCHECK_VAR_SHOP": "s"}
    settings = load_settings([tmp_path], {}, environment).settings
    (target,) = settings.targets
    assert (target.name, target.base_url) == ("default", None)
    assert target.tokens["app"].value == "a"
    assert target.variables == {"shop": "s"}


def test_pyproject_counts_only_with_the_table(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[project]\nname = "x"\n')
    (tmp_path / "pyproject.toml").write_text("[tool.driftcheck.run]\nseed = 4\n")
    loaded = load_settings([inner], {}, {})
    assert loaded.settings.seed == 4
    assert loaded.config == tmp_path / "pyproject.toml"


def test_several_targets_share_or_own_tokens(tmp_path: Path) -> None:
    (tmp_path / "driftcheck.toml").write_text(
        '[targets.a]\nbase_url = "http://a"\n[targets.a.tokens.staff]\n'
        '[targets.b]\nbase_url = "http://b"\n[targets.b.tokens.staff]\n[targets.b.tokens.key]\n'
    )
    environment = {
        "DRIFTCHECK_TOKEN_STAFF": "both",
        "DRIFTCHECK_TOKEN_B__STAFF": "only b",
        "DRIFTCHECK_TOKEN_KEY": "k",
    }
    a, b = load_settings([tmp_path], {}, environment).settings.targets
    assert {n: t.value for n, t in a.tokens.items()} == {"staff": "both"}
    assert {n: t.value for n, t in b.tokens.items()} == {"staff": "only b", "key": "k"}
    with pytest.raises(UsageError, match="several targets"):
        load_settings([tmp_path], {"base_url": "http://c"}, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nmax_request = 3\n", ["driftcheck.toml:2", "max_request", "'max_requests'"]),
        ("[runs]\nseed = 3\n", ["driftcheck.toml:1", "'run'"]),
        ("[targets.x]\nbase_ur = 'http://x'\n", [":2", "targets.x.base_ur", "'base_url'"]),
        ("[targets.x.tokens.t]\nschema = 'B'\n", [":2", "'scheme'"]),
        ("[targets.x.tokens]\nstaff = 'secret'\n", [":2", "DRIFTCHECK_TOKEN_STAFF"]),
        ("[targets.x.tokens.t]\nvalue = 'secret'\n", ["DRIFTCHECK_TOKEN_T"]),
        ("[targets.x.tokens.t]\nfile = 'none.txt'\n", [":2", "none.txt"]),
        ("[targets.x]\nbase_url = 'ftp://x'\n", [":2", "ftp://x"]),
        ("[targets.x]\nsetup = 'none.md'\n", [":2", "none.md"]),
        ("[targets.x]\nbase_url='http://x'\n[targets.y]\n", [":3", "base_url"]),
        ("[run]\nfail_on = 'loud'\n", [":2", "loud", "critical"]),
        ("[run]\nseverity = 'never'\n", [":2", "never", "critical, major or minor"]),
        ("[run]\nformat = 'xml'\n", [":2", "xml"]),
        ("[run]\nseed = 'x'\n", [":2", "whole number"]),
        ("[run]\nstatic = 3\n", [":2", "true or false"]),
        ("[run]\nconcurrency = 0\n", [":2", "at least 1"]),
        ("[run]\nmin_coverage = 101\n", [":2", "percentage"]),
        ("[run]\nseed = \n", ["not TOML", "line 2"]),
        ("run = 3\n", [":1", "table"]),
        ("[rules.x]\nenable = true\n", [":2", "'enabled'"]),
    ],
)
def test_mistakes_name_place_and_mend(tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "driftcheck.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        load_settings([tmp_path], {}, {})
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shard": "3/2"}, "--shard"),
        ({"rate": "fast"}, "--rate"),
        ({"timeout": "0"}, "--timeout"),
        ({"format": ("md,pdf",)}, "--format"),
        ({"var": ("x",)}, "--var"),
        ({"base_url": "localhost"}, "--base-url"),
        ({"setup": "none.md"}, "--setup"),
    ],
)
def test_wrong_options(tmp_path: Path, options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_settings([tmp_path], options, {})


@pytest.mark.parametrize(
    ("text", "rate"), [("5/s", 5.0), ("120/min", 2.0), ("7", 7.0), ("3600/h", 1.0), ("0", 0.0)]
)
def test_rates(tmp_path: Path, text: str, rate: float) -> None:
    assert load_settings([tmp_path], {"rate": text}, {}).settings.rate == rate


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        load_settings([tmp_path / "nowhere"], {}, {})
