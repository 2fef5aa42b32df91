"""Benchmarks, run by ``make bench``; they print ratios measured within one run and enforce no limits."""
