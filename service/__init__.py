"""From assessment to action: the store, the HTTP API, the worker and the review console."""
