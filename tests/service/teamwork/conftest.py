"""The office of the second looks: reviewers and a lead over a store on each database."""

from tests.service.second_look.conftest import team

__all__ = ["team"]
