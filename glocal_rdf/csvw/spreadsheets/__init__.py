"""Spreadsheets and Parquet files read as tables: opened within bounds, with the values that their cells hold."""
