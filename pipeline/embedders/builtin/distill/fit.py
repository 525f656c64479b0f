"""Fits the token table to the teacher's sentence embeddings.

The table starts as the teacher's embedding of each token alone, centred,
turned onto the main axes of the teacher's sentence embeddings and weighted by
SIF. Adam then minimises, over batches of texts that lie near each other,

    (1 - cos(student, teacher))
    + RELATION * KL(teacher's neighbours || student's)
    + CONTRAST * the InfoNCE loss of pairs of texts about the same thing
    + HINTS * the cross entropy of a few questions over Go symbols

where a text's student embedding is the normalised sum of its tokens' rows.

usage: fit.py CORPUS.jsonl FIT_PREFIX VOCAB.npz OUT.npy [--pairs PAIRS.npz]
                [--init TABLE.npy] [--hints hints.tsv DOCS.jsonl TOKENIZER.json]
"""

import argparse
import glob
import json
import time

import numpy as np
import scipy.sparse as sp

from measure import counts, embed, read_queries, unit
from teacher import load_tokenizer

ROWS = 30_522


def load(corpus, prefix, most=10**9):
    """Returns counts, teacher embeddings and the held-out mask of the encoded texts."""
    paths = sorted(glob.glob(prefix + ".*.npz"), key=lambda p: int(p.split(".")[-2]))
    ids, off, emb = [], [np.zeros(1, np.int64)], []
    for path in paths[:most]:
        try:
            part = np.load(path)
            ids.append(part["ids"])
        except Exception:  # being written
            break
        off.append(part["off"][1:] + off[-1][-1])
        emb.append(part["emb"])
    x = counts(np.concatenate(ids), np.concatenate(off), ROWS)
    y = unit(np.concatenate(emb).astype(np.float32))
    meta = [json.loads(line) for line, _ in zip(open(corpus, encoding="utf-8"), range(len(y)))]
    held = np.array([m["split"] == "held" for m in meta])
    source = np.array([m["source"] for m in meta])
    return x, y, held, source


def start(vocab, basis, a):
    """The Model2Vec-like table: centred token embeddings, SIF-weighted by Zipf's law."""
    rank = np.arange(ROWS) + 2
    p = 1 / rank
    p /= p.sum()
    table = (vocab - vocab.mean(0)) @ basis * (a / (a + p))[:, None]
    return (table / np.linalg.norm(table, axis=1).mean()).astype(np.float32)


def clusters(y, k, rng, rounds=6):
    """Spherical k-means; returns the cluster of each row."""
    c = y[rng.choice(len(y), k, replace=False)]
    sample = y[rng.choice(len(y), min(len(y), 40_000), replace=False)]
    for _ in range(rounds):
        label = np.argmax(sample @ c.T, axis=1)
        c = unit(np.stack([sample[label == j].sum(0) if (label == j).any() else c[j] for j in range(k)]))
    return np.concatenate([np.argmax(y[i : i + 8192] @ c.T, axis=1) for i in range(0, len(y), 8192)])


class Adam:
    """Adam that touches only the rows of a batch."""

    def __init__(self, table):
        self.table, self.m, self.v, self.n = table, np.zeros_like(table), np.zeros_like(table), 0

    def step(self, rows, grad, lr, b1=0.9, b2=0.99):
        self.n += 1
        m = self.m[rows] = b1 * self.m[rows] + (1 - b1) * grad
        v = self.v[rows] = b2 * self.v[rows] + (1 - b2) * grad * grad
        rate = lr * np.sqrt(1 - b2**self.n) / (1 - b1**self.n)
        self.table[rows] -= rate * m / (np.sqrt(v) + 1e-8)


def gradient(z, y256, y, relation, tau):
    """Loss and its gradient by the student's unit embeddings z."""
    n = len(z)
    loss, g = 1 - (z * y256).sum(1).mean(), -y256 / n
    if relation:
        t, s = y @ y.T / tau, z @ z.T / tau
        np.fill_diagonal(t, -1e9)
        np.fill_diagonal(s, -1e9)
        t = np.exp(t - t.max(1, keepdims=True))
        t /= t.sum(1, keepdims=True)
        s = np.exp(s - s.max(1, keepdims=True))
        s /= s.sum(1, keepdims=True)
        loss += relation * (t * (np.log(t + 1e-9) - np.log(s + 1e-9))).sum(1).mean()
        d = (s - t) * (relation / tau / n)
        g = g + (d + d.T) @ z
    return loss, g


def contrast(za, zb, tau):
    """The symmetric InfoNCE loss of rows that belong together, and its gradients."""
    n = len(za)
    s = za @ zb.T / tau
    rows = np.exp(s - s.max(1, keepdims=True))
    rows /= rows.sum(1, keepdims=True)
    cols = np.exp(s - s.max(0, keepdims=True))
    cols /= cols.sum(0, keepdims=True)
    own = np.arange(n)
    loss = -np.log(rows[own, own] + 1e-9).mean() - np.log(cols[own, own] + 1e-9).mean()
    d = (rows + cols) / (tau * n)
    d[own, own] -= 2 / (tau * n)
    return loss, d @ zb, d.T @ za


def pair_batch(total, size, rng):
    """Half of the pairs are neighbours in their source: these are hard to tell apart."""
    at = rng.integers(total - size // 2)
    return np.concatenate([np.arange(at, at + size // 2), rng.integers(0, total, size // 2)])


def load_pairs(path):
    part = np.load(path)
    return counts(part["qids"], part["qoff"], ROWS), counts(part["tids"], part["toff"], ROWS)


class Hints:
    """Questions, each with the document that should come first among those it is mistaken for."""

    def __init__(self, tsv, docs, tokenizer):
        tokenizer = load_tokenizer(tokenizer)
        queries, wanted = read_queries(tsv)
        rows = [json.loads(line) for line in open(docs, encoding="utf-8")]
        place = {r["id"]: i for i, r in enumerate(rows)}
        self.right = np.array([place[next(iter(w))] for w in wanted])
        self.queries, self.docs = (self.count(tokenizer, t) for t in (queries, [r["text"] for r in rows]))

    @staticmethod
    def count(tokenizer, texts):
        ids = [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
        return counts(np.concatenate(ids), np.cumsum([0, *map(len, ids)]), ROWS)

    def candidates(self, table, rng, hard=4, others=100):
        """Chooses documents: the right ones, the nearest to each question, and some at random."""
        s = embed(table, self.queries) @ embed(table, self.docs).T
        near = np.argpartition(-s, hard, axis=1)[:, :hard].ravel()
        return np.unique(np.concatenate([self.right, near, rng.integers(0, s.shape[1], others)]))

    def gradient(self, zq, zd, chosen, tau):
        label = np.searchsorted(chosen, self.right)
        s = zq @ zd.T / tau
        p = np.exp(s - s.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        own = np.arange(len(zq))
        loss = -np.log(p[own, label] + 1e-9).mean()
        p[own, label] -= 1
        p /= tau * len(zq)
        return loss, p @ zd, p.T @ zq


def batches(label, size, rng):
    """Batches of whole shuffled clusters in a row, so that neighbours meet."""
    order = rng.permutation(len(label))
    turn = rng.permutation(label.max() + 1)
    order = order[np.argsort(turn[label[order]], kind="stable")]
    shift = rng.integers(size)
    cuts = [order[:shift]] + [order[i : i + size] for i in range(shift, len(order), size)]
    cuts = [c for c in cuts if len(c) > size // 4]
    for i in rng.permutation(len(cuts)):
        yield cuts[i]


def fit(table, x, y, basis, args, seconds, report=None, pairs=None, hints=None):
    rng = np.random.default_rng(1)
    label = clusters(y, max(8, len(y) // args.cluster), rng)
    y256 = unit(y @ basis)
    adam, began, total = Adam(table), time.time(), args.epochs * (len(y) // args.batch + 1)
    done = 0
    for epoch in range(args.epochs):
        losses = []
        for b in batches(label, args.batch, rng):
            xb = x[b]
            if pairs:
                p = pair_batch(pairs[0].shape[0], args.pair_batch, rng)
                xb = sp.vstack([xb, pairs[0][p], pairs[1][p]], format="csr")
            if hints:
                if done % 20 == 0:
                    chosen = hints.candidates(table, rng)
                xb = sp.vstack([xb, hints.queries, hints.docs[chosen]], format="csr")
            if args.drop:
                xb.data = xb.data * (rng.random(len(xb.data)) >= args.drop)
            rows, local = np.unique(xb.indices, return_inverse=True)
            xb = sp.csr_matrix((xb.data, local, xb.indptr), shape=(xb.shape[0], len(rows)))
            u = xb @ table[rows]
            norm = np.maximum(np.linalg.norm(u, axis=1, keepdims=True), 1e-3)
            z = u / norm
            n = len(b)
            loss, g = gradient(z[:n], y256[b], y[b], args.relation, args.tau)
            if pairs:
                k = len(p)
                more, ga, gb = contrast(z[n : n + k], z[n + k : n + 2 * k], args.tau)
                loss += args.contrast * more
                g = np.concatenate([g, args.contrast * ga, args.contrast * gb])
            if hints:
                at, q = len(g), len(hints.right)
                more, ga, gb = hints.gradient(z[at : at + q], z[at + q :], chosen, args.tau)
                loss += args.hint_weight * more
                g = np.concatenate([g, args.hint_weight * ga, args.hint_weight * gb])
            du = (g - z * (z * g).sum(1, keepdims=True)) / norm
            progress = max(done / total, (time.time() - began) / seconds)
            lr = args.lr * min(1, (done + 1) / 50) * max(0.02, 1 - progress)
            adam.step(rows, np.asarray(xb.T @ du, np.float32) * len(b), lr)
            losses.append(loss)
            done += 1
            if time.time() - began > seconds:
                break
        print(f"epoch {epoch} loss {np.mean(losses):.4f} {time.time() - began:.0f} s", flush=True)
        if report:
            report(table, f"epoch {epoch}")
        if time.time() - began > seconds:
            break
    return table


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("corpus")
    p.add_argument("prefix")
    p.add_argument("vocab")
    p.add_argument("out")
    p.add_argument("--dims", type=int, default=256)
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--seconds", type=float, default=600)
    p.add_argument("--batch", type=int, default=1024)
    p.add_argument("--cluster", type=int, default=256, help="mean size of a cluster")
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--sif", type=float, default=1e-4)
    p.add_argument("--relation", type=float, default=0.2)
    p.add_argument("--tau", type=float, default=0.05)
    p.add_argument("--pairs")
    p.add_argument("--pair-batch", type=int, default=512)
    p.add_argument("--contrast", type=float, default=0.1)
    p.add_argument("--init")
    p.add_argument("--hints", nargs=3)
    p.add_argument("--hint-weight", type=float, default=0.05)
    p.add_argument("--drop", type=float, default=0.0, help="share of tokens left out at random")
    p.add_argument("--chunks", type=int, default=10**9)
    return p


def prepare(args):
    x, y, held, source = load(args.corpus, args.prefix, args.chunks)
    _, vectors = np.linalg.eigh(y[~held].T @ y[~held])
    basis = vectors[:, ::-1][:, : args.dims].astype(np.float32)
    vocab = np.load(args.vocab)["emb"].astype(np.float32)
    table = np.load(args.init) if args.init else start(vocab, basis, args.sif)
    return x, y, held, source, basis, table


def main():
    args = arguments().parse_args()
    x, y, held, _, basis, table = prepare(args)
    pairs = load_pairs(args.pairs) if args.pairs else None
    hints = Hints(*args.hints) if args.hints else None
    table = fit(table, x[~held], y[~held], basis, args, args.seconds, None, pairs, hints)
    np.save(args.out, table)


if __name__ == "__main__":
    main()
