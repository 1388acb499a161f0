"""Puts what monitor.yaml says of crawling over Scrapy's settings, also for `scrapy crawl` and `scrapy shell`."""

import os

from scrapy.settings import BaseSettings

from monitor import __version__, config
from monitor.bootstrap import environment
from monitor.crawling.rendering import rendering


class MonitorAddon:
    """Scrapy add-on; without a monitor.yaml (as for `scrapy shell` anywhere) the plain settings stay."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Called by Scrapy before the crawl; raises ConfigError when there is a monitor.yaml that cannot be used."""
        path = environment().config_path
        if not path.exists():
            return
        found = config.load(path)
        crawl = found.crawl
        own = f"FundingNewsMonitor/{__version__}" + (f" (+{crawl.contact})" if crawl.contact else "")
        settings.set("USER_AGENT", crawl.user_agent or own, "spider")
        settings.set("DOWNLOAD_TIMEOUT", crawl.timeout.total_seconds(), "spider")
        settings.set("MONITOR_PROCESSES", crawl.processes or max(1, (os.cpu_count() or 1) - 1), "spider")
        settings.set("MONITOR_PRIVATE_HOSTS", list(crawl.private_hosts), "spider")
        settings.set("MONITOR_RSSHUB", crawl.rsshub, "spider")
        settings.set("MONITOR_OBEY_ROBOTS", crawl.obey_robots, "spider")
        for name, value in rendering(found).items():
            settings.set(name, value, "spider")
