"""The statements that pages show: who says so and where, what leads to a thing, and what other sources say of it."""
