"""What descriptions say of values and of the things that fields name, in several languages."""

from __future__ import annotations

import pytest

from checker.planning.hints import examples_in
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
