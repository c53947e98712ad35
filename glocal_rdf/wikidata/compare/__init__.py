"""Our statements beside those of a Wikibase, and what came of it."""
