"""Imports for the server of tests/helpers/forked.py: those of the commands, without anything that starts threads."""

import alembic.command  # noqa: F401
import scrapy.core.downloader.handlers.http11
import scrapy.crawler  # noqa: F401
import uvicorn.protocols.http.h11_impl  # noqa: F401

import crawler.due
import crawler.plan.commands  # noqa: F401
import ruthan  # noqa: F401
import service.api.app
import service.commands.api_key
import service.commands.main
import service.running.serving  # noqa: F401
from tests.helpers.new_databases import install

install()
