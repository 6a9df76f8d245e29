"""A plain sentence for every kind of change."""

from __future__ import annotations

import json
from typing import Any

from checker.drift.compare.change import Change

_TEMPLATES = {
    "operation-added": "The operation was added.",
    "operation-removed": "The operation was removed.",
    "version-changed": "The operation moved from {old} to {new}.",
    "base-path-changed": "The base path changed from {old} to {new}.",
    "parameter-added": "{subject} was added ({new}).",
    "parameter-removed": "{subject} was removed.",
    "location-changed": "{subject} moved from {old} to {new}.",
    "field-added": "{subject} was added ({new}).",
    "field-removed": "{subject} was removed.",
    "required-added": "{subject} became required.",
    "required-removed": "{subject} became optional.",
    "type-changed": "The type of {subject} changed from {old} to {new}.",
    "nullable-added": "{subject} may be null now.",
    "nullable-removed": "{subject} may no longer be null.",
    "enum-added": "{subject} is limited to {new} now.",
    "enum-removed": "{subject} is no longer limited to {old}.",
    "enum-value-added": "{subject} has the new enum values {new}.",
    "enum-value-removed": "{subject} no longer has the enum values {old}.",
    "format-changed": "The format of {subject} changed from {old} to {new}.",
    "pattern-changed": "The pattern of {subject} changed from {old} to {new}.",
    "bound-changed": "A limit of {subject} changed from {old} to {new}.",
    "default-changed": "The default of {subject} changed from {old} to {new}.",
    "style-changed": "The serialisation of {subject} changed from {old} to {new}.",
    "additional-properties-closed": "{subject} no longer takes other properties.",
    "additional-properties-opened": "{subject} takes other properties now.",
    "deprecated": "{subject} is deprecated now.",
    "undeprecated": "{subject} is no longer deprecated.",
    "discriminator-changed": "The discriminator of {subject} changed from {old} to {new}.",
    "read-only-added": "{subject} is read-only now.",
    "read-only-removed": "{subject} is no longer read-only.",
    "write-only-added": "{subject} is write-only now.",
    "write-only-removed": "{subject} is no longer write-only.",
    "variant-added": "{subject} has the new alternative {new}.",
    "variant-removed": "{subject} no longer has the alternative {old}.",
    "variants-added": "{subject} became a choice of {new}.",
    "variants-removed": "{subject} is no longer a choice of {old}.",
    "body-added": "A request body was added ({new}).",
    "body-removed": "The request body was removed.",
    "media-type-added": "The media type {new} was added to {whole}.",
    "media-type-removed": "The media type {old} was removed from {whole}.",
    "schema-added": "{subject} is described by a schema now.",
    "schema-removed": "{subject} is no longer described by a schema.",
    "status-added": "The response status {new} was added.",
    "status-removed": "The response status {old} was removed.",
    "header-added": "{subject} was added.",
    "header-removed": "{subject} was removed.",
    "security-added": "Authentication is required now: {new}.",
    "security-removed": "Authentication is no longer required.",
    "security-changed": "The authentication changed from {old} to {new}.",
    "security-alternative-added": "The authentication {new} is accepted too now.",
    "security-alternative-removed": "The authentication {old} is no longer accepted.",
    "trailing-slash-changed": "The path changed from {old} to {new}.",
    "operation-id-changed": "The operationId changed from {old} to {new}.",
    "lifecycle-changed": "What is said of the end of {subject} changed from {old} to {new}.",
    "parameter-renamed": "{subject} is called {new} now.",
    "serialisation-changed": "{subject} is written as another media type: {old}, now {new}.",
    "encoding-changed": "How {subject} is encoded changed from {old} to {new}.",
    "content-changed": "The content of {subject} changed from {old} to {new}.",
    "constraint-added": "{subject} has the new constraint {new}.",
    "constraint-removed": "{subject} no longer has the constraint {old}.",
    "constraint-changed": "A constraint of {subject} changed from {old} to {new}.",
    "known-value-added": "{subject}, which may have any value, names the values {new} too now.",
    "known-value-removed": "{subject}, which may have any value, no longer names {old}.",
    "discriminator-value-added": "{subject} has the new discriminator value {new}.",
    "discriminator-value-removed": "{subject} no longer has the discriminator value {old}.",
    "discriminator-value-changed": "A discriminator value of {subject} stands for another "
    "schema: {old}, now {new}.",
    "link-added": "{subject} was added.",
    "link-removed": "{subject} was removed.",
    "link-changed": "{subject} changed from {old} to {new}.",
    "scope-added": "The scope {new} is needed additionally now.",
    "scope-removed": "The scope {old} is no longer needed.",
    "webhook-added": "The webhook was added.",
    "webhook-removed": "The webhook was removed.",
    "callback-added": "The callback was added.",
    "callback-removed": "The callback was removed.",
    "servers-changed": "The servers changed from {old} to {new}.",
    "definition-added": "The definition {new} was added; no operation uses it.",
    "definition-removed": "The definition {old} was removed; no operation used it.",
    "definition-changed": "The definition {new}, which no operation uses, changed.",
    "type-spelled-out": "{subject} states its type otherwise: {old}, now {new}.",
    "unclassified": "{subject} changed, not classified: {old}, now {new}.",
    "token-added": "The description names the token type {new} now.",
    "token-removed": "The description no longer names the token type {old}.",
}

KINDS = tuple(_TEMPLATES)
_LONGEST = 160


def sentence(change: Change) -> str:
    """What the change says, as one sentence without the operation's name."""
    text = _TEMPLATES[change.kind].format(
        subject=subject(change),
        whole=_whole(change),
        old=shown(change.old),
        new=shown(change.new),
    )
    return text[:1].upper() + text[1:]


def subject(change: Change) -> str:
    """What the change is about, in words: "the query parameter `limit`"."""
    if change.place in ("operation", "document"):
        return f"the {change.place}"
    if not change.name or change.name == change.media_type:
        return _whole(change)
    name = f"`{change.name}`"
    match change.place:
        case "body":
            return f"the request field {name}"
        case "query" | "path" | "cookie":
            return f"the {change.place} parameter {name}"
        case "header":
            return f"the request header {name}"
        case "response":
            answer = f" of the {change.status} response" if change.status else ""
            return f"{_part_of_answer(change.name)}{answer}"
        case _:
            return name


def _part_of_answer(name: str) -> str:
    for prefix, kind in (("header ", "response header"), ("link ", "link")):
        if name.startswith(prefix):
            return f"the {kind} `{name.removeprefix(prefix)}`"
    return f"the response field `{name}`"


def _whole(change: Change) -> str:
    if change.place == "response":
        return f"the {change.status} response" if change.status else "the response"
    return "the request body"


def shown(value: Any) -> str:
    """A value in a sentence."""
    match value:
        case None:
            return "none"
        case str():
            return f"`{value}`"
        case {"type": kind, "required": bool() as required}:
            return f"{_kinds(kind)}, {'required' if required else 'optional'}"
        case dict():
            return ", ".join(f"{k} {_inner(v)}" for k, v in value.items())
        case list():
            return ", ".join(shown(v) for v in value)
        case _:
            return f"`{json.dumps(value, default=str)}`"


def _inner(value: Any) -> str:
    """A value inside another one: objects and lists as JSON, cut where they are long."""
    if not isinstance(value, dict | list) or (
        isinstance(value, list) and value and all(isinstance(item, str) for item in value)
    ):
        return shown(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}`"


def _kinds(kind: Any) -> str:
    if isinstance(kind, list):
        return " or ".join(str(k) for k in kind)
    return str(kind or "any type")
