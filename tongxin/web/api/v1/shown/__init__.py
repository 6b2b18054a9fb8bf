"""What goes out: the typed answers of the API. No names, no telephone numbers; texts only where their reader may have them."""
