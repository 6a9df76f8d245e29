"""What descriptions say of values and of the things that fields name, in several languages."""

from __future__ import annotations

import pytest

from checker.planning.hints import examples_in, filled_in, quoted
from checker.planning.meant import described_resource


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("The plan (e.g. `Basic`, 'Plus' or \"Pro\")", ["Basic", "Plus", "Pro"]),
        ("Der Tarif, z. B. `Basis`, `Plus` oder `Profi`.", ["Basis", "Plus", "Profi"]),
        ("Le plan, par exemple 'base' et 'plus'", ["base", "plus"]),
        ("El plan, por ejemplo: `básico`", ["básico"]),
        ("The plan, not `Basic`", []),
        ("such as `a` where the owner isn't `b`", ["a"]),
        ("", []),
    ],
)
def test_examples(text: str, values: list[str]) -> None:
    assert examples_in(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Format: `AA/####`, where # is a digit and A a capital letter.", ["KV/2817"]),
        ("Im Format '##-xx-2000'", ["28-kv-2000"]),
        ("See `#/components/schemas/##`, issue `#1`, `# of items`", []),
        ("Format: AA-####", []),
    ],
)
def test_masks(text: str, values: list[str]) -> None:
    assert filled_in(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("One of `draft`, \"live now\" or 'x-ray'", ["draft", "live now", "x-ray"]),
        ("„Entwurf“ oder “live”, ‘old’", ["Entwurf", "live", "old"]),
        ("It doesn't run while `off`; the owner's `on` isn't kept", ["off", "on"]),
        ('`draft`, again `draft`, and `{"a": 1}`', ["draft"]),
        ("`off or on", []),
    ],
)
def test_short_values_in_quotes(text: str, values: list[str]) -> None:
    assert quoted(text) == values


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        ("Id of an existing waterTest", "water_test"),
        ("The code of the depot that sends it", "depot"),
        ("Kennung eines vorhandenen Depots", "depot"),
        ("Identifiant d'un dépôt", "depot"),
        ("Código de un depot existente", "depot"),
        ("Kenmerk van een depot", "depot"),
        ("The depot's colour", ""),
        ("Die Farbe des Depots", ""),
    ],
)
def test_whose_identifier(text: str, resource: str) -> None:
    assert described_resource(text, ["depot", "water_test", "test"]) == resource
