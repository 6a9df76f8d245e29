"""What a JSON Web Token says of itself; its signature is its issuer's affair. Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from checker.domain.nodes import mapping_of


def claims_of(value: str) -> Mapping[str, Any]:
    """The claims of a JSON Web Token; none for any other text."""
    parts = value.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return mapping_of(claims)
