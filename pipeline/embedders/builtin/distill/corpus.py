"""Collects the text that the table is fitted to, as JSON lines {source, split, text}.

Only packaged text is read: WordNet, Debian's package descriptions, man pages
and documentation packages, Python docstrings, and the documentation of Go
modules. Two sources (the Debian handbook and the fortunes) and one text in
fifty of each other source are held out for measuring.

usage: corpus.py DOCS GOMODS.jsonl OUT.jsonl
"""

import ast
import gzip
import hashlib
import html.parser
import json
import pathlib
import random
import re
import subprocess
import sys

HELD_OUT_SOURCES = {"handbook", "fortunes"}


class Text(html.parser.HTMLParser):
    """Gathers the paragraphs, list items, headings and terms of a page."""

    BLOCKS = {"p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "title", "td", "div"}

    def __init__(self):
        super().__init__()
        self.out, self.buf, self.skip = [], [], 0

    def flush(self):
        text = re.sub(r"\s+", " ", "".join(self.buf)).strip(" ¶")
        self.buf = []
        if text:
            self.out.append(text)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "pre"):
            self.skip += 1
        if tag in self.BLOCKS:
            self.flush()

    def handle_endtag(self, tag):
        if tag in ("script", "style", "pre"):
            self.skip = max(0, self.skip - 1)
        if tag in self.BLOCKS:
            self.flush()

    def handle_data(self, data):
        if not self.skip:
            self.buf.append(data)


def pages(root, pattern):
    for path in sorted(root.glob(pattern)):
        parser = Text()
        data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
        parser.feed(data.decode("utf-8", "replace"))
        parser.flush()
        yield from parser.out


def wordnet(root):
    for path in sorted(root.glob("usr/share/wordnet/data.*")):
        for line in path.read_text("latin-1").splitlines():
            if line.startswith(" ") or "|" not in line:
                continue
            head, gloss = line.split("|", 1)
            word = head.split()[4].replace("_", " ")
            for i, part in enumerate(gloss.strip().split("; ")):
                part = part.strip().strip('"')
                # Half of the glosses come with their word.
                yield f"{word}: {part}" if i == 0 and len(part) % 2 else part


def debian():
    out = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, check=True)
    for m in re.finditer(r"^Description(?:-en)?: (.*)$", out.stdout.decode("utf-8", "replace"), re.M):
        yield m[1]


def man(roots):
    for root in roots:
        for path in sorted(root.glob("usr/share/man/man[1-8]/*.gz")):
            try:
                raw = gzip.open(path).read().decode("utf-8", "replace")
            except OSError:
                continue
            raw = re.sub(r"\\f[BIRP]|\\fC|\\f\(..", "", raw)
            raw = raw.replace("\\-", "-").replace("\\&", "").replace("\\(aq", "'").replace("\\e", "\\")
            raw = re.sub(r"^\.(?:B|I|BR|IR|RB|BI|RI|Nm|Nd|Ar|Fl) ?(.*)$", r"\1", raw, flags=re.M)
            for block in re.split(r"\n\s*\n|\n\.[^\n]*", raw):
                if not block.startswith("'\\\""):
                    yield re.sub(r"\s+", " ", block).strip()


def docstrings(roots):
    for root in roots:
        for path in sorted(root.glob("**/*.py")):
            if "test" in str(path.relative_to(root)).lower():
                continue
            try:
                tree = ast.parse(path.read_text("utf-8"))
            except (SyntaxError, ValueError, UnicodeError, RecursionError):
                continue
            module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            for node in ast.walk(tree):
                if not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
                    continue
                text = ast.get_docstring(node)
                if not text:
                    continue
                args = f"({ast.unparse(node.args)})" if not isinstance(node, ast.ClassDef) else ""
                yield f"{module}.{node.name}{args}\n{text}"
                yield text.split("\n\n")[0]


def gomods(path):
    for line in open(path, encoding="utf-8"):
        text = json.loads(line)["text"]
        head, _, rest = text.partition("\n")
        # The module's host and version say nothing about the symbol.
        name = re.sub(r"@v[^/.]*(\.\d+)*[^/]*?(?=[/.][A-Za-z])", "", head)
        name = "/".join(name.split("/")[2:]) or name
        yield name + "\n" + rest
        m = re.search(r"\n((?:Package )?[A-Z]\w+ [a-z][^\n]*(?:\n[^\n]+)*)", rest)
        if m:
            # "Copy copies from src": without its subject it reads like a query.
            yield m[1].split(". ")[0].partition(" ")[2]


def fortunes(root):
    for path in sorted(root.glob("usr/share/games/fortunes/*")):
        if path.suffix == "":
            yield from re.split(r"\n%\n", path.read_text("utf-8", "replace"))


def pieces(text, rng):
    """Cuts long prose into runs of one to four sentences."""
    if len(text) < 400 or "\n" in text:
        yield text[:700]
        return
    sentences = re.split(r"(?<=[.!?]) +", text)
    i = 0
    while i < len(sentences):
        n = rng.choice((1, 1, 2, 3, 4))
        yield " ".join(sentences[i : i + n])[:700]
        i += n


def main():
    docs, mods, out = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    rng = random.Random(1)
    share = docs / "usr/share"
    sources = {
        # name: (texts, most texts taken)
        "wordnet": (wordnet(docs), 130_000),
        "debian": (debian(), 50_000),
        "man": (man([docs, pathlib.Path("/")]), 35_000),
        "docstrings": (docstrings([pathlib.Path(p) for p in sys.path if p.endswith(("python3.11", "-packages"))]), 45_000),
        "gomods": (gomods(mods), 30_000),
        "python": (pages(share, "doc/python3.11/html/**/*.html"), 40_000),
        "postgresql": (pages(share, "doc/postgresql-doc-15/html/*.html"), 20_000),
        "git": (pages(share, "doc/git-doc/**/*.html"), 8_000),
        "sqlite": (pages(share, "doc/sqlite3/**/*.html"), 12_000),
        "anarchism": (pages(share, "doc/anarchism/html/**/*.html*"), 30_000),
        "gnome": (pages(share, "help/C/gnome-help/*.page"), 10_000),
        "handbook": (pages(share, "doc/debian-handbook/html/en-US/*.html"), 4_000),
        "fortunes": (fortunes(docs), 4_000),
    }
    seen, rows = set(), []
    for name, (texts, most) in sources.items():
        got = []
        for text in texts:
            for piece in pieces(text.strip(), rng):
                key = piece.lower()
                letters = sum(c.isascii() and c.isalpha() for c in piece)
                if len(piece) < 12 or letters < 0.55 * len(piece) or key in seen:
                    continue
                seen.add(key)
                got.append(piece)
        rng.shuffle(got)
        for text in got[:most]:
            held = name in HELD_OUT_SOURCES or hashlib.sha256(text.encode()).digest()[0] < 5
            rows.append({"source": name, "split": "held" if held else "fit", "text": text})
        print(name, len(got), min(len(got), most), sum(map(len, got[:most])) // max(1, min(len(got), most)), file=sys.stderr)
    rng.shuffle(rows)
    with open(out, "w", encoding="utf-8") as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(len(rows), "texts", file=sys.stderr)


if __name__ == "__main__":
    main()
