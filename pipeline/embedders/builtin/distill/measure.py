"""Measures a token table against the teacher.

spearman: rank correlation of the cosines of random pairs.
overlap:  mean share of the teacher's top 10 neighbours that the table also has.
hits:     top-1 and top-3 of natural-language queries over the Go documents.
"""

import numpy as np
import scipy.sparse as sp
from scipy.stats import spearmanr


def counts(ids, off, rows):
    """Documents x vocabulary matrix of token counts."""
    return sp.csr_matrix((np.ones(len(ids), np.float32), ids.astype(np.int32), off), shape=(len(off) - 1, rows))


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


def embed(table, x):
    return unit(x @ table)


def spearman(z, y, pairs=200_000, seed=7):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, len(z), (2, pairs))
    keep = a != b
    a, b = a[keep], b[keep]
    return spearmanr((z[a] * z[b]).sum(1), (y[a] * y[b]).sum(1)).statistic


def top(z, queries, k, skip_self):
    out = []
    for at in range(0, len(queries), 1024):
        s = queries[at : at + 1024] @ z.T
        if skip_self:
            s[np.arange(len(s)), at + np.arange(len(s))] = -2
        out.append(np.argsort(-s, axis=1, kind="stable")[:, :k])
    return np.concatenate(out)


def overlap(z, y, k=10):
    a, b = top(z, z, k, True), top(y, y, k, True)
    return np.mean([len(set(p) & set(q)) / k for p, q in zip(a, b)])


def ranks(z, queries, names, wanted):
    """Rank (1 = best) of the best accepted symbol of each query."""
    out = []
    for q, want in zip(queries, wanted):
        order = np.argsort(-(z @ q), kind="stable")
        out.append(1 + next(i for i, j in enumerate(order) if names[j] in want))
    return np.array(out)


def read_queries(path):
    rows = [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8") if not line.startswith("#")]
    return [r[0] for r in rows], [set(r[1].split()) for r in rows]
