class BenchError(Exception):
    """A measurement could not be made; says why."""
