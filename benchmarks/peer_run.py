"""Many documents through langextract or bare instructor, for faults.py: JSON lines in and out.

    PYTHON benchmarks/peer_run.py langextract|instructor WORKERS < articles.jsonl

Run by an interpreter that has the peer, which sayso doesn't need for this. Each is used as its
documentation says, with its own settings for retries, a document in a call, and so many threads;
an error is a lost document and stops no other. Environment: PEER_URL. A line for each document:
how many attributions came, or the error; the last line has the seconds and the version.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

PROMPT = "List every attribution in the news text: who says what. Use the exact words of the text."
TEXT = "The mayor said the bridge would close on Monday."


def langextract() -> Callable[[str], int]:
    """Return langextract's reading, which has one example and no retries of its own."""
    import langextract as lx  # noqa: PLC0415

    attribution = lx.data.Extraction(
        extraction_class="attribution",
        extraction_text="the bridge would close on Monday",
        attributes={"source": "The mayor", "cue": "said"},
    )
    examples = [lx.data.ExampleData(text=TEXT, extractions=[attribution])]

    def read(text: str) -> int:
        found = lx.extract(
            text_or_documents=text,
            prompt_description=PROMPT,
            examples=examples,
            config=lx.factory.ModelConfig(
                model_id="langextract",
                provider="OpenAILanguageModel",
                provider_kwargs={"base_url": os.environ["PEER_URL"], "api_key": "none"},
            ),
            max_char_buffer=len(text) + 1,
            use_schema_constraints=False,
            fence_output=False,
            show_progress=False,
        )
        return len(found.extractions or [])

    return read


def instructor() -> Callable[[str], int]:
    """Return instructor's reading, with a re-ask as its documentation advises."""
    import instructor  # noqa: PLC0415
    import openai  # noqa: PLC0415
    from pydantic import BaseModel  # noqa: PLC0415

    class Attribution(BaseModel):
        content: str
        source: str
        cue: str

    class Attributions(BaseModel):
        claims: list[Attribution]

    client = instructor.from_openai(openai.OpenAI(base_url=os.environ["PEER_URL"], api_key="none"))

    def read(text: str) -> int:
        messages: list[Any] = [
            {"role": "system", "content": PROMPT},
            {"role": "user", "content": text},
        ]
        found = client.chat.completions.create(
            model="instructor", response_model=Attributions, messages=messages, max_retries=1
        )
        return len(found.claims)

    return read


TOOLS = {"langextract": langextract, "instructor": instructor}


def main(name: str, workers: int) -> None:
    """Read all of stdin."""
    read = TOOLS[name]()
    texts = [json.loads(line)["text"] for line in sys.stdin]

    def one(text: str) -> dict[str, Any]:
        try:
            return {"found": read(text)}
        except Exception as error:  # noqa: BLE001  (whatever it raises is its result)
            return {"error": f"{type(error).__name__}: {error}"[:200]}

    began_s = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        for answer in pool.map(one, texts):
            print(json.dumps(answer))  # noqa: T201
    seconds = time.monotonic() - began_s
    print(json.dumps({"seconds": seconds, "version": version(name)}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
