"""Both engines beside each other, part by part: cells, units, values, the snapshot, states.

What is equal is seen by fingerprints, sums over many values that either engine makes where its values lie; only what is
not equal is fetched and named, value by value.
"""
