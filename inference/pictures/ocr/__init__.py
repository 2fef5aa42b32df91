"""Optical character recognition: decoding, detecting lines, reading each."""
