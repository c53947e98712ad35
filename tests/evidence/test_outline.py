"""A line stands under its headings, the sentence that introduces its list, and the head and caption of its table."""

from __future__ import annotations

import pytest

from glocal_rdf.evidence.outline import read_outline

CHINESE = """壹、前言
一、城市互助
互助甚多。
（一）城市聯盟（Cities Alliance）
總部設在美國。支持的活動如次：
1. 執行策略
幫助城市。
2. 改善貧民區
（二）歐洲市鎮與地區委員會
1951年成立。
貳、概念
有其概念。
"""
MARKDOWN = """## 專題研究
### 2 . 衝擊
## 2 - 3 失業
失業增加。
#### 美國實例
美國亦然。
#### 2 - 4 反全球化
理由約有下列：
1. 不平衡。
2. 商品化。
又一段。
"""
TABLE = "伍、結論\n國際城市聯盟組織一覽表\n\n型態\t成立\t名稱\n綜合型\t1951\t委員會\n綜合型\t1956\t姐妹城市\n"


def context_of(text: str, words: str) -> tuple[str, ...]:
    at = text.index(words)
    return read_outline(text).context(at, at + len(words))


@pytest.mark.parametrize(
    ("text", "words", "context"),
    [
        (CHINESE, "互助甚多", ("壹、前言", "一、城市互助")),
        (CHINESE, "總部", ("壹、前言", "一、城市互助", "（一）城市聯盟（Cities Alliance）")),
        (CHINESE, "1951", ("壹、前言", "一、城市互助", "（二）歐洲市鎮與地區委員會")),
        (CHINESE, "有其概念", ("貳、概念",)),
        (MARKDOWN, "失業增加", ("### 2 . 衝擊", "## 2 - 3 失業")),
        (MARKDOWN, "美國亦然", ("### 2 . 衝擊", "## 2 - 3 失業", "#### 美國實例")),
        (MARKDOWN, "商品化", ("### 2 . 衝擊", "#### 2 - 4 反全球化", "理由約有下列：")),
        (MARKDOWN, "又一段", ("### 2 . 衝擊", "#### 2 - 4 反全球化")),
        (TABLE, "1956", ("國際城市聯盟組織一覽表", "型態\t成立\t名稱", "綜合型\t1956\t姐妹城市")),
    ],
)
def test_what_words_stand_under(text: str, words: str, context: tuple[str, ...]) -> None:
    assert context_of(text, words) == context


def test_a_sentence_that_begins_with_a_number_is_no_heading() -> None:
    text = "一、台北\n(一) 2005年臺南市通過，並應邀參與。\n簽署議定書。\n"
    assert context_of(text, "簽署") == ("一、台北",)
