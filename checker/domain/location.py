"""Where a fact stands in a document."""

from __future__ import annotations

from dataclasses import dataclass

from checker.domain.pointer import pointer_of


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file: `file` as the user gave it, `pointer` a JSON Pointer (RFC 6901).

    `line` and `column` are 1-based and None until computed: positions are looked up only for
    what is reported.
    """

    file: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None

    def child(self, *tokens: str | int) -> Location:
        """The location of a member below this one; tokens are unescaped."""
        return Location(self.file, self.pointer + pointer_of(tokens))
