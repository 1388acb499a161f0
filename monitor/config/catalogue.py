"""The built-in sources: one short YAML file for each site, in `spiders/catalogue`."""

from functools import cache
from importlib.resources import files

from monitor.config.explain import validated
from monitor.config.yamlfile import read_yaml
from monitor.settings import Source


@cache
def catalogue() -> dict[str, Source]:
    """The built-in sources by name."""
    found = {}
    for file in sorted(files("spiders").joinpath("catalogue").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            source = validated(Source, read_yaml(file.read_text(encoding="utf-8"), file.name))
            found[source.name] = source
    return found
