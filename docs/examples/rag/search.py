"""Searches a collection that vecload keeps: pip install qdrant-client

EMBED_URL, QDRANT_URL (the HTTP port, 6333) and QDRANT_API_KEY come from the environment.
"""

import json
import os
import sys
import urllib.request

from qdrant_client import QdrantClient, models

MODEL, VECTOR, COLLECTION = "intfloat/multilingual-e5-small", "text", "articles"
QUERY_PREFIX = ""  # embed.prefix.query of the configuration


def embed(text: str, space: dict) -> list[float]:
    """Embeds a query by the model that embedded the documents."""
    body = {"model": MODEL, "input": [QUERY_PREFIX + text]}
    request = urllib.request.Request(
        os.environ["EMBED_URL"] + "/embeddings", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        vector = json.load(answer)["data"][0]["embedding"]
    return vector[: space["dim"]]  # shorter where embed.cut is set


def main(question: str, lang: str) -> None:
    client = QdrantClient(url=os.environ["QDRANT_URL"], api_key=os.environ.get("QDRANT_API_KEY"))
    # What made the vectors stands with the collection. Another model would find nonsense, silently.
    space = client.get_collection(COLLECTION).config.metadata["vecload"]["spaces"][VECTOR]
    if space["model"] != MODEL:
        sys.exit(f"{COLLECTION} holds vectors of {space['model']}, not of {MODEL}")

    found = client.query_points_groups(
        COLLECTION,
        query=embed(question, space),
        using=VECTOR,
        query_filter=models.Filter(must=[models.FieldCondition(key="lang", match=models.MatchValue(value=lang))]),
        group_by="_vecload.doc",  # the best chunk of each document
        group_size=1,
        limit=3,
        with_payload=True,
    )
    for group in found.groups:
        hit = group.hits[0]
        ours = hit.payload["_vecload"]
        print(f"{hit.score:.3f}  {ours['doc']}  (chunk {ours['chunk'] + 1} of {ours['chunks']})  {hit.payload['url']}")
        print(f"       {ours['text'][:100]!r}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "en")
