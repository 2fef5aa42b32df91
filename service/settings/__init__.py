"""Settings of the service in groups, from environment variables ``RUTHAN_GROUP_NAME`` (docs/settings.md)."""

from service.settings.access import MIN_SECRET, SecretUnusable
from service.settings.group import PREFIX
from service.settings.old_names import OLD_NAMES
from service.settings.settings import Settings, faults_of, variables_of

__all__ = ["MIN_SECRET", "OLD_NAMES", "PREFIX", "SecretUnusable", "Settings", "faults_of", "variables_of"]
