"""Several structures of one model, fitted beside each other and stacked by how well they forecast."""

from mmm_models.tournament.run import run_tournament

__all__ = ["run_tournament"]
