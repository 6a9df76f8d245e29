"""The gate: may this request be sent? Pure; the wire asks it before every request.

Reading is sent. Creating is sent, up to a number of things a collection. Changing and deleting is
sent on own things only. What concerns the caller's account, the whole service, people or money
outside is not sent, nor what nothing is known about, unless the configuration allows it.
"""

from __future__ import annotations

import fnmatch
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from checker.domain.exchange import Exchange, Request
from checker.domain.operation import SAFE_METHODS, FieldKey, Operation, OperationId, Place
from checker.planning.encoding import may_stray, path_parameters
from checker.planning.producers import noun_of
from checker.planning.recipe import find_operation, match_path
from checker.planning.routes import resource_of
from checker.safety.effects import Assessment, Assessor, Effect, target_of
from checker.safety.ownership import Ledger, Thing, made_up, names_in, values_at

_OVERRIDE = "method-override"
STEPS_SHARE = 4
"""One in so many of the things that may be made is kept for the steps of other operations."""
KEPT_ANSWERS = 3
"""Of one collection's creations, for steps to use again."""
_HELD_ALWAYS = (Effect.SERVICE, Effect.ACCOUNT)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user allows. `allow` and `deny` are globs of operations ("POST /v1/*"); deny wins.

    `test_system`: nothing that the target does reaches anybody outside. `unknown`: operations
    are sent of which nothing says what they do. `max_created`: things of one collection that may
    be there at a time.
    """

    read_only: bool = False
    allow_destructive: bool = False
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    destructive: tuple[str, ...] = ()
    test_system: bool = False
    unknown: bool = False
    borrow: bool = False
    max_created: int = 200


@dataclass(frozen=True, slots=True)
class Held:
    """A request is not sent: why, and what allows it.

    `look`: the path of a GET that would settle it: where nothing is there, nothing is harmed.
    """

    reason: str
    mend: str = ""
    look: str = ""
    kind: Literal["policy", "foreign", "path", "created"] = "policy"

    @property
    def advice(self) -> str:
        """What allows it, as a sentence; empty where nothing does."""
        mend = (
            self.mend if self.mend.startswith(("-", "`")) else self.mend[:1].upper() + self.mend[1:]
        )
        return f"{mend}." if mend else ""

    def __str__(self) -> str:
        return f"{self.reason}; {self.mend}" if self.mend else self.reason


@dataclass(slots=True)
class Gate:
    """Decides for one run against one target.

    `operations` are all that the documents and records have; `own_addresses` gives the
    addresses of the run's own webhook listener.
    """

    policy: Policy
    operations: Mapping[OperationId, Operation]
    ledger: Ledger
    own_addresses: Callable[[], Sequence[str]] = lambda: ()
    makers: frozenset[OperationId] = frozenset()
    """Operations from whose answers a record takes an identifier."""
    assessor: Assessor = field(init=False)
    _made: dict[str, deque[Exchange]] = field(default_factory=dict)
    lent: set[str] = field(default_factory=set)
    """Paths of foreign things that are borrowed: they will be written back."""
    sending: Callable[[int, Request], None] = lambda number, request: None
    """Told of each request just before it goes out, with its number."""

    def __post_init__(self) -> None:
        self.assessor = Assessor(self.operations.values(), self.makers)

    # -- before anything is sent ---------------------------------------------------------------

    def expected(self, operation: Operation) -> Held | None:
        """What is certain beforehand: why an operation is not sent, whatever its values."""
        return self._by_policy(operation.id, self.assessor.assess(operation))

    def _by_policy(self, operation: OperationId, assessed: Assessment) -> Held | None:
        policy, name = self.policy, str(operation)
        if policy.read_only and operation.method not in SAFE_METHODS:
            return Held("held back by --read-only", "leave it out")
        if _matches(name, policy.deny):
            return Held("held back by `deny`", "take it out of the config's or option's `deny`")
        if _matches(name, policy.allow):
            return None
        line = f'`allow = ["{name}"]` in the target\'s config sends it'
        effect = assessed.effect
        if effect in _HELD_ALWAYS:
            return Held(assessed.why, line)
        if effect in (Effect.OUTWARD, Effect.CALLBACK) and not policy.test_system:
            if effect is Effect.CALLBACK and self.own_addresses():
                return None  # settled by the addresses that the request has
            return Held(assessed.why, f"{line}, `test_system = true` all of the kind")
        if effect is Effect.SINGLETON and not policy.borrow:
            return Held(assessed.why, f"--borrow changes it and writes it back; {line}")
        if effect is Effect.UNKNOWN and not policy.unknown:
            return Held(assessed.why, f"`--effects unknown` sends it; {line}")
        deletes = effect is Effect.DELETES or _matches(name, policy.destructive)
        if deletes and not policy.allow_destructive:
            return Held("it deletes", "--allow-destructive examines it on what the run has made")
        return None

    # -- each request --------------------------------------------------------------------------

    def held(self, request: Request) -> Held | None:
        """Why a request is not sent; None where it may be."""
        if request.method in SAFE_METHODS and not _overrides(request):
            return self._reading(request)
        if self.policy.read_only:
            return Held("held back by --read-only", "leave it out")
        if _overrides(request):
            return Held("it asks for another method than its own", "", kind="path")
        operation = self._operation(request)
        named = operation.id if operation is not None else request.operation
        if may_stray(request.url_path, named.path if named is not None else None):
            return Held("a server may read its path as another one", "", kind="path")
        if operation is None:
            return self._stranger(request)
        assessed = self.assessor.assess(operation)
        if request.purpose == "clean-up":
            return self._cleaning(request, operation)
        held = self._by_policy(operation.id, assessed)
        if held is not None or _matches(str(operation.id), self.policy.allow):
            return held
        if request.url_path in self.lent:
            return _beyond(request, operation)
        return self._by_ownership(request, operation, assessed)

    def _reading(self, request: Request) -> Held | None:
        operation = self._operation(request)
        if operation is None:
            return None
        assessed = self.assessor.assess(operation)
        held = self._by_policy(operation.id, assessed)
        if held is None and assessed.effect in (Effect.CREATES, Effect.CHANGES, Effect.DELETES):
            return self._by_ownership(request, operation, assessed)
        return held

    def held_hop(self, asked: str, url: str) -> Held | None:
        """Why a redirect from one address to another is not followed; None where it may be.

        Only reading requests are redirected; what the new address does is told as for any.
        """
        if asked == url:
            return None
        path = urlsplit(url).path
        found = [o for o in self.operations if o.method == "GET" and path.endswith(_tail(o, path))]
        held = (self.expected(self.operations[o]) for o in found)
        return next((h for h in held if h is not None), None)

    def _stranger(self, request: Request) -> Held | None:
        """What no document and no record has: sent where its path names something made up."""
        name = f"{request.method} {request.url_path}"
        if _matches(name, self.policy.deny):
            return Held("held back by `deny`", "take it out of the config's or option's `deny`")
        if _matches(name, self.policy.allow):
            return None
        if any(made_up(unquote(s)) for s in request.url_path.split("/")):
            return None
        return Held("no document and no record has this operation", "", kind="path")

    def _cleaning(self, request: Request, operation: Operation) -> Held | None:
        """Clean-up deletes own things, whatever may be deleted else."""
        if _matches(str(operation.id), self.policy.deny):
            return Held("held back by `deny`", "take it out of the config's or option's `deny`")
        if request.url_path in self.lent or self.target(request, operation) is not None:
            return None
        return Held("it is not of this run's making", "", kind="foreign")

    def _by_ownership(
        self, request: Request, operation: Operation, assessed: Assessment
    ) -> Held | None:
        effect = assessed.effect
        if effect is Effect.CALLBACK and not self.policy.test_system:
            return self._callback(request)
        if effect is Effect.CREATES:
            return self._creating(request, operation)
        if effect in (Effect.CHANGES, Effect.DELETES, Effect.OUTWARD, Effect.UNKNOWN):
            return self._changing(request, operation, assessed)
        if effect is Effect.SINGLETON:
            return Held("it isn't borrowed yet", "", kind="foreign")
        return None

    def _creating(self, request: Request, operation: Operation) -> Held | None:
        most = self.policy.max_created
        if request.purpose != "step":
            most -= most // STEPS_SHARE  # probing it leaves some to what needs such things
        if self.ledger.count(request.url_path) >= most:
            return Held(
                f"{most} things were made there and are there still",
                "raise --max-created",
                kind="created",
            )
        upserts = self._upserts(request, operation)
        if upserts is not None:
            return upserts
        last = operation.id.path.rstrip("/").endswith("}")
        return self._unowned(request, operation, parents_only=not last)

    def _upserts(self, request: Request, operation: Operation) -> Held | None:
        """A creation that brings the identifier of a foreign thing may overwrite it."""
        noun = resource_of(operation.id.path)
        for value in values_at(request, ("id", "uid", "uuid", "_id")):
            if self.ledger.foreign((noun,), value):
                return Held(f"its body has the identifier of a {noun} that was there", "")
        return None

    def _changing(
        self, request: Request, operation: Operation, assessed: Assessment
    ) -> Held | None:
        key = assessed.addressed
        if key is None:
            if assessed.effect in (Effect.OUTWARD, Effect.UNKNOWN):
                return None  # allowed by name or by kind, and about no thing
            return Held(
                "nothing in it names a thing of this run's making",
                f'`allow = ["{operation.id}"]` in the target\'s config sends it',
                kind="foreign",
            )
        if key.place is Place.PATH:
            return self._unowned(request, operation)
        return self._body_unowned(request, operation, key)

    def _unowned(
        self, request: Request, operation: Operation, *, parents_only: bool = False
    ) -> Held | None:
        """Held unless the thing that the path names is own, or there is no such thing; and so
        are the things around it that the run could have made itself."""
        places = list(_placed(request, operation))
        for number, (name, value, above, template) in enumerate(places):
            last = number == len(places) - 1 and not parents_only
            nouns = (resource_of(template), noun_of(name))
            if self.ledger.own(nouns, value, above) is not None:
                continue
            if made_up(value) or self.ledger.absent(above, value):
                continue
            if not last and not self.assessor.can_make(template):
                continue
            return self._foreign(operation, nouns, value, f"{above}/{_quoted(request, value)}")
        return None

    def _body_unowned(self, request: Request, operation: Operation, key: FieldKey) -> Held | None:
        noun = resource_of(operation.id.path)
        for value in values_at(request, (key.leaf,)):
            if made_up(value) or self.ledger.own((noun, noun_of(key.leaf)), value, "") is not None:
                continue
            return self._foreign(operation, (noun,), value, "")
        return None

    def _foreign(
        self, operation: OperationId | Operation, nouns: Sequence[str], value: str, look: str
    ) -> Held:
        name = operation.id if isinstance(operation, Operation) else operation
        what = next((n for n in nouns if n), "thing").replace("_", " ")
        readable = look if self._readable(look) and not self.ledger.foreign(nouns, value) else ""
        return Held(
            f"the {what} {value[:60]!r} is not of this run's making",
            f'`allow = ["{name}"]` in the target\'s config sends it all the same',
            look=readable,
            kind="foreign",
        )

    def _readable(self, path: str) -> bool:
        found = find_operation("GET", path, self.operations) if path else None
        return found is not None and found.path.rstrip("/").endswith("}")

    def _callback(self, request: Request) -> Held | None:
        """Addresses of the run's own listener may be registered, no others."""
        addresses = [v for v in values_at(request, ()) if "://" in v]
        own = tuple(self.own_addresses())
        if addresses and all(a.startswith(own) for a in addresses):
            return None
        return Held("it registers an address that isn't the run's own listener", "")

    def note_absent(self, path: str) -> None:
        """Reading a path showed that nothing is there."""
        above, _, segment = path.rstrip("/").rpartition("/")
        self.ledger.note_absent(above, unquote(segment))

    def again(self, request: Request) -> Exchange | None:
        """An earlier creation's exchange, whose thing is there still, for a step that may make
        no more."""
        for exchange in reversed(self._made.get(request.url_path, ())):
            if exchange.request.token == request.token and self.ledger.has(exchange.number):
                return exchange
        return None

    # -- what it did ---------------------------------------------------------------------------

    def note_sent(self, number: int, request: Request) -> None:
        """Before the answer is there."""
        self.sending(number, request)
        self.ledger.note_sent(number, request)

    def note(self, exchange: Exchange, accepted: bool) -> None:
        """After an answer: what it made, changed, deleted or showed."""
        request, response = exchange.request, exchange.response
        if response is None:
            return
        operation = self._operation(request)
        if operation is not None and accepted and response.status < 400:
            self._note_effect(exchange, operation)
        if response.status < 400:
            path = operation.id.path if operation is not None else request.url_path
            self.ledger.note_seen(exchange.number, response, path)
        if request.method == "GET" and not request.query and response.status == 200:
            self.ledger.note_listed(request, response, path)

    def _note_effect(self, exchange: Exchange, operation: Operation) -> None:
        request, response = exchange.request, exchange.response
        assert response is not None
        effect = self.assessor.assess(operation).route
        thing = self.target(request, operation)
        named = operation.id.path.rstrip("/").endswith("}")
        if effect is Effect.DELETES or operation.id.method == "DELETE":
            if thing is not None and (named or "{" not in operation.id.path):
                self.ledger.note_gone(thing)
        elif effect is Effect.CREATES and not named:
            self.ledger.note_made(exchange.number, request, response, operation.id)
            kept = self._made.setdefault(request.url_path, deque(maxlen=KEPT_ANSWERS))
            kept.append(exchange)
        elif effect in (Effect.CREATES, Effect.CHANGES):
            if thing is not None:
                self.ledger.note_changed(thing, exchange.number, request, response)
            elif named and request.url_path not in self.lent:
                self._note_named(exchange, operation)

    def _note_named(self, exchange: Exchange, operation: Operation) -> None:
        """A thing that wasn't there, or is called by a made-up name, is there now."""
        places = list(_placed(exchange.request, operation))
        if not places:
            return
        _, value, above, _ = places[-1]
        created = exchange.response is not None and exchange.response.status == 201
        if made_up(value) or self.ledger.absent(above, value) or created:
            self.ledger.note_named(exchange.number, exchange.request, operation.id)

    def target(self, request: Request, operation: Operation) -> Thing | None:
        """The own thing that a request is about, if it is about one."""
        key = target_of(operation.id)
        if key is None:
            key = self.assessor.assess(operation).addressed
            noun = resource_of(operation.id.path)
            values = values_at(request, (key.leaf,)) if key is not None else []
            own = (self.ledger.own((noun,), v, "") for v in values)
            return next((t for t in own if t is not None), None)
        for name, value, above, template in reversed(list(_placed(request, operation))):
            return self.ledger.own((resource_of(template), noun_of(name)), value, above)
        return None

    def _operation(self, request: Request) -> Operation | None:
        known = self.operations.get(request.operation) if request.operation is not None else None
        if known is not None and match_path(known.id.path, request.url_path) is not None:
            return known
        found = find_operation(request.method, request.url_path, self.operations)
        return self.operations[found] if found is not None else None


def _matches(name: str, globs: Iterable[str]) -> bool:
    """Whether a glob names an operation; the method may be left out."""
    path = name.partition(" ")[2]
    return any(
        fnmatch.fnmatchcase(name, g) or fnmatch.fnmatchcase(path, g) or _templated(name, g)
        for g in globs
    )


def _templated(name: str, pattern: str) -> bool:
    """A glob written as the operation itself: brackets of path parameters are no character set."""
    return name == pattern


def _overrides(request: Request) -> bool:
    """Whether a request asks for another method by a header or a parameter."""
    named = [*request.headers, *request.query]
    for name, value in named:
        plain = name.lower().replace("_", "-")
        asks = plain.endswith(_OVERRIDE) or plain in ("-method", "x-http-method", "x-method")
        if asks and value.upper() != request.method:
            return True
    return False


def _beyond(request: Request, operation: Operation) -> Held | None:
    """What is borrowed gets documented fields only: others might stay there for ever."""
    known = {key.leaf for key in operation.fields}
    unknown = sorted(names_in(request) - known)
    if not unknown:
        return None
    return Held(f"it would give what is borrowed an undocumented {unknown[0]!r}", "")


def _tail(operation: OperationId, path: str) -> str:
    """The operation's own path where the end of a concrete path is one of its; else no end."""
    count = len([s for s in operation.path.split("/") if s])
    own = "/" + "/".join([s for s in path.split("/") if s][-count:]) if count else "/"
    return own if match_path(operation.path, own) is not None else "\0"


def _placed(request: Request, operation: Operation) -> list[tuple[str, str, str, str]]:
    """(name, value, concrete path above, template above) of each path parameter, in order."""
    wanted = [s for s in operation.id.path.split("/") if s]
    given = [s for s in request.url_path.split("?")[0].split("/") if s]
    values = match_path(operation.id.path, request.url_path) or {}
    found: list[tuple[str, str, str, str]] = []
    for number, segment in enumerate(wanted[: len(given)]):
        for name in path_parameters(segment):
            above = "/" + "/".join(given[:number])
            template = "/" + "/".join(wanted[:number])
            found.append((name, str(values.get(name, "")), above, template))
    return found


def _quoted(request: Request, value: str) -> str:
    """The segment of a request's path that has a value, as it is sent."""
    for segment in request.url_path.split("?")[0].split("/"):
        if unquote(segment) == value:
            return segment
    return value
