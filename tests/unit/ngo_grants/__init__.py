"""Rules of the youth project calls."""
