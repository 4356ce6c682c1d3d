"""What the media process does: cutting clips, taking pictures. Started as `rtcstack media`, one order a process."""
