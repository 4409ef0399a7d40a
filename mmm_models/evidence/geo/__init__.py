"""Geo experiments: from outcomes by region to an effect with an honest standard error, and to a record of it.

What the treated regions would have had comes from the regions that were not treated (CausalPy); how far such a figure
is off by chance comes from placebos: the same estimate for regions and times at which nothing was changed.
"""

from mmm_models.evidence.geo.batch import GeoResult, read_all
from mmm_models.evidence.geo.estimate import read_out
from mmm_models.evidence.geo.panel import GeoPanel
from mmm_models.evidence.geo.readout import GeoReadout
from mmm_models.evidence.geo.record import record_of, spend_path
from mmm_models.evidence.geo.treatment import GeoTest, read_geo_tests

__all__ = [
    "GeoPanel",
    "GeoReadout",
    "GeoResult",
    "GeoTest",
    "read_all",
    "read_geo_tests",
    "read_out",
    "record_of",
    "spend_path",
]
