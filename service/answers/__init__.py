"""The shapes of the API's answers, for the service and its client; import neither the store nor the model."""
