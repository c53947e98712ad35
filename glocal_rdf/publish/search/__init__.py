"""Search in the browser: an index in small files, of which a search loads those that it needs."""
