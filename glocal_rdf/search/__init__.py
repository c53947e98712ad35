"""Search: things found by their labels and by words in their descriptions."""
