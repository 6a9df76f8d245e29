"""What a run learns to be secret while it talks to a target."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from checker.planning.known_secrets import learn_exchange, learn_target
from checker.probing.http import Wire
from checker.redaction import Secrets, is_secret_name


def share(wire: Wire, secrets: Secrets) -> None:
    """From now on the wire keeps in a run's secrets what its target is called with and what its
    answers hand out."""
    learn_target(secrets, wire.target)
    wire.secrets = wire.signing_in.secrets = secrets
    wire.observers.append(partial(learn_exchange, secrets))


def learn_extracts(secrets: Secrets, extracted: Mapping[str, Any]) -> None:
    """Keep what steps took from answers under names of credentials."""
    for name, value in extracted.items():
        if isinstance(value, str) and is_secret_name(name):
            secrets.learn(value)
