"""The days of a claim held against calendars, absence, suspension, practice and earlier claims."""
