"""Texts → data: JSON and YAML, valid and not, within bounds."""

from __future__ import annotations

import json

import pytest
import yaml

from checker.documents.flaws import MAX_DEPTH, too_deep_flaw
from checker.documents.parse import parse
from checker.documents.yaml_source import parse_yaml


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ('{"a": 1,}', "A comma stands after the last item.", 1),
        ('{\n "a": 1\n "b": 2}', "A comma is missing", 3),
        ('{"a": 1', "ends in the middle", 1),
        ('{"a": 1} x', "Text follows the end", 1),
        ("{'a': 1}", "isn't in double quotes", 1),
        ('{\n // note\n "a": 1}', "JSON has no comments.", 2),
        ("", "The file is empty.", None),
    ],
)
def test_broken_json_says_where_and_what(text: str, words: str, line: int | None) -> None:
    (flaw,) = parse(text, "json").flaws
    assert words in flaw.message
    assert flaw.fatal
    assert flaw.mend
    assert flaw.line == line


def test_broken_json_is_used_where_yaml_understands_it() -> None:
    parsed = parse('{"a": [1, 2,], "b": "x",}', "json")
    assert parsed.data == {"a": [1, 2], "b": "x"}
    assert parsed.flaws[0].fatal


def test_duplicate_keys_in_json_have_pointer_and_line() -> None:
    parsed = parse('{"a": [{"x/y": 1,\n "x/y": 2}], "b": {"a": 1}}', "json")
    (flaw,) = parsed.flaws
    assert parsed.data["a"] == [{"x/y": 2}]
    assert (flaw.pointer, flaw.line, flaw.column, flaw.fatal) == ("/a/0/x~1y", 2, 2, False)


def test_duplicate_keys_in_yaml_have_pointer_and_line() -> None:
    (flaw,) = parse_yaml("a:\n  b: 1\n  c: 2\n  b: 3\n").flaws
    assert (flaw.pointer, flaw.line, flaw.column) == ("/a/b", 4, 3)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("Off", "Off"),
        ("2020-01-02", "2020-01-02"),
        ("12:30:45", "12:30:45"),
        ("true", True),
        ("True", True),
        ("~", None),
        ("", None),
        ("012", 12),
        ("08", "08"),
        ("033587521", "033587521"),
        ("0", 0),
        ("80", 80),
        ("08.5", 8.5),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5e3", 1500.0),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ('"200"', "200"),
        ("'true'", "true"),
        ("!!str 12", "12"),
        ("!!python/object/apply:os.system [x]", ["x"]),
        ("!secret x", "x"),
        ("!!int x", "x"),
    ],
)
def test_yaml_scalars_follow_the_core_schema(written: str, value: object) -> None:
    assert parse_yaml(f"k: {written}\n").data == {"k": value}


def test_yaml_keys_are_strings() -> None:
    assert parse_yaml("200: a\ntrue: b\n~: c\n1.0: d\n").data == {
        "200": "a",
        "true": "b",
        "~": "c",
        "1.0": "d",
    }


def test_merge_keys() -> None:
    text = "base: &b {x: 1, y: 2}\nother: &o {z: 3}\nk:\n  <<: [*b, *o]\n  y: 5\nl: {<<: *b}\n"
    data = parse_yaml(text).data
    assert data["k"] == {"y": 5, "x": 1, "z": 3}
    assert data["l"] == {"x": 1, "y": 2}


def test_alias_bomb_is_stopped() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    parsed = parse_yaml("\n".join(lines))
    assert parsed.data is None
    assert "too many values" in parsed.flaws[0].message


def test_alias_cycle_and_unknown_alias() -> None:
    parsed = parse_yaml("a: &a\n  b: *a\nc: *nowhere\n")
    assert parsed.data == {"a": {"b": None}, "c": None}
    assert [f.line for f in parsed.flaws] == [2, 3]


@pytest.mark.parametrize("syntax", ["json", "yaml"])
def test_deep_nesting_is_refused(syntax: str) -> None:
    for depth in (MAX_DEPTH + 50, 100_000):
        parsed = parse('{"a":' * depth + "1" + "}" * depth, syntax)
        assert parsed.data is None
        assert any("deep" in f.message for f in parsed.flaws)


@pytest.mark.parametrize("reader", ["libyaml", "Python"])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 50, 1_500, 100_000])
def test_deep_nesting_is_refused_whatever_the_reader_s_own_limit(
    monkeypatch: pytest.MonkeyPatch, reader: str, depth: int
) -> None:
    if reader == "Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    parsed = parse_yaml("a: b\nx: " + "[" * depth + "]" * depth)
    assert parsed.data is None
    assert [f.message for f in parsed.flaws] == [too_deep_flaw().message]


def test_an_error_below_the_limit_is_told_as_it_is() -> None:
    nested = "[" * (MAX_DEPTH - 5)
    for text in ("x: " + nested + "}", "x: " + nested + "]" * (MAX_DEPTH - 5) + "\ny: [}"):
        (flaw,) = parse_yaml(text).flaws
        assert "isn't valid YAML" in flaw.message
        assert flaw.line == text.count("\n") + 1


def test_what_stands_before_a_yaml_error_is_used() -> None:
    parsed = parse_yaml("openapi: 3.0.0\npaths:\n  /a: {}\n  /b: [\n")
    assert parsed.data["paths"]["/a"] == {}
    assert parsed.flaws[-1].fatal
    assert parsed.flaws[-1].line


def test_constants_that_json_has_not() -> None:
    parsed = parse('{"a": NaN}', "json")
    assert parsed.data == {"a": None}
    assert "NaN" in parsed.flaws[0].message


def test_huge_numbers_are_no_crash() -> None:
    assert parse('{"a": ' + "9" * 5000 + "}", "json").flaws
    assert parse_yaml("a: " + "9" * 5000).data == {"a": "9" * 5000}


def test_several_yaml_documents() -> None:
    parsed = parse_yaml("a: 1\n---\nb: 2\n")
    assert parsed.data == {"a": 1}
    assert "several" in parsed.flaws[0].message


def test_json_is_yaml() -> None:
    data = {"a": ["x", 1, 2.5, None, True, {"b": "é\n"}], "c": "~", "d": "0x1"}
    assert parse_yaml(json.dumps(data)).data == data
