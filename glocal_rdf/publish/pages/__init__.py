"""The pages for people: the first page, and those of things, terms and the dataset."""
