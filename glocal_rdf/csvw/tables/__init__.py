"""Tables: delimited text, spreadsheets and Parquet files, read into columns of text within bounds."""
