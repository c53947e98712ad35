"""Claims: which of them count, what follows from them, and what rests on them."""
