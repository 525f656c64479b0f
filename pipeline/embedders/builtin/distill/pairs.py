"""Collects pairs of texts about the same thing, as JSON lines {source, query, text}.

A query is the first sentence of a symbol's documentation without its subject
("copies from src to dst") or a WordNet gloss; the text is the symbol's name,
signature and documentation (half of the time without that sentence), or the
words and examples of the gloss. The Go standard library is not among them.

usage: pairs.py DOCS GOMODS.jsonl TOKENIZER.json OUT

Writes OUT.jsonl and OUT.npz, the token ids of queries (qids, qoff) and texts
(tids, toff) as in teacher.py.
"""

import json
import pathlib
import random
import re
import sys

import numpy as np

import corpus
import teacher


def split_summary(doc):
    """Returns the first sentence, in one line, and the rest."""
    m = re.match(r"(.*?(?:\.(?=\s)|\.$|\n\s*\n|$))(.*)", doc.strip(), re.S)
    return re.sub(r"\s+", " ", m[1]).strip(" ."), m[2].strip()


def go_pairs(path, rng):
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        head, _, rest = row["text"].partition("\n")
        name = head.split("/")[-1]
        m = re.search(r"^(?:A |An |The )?[A-Z]\w+ [a-z]", rest, re.M)
        if not m:
            continue
        signature, doc = rest[: m.start()].strip(), rest[m.start() :]
        summary, more = split_summary(doc)
        query = re.sub(r"^(?:A |An |The )?\w+ (?:is a |is an |is the |is |are )?", "", summary)
        yield query, f"{name}\n{signature}\n{doc if rng.random() < 0.5 else more}"


def python_pairs(roots, rng):
    for text in corpus.docstrings(roots):
        head, _, doc = text.partition("\n")
        if "(" not in head or not doc:
            continue
        summary, more = split_summary(doc)
        name = ".".join(head.partition("(")[0].split(".")[-2:])
        signature = "(" + head.partition("(")[2]
        yield summary, f"{name}\n{signature}\n{doc if rng.random() < 0.5 else more}"


def wordnet_pairs(root):
    for path in sorted(root.glob("usr/share/wordnet/data.*")):
        for line in path.read_text("latin-1").splitlines():
            if line.startswith(" ") or "|" not in line:
                continue
            head, gloss = line.split("|", 1)
            fields = head.split()
            words = [fields[4 + 2 * i].replace("_", " ") for i in range(int(fields[3], 16))]
            parts = gloss.strip().split('; "')
            yield parts[0], ", ".join(words) + " " + " ".join(p.strip('"; ') for p in parts[1:])


def main():
    docs, mods, tokenizer, out = pathlib.Path(sys.argv[1]), *sys.argv[2:5]
    rng = random.Random(2)
    roots = [pathlib.Path(p) for p in sys.path if p.endswith(("python3.11", "-packages"))]
    everything = []
    with open(out + ".jsonl", "w", encoding="utf-8") as f:
        for source, found, most in (
            ("go", go_pairs(mods, rng), 10**9),
            ("python", python_pairs(roots, rng), 10**9),
            ("wordnet", wordnet_pairs(docs), 60_000),
        ):
            # Neighbours in a file stay neighbours: they make hard negatives.
            rows, seen = [], set()
            for query, text in found:
                if len(query) < 12 or len(text) < 12 or query.lower() in seen:
                    continue
                seen.add(query.lower())
                rows.append({"source": source, "query": query[:300], "text": text[:600]})
            at = rng.randrange(max(1, len(rows) - most + 1)) if len(rows) > most else 0
            rows = rows[at : at + most]
            print(source, len(rows), file=sys.stderr)
            for row in rows:
                f.write(json.dumps(row, ensure_ascii=False) + "\n")
            everything += rows
    ids = {}
    for key in ("query", "text"):
        encoded = teacher.load_tokenizer(tokenizer).encode_batch([r[key] for r in everything], add_special_tokens=False)
        ids[key[0] + "ids"] = np.concatenate([np.array(e.ids, np.uint16) for e in encoded])
        ids[key[0] + "off"] = np.cumsum([0, *(len(e.ids) for e in encoded)])
    np.savez(out + ".npz", **ids)


if __name__ == "__main__":
    main()
