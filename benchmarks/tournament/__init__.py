"""Structures of one model beside each other, on data that none of them made."""
