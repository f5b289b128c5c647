"""What every layer may use: the choices, the errors, the words a trial counts in, how numbers are written."""
