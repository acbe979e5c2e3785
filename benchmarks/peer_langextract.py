"""langextract on texts from stdin, for reading.py: one JSON line in, one out.

Run by an interpreter that has langextract (pip install "langextract[openai]"), which isn't a
dependency of sayso. Whole article in one buffer, no match by similarity of a lesser part, two
examples with twelve attributions of the kinds that sayso reads. Environment: PEER_URL, PEER_KEY,
PEER_MODEL.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import langextract as lx

PROMPT = """Extract every attribution in the news text: who says, thinks, wants or asks what.
Use the exact words of the text for the content, without the source and the reporting words.
Give the source and the reporting words (the cue) as attributes, exactly as they stand there."""
EXAMPLES = (  # as long as a short article: a small model answers as much as its examples do
    (
        (
            "Harbour bridge to stay shut, mayor says\n\n"
            "PORT ELLEN — The mayor said on Monday that the harbour bridge would stay shut "
            "until June. “We can’t gamble with lives,” Ana Reyes told the Herald. She hopes "
            "to reopen one lane by Easter.\n\n"
            "According to two engineers cited by the Post, rust was found in nine of the "
            "cables. The builder, Dole & Sons, denied that it had used cheap steel and "
            "declined to comment on the report. It rained all night, and the ferries were "
            "full.\n\n"
            "Critics called the delay a disgrace. Shopkeepers warned they might close, and "
            "the union asked whether the state would pay. “Nobody asked us,” said Tom Birch, "
            "who runs a bakery."
        ),
        [
            ("the harbour bridge would stay shut until June", "The mayor", "said"),
            ("We can’t gamble with lives", "Ana Reyes", "told"),
            ("reopen one lane by Easter", "She", "hopes to"),
            ("rust was found in nine of the cables", "two engineers", "According to"),
            ("it had used cheap steel", "The builder, Dole & Sons", "denied"),
            ("the report", "The builder, Dole & Sons", "declined to comment on"),
            ("the delay a disgrace", "Critics", "called"),
            ("they might close", "Shopkeepers", "warned"),
            ("whether the state would pay", "the union", "asked"),
            ("Nobody asked us", "Tom Birch, who runs a bakery", "said"),
        ],
    ),
    (
        "The company declined to comment on the leak, which critics called a disgrace.",
        [
            ("the leak", "The company", "declined to comment on"),
            ("a disgrace", "critics", "called"),
        ],
    ),
)


def examples() -> list[Any]:
    """Return the examples in langextract's form."""
    return [
        lx.data.ExampleData(
            text=text,
            extractions=[
                lx.data.Extraction(
                    extraction_class="attribution",
                    extraction_text=content,
                    attributes={"source": source, "cue": cue},
                )
                for content, source, cue in found
            ],
        )
        for text, found in EXAMPLES
    ]


def read(text: str) -> list[dict[str, Any]]:
    """Return the attributions of a text: content interval, source and cue as words."""
    result = lx.extract(
        text_or_documents=text,
        prompt_description=PROMPT,
        examples=examples(),
        config=lx.factory.ModelConfig(
            model_id=os.environ["PEER_MODEL"],
            provider="OpenAILanguageModel",
            provider_kwargs={
                "base_url": os.environ["PEER_URL"],
                "api_key": os.environ["PEER_KEY"],
                "temperature": 0.0,
            },
        ),
        max_char_buffer=len(text) + 1,
        use_schema_constraints=False,
        fence_output=False,
        resolver_params={"accept_match_lesser": False},
        show_progress=False,
    )
    found = []
    for one in result.extractions or []:
        place = one.char_interval
        if place is None or place.start_pos is None or place.end_pos is None:
            continue
        attributes = one.attributes or {}
        found.append(
            {
                "start": place.start_pos,
                "end": place.end_pos,
                "source": str(attributes.get("source") or ""),
            }
        )
    return found


for line in sys.stdin:
    article = json.loads(line)
    start = time.monotonic()
    try:
        answer: dict[str, Any] = {"found": read(article["text"])}
    except Exception as error:  # noqa: BLE001  (whatever it raises is its result)
        answer = {"error": f"{type(error).__name__}: {error}"[:300]}
    answer |= {"id": article["id"], "seconds": time.monotonic() - start}
    print(json.dumps(answer), flush=True)  # noqa: T201
