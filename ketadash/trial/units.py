"""What amounts are counted in, and what makes a day a heavy one, by the conventions of the place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of alcohol.

    Attributes
    ----------
    name, one, many
        What it is called, in full and in counts.
    grams
        Of alcohol in one.
    heavy_men, heavy_women
        A heavy drinking day is one of more than so many.
    source
        Who says so.
    """

    name: str
    one: str
    many: str
    grams: float
    heavy_men: float
    heavy_women: float
    source: str


UNITS = {
    "us": Unit(
        "US standard drinks (14 g)", "drink", "drinks", 14.0, 4.0, 3.0, "NIAAA: more than 4 drinks for men, 3 for women"
    ),
    "uk": Unit("UK units (8 g)", "unit", "units", 8.0, 8.0, 6.0, "NHS and ONS: more than 8 units for men, 6 for women"),
    "au": Unit(
        "Australian standard drinks (10 g)",
        "drink",
        "drinks",
        10.0,
        4.0,
        4.0,
        "NHMRC 2020: more than 4 standard drinks on any one day",
    ),
    "who": Unit(
        "standard drinks of 10 g (WHO, EU)",
        "drink",
        "drinks",
        10.0,
        6.0,
        4.0,
        "EMA 2010: more than 60 g of alcohol for men, 40 g for women",
    ),
    "oz": Unit(
        "US fluid ounces of pure alcohol",
        "ounce",
        "ounces",
        14 / 0.6,
        2.4,
        1.8,
        "NIAAA: more than 4 drinks for men, 3 for women, of 0.6 fluid ounces each",
    ),
    "ml": Unit(
        "millilitres of pure alcohol",
        "millilitre",
        "millilitres",
        0.789,
        76.0,
        51.0,
        "EMA 2010: more than 60 g of alcohol for men, 40 g for women, 0.789 g a millilitre",
    ),
    "grams": Unit(
        "grams of alcohol",
        "gram",
        "grams",
        1.0,
        60.0,
        40.0,
        "EMA 2010: more than 60 g of alcohol for men, 40 g for women",
    ),
}
DEFAULT = "us"
