"""Figures of grids that packs may name."""
