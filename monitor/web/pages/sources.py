"""The sources with their health."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.web.site import SECONDS, site_of

DAYS = 14


def listed(request: Request) -> Response:
    """Every configured source, and those that were."""
    site = site_of(request)
    config = site.current()
    titles = {source.name: source.title or source.name for source in config.sources} if config else {}
    with site.archive.reading(SECONDS) as tables:
        names = [*titles, *(name for name in tables.sources.all() if name not in titles)]
        found = tables.health.overview(names, site.clock(), DAYS)
    troubled = sorted(found, key=lambda one: one.state.problem is None)
    return site.render(
        request, "sources.html", sources=troubled, titles=titles, most=[max(one.daily, default=0) for one in troubled]
    )


routes = [Route("/sources", listed, methods=["GET"])]
