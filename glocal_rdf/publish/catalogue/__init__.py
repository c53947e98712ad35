"""The descriptions of a dataset for catalogues and machines: one model, written in each vocabulary that asks for it."""
