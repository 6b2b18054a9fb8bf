"""What pages ask of texts: classes, likely same matters, units, topics. Each says its statement count."""
