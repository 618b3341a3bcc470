"""What every figure should be, worked out from the oracle's cells in numpy.

It shares nothing with the views but the catalogue, the series, the profile and the calendar: sums over units, levels and
periods are taken again.
"""
