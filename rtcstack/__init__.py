"""Video rooms on your own machine, and every recording kept."""

__version__ = "0.1.0"
