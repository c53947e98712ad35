"""What hosts need besides pages: the site map, pages for errors, and rules that lead from things to their documents."""
