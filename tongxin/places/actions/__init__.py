"""Writes of facilities, the network and studies: permission, change and record in one transaction."""
