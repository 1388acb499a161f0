"""Scrapy glue: settings, pipeline, middlewares, one crawl run."""
