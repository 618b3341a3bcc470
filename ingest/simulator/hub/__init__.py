"""The data hub, simulated: CKAN portal, LGSP counters, dropped reports, pushes."""
