"""The office of the second looks: reviewers and a lead over a store on each database."""

from tests.service.second_look.conftest import _light_hashing, team

__all__ = ["_light_hashing", "team"]
