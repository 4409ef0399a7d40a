"""Imported once by the server that step processes are forked from: what every step needs is then there already."""

from dagster_project import definitions

definitions.defs()
