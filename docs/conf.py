"""How Sphinx makes pages of these documents: `make docs`."""

from monitor import __version__

project = "Funding-news monitor"
project_copyright = "the authors, Apache-2.0"
version = release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = project
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]
nitpicky = True
linkcheck_ignore = [r"https://[a-z.]*example(\.com)?/", r"http://(127\.0\.0\.1|collector)"]
linkcheck_timeout = 20
