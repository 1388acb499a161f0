"""Scrapy's settings. What monitor.yaml says of crawling is put over them by `addon.MonitorAddon`."""

from monitor import __version__

BOT_NAME = "funding-news-monitor"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
USER_AGENT = f"FundingNewsMonitor/{__version__}"

ADDONS = {"monitor.crawling.addon.MonitorAddon": 100}
# The bases are named anew rather than thinned by None: what is named at all is imported, and remote control and cookies
# alone bring aiohttp and requests.
EXTENSIONS_BASE = {"scrapy.extensions.corestats.CoreStats": 0}
EXTENSIONS = {"monitor.crawling.visits.Visits": 100}
SCHEDULER = "monitor.crawling.turns.TurnScheduler"
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
DOWNLOADER_MIDDLEWARES = {"monitor.crawling.guard.Guard": 900, "monitor.crawling.turns.Turns": 1_000}
TWISTED_DNS_RESOLVER = "monitor.crawling.guard.GuardedResolver"
DOWNLOAD_HANDLERS = dict.fromkeys(("data", "file", "ftp", "s3"))
ITEM_PIPELINES = {"monitor.crawling.pipeline.ArchivePipeline": 300}

# One request at a time to a host and robots.txt are the scheduler's; Scrapy's own limits count what it has taken up.
ROBOTSTXT_OBEY = False
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 8
DOWNLOAD_DELAY = 0
# What these do is done elsewhere or not wanted, and each wraps every answer once more.
SPIDER_MIDDLEWARES = dict.fromkeys(
    (
        "scrapy.spidermiddlewares.depth.DepthMiddleware",
        "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware",
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware",
    )
)
COOKIES_ENABLED = False
REFERRER_POLICY = "no-referrer"  # without its middleware Scrapy warns in every run
METAREFRESH_ENABLED = False
REDIRECT_MAX_TIMES = 5
# Spiders judge answers themselves. The meta key handle_httpstatus_all would also switch redirects off.
HTTPERROR_ALLOW_ALL = True
RETRY_TIMES = 1
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
}

# Safety: certificates are checked, answers bounded, nothing listens.
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 10_000_000
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 15
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# Each item is a task; 100 of them for one answer cost a quarter of the throughput.
CONCURRENT_ITEMS = 16

LOG_INSTALL_ROOT_HANDLER = False
LOG_LEVEL = "WARNING"
LOGSTATS_INTERVAL = 0
STATS_DUMP = False
