"""The join page: a link, opened in a browser, is a seat in a room."""
