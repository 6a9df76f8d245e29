"""Whom a connection trusts and how it shows who we are: TLS of one target."""

from __future__ import annotations

import ssl

from checker.domain.credential import Connection
from checker.errors import UsageError

TLS = ssl.SSLContext


def tls_of(connection: Connection) -> TLS:
    """The TLS of a connection: the system's authorities, those of `cacert` beside them, and the
    client certificate. Raises UsageError where a file can't be used.
    """
    if connection.insecure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        import truststore

        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if connection.cacert and not connection.insecure:
        _load_authorities(context, connection.cacert)
    if connection.cert:
        _load_certificate(context, connection.cert, connection.key)
    return context


def _load_authorities(context: TLS, file: str) -> None:
    try:
        context.load_verify_locations(file)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(f"cacert: {file} can't be used ({why}).", "Give a PEM file.") from None


def _load_certificate(context: TLS, file: str, key: str) -> None:
    def no_password() -> str:
        # Without it OpenSSL would ask at the terminal, in the middle of a night.
        raise UsageError(f"key: {key or file} is locked by a password.", "Give a key without one.")

    try:
        context.load_cert_chain(file, key or None, no_password)
    except ssl.SSLError as error:
        mend = "The key belongs to another certificate."
        if "MISMATCH" not in (error.reason or ""):
            mend = "Give PEM files: --cert with the certificate, --key with its key."
        raise UsageError(f"cert: {file} can't be used with its key.", mend) from None
    except OSError as error:
        raise UsageError(f"cert: {key or file} can't be read ({error.strerror}).") from None
