"""What a journal begins with: the run's target, documents and options, to be compared later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checker import __version__
from checker.domain.portal import Portal
from checker.domain.run import TargetInfo
from checker.reporting.clean import without_user
from checker.settings import Settings, Target

FORMAT = 1
_PLAIN = (
    "seed",
    "operations",
    "domains",
    "tags",
    "rules",
    "ignore",
    "legacy",
    "read_only",
    "allow_destructive",
    "allow",
    "deny",
    "test_system",
    "effects",
    "borrow",
    "shard",
    "fuzz",
)
"""Settings of which every one changes what is asked or what is reported of it."""
_NAMES = {"operations": "operation", "domains": "domain", "tags": "tag", "rules": "rule"}


@dataclass(frozen=True, slots=True)
class Head:
    """One target's run. `documents` is a hash of all documents; `options` are those that change
    what is asked, by their names."""

    target: str
    base_url: str
    documents: str
    seed: int = 0
    paths: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    version: str = __version__
    started_at: str = ""
    fallback_url: str = ""

    def to_json(self) -> dict[str, Any]:
        """The journal's first entry."""
        return {
            "kind": "head",
            "journal": FORMAT,
            "version": self.version,
            "target": self.target,
            "base_url": self.base_url,
            "fallback_url": self.fallback_url,
            "documents": self.documents,
            "seed": self.seed,
            "paths": list(self.paths),
            "options": dict(self.options),
            "started_at": self.started_at,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Head:
        """Raises KeyError, TypeError or ValueError for anything else."""
        if entry["kind"] != "head" or entry["journal"] != FORMAT:
            raise ValueError("another version of the journal")
        return cls(
            target=str(entry["target"]),
            base_url=str(entry["base_url"]),
            documents=str(entry["documents"]),
            seed=int(entry["seed"]),
            paths=tuple(map(str, entry["paths"])),
            options=dict(entry["options"]),
            version=str(entry["version"]),
            started_at=str(entry["started_at"]),
            fallback_url=str(entry["fallback_url"]),
        )


def head_of(settings: Settings, target: Target, documents: str, place: str = "") -> Head:
    """The head of a target's run, without secrets; `place` stands for its address where that is
    none to keep. `target` is as it was configured."""
    # As it is read back: what was a tuple is a list then.
    options = json.loads(json.dumps(dict(_options(settings, target)), sort_keys=True, default=str))
    base_url, fallback_url = addresses(settings, target)
    return Head(
        target=target.name,
        base_url=place or base_url,
        documents=documents,
        seed=settings.seed,
        paths=tuple(map(str, settings.paths)),
        options=settings.secrets.told(options),
        fallback_url="" if place else fallback_url,
    )


def addresses(settings: Settings, target: Target) -> tuple[str, str]:
    """A target's base URL and fallback URL as they are kept, empty where there is none."""
    url, fallback = (without_user(u or "") for u in (target.base_url, target.fallback_url))
    return settings.secrets.page(url), settings.secrets.page(fallback)


def differences(old: Head, new: Head) -> Iterator[str]:
    """How two runs differ in what matters, in words; nothing where one can go on with the other."""
    if old.target != new.target:
        yield f"the target was {old.target!r} and is {new.target!r}"
    if old.base_url != new.base_url:
        yield f"the base URL was {old.base_url} and is {new.base_url}"
    if old.fallback_url != new.fallback_url:
        was, now = old.fallback_url or "none", new.fallback_url or "none"
        yield f"the fallback URL was {was} and is {now}"
    if old.documents != new.documents:
        yield "the documents have changed"
    for name in sorted(old.options.keys() | new.options.keys()):
        before, after = old.options.get(name), new.options.get(name)
        told = f"{name} was {_shown(before)} and is {_shown(after)}"
        if before != after:
            # Of variables only hashes are kept.
            yield "the variables differ" if name == "variables" else told


def documents_hash(portal: Portal, settings: Settings) -> str:
    """A hash of the content of every file that a run reads: documents, what they refer to,
    records, pages, recordings. Where they stand and in what order doesn't count."""
    files = {d.info.file for d in portal.documents}
    files |= {r.file for r in portal.records} | {p.file for p in portal.pages}
    for operation in portal.operations():
        files |= {f.schema.location.file for f in operation.fields.values()}
    files |= {str(path) for path in settings.har}
    files |= {str(t.setup) for t in settings.targets if t.setup is not None}
    contents = sorted(_hash(file) for file in files if file)
    return hashlib.sha256("\n".join(contents).encode()).hexdigest()[:32]


def info_of(head: Head) -> TargetInfo:
    """The target as reports show it, without how its tokens travel."""
    return TargetInfo(head.target, head.base_url, head.fallback_url)


def _options(settings: Settings, target: Target) -> Iterator[tuple[str, Any]]:
    for name in _PLAIN:
        yield _NAMES.get(name, name).replace("_", "-"), getattr(settings, name)
    if settings.severity is not None:
        yield "severity", settings.severity.label
    if settings.changed is not None:
        yield "since", sorted(map(str, settings.changed))
    yield "tokens", sorted(target.tokens)
    # Enough to see a change, too little to find the value again.
    yield "variables", {name: _short_hash(value) for name, value in target.variables.items()}
    yield "target-documents", list(target.documents)
    yield "target-allow", [list(target.allow), list(target.deny), list(target.destructive)]
    yield "target-test-system", target.test_system
    yield (
        "rule-settings",
        {
            name: [setting.enabled, setting.severity and setting.severity.label]
            for name, setting in sorted(settings.rule_settings.items())
        },
    )


def _shown(value: Any) -> str:
    if isinstance(value, (list, dict)) and not value:
        return "none"
    return json.dumps(value, ensure_ascii=False)[:80]


def _hash(file: str) -> str:
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return ""  # a document that was fetched


def _short_hash(value: str) -> str:
    return hashlib.sha256(str(value).encode("utf-8", "replace")).hexdigest()[:4]
