"""Nothing is printed or written but through the exits."""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from document_samples import OK, openapi, write

from checker.cli import cli, run
from checker.cli.exits import begin, show, tell, write_file
from checker.redaction import MaskedStream, Secrets, print_traceback

CHECKER = Path(__file__).parents[2] / "checker"
EXITS = {
    "cli/exits.py": "the exits themselves",
    "cli/diff_inputs.py": "unpacks a revision's documents into a folder for the moment",
    "pipeline/written/journal_file.py": "appends what the recorder has masked",
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


def test_what_is_shown_and_written_is_masked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(["--token", "staff=tok-5f2c9d81ab"], {})
    page = "Authorization: Bearer tok-5f2c9d81ab\n"
    show(page)
    show(page, err=True)
    tell(page)
    write_file(tmp_path / "a.md", page)
    begin([], {})
    shown = capsys.readouterr()
    for text in (shown.out, shown.err, (tmp_path / "a.md").read_text()):
        assert "Bearer" in text and "5f2c9d81ab" not in text


def test_a_masked_stream_is_the_stream_but_for_secrets() -> None:
    secrets = Secrets()
    secrets.learn("tok-5f2c9d81ab")
    inner = io.StringIO()
    stream = MaskedStream(inner, lambda: secrets)
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


def test_errors_and_tracebacks_are_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """A word that a page may hold isn't repeated by an error."""
    option = ["check", str(CHECKER), "--static", "--rule", "swordfish", "--token", "a=swordfish"]
    assert run([*option, "--debug"]) == 2
    said = capsys.readouterr().err
    assert "Traceback" in said and "unknown rule '$DRIFTCHECK_TOKEN_A'" in said
    # The lines of the code itself hold no values.
    assert "swordfish" not in said


def test_what_others_write_to_stderr_is_masked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "main", lambda *_, **__: print("x tok-5f2c9d81ab", file=sys.stderr))
    assert run(["check", "--token", "a=tok-5f2c9d81ab"]) == 0
    assert capsys.readouterr().err == "x $DRIFTCHECK_TOKEN_A\n"


def test_a_token_file_is_known_to_the_exits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = "/tok-5f2c9d81ab"
    write(tmp_path, openapi(paths={path: {"get": {"responses": OK}}}))
    (tmp_path / "token").write_text("tok-5f2c9d81ab\n")
    (tmp_path / "driftcheck.toml").write_text('[targets.default.tokens.a]\nfile = "token"\n')
    assert run(["api.json", "--static"]) == 0
    report = (tmp_path / "reports" / "report.json").read_text()
    assert "/$DRIFTCHECK_TOKEN_A" in report and path not in report
