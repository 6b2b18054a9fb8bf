"""Writes of learning: a trained model, a topic taken up and what belongs to it. Each is one transaction."""
