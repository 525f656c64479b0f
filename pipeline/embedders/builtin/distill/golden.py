"""Writes the golden tokenizer cases: what the teacher's own tokenizer makes of texts.

usage: golden.py TOKENIZER.json CORPUS.jsonl > ../testdata/tokens.jsonl
"""

import json
import random
import sys
import unicodedata

from tokenizers import Tokenizer

CASES = {
    "plain": "The quick brown fox jumps over the lazy dog.",
    "code": 'func Copy(dst Writer, src Reader) (written int64, err error) { return x_y+="a\\b"; }',
    "punctuation": "a!b\"c#d$e%f&g'h(i)j*k+l,m-n.o/p:q;r<s=t>u?v@w[x\\y]z^_`{|}~",
    "accents": "Café naïve coöperate ÅNGSTRÖM résumé Ñandú ČŠŽ Łódź",
    "combining": "Cafe\u0301 n\u0303 a\u0308\u0323\u0301b o\u0328",
    "lone accent": "\u0301",
    "cjk": "向量数据库 写入vectors東京タワー한국어 조선말 かな",
    "compatibility ideographs": "\uf900\ufa0e\U0002f800x",
    "astral ideographs": "𠀀𪜀𫝀a𫠠",
    "hangul": "각 한글 ᄒ\u1161\u11ab",
    "emoji": "ship it 🚀🚀 👩‍👩‍👧‍👦 ❤️ 🇩🇪 👍🏽",
    "controls": "a\x00b\x01c\x07\x0b\x0c\x7fd\x85e",
    "spaces": "a\tb\nc\rd\u00a0e\u2003f\u3000g\u2028h\u1680i",
    "zero width": "zero\u200bwidth\u200cjoin\u200der\ufeffbom\u2060word\u00adsoft",
    "replacement": "bad\ufffdchar",
    "private use": "a\ue000b\U000f0000c",
    "long word": "a" * 100 + " " + "a" * 101 + " " + "ab" * 150,
    "long accents": "é" * 100 + " " + "é" * 101,
    "long hangul": "각" * 33 + " " + "각" * 34,
    "long pieces": "pneumonoultramicroscopicsilicovolcanoconiosis antidisestablishmentarianism",
    "mixed scripts": "Москва Αθήνα القاهرة ירושלים मुंबई กรุงเทพ თბილისი Երևան",
    "turkish": "İstanbul ISPARTA ılık DİYARBAKIR i\u0307",
    "sharp s": "Straße STRASSE ẞ ﬁne ﬀ Ⅷ ½",
    "final sigma": "ΟΔΥΣΣΕΥΣ Σ",
    "greek signs": "a\u037eb\u0387c\u1fefd ΐ ᾳ",
    "struck signs": "a≠b≮c≯d ∄ ↚",
    "unicode punctuation": "“quoted” — ‘x’ … «y» ‹z› 、。「か」 ؟ । ¡hola! ¿qué? § ¶ © ® ™ € £ ° ±",
    "special tokens": "[CLS] text [SEP] [MASK] [PAD] [UNK] [unused1] ##ing # # ##",
    "numbers": "3.14159 1,000,000 0xDEADBEEF 1e-9 192.168.0.1 v1.26.0 ١٢٣ １２３",
    "url": "https://example.org/a_b?c=d&e=%20#frag user@example.org",
    "newer unicode": "a\u1ac0b a\u2e52b \U00010d24 \U0001fae8 a\u09fdb",
    "fullwidth": "ＡＢＣ ａｂｃ ！？",
    "math letters": "𝐀𝑏𝒞 ℵ ℝ K Å",
    "musical": "\U0001d15e\U0001d165",
    "empty": "",
    "blank": " \t\r\n\u3000",
    "nothing left": "\x00\u200b\u0301\ufffd",
}


def main():
    tokenizer = Tokenizer.from_file(sys.argv[1])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # A text that names a special token is still only text.
    tokenizer.encode_special_tokens = True
    rng = random.Random(5)
    cases = dict(CASES)
    lines = [json.loads(line)["text"] for line, _ in zip(open(sys.argv[2], encoding="utf-8"), range(20_000))]
    for i, text in enumerate(rng.sample([t for t in lines if not t.isascii()], 40)):
        cases[f"corpus {i}"] = text[:300]
    assigned = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in ("Cn", "Cs")]
    common = [c for c in assigned if ord(c) < 0x3100]
    for i in range(60):
        pool = common if i % 2 else assigned
        cases[f"random {i}"] = "".join(
            rng.choice(pool) if rng.random() < 0.5 else rng.choice("abcdefgh  .,AE\u0301é") for _ in range(60)
        )
    for name, text in cases.items():
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        print(json.dumps({"name": name, "text": text, "ids": ids}))


if __name__ == "__main__":
    main()
