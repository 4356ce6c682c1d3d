"""`rtcstack doctor`: looks at everything that may be wrong with an installation, and says of each thing what to do."""
