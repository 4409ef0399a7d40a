"""Engines against their peers."""
