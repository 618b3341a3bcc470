"""Colours of the dashboards.

Status colours are those of Okabe and Ito (Color Universal Design, 2008): told apart by people with any of the common
colour deficiencies. Colour is never alone: a shape and a word stand beside it.
"""

GOOD = "#009E73"
WARNING = "#E69F00"
BAD = "#D55E00"
NEUTRAL = "#9FB1C4"
"""Where nothing is to be judged: no target, or a plain quantity."""

SERIES = ("#56B4E9", "#CC79A7", "#F0E442", "#0072B2", "#9FB1C4")
"""Lines and bars of several indicators, in order: the palette's colours that mean no status."""
