"""Call-outs (动员): who was called, who has answered, how many households were reached."""
