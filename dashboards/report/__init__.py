"""The report of a period's indicator values to the government's report system: made, signed, sent, received."""
