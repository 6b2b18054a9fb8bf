"""The JSON API, version 1. Each module holds one resource; ``build`` puts them together."""
