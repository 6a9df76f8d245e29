"""The config file: where it is, and what may stand in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checker.config.values import OPTIONS, nearest
from checker.domain.nodes import mapping_of
from checker.errors import UsageError

NAME = "driftcheck.toml"
SECTIONS = ("run", "targets", "rules")
TARGET_KEYS = (
    "documents",
    "base_url",
    "fallback_url",
    "webhook_url",
    "setup",
    "tokens",
    "variables",
    "headers",
    "destructive",
    "allow",
    "deny",
    "test_system",
    "proxy",
    "unix_socket",
    "cacert",
    "cert",
    "key",
    "insecure",
)
TOKEN_KEYS = (
    *("file", "env", "scheme", "header", "headers", "query", "cookie"),
    *("user", "password_env", "oauth2", "login", "csrf", "together"),
)
RULE_KEYS = ("enabled", "severity")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A parsed config file with known keys only; `path` is None where there is no file."""

    path: Path | None = None
    text: str = field(default="", repr=False)
    run: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Relative paths in the file start here."""
        return self.path.parent if self.path is not None else Path()

    def where(self, *keys: str) -> str:
        """`file:line: a.b.c` for errors."""
        return place(self.path, self.text, keys)


def find_config(paths: Sequence[Path]) -> Path | None:
    """driftcheck.toml, or a pyproject.toml with [tool.driftcheck], beside `paths` or above."""
    for start in paths or (Path(),):
        folder = start.absolute()
        for above in (folder, *folder.parents) if folder.is_dir() else folder.parents:
            if (above / NAME).is_file():
                return _shown(above / NAME)
            if _in_pyproject(above / "pyproject.toml"):
                return _shown(above / "pyproject.toml")
    return None


def _shown(path: Path) -> Path:
    """Relative where it lies below the working directory: messages and reports show it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _parsed(path: Path) -> tuple[str, Any]:
    """The text of a config and what it says."""
    try:
        text = path.read_text(encoding="utf-8")
        content: Any = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{path}: can't be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}.") from None
    if path.name == "pyproject.toml":
        content = content.get("tool", {}).get("driftcheck", {})
    return text, content


def read_config(path: Path) -> ConfigFile:
    """The file's content; raises UsageError with file and line for what can't be used."""
    text, content = _parsed(path)
    config = ConfigFile(
        path,
        text,
        run=_table(path, text, content, "run"),
        targets=_table(path, text, content, "targets"),
        rules=_table(path, text, content, "rules"),
    )
    _known(config, (), content, SECTIONS)
    _known(config, ("run",), config.run, OPTIONS)
    for name, target in config.targets.items():
        _known(config, ("targets", name), target, TARGET_KEYS)
        for type_, token in _table(path, text, target, "tokens").items():
            if isinstance(token, str) or "value" in mapping_of(token):
                raise UsageError(
                    f"{config.where('targets', name, 'tokens', type_)}: a token's value doesn't "
                    "belong here.",
                    f'Set DRIFTCHECK_TOKEN_{type_.upper()} or give file = "…".',
                )
            _known(config, ("targets", name, "tokens", type_), token, TOKEN_KEYS)
    for rule, setting in config.rules.items():
        _known(config, ("rules", rule), setting, RULE_KEYS)
    return config


def place(path: Path | None, text: str, keys: Sequence[str]) -> str:
    """`file:line: a.b.c`; the line is the last key's first one below its table's header."""
    if not keys:
        return str(path)
    lines = text.splitlines()
    number = 0
    for key in keys:
        quoted = rf"""["']?{re.escape(key)}["']?"""
        header = re.compile(rf"^\s*\[\[?(?:[^\]]*\.)?\s*{quoted}\s*[\].]")
        member = re.compile(rf"^\s*(?:[^=#]*\.)?{quoted}\s*[=.]|[{{,]\s*{quoted}\s*=")
        for index in range(number, len(lines)):
            if header.search(lines[index]) or member.search(lines[index]):
                number = index
                break
    return f"{path}:{number + 1}: {'.'.join(keys)}"


def _in_pyproject(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        return "driftcheck" in tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return False


def _table(path: Path, text: str, content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, Mapping):
        raise UsageError(f"{place(path, text, (key,))}: must be a table.")
    return value


def _known(config: ConfigFile, keys: tuple[str, ...], content: Any, known: Iterable[str]) -> None:
    if not isinstance(content, Mapping):
        raise UsageError(f"{config.where(*keys)}: must be a table.")
    words = tuple(known)
    for key in content:
        if key not in words:
            raise UsageError(f"{config.where(*keys, key)}: unknown key.", nearest(key, words))
