"""What banks answer: status reports, statements, notices."""
