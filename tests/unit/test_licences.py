"""Under which licences the libraries stand that the program is installed with."""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from tests.fakes.program import ROOT

FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|Unlicense|CC0|MPL|Mozilla|ZPL|Zope|LGPL|Lesser"
)
"""Licences under which the program may be used and handed on as it is; LGPL and MPL for libraries that stay whole."""

STRONG = re.compile(r"(?<!Lesser )(?<!L)\bA?GPL|Affero|GNU General Public")


SHIPPED = ("requirements.txt", "requirements-workers.txt", "requirements-telemetry.txt")
"""What the image holds."""


def pinned() -> list[str]:
    found = [
        name
        for file in (*SHIPPED, "requirements-browser.txt", "requirements-apprise.txt", "requirements-parquet.txt")
        for name in re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    return sorted(set(found))


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


def test_a_bill_of_materials_lists_all_that_the_image_holds(tmp_path: Path) -> None:
    """As `make sbom` makes it, without a network."""
    listed = tmp_path / "image.txt"
    listed.write_text("".join((ROOT / file).read_text(encoding="utf-8") for file in SHIPPED), encoding="utf-8")
    bill = tmp_path / "sbom.json"
    made = [sys.executable, "-m", "cyclonedx_py", "requirements", "--of", "JSON", "-o", str(bill), str(listed)]
    subprocess.run(made, check=True, capture_output=True)
    parts = json.loads(bill.read_text(encoding="utf-8"))["components"]
    wanted = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;]+)", listed.read_text(encoding="utf-8"), re.MULTILINE)
    assert {(part["name"], part["version"]) for part in parts} == set(wanted)
    assert all(part["purl"].startswith("pkg:pypi/") for part in parts)


@pytest.mark.parametrize("file", SHIPPED[1:])
def test_optional_parts_have_the_versions_of_the_others(file: str) -> None:
    """They are installed over each other: two versions of one library would not fit."""
    versions = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)", re.MULTILINE)
    main = dict(versions.findall((ROOT / "requirements.txt").read_text(encoding="utf-8")))
    other = dict(versions.findall((ROOT / file).read_text(encoding="utf-8")))
    assert {name: other[name] for name in main.keys() & other.keys()} == {
        name: main[name] for name in main.keys() & other.keys()
    }
