"""Where indicators with a target for the year will stand at its end."""
