"""A message names a rule as the page does, and knows every rule that somebody may be told of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alerts.notify.voice import rule_words
from alerts.rationalisation import rationalisation

MESSAGES = Path(__file__).parents[3] / "dashboards" / "page" / "src" / "messages"
LASTING = {"zh": ",已 {duration}", "en": " for {duration}"}


def test_every_rule_that_has_guidance_has_words() -> None:
    told = {rule for rule, _ in rationalisation()} - {"air"}  # of the record alone: nobody is told
    assert told <= rule_words().keys()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_message_says_it_in_the_words_of_the_page(language: str) -> None:
    page = json.loads((MESSAGES / f"{language}.json").read_text("utf-8"))

    for rule, words in rule_words().items():
        said = page[f"alarm.{rule}"].removesuffix(LASTING[language]).rstrip(",")
        assert words[language] == said, rule
