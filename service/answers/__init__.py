"""Response models of the API, shared by the service and its client.

Imports neither the store nor the model.
"""
