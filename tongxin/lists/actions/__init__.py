"""What is written about lists: editions and their items, files, periods, what is admitted."""
