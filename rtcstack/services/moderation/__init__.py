"""Moderation of halls: recordings once they are ready, running halls, what is found and what follows."""
