"""The model's functions of money and time in plain numpy: adstock, saturation, seasonality, trend.

Each equals the PyMC-Marketing component of the same name; tests hold that.
"""

from mmm_models.transforms.adstock import ADSTOCKS, Adstock, adstock_weights, carry_over
from mmm_models.transforms.saturation import LINEAR, SATURATIONS, Saturation
from mmm_models.transforms.seasonality import fourier_basis, fourier_names
from mmm_models.transforms.trend import trend_index

__all__ = [
    "ADSTOCKS",
    "LINEAR",
    "SATURATIONS",
    "Adstock",
    "Saturation",
    "adstock_weights",
    "carry_over",
    "fourier_basis",
    "fourier_names",
    "trend_index",
]
