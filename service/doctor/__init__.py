"""``ruthan doctor``: checks everything the service depends on and says what to do. It changes nothing."""

from service.doctor.examination import examine
from service.doctor.finding import Finding, Status

__all__ = ["Finding", "Status", "examine"]
