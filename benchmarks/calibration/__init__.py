"""Simulation-based calibration: are posteriors of the fast engine those of its own model?"""
