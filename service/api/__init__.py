"""The HTTP API: assess listings, hand them in for review, read them back."""

from service.api.app import create_app

__all__ = ["create_app"]
