"""Self-checks of 02a_tokenizers."""

import regex

from workshop_lib.check.exercise import wants
from workshop_lib.tokenizer.word_level import END_OF_TEXT, UNKNOWN, WORD_PATTERN, WordTokenizer


def check_02a_1(digit_pattern) -> str | None:
    """A pattern that cuts numbers into digits."""
    if not isinstance(digit_pattern, str):
        return f"the pattern is a string, not {type(digit_pattern).__name__}"
    if regex.compile(digit_pattern).groups:
        return "round brackets change what findall returns: write (?: … ) or leave them out"
    text = "In 1599, Act2 ran\n 30  days!"
    pieces = regex.findall(digit_pattern, text)
    if "".join(pieces) != text:
        lost = sorted(set(text) - set("".join(pieces))) or "some characters"
        return f"characters get lost: {lost}; every character needs a part that matches it"
    if " 1599" in pieces:
        return "a number behind a space is still one token: ' ?\\w+' takes ' 1599' before \\d can"
    if any(piece.isdigit() and len(piece) > 1 for piece in pieces):
        return "some digits still share a token: where \\w+ comes first it takes digits too"
    if " Act2" in pieces:
        return "Act2 is one token: \\w holds digits; [^\\W\\d] holds letters without digits"
    if " 1" not in pieces:
        return "the first digit should keep the space in front of it, as words do"
    if "Act" in pieces or "ran" in pieces:
        return "words should keep the space in front of them"
    wanted = ["In", " 1", "5", "9", "9", ",", " Act", "2", " ran", "\n", " 3", "0"]
    wanted += [" ", " days", "!"]
    return None if pieces == wanted else f"{text!r} gives {pieces}, and should give {wanted}"


@wants(float)
def check_02a_2(unknown_share) -> str | None:
    """The share of unknown tokens in per cent."""
    tokenizer = WordTokenizer("the king is the king")
    text = "the queen is the queen"  # 2 of 5 tokens are unknown
    found = unknown_share(tokenizer, text)
    hints = {
        0.4: "per cent, please: multiply by 100",
        2: "that is how many there are; divide by the number of tokens",
        25: "count each occurrence, not each different token: no set",
        60: "cut the text with tokenizer.encode; split() cuts the spaces off",
        0: "none found: an unknown word has the id tokenizer.ids[UNKNOWN]",
        100 * 2 / len(text): "divide by the number of tokens, not of characters",
        100 * 2 / len(tokenizer.words): "divide by the tokens of the text, not of the vocabulary",
    }
    if found in hints:
        return hints[found]
    if abs(found - 40) > 1e-9:
        return f"{text!r} has 2 unknown tokens of 5, which is 40.0, not {found}"
    try:
        empty = unknown_share(tokenizer, "")
    except ZeroDivisionError:
        return "an empty text divides by zero: return 0.0 for it"
    return None if empty == 0 else f"an empty text has 0.0, not {empty}"


def check_02a_3(cut_or_spell) -> str | None:
    """Known pieces whole, others character by character."""
    tokenizer, text = WordTokenizer("the king is here"), "the queen is here"
    wanted = ["the", *" queen", " is", " here"]
    found = cut_or_spell(tokenizer, text)
    if not isinstance(found, list):
        return f"return a list of strings, not {type(found).__name__}"
    if any(isinstance(piece, list) for piece in found):
        return "there is a list inside the list: use += or extend, not append"
    if any(isinstance(piece, int) for piece in found):
        return "return strings, not ids"
    if UNKNOWN in found or END_OF_TEXT in found:
        return "spell the unknown word; <|unk|> loses it"
    if found == list(text):
        return "known words should stay whole: look each piece up in tokenizer.ids"
    if found == regex.findall(WORD_PATTERN, text):
        return "an unknown piece should be spelled: list(' queen') gives its characters"
    if "".join(found) != text:
        return f"joined, the pieces should give {text!r}, not {''.join(found)!r}"
    if found != wanted:
        return f"{text!r} gives {found}, and should give {wanted}"
    return None
