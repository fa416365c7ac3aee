"""Evidence that is paid once in the whole country, whichever cell pays."""
