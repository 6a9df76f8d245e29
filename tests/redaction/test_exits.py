"""Nothing is printed or written but through the exits."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.redaction import MaskedStream, Secrets, print_traceback

CHECKER = Path(__file__).parents[2] / "checker"
EXITS = {
    "cli/exits.py": "the exits themselves",
    "redaction/streams.py": "masks what it writes",
    "reporting/rule_pages.py": "prints the rules' own pages, for developers",
    "reporting/progress.py": "writes to the stderr that the command line has masked",
}
WRITERS = {
    "echo", "secho", "print", "print_exc", "print_exception", "write_text", "write_bytes", "open",
    "write", "writelines", "fdopen", "NamedTemporaryFile", "mkstemp", "print_stack",
}  # fmt: skip
# A console that renders into a text is no exit.
HARMLESS = {"console.print", "os.open"}


def calls(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name.rpartition(".")[2] in WRITERS and name not in HARMLESS:
                yield node.lineno, name


@pytest.mark.parametrize("package", ["cli", "reporting", "pipeline", "redaction"])
def test_nothing_writes_around_the_exits(package: str) -> None:
    around = [
        f"{path.relative_to(CHECKER)}:{line}: {name}"
        for path in sorted((CHECKER / package).rglob("*.py"))
        for line, name in calls(path)
        if str(path.relative_to(CHECKER)) not in EXITS
    ]
    assert around == []


def test_the_look_sees_what_writes(tmp_path: Path) -> None:
    source = tmp_path / "x.py"
    source.write_text("click.echo(1)\nprint(2)\nPath('x').write_text('')\nsys.stdout.write('')\n")
    assert [line for line, _ in calls(source)] == [1, 2, 3, 4]


def test_a_masked_stream_is_the_stream_but_for_secrets() -> None:
    secrets = Secrets()
    secrets.learn("tok-5f2c9d81ab")
    inner = io.StringIO()
    stream = MaskedStream(inner, secrets)
    print("a tok-5f2c9d81ab b", file=stream)  # type: ignore[call-overload]
    stream.writelines(["tok-5f2c9d81ab", "c"])
    assert inner.getvalue() == "a *** b\n***c"
    assert stream.isatty() is False


def test_a_traceback_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    secrets = Secrets()
    secrets.learn("tok-5f2c9d81ab")
    try:
        raise ValueError("bad tok-5f2c9d81ab")
    except ValueError:
        print_traceback(secrets)
    said = capsys.readouterr().err
    assert "ValueError: bad ***" in said and "Traceback" in said
