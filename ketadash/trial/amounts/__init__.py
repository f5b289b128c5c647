"""What the daily column means: refusals, use of unknown amount, yes and no beside the amounts, several amounts."""
