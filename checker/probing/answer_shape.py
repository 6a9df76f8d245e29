"""The shape of an operation's answers: what the document gives, what accepted answers showed.

A success status alone accepts nothing: a page to log in, a captcha or a gateway's own JSON come
with one, too. They are told by what they are made of, never by their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from checker.domain.exchange import REDIRECTS, Exchange, Response
from checker.domain.operation import DocumentedResponse, Operation
from checker.domain.schema import MISSING, Schema, json_type
from checker.inference.answered_by import bare, documented_for, is_json
from checker.planning.answered import is_nothing

JSON, PAGE, XML, TEXT, EMPTY = "json", "page", "xml", "text", "empty"
MAX_BRANCHES = 20
MAX_TAGS = 200
Outline = tuple[Any, ...]
_DOCUMENT = re.compile(r"\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html)\b", re.IGNORECASE)
_TAG = re.compile(r"<\s*([A-Za-z][\w-]*)")
_ANY_CONTENT = ("*/*", "application/*", "application/octet-stream", "")


def form_of(response: Response) -> str:
    """What an answer's body is: JSON, a page, XML, text, nothing, or another media type."""
    media = response.media_type
    if isinstance(response.body, (Mapping, list)):
        return JSON
    if response.body is MISSING and not response.text.strip():
        return EMPTY
    marked = response.text.lstrip()[:1] == "<"
    if _DOCUMENT.match(response.text) or (marked and "html" in media):
        return PAGE
    if "html" in media:
        return TEXT
    return _form_of_media(media)


def _form_of_media(media: str) -> str:
    if is_json(media):
        return JSON
    if "html" in media:
        return PAGE
    if media.endswith(("/xml", "+xml")):
        return XML
    return TEXT if media.startswith("text/") or not media else media


def outline(response: Response) -> Outline:
    """What stays the same of an answer that is given to everybody, whatever it names: status,
    form, and the tags of a page or the members of an object."""
    form = form_of(response)
    if form == PAGE:
        return response.status, form, tuple(_TAG.findall(response.text)[:MAX_TAGS])
    if isinstance(response.body, Mapping):
        return response.status, form, tuple(sorted(map(str, response.body)))
    return response.status, form, json_type(response.body) if form == JSON else ""


def leads_within(exchange: Exchange) -> bool:
    """Whether an answer leads to something beside what was asked, in the same collection: what
    the latest of the things is, and no page to log in."""
    response, asked = exchange.response, exchange.request
    template = asked.operation.path if asked.operation is not None else ""
    above, _, last = asked.url_path.rstrip("/").rpartition("/")
    if response is None or template.strip("/").count("/") < 1:
        return False
    found = (v for n, v in response.headers.items() if n.lower() == "location")
    place = urlsplit(urljoin(asked.url_path, next(found, ""))).path
    inside, _, name = place.rstrip("/").rpartition("/")
    return inside.endswith(above) and name not in ("", last)


def led_to(exchange: Exchange) -> str:
    """The place to which an answer leads or was followed, what the request's own path has in it
    left out; empty where it leads nowhere."""
    response = exchange.response
    if response is None:
        return ""
    place = response.moved_to
    if not place and response.status in REDIRECTS:
        found = (v for n, v in response.headers.items() if n.lower() == "location")
        place = next(found, "")
    if not place:
        return ""
    parts = urlsplit(place)
    own = {s for s in exchange.request.url_path.split("/") if s}
    segments = [s for s in parts.path.split("/") if s]
    if not parts.netloc and [s for s in exchange.request.url_path.split("/") if s] == segments:
        return ""
    return parts.netloc + "/" + "/".join("#" if s in own else s for s in segments)


@dataclass(slots=True)
class Shape:
    """What an operation's accepted answers look like.

    `documented` is the operation as documented, None where nothing is; `keep` adds an answer
    that was accepted.
    """

    documented: Operation | None = None
    _forms: set[str] = field(default_factory=set)
    _media: set[str] = field(default_factory=set)
    _types: dict[int, set[str]] = field(default_factory=dict)
    _members: dict[int, frozenset[str]] = field(default_factory=dict)
    _places: set[str] = field(default_factory=set)
    _given: dict[int, dict[str, Schema]] = field(default_factory=dict)
    _told_forms: dict[int, set[str] | None] = field(default_factory=dict)

    @property
    def learned(self) -> bool:
        """Whether an accepted answer with something in it is known."""
        return bool(self._forms)

    def keep(self, exchange: Exchange) -> None:
        """Learn from an accepted answer."""
        response = exchange.response
        if response is None or form_of(response) == EMPTY or response.status // 100 != 2:
            return
        self._forms.add(form_of(response))
        self._media.add(response.media_type)
        self._places.add(led_to(exchange))
        if response.body is MISSING:
            return
        status = response.status
        self._types.setdefault(status, set()).add(json_type(response.body))
        if isinstance(response.body, Mapping):
            names = frozenset(map(str, response.body))
            self._members[status] = self._members.get(status, names) & names

    def stable(self, status: int) -> frozenset[str]:
        """The members that all accepted answers with a status had."""
        return self._members.get(status, frozenset())

    # -- another answer ------------------------------------------------------------------------

    def is_another_form(self, exchange: Exchange) -> bool:
        """Whether a success is no answer of the operation by what it is made of, or by the place
        where it was found."""
        response = exchange.response
        form = EMPTY if response is None else form_of(response)
        if response is None or form == EMPTY:
            return False
        if self.learned and led_to(exchange) not in self._places:
            return form != JSON or not self._has_members(response)
        if form in self._forms:
            return False
        documented = self._documented_forms(response.status)
        if not self.learned:
            return form == PAGE and documented is not None and PAGE not in documented
        if documented is None:
            return form == PAGE
        return form not in documented or response.media_type in self._media

    def is_other_json(self, response: Response) -> bool:
        """Whether a success with JSON has nothing of what the accepted ones have and the
        document gives: a gateway's own, say."""
        body, status = response.body, response.status
        known = self._types.get(status)
        if known is None or not isinstance(body, (Mapping, list)) or is_nothing(body):
            return False
        if json_type(body) not in known:
            numbered = isinstance(body, Mapping) and all(str(n).isdigit() for n in body)
            return not numbered and json_type(body) not in self._documented_types(status)
        if not isinstance(body, Mapping) or self._is_map(status):
            return False
        wanted = self.stable(status)
        return bool(wanted) and not set(map(str, body)) & (wanted | set(self.members(status)))

    def _has_members(self, response: Response) -> bool:
        body, known = response.body, self.stable(response.status)
        if isinstance(body, Mapping):
            return bool(known & set(map(str, body)))
        return json_type(body) in self._types.get(response.status, ())

    def fits(self, response: Response) -> bool:
        """Whether a success has something that only the operation can have: a member with a
        documented name, at any depth; its documented form, where that isn't JSON or a page."""
        form, documented = form_of(response), self._documented_forms(response.status)
        if form != JSON:
            return form != PAGE and documented is not None and form in documented
        given = {_plain(n) for s in self._schemas(response.status) for n in _names(s)}
        return any(_plain(name) in given for name in _keys(response.body))

    # -- what the document gives ---------------------------------------------------------------

    def redirects(self, status: int) -> bool:
        """Whether a way elsewhere with this status is documented as an answer."""
        if self.documented is None or status // 100 != 3:
            return False
        return bool({str(status), "3XX"} & {r.status.upper() for r in self.documented.responses})

    def may_lead_away(self, token: str | None) -> bool:
        """Whether a documented way elsewhere may be what whoever isn't let in is told: a success
        is documented beside it, and a credential is asked for, or was brought."""
        operation = self.documented
        if operation is None or not (operation.security.protected or token is not None):
            return False
        return any(r.status[:1] == "2" for r in operation.responses)

    def members(self, status: int) -> dict[str, Schema]:
        """The documented members of an object answered with a success status, by name."""
        if status not in self._given:
            found: dict[str, Schema] = {}
            for branch in (b for s in self._schemas(status) for b in _branches(s)):
                for name in branch.properties:
                    found.setdefault(str(name), branch.properties[name])
            self._given[status] = {n: s for n, s in found.items() if not s.write_only}
        return self._given[status]

    def required(self, status: int) -> set[str]:
        """The documented members that each such object has."""
        return {n for s in self._schemas(status) for n in s.required}

    def _responses(self, status: int) -> list[DocumentedResponse]:
        if self.documented is None:
            return []
        own = documented_for(self.documented, status)
        if own is not None and own.content:
            return [own]
        return [r for r in self.documented.responses if r.status[:1] == "2" and r.content]

    def _schemas(self, status: int) -> list[Schema]:
        return [
            schema
            for response in self._responses(status)
            for media, schema in response.content.items()
            if schema is not None and _form_of_media(bare(media)) in (JSON, PAGE, TEXT, "*/*")
        ]

    def _documented_forms(self, status: int) -> set[str] | None:
        """The forms that the document gives; None where it leaves it open."""
        if status not in self._told_forms:
            media = {bare(m) for r in self._responses(status) for m in r.content}
            anything = not media or media & set(_ANY_CONTENT)
            self._told_forms[status] = None if anything else {_form_of_media(m) for m in media}
        return self._told_forms[status]

    def _documented_types(self, status: int) -> set[str]:
        every = [b for s in self._schemas(status) for b in _branches(s)]
        return {t for b in every for t in b.types} | {"object" for b in every if b.properties}

    def _is_map(self, status: int) -> bool:
        """Whether an object's members have whatever names."""
        return any(
            isinstance(b.additional, Schema) or (b.additional is True and not b.properties)
            for s in self._schemas(status)
            for b in _branches(s)
        )


def _branches(schema: Schema) -> list[Schema]:
    """A schema and its alternatives, theirs included."""
    found: list[Schema] = []
    queue = [schema]
    while queue and len(found) < MAX_BRANCHES:
        one = queue.pop(0)
        found.append(one)
        queue.extend(one.variants)
    return found


def _names(schema: Schema, depth: int = 4) -> Iterator[str]:
    """The names of documented members at any depth."""
    for branch in _branches(schema):
        for name in branch.properties:
            yield str(name)
            if depth:
                yield from _names(branch.properties[name], depth - 1)
        if branch.items is not None and depth:
            yield from _names(branch.items, depth - 1)


def _keys(body: Any, depth: int = 5) -> Iterator[str]:
    if isinstance(body, Mapping):
        for name, value in body.items():
            yield str(name)
            if depth:
                yield from _keys(value, depth - 1)
    elif isinstance(body, list) and depth:
        for value in body[:3]:
            yield from _keys(value, depth - 1)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
