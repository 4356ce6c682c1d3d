"""What `/metrics` tells (docs/operations/metrics.md): figures counted as things happen, and figures read at each scrape."""
