"""The calls, by subject. Each method makes one call of the API; its parameters are those of the API's document in snake_case."""
