"""The embedded wall: a small HTTP server that draws the Grafana dashboard's JSON in a browser, without Grafana."""
