"""The model: bundles, encoding, the engine, calibration, spans."""
