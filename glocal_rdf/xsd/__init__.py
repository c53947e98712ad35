"""XML Schema datatypes: lexical spaces, ordering, and the two dialects of regular expressions."""
