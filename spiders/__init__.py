"""Scrapy spiders: requests out, parsing called, items out."""
