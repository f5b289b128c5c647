"""What several questions are made of: theme, curves, forests, tables, glossary, methods."""
