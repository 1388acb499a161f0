"""Under which licences the libraries stand that the program is installed with."""

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.fakes.program import ROOT

FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|Unlicense|CC0|MPL|Mozilla|ZPL|Zope|LGPL|Lesser"
)
"""Licences under which the program may be used and handed on as it is; LGPL and MPL for libraries that stay whole."""

STRONG = re.compile(r"(?<!Lesser )(?<!L)\bA?GPL|Affero|GNU General Public")


def pinned() -> list[str]:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)


def licence(name: str) -> str:
    """All that a library says of its licence."""
    said = metadata(name)
    fields = ("License-Expression", "License", "Classifier")
    found = [line for field in fields for line in said.get_all(field) or ()]
    return " ".join(line[:200] for line in found if not line.startswith(("Programming", "Topic", "Intended")))


@pytest.mark.parametrize("name", pinned())
def test_a_library_may_be_used_and_handed_on(name: str) -> None:
    try:
        said = licence(name)
    except PackageNotFoundError:
        pytest.skip("of another system")
    assert FREE.search(said), said or "it says nothing of its licence"
    assert not STRONG.search(said), said
