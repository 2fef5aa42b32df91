"""Scrapy settings; user-configurable values come from :class:`crawler.options.CrawlOptions`."""

from crawler.options import CrawlOptions

_options = CrawlOptions()

BOT_NAME = "ruthan"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
ADDONS = {"scrapy_poet.Addon": 300}

# Politeness
USER_AGENT = _options.user_agent
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Ruthan"
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = _options.delay
AUTOTHROTTLE_MAX_DELAY = 60.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 2.0
# Scrapy creates this many tasks per response; deposits are serialized anyway.
CONCURRENT_ITEMS = 4
CONCURRENT_REQUESTS = _options.concurrency
CONCURRENT_REQUESTS_PER_DOMAIN = _options.concurrency
COOKIES_ENABLED = False
# Refresh pages are still read (crawler.spiders.websites.site); Scrapy would discard them.
METAREFRESH_ENABLED = False
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "th,en;q=0.5",
}

# Limits
CLOSESPIDER_PAGECOUNT = _options.max_pages
DEPTH_LIMIT = _options.max_depth
RUTHAN_LIST_PAGES = _options.list_pages
DOWNLOAD_MAXSIZE = _options.max_bytes
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = _options.timeout
DNS_TIMEOUT = min(_options.timeout, 20.0)
RETRY_TIMES = _options.retries
REDIRECT_MAX_TIMES = 8
URLLENGTH_LIMIT = 2083

# Allowed addresses. A proxy would resolve names itself, so addresses could not be checked.
RUTHAN_CRAWL_ALLOW_PRIVATE = _options.allow_private
TWISTED_DNS_RESOLVER = "crawler.network.resolver.PublicResolver"
HTTPPROXY_ENABLED = False

SCHEDULER = "crawler.frontier.scheduler.FrontierScheduler"
RUTHAN_CRAWL_REDIS_URL = _options.redis_url
RUTHAN_CRAWL_FRONTIER = _options.frontier
RUTHAN_CRAWL_LEASE = _options.lease
# It writes a pickle to the job's folder, and nothing here is ever unpickled.
EXTENSIONS = {
    "scrapy.extensions.spiderstate.SpiderState": None,
    "crawler.extensions.counting.CrawlCounters": 500,
    "crawler.extensions.disk.DiskWatch": 400,
    "crawler.extensions.stuck.StuckWatch": 400,
    "crawler.middleware.monitor.SourceMonitor": 500,
}
RUTHAN_CRAWL_METRICS_PORT = _options.metrics_port
RUTHAN_CRAWL_METRICS_FILE = str(_options.metrics_file or "")
RUTHAN_CRAWL_RUNS = str(_options.runs)

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawler.middleware.backoff.PatientRetry": 550,
    "crawler.middleware.limits.StopList": 50,
    "crawler.middleware.guard.AddressGuard": 60,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middleware.robots.RobotsRules": 100,
    "scrapy_poet.InjectionMiddleware": None,
    "crawler.middleware.injection.PlannedInjection": 543,
    # At the point of sending, after the checks of robots.txt and the guard.
    "crawler.middleware.limits.DailyBudget": 970,
    "crawler.api.spider.Credentials": 980,
    # Nearest to the network, to see bodies before decompression.
    "crawler.pipeline.absent.GoneWatch": 985,
    "crawler.evidence.recorder.EvidenceRecorder": 990,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "crawler.middleware.depth.PagingDepth": 900,
}
ITEM_PIPELINES = {
    "crawler.middleware.limits.StopList": 100,
    "crawler.pipeline.first_sign.FirstSign": 400,
    "crawler.pipeline.deposit.DepositPipeline": 500,
}

# The source, as set by a plan
RUTHAN_SOURCE = "crawl"
RUTHAN_SITES: list[str] = []
RUTHAN_STOP: list[str] = []
RUTHAN_DAILY_BUDGET = 0
RUTHAN_EXPECTED: dict[str, int | str] = {}
RUTHAN_BUDGET_FILE = "var/crawl-budget.json"
RUTHAN_API_TRIES = _options.retries
RUTHAN_API_FIRST_WAIT = _options.first_wait
RUTHAN_API_LONGEST_WAIT = _options.longest_wait

# Outputs
RUTHAN_CRAWL_STUCK = _options.stuck
RUTHAN_CRAWL_MIN_FREE = _options.min_free
RUTHAN_EVIDENCE_DIR = str(_options.evidence)
RUTHAN_CRAWL_CLOCK = _options.clock
RUTHAN_CRAWL_SCREENSHOTS = _options.screenshots
RUTHAN_CRAWL_PICTURES = _options.pictures
RUTHAN_PICTURES_DIR = str(_options.kept_pictures)
RUTHAN_DATABASE_URL = ""
RUTHAN_OUT_DIR = ""
RUTHAN_SPOOL_DIR = "var"

TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "WARNING"
