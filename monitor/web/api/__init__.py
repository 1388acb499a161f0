"""The archive for other programs: JSON, described by OpenAPI at /api/openapi.json."""

from monitor.web.api.application import application

__all__ = ["application"]
