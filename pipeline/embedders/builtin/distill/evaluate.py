"""Measures the packed table, as the program uses it, against the float teacher.

usage: evaluate.py TEACHER_FOLDER CORPUS.jsonl FIT_PREFIX GOSTD.jsonl GOSTD.npz TABLE.bin

FIT_PREFIX only says how many texts were encoded; the held-out ones among them
are encoded again by the float teacher.
"""

import json
import pathlib
import sys

import numpy as np

import fit
import measure as m
from teacher import Teacher, load_tokenizer

ROWS, HEADER, BIAS = 30_522, 120, 128


def encode(tokenizer, texts, limit=None):
    ids = [np.array(e.ids[:limit], np.uint16) for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
    return ids, m.counts(np.concatenate(ids), np.cumsum([0, *map(len, ids)]), ROWS)


def main():
    folder, corpus, prefix, gostd, goemb, packed = sys.argv[1:7]
    folder = pathlib.Path(folder)
    tokenizer, teacher = load_tokenizer(str(folder / "tokenizer.json")), Teacher(str(folder / "all-minilm-l6-v2.onnx"))
    table = np.fromfile(packed, np.uint8, offset=HEADER).reshape(ROWS, -1).astype(np.float32) - BIAS

    x, y, held, source = fit.load(corpus, prefix)
    meta = [json.loads(line) for line, _ in zip(open(corpus, encoding="utf-8"), range(len(y)))]
    chosen = np.flatnonzero(held)[:2000]
    ids, xh = encode(tokenizer, [meta[i]["text"] for i in chosen], 126)
    yh, zh = teacher.encode(ids), m.embed(table, xh)
    whole = np.isin(source[chosen], ["handbook", "fortunes"])
    for name, mask in (("held-out texts", np.ones(len(chosen), bool)), ("held-out sources", whole)):
        print(f"{name}: {mask.sum()} texts, spearman {m.spearman(zh[mask], yh[mask]):.3f}, "
              f"top-10 overlap {m.overlap(zh[mask], yh[mask]):.3f}")

    rows = [json.loads(line) for line in open(gostd, encoding="utf-8")]
    names = [r["id"] for r in rows]
    yg = m.unit(np.load(goemb)["emb"].astype(np.float32))
    zg = m.embed(table, encode(tokenizer, [r["text"] for r in rows])[1])
    print(f"go: {len(rows)} documents, spearman {m.spearman(zg, yg):.3f}, top-10 overlap {m.overlap(zg, yg):.3f}")

    texts, wanted = m.read_queries(pathlib.Path(__file__).with_name("queries.tsv"))
    ids, xq = encode(tokenizer, texts)
    teachers = m.ranks(yg, teacher.encode(ids), names, wanted)
    zq = m.embed(table, xq)
    ours = m.ranks(zg, zq, names, wanted)
    for name, r in (("teacher", teachers), ("table", ours)):
        print(f"{name}: of {len(r)} queries top-1 {(r == 1).sum()}, top-3 {(r <= 3).sum()}, top-10 {(r <= 10).sum()}")
    for text, a, b, q in zip(texts, teachers, ours, zq):
        best = np.argsort(-(zg @ q), kind="stable")[:3]
        print(f"{a:5} {b:5}  {text} -> " + ", ".join(f"{names[j]} {zg[j] @ q:.2f}" for j in best))


if __name__ == "__main__":
    main()
