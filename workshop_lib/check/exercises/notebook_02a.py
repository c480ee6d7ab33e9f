"""Self-checks of 02a_tokenizers."""

import regex

from workshop_lib.check.exercise import wants
from workshop_lib.tokenizer.word_level import END_OF_TEXT, UNKNOWN, WORD_PATTERN, WordTokenizer


def check_02a_1(digit_pattern) -> str | None:
    """A pattern that splits numbers into digits and leaves the rest as it is."""
    if not isinstance(digit_pattern, str):
        return f"the pattern is a string, not {type(digit_pattern).__name__}"
    try:
        if regex.compile(digit_pattern).groups:
            return "round brackets change what findall returns: write (?: … ) or leave them out"
    except regex.error as error:
        return f"this is not a regular expression: {error}"
    text = "In 1599, Act2 ran\n 30  days!?\nThe\n7 naïve\tЖ file_name"
    tokens = regex.findall(digit_pattern, text)
    # Letters of all alphabets, on their own: [A-Za-z] leaves some of them out.
    letters = {character for character in text if character.isalpha() and not character.isascii()}
    lost = sorted(set(text) - set("".join(tokens)))
    if lost and set(lost) <= letters:
        return f"letters get lost: {lost}; [A-Za-z] has no ï, \\w and [^\\W\\d] have every letter"
    if lost:
        return f"characters get lost: {lost}; every character needs an alternative that matches it"
    if "".join(tokens) != text:
        return "some characters get lost; every character needs an alternative that matches it"
    if " 1599" in tokens:
        return "a number after a space is still one token: ' ?\\w+' takes ' 1599' before \\d can"
    if any(token.isdigit() and len(token) > 1 for token in tokens):
        return "some digits still share a token: where \\w+ comes first it takes digits too"
    if " Act2" in tokens:
        return "Act2 is one token: \\w includes digits; [^\\W\\d] matches letters without digits"
    if any(len(token) > 1 and token.isspace() for token in tokens):
        return "each white-space character left over is a token of its own: \\s, not \\s+"
    if any(len(token) > 1 and token[0] in "\n\t" for token in tokens):
        return "a line break or tab sticks to what follows: write ' ?', with a space, not \\s?"
    if " 1" not in tokens:
        return "the first digit should keep its leading space, as words do"
    if "Act" in tokens or "ran" in tokens:
        return "words should keep their leading space"
    if " r" in tokens:
        return "words fall apart into letters: + after the brackets takes one letter or more"
    if " naïve" not in tokens:
        return "naïve falls apart: [A-Za-z] has no ï; [^\\W\\d] matches letters of every alphabet"
    wanted = ["In", " 1", "5", "9", "9", ",", " Act", "2", " ran", "\n", " 3", "0", " ", " days"]
    wanted += ["!", "?", "\n", "The", "\n", "7", " naïve", "\t", "Ж", " file_name"]
    return None if tokens == wanted else f"{text!r} gives {tokens}, and should give {wanted}"


@wants(float)
def check_02a_2(oov_rate) -> str | None:
    """The share of unknown tokens in per cent."""
    tokenizer = WordTokenizer("the king is the king")
    # Of the second text, no two wrong ways to count give the same number.
    texts = ["the queen is the queen", "the king is the queen", "the queen the"]
    tokens = [tokenizer.encode(text) for text in texts]
    unknown = tokenizer.ids[UNKNOWN]
    counts = [ids.count(unknown) for ids in tokens]
    found = [oov_rate(tokenizer, text) for text in texts]
    mistakes = {
        "per cent, please: multiply by 100": [
            count / len(ids) for count, ids in zip(counts, tokens, strict=True)
        ],
        "that is how many there are; divide by the number of tokens": counts,
        "that is the share of known tokens; count the unknown ones": [
            100 - 100 * count / len(ids) for count, ids in zip(counts, tokens, strict=True)
        ],
        "count each occurrence, not each distinct token: no set": [
            100 / len(set(ids)) for ids in tokens
        ],
        "split the text with tokenizer.encode; split() cuts the spaces off": [
            100 * sum(word not in tokenizer.ids for word in words) / len(words)
            for words in map(str.split, texts)
        ],
        "none found: an unknown word has the id tokenizer.ids[UNKNOWN]": [0, 0, 0],
        "divide by the number of tokens, not of characters": [
            100 * count / len(text) for count, text in zip(counts, texts, strict=True)
        ],
        "divide by the tokens of the text, not of the vocabulary": [
            100 * count / len(tokenizer.words) for count in counts
        ],
        "do not round: one unknown token of three is 33.33…, not 33": [
            int(100 * count / len(ids)) for count, ids in zip(counts, tokens, strict=True)
        ],
    }
    for hint, wrong in mistakes.items():
        if all(abs(a - b) < 1e-9 for a, b in zip(found, wrong, strict=True)):  # type: ignore[call-overload]
            return hint
    for text, share, count, ids in zip(texts, found, counts, tokens, strict=True):
        right = 100 * count / len(ids)
        if not abs(share - right) < 1e-4:  # float32 will do
            return f"{text!r} has {count} unknown of {len(ids)} tokens: {right:.4g}, not {share}"
    try:
        empty = oov_rate(tokenizer, "")
    except ZeroDivisionError:
        return "an empty text divides by zero: return 0.0 for it"
    return None if empty == 0 else f"for an empty text the rate is 0.0, not {empty}"


def check_02a_3(split_or_spell) -> str | None:
    """Known tokens whole, others character by character."""
    tokenizer, text = WordTokenizer("the king is here"), "the queen is here"
    before = dict(tokenizer.ids)
    wanted = ["the", *" queen", " is", " here"]
    found = split_or_spell(tokenizer, text)
    if not isinstance(found, list):
        return f"return a list of strings, not {type(found).__name__}"
    if tokenizer.ids != before:
        return "your function changes tokenizer.ids: only look tokens up"
    if any(isinstance(token, list) for token in found):
        return "there is a list inside the list: use += or extend, not append"
    if any(isinstance(token, int) for token in found):
        return "return strings, not ids"
    if not all(isinstance(token, str) for token in found):
        return "return a list of strings"
    if UNKNOWN in found or END_OF_TEXT in found:
        return "spell the unknown word; <|unk|> loses it"
    if found == list(text):
        return "known words should stay whole: look each token up in tokenizer.ids"
    if found == regex.findall(WORD_PATTERN, text):
        return "an unknown token should be spelled: list(' queen') gives its characters"
    if "".join(found) != text:
        return f"joined, the tokens should give {text!r}, not {''.join(found)!r}"
    if "the" in found and " is" not in found:
        return "look each token up as it is, with its leading space: ' is' is known, 'is' is not"
    if found != wanted:
        return f"{text!r} gives {found}, and should give {wanted}"
    if split_or_spell(tokenizer, "") != []:
        return "an empty text is an empty list"
    return None
