"""Writes of bodies, people and posts: permission, change, record and new version in one transaction each."""
