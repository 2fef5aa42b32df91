"""Listings, their captures, assessments, contacts and sightings."""
