"""Providers of moderation, each in a child process of its own, and the view into rooms."""
