"""Where a fact stands in a document."""

from __future__ import annotations

from dataclasses import dataclass


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
        tail = "".join("/" + str(t).replace("~", "~0").replace("/", "~1") for t in tokens)
        return Location(self.file, self.pointer + tail)
