"""Values of published registries for fields of standard names: a last source of candidates.

They are guesses to try, never facts about an API: nothing is concluded from a refusal of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from checker.planning.routes import singular, words

MOST = 12
"""Values for one field."""


@dataclass(frozen=True, slots=True)
class Registry:
    """`names` are last words of names of fields that hold its values. With `cues` it counts where
    one of these words stands in what describes the field."""

    names: frozenset[str]
    values: tuple[str, ...]
    cues: frozenset[str] = frozenset()
    large: bool = False
    """The values are a sample of hundreds: those that an API takes say nothing about its set."""


def _registry(names: str, values: str, cues: str = "", *, large: bool = False) -> Registry:
    sets = frozenset(names.split()), tuple(values.split()), frozenset(cues.split())
    return Registry(*sets, large)


_ALGORITHM = "algorithm algo alg"
REGISTRIES = (
    # IANA: hash function textual names, and as libraries spell them.
    _registry(
        _ALGORITHM,
        "sha256 sha-256 SHA256 SHA-256 sha512 SHA-512 sha1 SHA-1 md5 MD5",
        "hash hashing digest checksum integrity fingerprint",
    ),
    # IANA: JSON Web Signature and Encryption algorithms (RFC 7518, RFC 8037).
    _registry(
        _ALGORITHM,
        "RS256 HS256 ES256 EdDSA PS256 RS512 HS512 A256GCM RSA-OAEP",
        "jwt jwk jws jwe jose jwks oidc oauth",
    ),
    # IANA: TSIG algorithm names (RFC 8945).
    _registry(
        _ALGORITHM,
        "hmac-sha256 hmac-sha512 hmac-sha1 hmac-sha224 hmac-sha384 hmac-md5 gss-tsig",
        "tsig hmac mac",
    ),
    # IANA: DNSSEC algorithm mnemonics (RFC 8624).
    _registry(
        _ALGORITHM, "ECDSAP256SHA256 RSASHA256 ED25519 RSASHA512 ECDSAP384SHA384", "dnssec dnskey"
    ),
    # SSH and X.509: kinds of keys; ciphers as OpenSSL and NIST name them.
    _registry(
        f"{_ALGORITHM} keytype",
        "rsa RSA ed25519 ecdsa ECDSA EC",
        "ssh certificate x509 csr tls keypair",
    ),
    _registry(
        f"{_ALGORITHM} cipher encryption",
        "AES256 aes-256-gcm AES-256-GCM AES_256 aes256",
        "cipher encryption encrypted encrypt",
    ),
    _registry("compression", "gzip deflate br zstd none"),
    # ISO 4217, ISO 3166-1, ISO 639-1 and BCP 47.
    _registry("currency", "USD EUR GBP JPY usd eur", large=True),
    _registry("country nationality", "US DE GB USA DEU us", large=True),
    _registry("language lang locale", "en de en-US en_US en-us fr EN eng", large=True),
    # IANA: time zones, media types, character sets, HTTP methods, URI schemes.
    _registry("timezone tz", "UTC Europe/Berlin America/New_York Etc/UTC", large=True),
    _registry(
        "mime mimetype",
        "application/json text/plain image/png application/pdf image/jpeg text/csv",
        large=True,
    ),
    _registry("charset encoding", "utf-8 UTF-8 us-ascii base64", large=True),
    _registry("method", "GET POST PUT get post", "http request webhook endpoint callback url"),
    _registry("protocol scheme", "https http tcp udp HTTPS HTTP TCP UDP"),
    # IETF RFC 5545: how often; ISO 8601: durations; days of the week.
    _registry("frequency recurrence", "DAILY WEEKLY MONTHLY YEARLY daily weekly monthly yearly"),
    _registry("weekday", "MO Monday monday mon MONDAY 1"),
    # Unicode CLDR: units of time that make up calendars, as queries by time name them.
    _registry("period granularity timeframe interval", "day week month quarter year hour minute"),
)
_COMPOUND = {
    ("time", "zone"): "timezone",
    ("mime", "type"): "mimetype",
    ("media", "type"): "mimetype",
    ("content", "type"): "mimetype",
    ("key", "type"): "keytype",
    ("day", "week"): "weekday",
}
_CODES = {"code", "iso", "name", "type"}
"""What may follow the word that counts: `country_code`, `currencyIso`."""


def registered(
    name: str, around: str = "", *, large: bool = True, like: object = None
) -> list[str]:
    """Registered values for a field of a name; `around` are the words that describe it.

    `large`: those of large registries, too. `like` is a value that is known to be right: then
    only those of registries that have it.
    """
    parts = [singular(w) for w in words(name)]
    kind = _COMPOUND.get((parts[-2], parts[-1])) if len(parts) > 1 else None
    if kind is None and len(parts) > 1 and parts[-1] in _CODES:
        parts = parts[:-1]
    kind = kind or (parts[-1] if parts else "")
    near = {w.lower() for w in re.findall(r"[A-Za-z][a-z0-9]*|[A-Z0-9]+", around)}
    near |= {w.lower() for w in re.findall(r"[A-Za-z0-9]+", around)}
    fitting = [r for r in REGISTRIES if kind in r.names and (large or not r.large)]
    if like is not None:
        fitting = [r for r in fitting if like in r.values]
    told = [r for r in fitting if r.cues & near]
    usual = [r for r in fitting if not r.cues]
    found = [v for r in (*told, *usual) for v in r.values]
    if not found and (len(fitting) > 1 or like is not None):
        # Nothing tells which one is meant: the first values of each.
        longest = max((len(r.values) for r in fitting), default=0)
        found = [r.values[n] for n in range(longest) for r in fitting if n < len(r.values)]
    return list(dict.fromkeys(found))[:MOST]
