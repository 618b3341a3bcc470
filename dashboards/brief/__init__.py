"""The daily brief: one side of A4 on what leaders must know, as PDF and as a web page."""
