"""Ways to change an input: bytes, tokens of a text, values of JSON; all by the random numbers that are given."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

__all__ = ["mutate_bytes", "mutate_json", "mutate_text", "odd_json", "odd_text"]

ODD_TEXTS = (
    *(
        "",
        " ",
        "\t",
        "\r\n",
        "\r",
        "\n",
        "\x00",
        "\x1b[31m",
        "\x07",
        "\ufeff",
        "\u2028",
        "\u202e",
        "\x85",
        "\U0010ffff",
    ),
    *('"', "'", '""', '"""', "\\", "\\u0000", "\\uD800", "{", "}", "{{", "{x}", "{_row}", "{#a,b}", "[", "]", "(", ")"),
    *(
        "<",
        ">",
        "<>",
        "http://[::1",
        "file:///etc/passwd",
        "javascript:x",
        "urn:",
        ":",
        "a:b",
        "_:b",
        "//x",
        "%",
        "%zz",
    ),
    *("0", "-0", "007", "1e5", "1E400", "-1E-400", "NaN", "INF", "-INF", "+5", "1,234.5", "1.234,5", "½", "٣", "９"),
    *(
        "9" * 25,
        "9" * 5000,
        "0." + "0" * 30 + "1",
        "2024-02-30",
        "2024-13-01",
        "24:00:00",
        "0000-01-01",
        "-0001",
        "P1Y",
    ),
    *(
        "é",
        "e\u0301",
        "臺北市",
        "台北市",
        "😀",
        "ﬁ",
        "ß",
        "İ",
        "ｆｕｌｌ",
        "a" * 70_000,
        "=1+1",
        "@x",
        "#x",
        "--",
        ";",
        ",",
        "|",
    ),
    *("true", "TRUE", "1", "null", "None", "NULL", "n/a", "-", "@en", "@zh-Hant", "^^", "SERVICE", "UNION", "EXISTS"),
)


def odd_text(random: Random) -> str:
    """Choose a text that others have stumbled over."""
    return random.choice(ODD_TEXTS)


def mutate_bytes(data: bytes, random: Random) -> bytes:
    """Change some bytes: flipped, cut, repeated, moved, or odd texts put in, in odd encodings."""
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        at = random.randint(0, len(out))
        to = min(len(out), at + random.choice((1, 2, 10, 100)))
        kind = random.randrange(6)
        if kind == 0 and out:
            out[min(at, len(out) - 1)] = random.randrange(256)
        elif kind == 1:
            del out[at:to]
        elif kind == 2:
            out[at:at] = out[at:to] * random.choice((1, 2, 50))
        elif kind == 3:
            out[at:at] = odd_text(random).encode("utf-8", "surrogatepass")
        elif kind == 4:
            out[at:at] = odd_text(random).encode(random.choice(("utf-16-le", "latin-1", "utf-8")), "replace")
        else:
            del out[at:]
    return bytes(out[: 1 << 20])


_TOKEN = re.compile(r"""\s+|"[^"\n]*"|<[^<>\s]*>|[\w?$@:.-]+|.""", re.DOTALL)


def mutate_text(text: str, random: Random) -> str:
    """Change some tokens: left out, doubled, swapped, replaced by others of the text, nested, or odd texts put in."""
    tokens = _TOKEN.findall(text) or [""]
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        at = random.randrange(len(tokens))
        other = random.randrange(len(tokens))
        kind = random.randrange(8)
        if kind == 0:
            tokens[at] = ""
        elif kind == 1:
            tokens[at] *= random.choice((2, 2, 3, 500))
        elif kind == 2:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind == 3:
            tokens[at] = tokens[other]
        elif kind == 4:
            tokens[at] += odd_text(random)
        elif kind == 5:
            tokens[at] = odd_text(random)
        elif kind == 6:
            first, last = sorted((at, other))
            tokens[last:last] = tokens[first:last]
        else:
            opened, closed = random.choice(("()", "{}", "[]"))
            depth = random.choice((1, 2, 50, 3000))
            tokens[at] = opened * depth + tokens[at] + closed * depth
        tokens = tokens[:5000] or [""]
    return "".join(tokens)[: 1 << 20]


def odd_json(random: Random) -> Any:
    """Choose a value of JSON of any type."""
    deep: Any = "x"
    for _ in range(random.choice((1, 5, 200))):
        deep = [deep] if random.random() < 0.5 else {odd_text(random)[:20]: deep}
    values = (
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**30,
        1e400,
        [],
        {},
        [None],
        [[]],
        {"": ""},
        {"@value": 1},
        {"@id": "x y"},
    )
    return random.choice((*values, deep, odd_text(random), odd_text(random)))


def mutate_json(value: Any, random: Random) -> Any:
    """Change one place of a JSON value: a value or key is replaced, left out, doubled, or moved elsewhere."""
    value = json.loads(json.dumps(value))
    places: list[tuple[Any, Any]] = []
    todo = [value]
    while todo:
        node = todo.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, child in items:
            places.append((node, key))
            todo.append(child)
    if not places:
        return odd_json(random)
    node, key = random.choice(places)
    kind = random.randrange(6)
    if kind == 0:
        node[key] = odd_json(random)
    elif kind == 1:
        del node[key]
    elif kind == 2:
        node[key] = [node[key], node[key]]
    elif kind == 3 and isinstance(node, dict):
        node[odd_text(random)[:100]] = node.pop(key)
    elif kind == 4:
        other, name = random.choice(places)
        node[key] = json.loads(json.dumps(other[name])) if name in other or isinstance(name, int) else None
    elif isinstance(node[key], str):
        node[key] = mutate_text(node[key], random)
    return value
