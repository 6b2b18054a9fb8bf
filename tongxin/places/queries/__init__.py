"""Reads of facilities, the network and studies."""
