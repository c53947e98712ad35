"""The validation report: its model, its messages, and the formats that it is written in."""
