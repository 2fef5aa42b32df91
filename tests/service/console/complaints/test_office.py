"""What complainants are told of the office."""

from typing import Any

import pytest

from service.console.complaints.office import status_address
from service.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.changed(
        {
            "server.public_url": "https://ruthan.example/",
            "alert.url": "https://alerts.example",
            "complaint.form": True,
        }
    )


def test_the_status_page_is_not_at_the_address_of_the_alerts(app: Any) -> None:
    assert status_address(app.state.console) == "https://ruthan.example/complain/status"
