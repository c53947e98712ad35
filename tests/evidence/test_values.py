"""Dates and numbers are read in every way of writing that the documents of the dataset have, and in no other."""

from __future__ import annotations

import pytest

from glocal_rdf.evidence.dates import has_date
from glocal_rdf.evidence.values import has_number, read_values

DATES = [
    ("2005年11月並共同簽署", "2005-11"),
    ("2 0 0 2 年 9 月第八屆財長會議", "2002-09"),
    ("二 0 0 五年前使區域內", "2005"),
    ("二〇〇一年十月底多哈會議", "2001-10"),
    ("一九九七年亞洲金融危機", "1997"),
    ("民國93年5月", "2004-05"),
    ("自89年底起", "2000"),
    ("91年6月7日修訂", "2002-06-07"),
    ("88.01.31通過", "1999-01-31"),
    ("資料更新: 2016/10/11 18:42", "2016-10-11"),
    ("西元２００６年２月２４日", "2006-02-24"),
    ("本（2006）年成立", "2006"),
    ("version as of May 10, 2002", "2002-05-10"),
    ("on 10 May 2002", "2002-05-10"),
    ("founded in June 2003", "2003-06"),
    ("源於70年代環保運動", "197X"),
    ("1990年代以來", "1990"),
    ("強調21世紀是城市世紀", "2001"),
    ("自 1979 年以來", "1979/"),
    ("1999年至2004年", "1999/2004"),
    ("約2004年6月", "2004-06~"),
    ("1999年左右", "1999~"),
    ("circa 1999", "1999%"),
    ("about June 2004", "2004-06~"),
    ("1990年代前後", "199X~"),
    ("1999年", "1999?"),
    ("1994年", "199X"),
    ("20世紀", "19XX"),
    ("1954年", "1950S2"),
    ("2004年", "2004-XX"),
    ("2004年6月11日", "2004-06-XX"),
    ("December 25, 1564", "156X-12-25"),
    ("2001年春", "2001-21"),
    ("in the summer of 2001", "2001-26"),
    ("2001年第二季", "2001-34"),
    ("Q3 2001", "2001-35"),
    ("2001年下半年", "2001-41"),
    ("first half of 2001", "2001-40"),
    ("至2010年為止", "../2010"),
    ("二 0 0 五年前", "[..2005]"),
    ("1960年與1961年", "{1960,1961}"),
    ("自2010年12月25日起", "2010-12-25/.."),
]
NO_DATES = [
    ("2005年11月", "2005-12"),
    ("2005年", "2005-11"),
    ("1990年代", "1995"),
    ("1990年代", "1991"),
    ("超過1,400個", "1400"),
    ("共2006%", "2006"),
    ("", "2006"),
    ("1999年", "1999/2004"),
    ("2004年6月", "2004-06~"),
    ("約2004年，至2006年", "2006~"),
    ("1989年", "199X"),
    ("1864年", "1950S2"),
    ("2005年", "2004-XX"),
    ("2004年", "2004-06-XX"),
    ("2004年7月11日", "2004-06-XX"),
    ("December 26, 1564", "156X-12-25"),
    ("2001年", "2001-21"),
    ("2001年秋", "2001-21"),
    ("2002年春", "2001-21"),
    ("2001年第一季", "2001-34"),
    ("2001年上半年", "2001-41"),
    ("1960年", "{1960,1961}"),
    ("2001年", "../.."),
]
NUMBERS = [
    ("逾11,000個城鄉", "11000"),
    ("2.5億的人口", "250000000"),
    ("逾8萬歐洲民眾", "80000"),
    ("10萬多個", "100000"),
    ("二十%", "20"),
    ("金額為十億美元", "1000000000"),
    ("薪資水準 5~15%", "15"),
    ("六倍", "6"),
    ("半數以上", "50"),
    ("analyzes the endeavors of five organizations", "5"),
    ("2.5 million people", "2500000"),
    ("Three hundred and one member cities", "301"),
    ("twenty-five thousand", "25000"),
    ("the second of two hundred", "200"),
    ("設委員29至33人", "33"),
    ("第6屆世界大城市市長會議", "6"),
    ("一百二十七個國家", "127"),
    ("二千零五", "2005"),
]
NO_NUMBERS = [("2.5億", "25"), ("127個", "12"), ("11,000", "11"), ("", "0"), ("五", "NaN"), ("五", "five")]


@pytest.mark.parametrize(("text", "date"), DATES)
def test_a_date_is_found_in_any_calendar_and_script(text: str, date: str) -> None:
    assert has_date(read_values(text), date)


@pytest.mark.parametrize(("text", "date"), NO_DATES)
def test_another_date_is_not_found(text: str, date: str) -> None:
    assert not has_date(read_values(text), date)


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_a_number_is_found_in_digits_and_words(text: str, number: str) -> None:
    assert has_number(read_values(text), number)


@pytest.mark.parametrize(("text", "number"), NO_NUMBERS)
def test_another_number_is_not_found(text: str, number: str) -> None:
    assert not has_number(read_values(text), number)
