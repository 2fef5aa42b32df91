"""The client works with only its own requirements installed."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
# The packages that docs/api.md says to install beside the package itself.
CLIENT = {"httpx", "pydantic", "standardwebhooks"}
OURS = {"labels", "service"}
OTHERS = {"crawler", "inference", "training"}


def needed(names: set[str]) -> set[str]:
    """Return the distributions and their transitive requirements."""
    found: set[str] = set()
    left = list(names)
    while left:
        if (name := canonicalize_name(left.pop())) in found:
            continue
        found.add(name)
        for line in requires(name) or []:
            one = Requirement(line)
            if one.marker is None or one.marker.evaluate({"extra": ""}):
                left.append(one.name)
    return found


@pytest.mark.costly
def test_nothing_but_its_own_requirements_is_imported() -> None:
    allowed = needed(CLIENT)
    barred = {
        top
        for top, names in packages_distributions().items()
        if not any(canonicalize_name(name) in allowed for name in names)
    }
    assert {"sqlalchemy", "fastapi", "onnxruntime", "scrapy"} < barred
    barred = (barred | OTHERS) - OURS
    code = f"""
import sys
barred = {barred!r}
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in barred:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)
sys.meta_path.insert(0, Missing())
from service.client import AsyncRuthan, Ruthan, verify_webhook
Ruthan('http://127.0.0.1:9', 'key').close()
print(*sorted(name for name in sys.modules if name.startswith(('service.store', 'service.api'))))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (found.stdout.strip(), found.stderr) == ("", "")


def test_what_it_requires_is_required_by_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {
        Requirement(line).name
        for line in project["dependencies"] + project["optional-dependencies"]["client"]
    }
    assert required >= CLIENT
    said = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert f"pip install {' '.join(sorted(CLIENT))}" in said


def test_without_httpx_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['httpx'] = None\nimport service.client"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ruthan[client]" in found.stderr
