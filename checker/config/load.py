"""Options over environment over file, as one `Settings`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from checker.config.connections import CONNECTION
from checker.config.environment import unknown_variables
from checker.config.file import ConfigFile, find_config, read_config
from checker.config.targets import build_targets, missing_of
from checker.config.values import OPTIONS, nearest, read_value, severity
from checker.errors import UsageError
from checker.settings import RuleSetting, Settings, Token

_LISTED = {"operation": "operations", "domain": "domains", "tag": "tags", "rule": "rules"}
_OF_TARGETS = frozenset(
    {"base_url", "fallback_url", "webhook_url", "setup", "var", "header", *CONNECTION}
)
_OF_THE_COMMAND = frozenset({"sandbox"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and the config file they came from.

    `declared` are, by target, the tokens of the file that have no value: they aren't in the
    settings. `sandbox`: the embedded API is to be the target.
    """

    settings: Settings
    config: Path | None = None
    declared: Mapping[str, Mapping[str, Token]] = field(default_factory=dict)
    sandbox: bool = False
    unused: tuple[str, ...] = ()
    """Sentences on variables of the environment that nothing reads."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for every token without a value."""
        return tuple(
            f"Target {target}: token {name!r} has no value and isn't used; "
            f"set {' and '.join(missing_of(token))}."
            for target, tokens in self.declared.items()
            for name, token in tokens.items()
        )


def _as_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the options that belong to the run itself, by the settings' names."""
    others = _OF_TARGETS | _OF_THE_COMMAND
    fields = {_LISTED.get(n, n): v for n, v in values.items() if n not in others}
    if "format" in fields:
        fields["formats"] = fields.pop("format")
    return fields


def load_settings(
    paths: Sequence[Path],
    options: Mapping[str, Any],
    environment: Mapping[str, str],
    *,
    config: Path | None = None,
    tokens: Mapping[str, str] | None = None,
) -> Loaded:
    """Everything a run needs.

    `options` are those given on the command line, by their names with underscores, values as
    texts, tuples of texts or booleans. `tokens` are `--token`'s. Raises UsageError.
    """
    found = config or find_config(paths)
    file = read_config(found) if found is not None else ConfigFile()
    values = {
        name: read_value(name, raw, file.where("run", name), file.folder)
        for name, raw in file.run.items()
    }
    values.update(_from_environment(environment))
    values.update(
        {
            name: read_value(name, raw, "--" + name.replace("_", "-"), Path())
            for name, raw in options.items()
        }
    )
    _complete_variables(values, file, environment, options)
    targets, declared = build_targets(file, values, tokens or {}, environment, paths)
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder.", _instead(str(path)))
    fields = _as_settings(values)
    settings = Settings(paths=tuple(paths), targets=targets, rule_settings=_rules(file), **fields)
    _check_rules(settings, file)
    unused = unknown_variables(environment, [t.name for t in targets], file.text)
    return Loaded(settings, found, declared, values.get("sandbox", False), tuple(unused))


def _instead(path: str) -> str:
    """What to give in the place of a path that isn't there."""
    if re.match(r"https?:/", path):
        return "Documents are files: save it first (curl -fo openapi.json URL)."
    if any(sign in path for sign in "*?["):
        return "It matches nothing; name the folder instead."
    return "Name the folder or file that holds the documents."


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """DRIFTCHECK_<OPTION>; lists are separated by commas, headers by line breaks."""
    values = {}
    for name, kind in OPTIONS.items():
        variable = "DRIFTCHECK_" + name.upper()
        raw: Any = environment.get(variable)
        if not raw or name == "var":
            continue
        if kind in ("list", "paths", "path mapping", "effects"):
            raw = tuple(part.strip() for part in raw.split(",") if part.strip())
        if kind == "headers":
            raw = tuple(line for line in raw.splitlines() if line.strip())
        values[name] = read_value(name, raw, variable, Path())
    return values


def _complete_variables(
    values: dict[str, Any],
    file: ConfigFile,
    environment: Mapping[str, str],
    options: Mapping[str, Any],
) -> None:
    """`var` is added up over file, environment (DRIFTCHECK_VAR_<NAME>) and options."""
    merged: dict[str, str] = {}
    if "var" in file.run:
        merged.update(read_value("var", file.run["var"], file.where("run", "var"), file.folder))
    for variable, value in environment.items():
        if variable.startswith("DRIFTCHECK_VAR_") and variable != "DRIFTCHECK_VAR_":
            merged[variable.removeprefix("DRIFTCHECK_VAR_").lower()] = value
    if "var" in options:
        merged.update(read_value("var", options["var"], "--var", Path()))
    if merged:
        values["var"] = merged


def _rules(file: ConfigFile) -> dict[str, RuleSetting]:
    settings = {}
    for rule, raw in file.rules.items():
        enabled = raw.get("enabled", True)
        if not isinstance(enabled, bool):
            raise UsageError(f"{file.where('rules', rule, 'enabled')}: must be true or false.")
        level = raw.get("severity")
        where = file.where("rules", rule, "severity")
        settings[rule] = RuleSetting(enabled, None if level is None else severity(level, where))
    return settings


def _check_rules(settings: Settings, file: ConfigFile) -> None:
    """Every rule that is named must exist; `--ignore` also takes fingerprints."""
    if not (settings.rules or settings.ignore or settings.rule_settings):
        return
    from checker.drift.registry import all_rules

    known = [rule.id for rule in all_rules()]
    for rule in settings.rule_settings:
        if rule not in known:
            raise UsageError(f"{file.where('rules', rule)}: unknown rule.", nearest(rule, known))
    _check_globs("--rule", settings.rules, known)
    fingerprints = [g for g in settings.ignore if len(g) == 16 and g.isalnum()]
    _check_globs("--ignore", [g for g in settings.ignore if g not in fingerprints], known)


def _check_globs(option: str, globs: Iterable[str], known: Sequence[str]) -> None:
    for glob in globs:
        if not any(fnmatchcase(rule, glob) for rule in known):
            raise UsageError(f"{option}: unknown rule {glob!r}.", nearest(glob, known))
