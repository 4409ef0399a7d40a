"""Experiments as measurements."""
