"""Sparse rows: counted, summed, made of length one. Sums only, no text."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Array = npt.NDArray[Any]


def count_rows(rows: Array, columns: Array, shape: tuple[int, int]) -> sp.csr_matrix:
    """How often each (row, column) occurs, float32, columns in order."""
    keys = rows.astype(np.int64) * max(shape[1], 1) + columns
    if shape[0] * shape[1] < 1 << 32:
        keys = keys.astype(np.uint32)  # sorts in half the time
    keys.sort()
    new = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    often = np.diff(new, append=len(keys)).astype(np.float32)
    held, places = np.divmod(keys[new], max(shape[1], 1))
    starts = np.concatenate([[0], np.cumsum(np.bincount(held, minlength=shape[0]))])
    return sp.csr_matrix((often, places.astype(np.int32), starts.astype(np.int32)), shape=shape)


def rows_of(matrix: sp.csr_matrix) -> Array:
    """(stored,) the row of each stored number, in their order."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def unit_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """The same rows with Euclidean length one; empty rows stay empty. Changes ``matrix`` and returns it."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(matrix.indptr)).astype(np.float32)
    return matrix


def sum_groups(first: Array, parts: int) -> sp.csr_matrix:
    """(groups × parts) of ones: times what has a row a part it sums each group. ``first``: where each group begins."""
    ends = np.append(first, parts)
    return sp.csr_matrix((np.ones(parts, np.float32), np.arange(parts), ends), shape=(len(first), parts))


def group_of(first: Array, parts: int) -> Array:
    """(parts,) the group that each part belongs to."""
    return np.repeat(np.arange(len(first)), np.diff(first, append=parts))
