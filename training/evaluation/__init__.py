"""Measuring: metrics, calibration, comparison, reports."""
