"""What is written in registers: lines and their steps, signatures, tags."""
