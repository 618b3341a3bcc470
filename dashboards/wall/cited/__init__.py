"""A figure as it was known at the moment that a link cites, beside the figure of today and what changed between them."""
