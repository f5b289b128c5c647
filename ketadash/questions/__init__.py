"""What the dashboard answers: one folder a question, each with its words, pictures and tables."""
