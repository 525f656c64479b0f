"""Runs the teacher (all-MiniLM-L6-v2 as ONNX) over texts.

usage: teacher.py MODEL.onnx TOKENIZER.json vocab OUT
       teacher.py MODEL.onnx TOKENIZER.json TEXTS.jsonl OUT [MAX_TOKENS]

Writes OUT.<n>.npz, each with emb (float16, L2-normalised sentence embeddings),
ids and off (the WordPiece ids without special tokens, text i being
ids[off[i]:off[i+1]]). Texts are cut to MAX_TOKENS (default 126) tokens.
"""

import json
import sys
import time

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

CLS, SEP = 101, 102
CHUNK = 20_480
BUDGET = 4096  # tokens a batch, padding counted in


class Teacher:
    def __init__(self, model, threads=2):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = ort.InferenceSession(model, options)

    def encode(self, id_lists):
        """Embeds token id lists; returns float32, len(id_lists) x 384, unit rows."""
        out = np.zeros((len(id_lists), 384), np.float32)
        order = sorted(range(len(id_lists)), key=lambda i: len(id_lists[i]))
        at = 0
        while at < len(order):
            end, longest = at, 0
            while end < len(order) and (len(id_lists[order[end]]) + 2) * (end - at + 1) <= BUDGET:
                longest = len(id_lists[order[end]]) + 2
                end += 1
            if end == at:
                longest, end = len(id_lists[order[at]]) + 2, at + 1
            ids = np.zeros((end - at, longest), np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(order[at:end]):
                seq = [CLS, *id_lists[i], SEP]
                ids[row, : len(seq)] = seq
                mask[row, : len(seq)] = 1
            hidden = self.session.run(
                None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            )[0]
            mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            out[order[at:end]] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
            at = end
        return out


def load_tokenizer(path):
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def main():
    model, tokenizer_path, texts, out = sys.argv[1:5]
    limit = int(sys.argv[5]) if len(sys.argv) > 5 else 126
    tokenizer = load_tokenizer(tokenizer_path)
    if texts == "vocab":
        ids = [[i] for i in range(tokenizer.get_vocab_size())]
    else:
        rows = [json.loads(line)["text"] for line in open(texts, encoding="utf-8")]
        ids = []
        for at in range(0, len(rows), CHUNK):
            batch = tokenizer.encode_batch(rows[at : at + CHUNK], add_special_tokens=False)
            ids.extend(np.array(e.ids[:limit], np.uint16) for e in batch)
    teacher = Teacher(model)
    size = len(ids) if texts == "vocab" else CHUNK
    for n, at in enumerate(range(0, len(ids), size)):
        start, part = time.time(), ids[at : at + size]
        emb = teacher.encode(part)
        off = np.cumsum([0, *(len(p) for p in part)])
        flat = np.concatenate([np.asarray(p, np.uint16) for p in part])
        np.savez(f"{out}.{n}.npz", emb=emb.astype(np.float16), ids=flat, off=off.astype(np.int64))
        print(n, len(part), off[-1], f"{off[-1] / (time.time() - start):.0f} tokens/s", flush=True)


if __name__ == "__main__":
    main()
