"""What facts about plans reserve, free and close."""
