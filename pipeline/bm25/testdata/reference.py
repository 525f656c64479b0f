"""Writes reference.json: what FastEmbed and Qdrant make of some texts.

    pip install fastembed==0.9.1 qdrant-edge-py==0.9.0
    python3 reference.py > reference.json

Qdrant's code for BM25 is that of qdrant-edge, with all defaults, and brings
its own stop words. FastEmbed would fetch its own; it is given those in
english.txt, which Qdrant leaves out too.
"""

import json
import pathlib
import tempfile

import qdrant_edge
from fastembed.sparse.bm25 import Bm25

TEXTS = {
    # Words and numbers of ASCII, at most 40 letters each, without underscore.
    "prose": [
        "",
        "the of and",
        "hello",
        "Running runners ran; the RUN runs. A run, running!",
        "The quick brown fox jumps over the lazy dog, and the dog sleeps.",
        "What doesn't kill you (mostly) makes you stronger: 3.14 times, 1,000 percent!",
        "Package io provides basic interfaces to I/O primitives. Its primary job is to wrap "
        "existing implementations of such primitives into shared public interfaces that "
        "abstract the functionality, plus some other related primitives.",
        "relational conditional rational valency digitizer conformably radically differently "
        "vileness analogously vietnamization predication operator feudalism decisiveness",
        "generous generously communal skies dying lying news innings early only singly "
        "succeeding exceeding proceeding proceedings canning herring",
        "error " * 300 + "timeout " * 2,
        "e-mail re-use well-known https://example.com/path?query=1&page=2 #tag @user",
    ],
    # More than that, still one word for one word.
    "wide": [
        "Café crème brûlée, naïve façade, Ærøskøbing; Höhen und Längen",
        "Привет, мир! Быстрая лиса прыгает.",
        "Ελληνικά και άλλα",
    ],
    "identifiers": [
        "func NewReaderSize(rd io.Reader, size int) *Reader",
        "snake_case_name __init__ _private MAX_VALUE camelCase HTTPServer URLs utf8 sha256Sum",
        "os.ErrNotExist go1.26.0 v2 192.168.0.1 config.yaml e.g. this",
    ],
}

words = (pathlib.Path(__file__).parent.parent / "english.txt").read_text().split()
qdrant = qdrant_edge.Bm25()
for word in words:
    assert not qdrant.embed_query(word).indices, word

with tempfile.TemporaryDirectory() as folder:
    fastembed = Bm25("Qdrant/bm25", specific_model_path=folder, stopwords=set(words))


def listed(vector):
    """A vector as rising pairs of index and value."""
    pairs = zip(vector.indices, vector.values)
    return sorted([int(index), round(float(value), 7)] for index, value in pairs)


cases = []
for kind, texts in TEXTS.items():
    for text in texts:
        cases.append({
            "kind": kind,
            "text": text,
            "fastembed": listed(fastembed.raw_embed([text])[0]),
            "fastembedQuery": listed(next(iter(fastembed.query_embed(text)))),
            "qdrant": listed(qdrant.embed_document(text)),
            "qdrantQuery": listed(qdrant.embed_query(text)),
        })
print("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]")
