"""The HTTP API: assess listings, submit them for review, read them back."""

from service.api.app import create_app

__all__ = ["create_app"]
