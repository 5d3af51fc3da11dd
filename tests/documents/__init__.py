"""What is printed, read back: codes are scanned, words are read out of the PDF."""
