"""Values: the cells of a table parsed by datatype and format (Model for Tabular Data, section 6.4)."""
