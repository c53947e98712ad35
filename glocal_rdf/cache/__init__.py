"""The cache: results that are kept in the user's folder, by the content of all that they were made of."""
