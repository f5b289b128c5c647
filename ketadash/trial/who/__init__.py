"""Who is who: which column names a person, which rows are nobody's, which spellings are one identifier."""
