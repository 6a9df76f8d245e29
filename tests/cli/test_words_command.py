"""`driftcheck words` prints what the lexicon reads."""

from __future__ import annotations

from click.testing import CliRunner

from checker.cli import cli
from checker.errors import UsageError


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["words", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_entries_that_speak_in_an_operation_are_printed() -> None:
    text = printed("POST /shutdown | Stops the server")
    lines = [line.split() for line in text.splitlines()]
    assert ["service", "effects.en:stops-the-service"] in lines
    assert ["service", "effects.en:says-it-stops-the-service"] in lines


def test_every_language_is_read() -> None:
    assert "effects.de:says-it-moves-money" in printed("POST /x | Überweist einen Betrag")


def test_entries_about_operations_are_not_asked_of_a_sentence() -> None:
    assert printed("Please restart") == "Nothing of the lexicon speaks in this text.\n"


def test_a_text_that_says_nothing_says_so() -> None:
    assert printed("POST /beads | ?") == "Nothing of the lexicon speaks in this text.\n"


def test_one_topic_alone() -> None:
    everything = printed("POST /shutdown", "--topic", "effects")
    assert "effects.en:stops-the-service" in everything


def test_an_unknown_topic_is_refused() -> None:
    done = CliRunner().invoke(cli, ["words", "POST /x", "--topic", "efects"])
    assert isinstance(done.exception, UsageError)
    assert "Unknown topic 'efects'" in str(done.exception)
