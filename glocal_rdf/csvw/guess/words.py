"""The words of headers and cells that indicate a kind of values, in languages that are common in tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = [
    "BOOLEANS",
    "CODES",
    "COORDINATES",
    "DATES",
    "DURATIONS",
    "IDENTIFIERS",
    "KEYS",
    "LANGUAGES",
    "LISTS",
    "MONTHS",
    "NULL_MARKERS",
    "PROSE",
    "QUANTITIES",
    "TIMES",
    "YEARS",
    "Words",
    "words_of",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def words_of(title: str) -> frozenset[str]:
    """Return the words of a header in lower case, also those that begin with a capital letter inside a word.

    Examples:
        >>> sorted(words_of("yearOfBirth (AD)"))
        ['ad', 'birth', 'of', 'year']
    """
    separated = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)
    return frozenset(w for w in re.split(r"[\W_]+", separated.lower()) if w)


@dataclass(frozen=True)
class Words:
    """The words that indicate one kind of values in a header: whole words, and the endings of compounds."""

    words: frozenset[str]
    endings: tuple[str, ...] = ()

    @classmethod
    def of(cls, words: str, endings: str = "") -> Words:
        """Return the words and endings of two texts."""
        return cls(_words(words), tuple(endings.split()))

    def are_in(self, title: str) -> bool:
        """Return whether a header has one of the words, or a word with one of the endings."""
        found = words_of(title)
        return bool(found & self.words) or any(w.endswith(self.endings) for w in found if self.endings)


NULL_MARKERS: Final = (
    "NA", "N/A", "n/a", "na", "n.a.", "N.A.", "#N/A", "NULL", "null", "Null", "NaN", "nan", "None", "none",
    "-", "--", "---", "–", "—", "−", "－", "?", ".", "..", "…", "...", ":", r"\N", "unknown", "Unknown", "k.A.",
    "k. A.", "keine Angabe", "unbekannt", "inconnu", "desconocido", "sconosciuto", "n.d.", "N.D.", "nd", "ND", "n/d",
    "N/D", "s/d", "S/D", "nc", "NC", "nil", "missing", "(null)", "0000-00-00", "無", "不詳", "不明", "未知", "無資料",
)  # fmt: skip
BOOLEANS: Final = (
    ("true", "false"), ("TRUE", "FALSE"), ("True", "False"), ("yes", "no"), ("Yes", "No"), ("YES", "NO"),
    ("Y", "N"), ("y", "n"), ("ja", "nein"), ("Ja", "Nein"), ("JA", "NEIN"), ("oui", "non"), ("Oui", "Non"),
    ("OUI", "NON"), ("sí", "no"), ("Sí", "No"), ("SÍ", "NO"), ("si", "no"), ("Si", "No"), ("SI", "NO"), ("sì", "no"),
    ("Sì", "No"), ("sim", "não"), ("Sim", "Não"), ("SIM", "NÃO"), ("T", "F"), ("t", "f"), ("是", "否"), ("有", "無"),
    ("on", "off"), ("wahr", "falsch"), ("WAHR", "FALSCH"), ("vrai", "faux"), ("VRAI", "FAUX"), ("ja", "nee"),
    ("Ja", "Nee"), ("ja", "nej"), ("Ja", "Nej"), ("ja", "nei"), ("Ja", "Nei"), ("tak", "nie"), ("Tak", "Nie"),
    ("ano", "ne"), ("Ano", "Ne"), ("igen", "nem"), ("Igen", "Nem"), ("kyllä", "ei"), ("Kyllä", "Ei"),
    ("да", "нет"), ("Да", "Нет"), ("так", "ні"), ("evet", "hayır"), ("Evet", "Hayır"), ("はい", "いいえ"),
    ("예", "아니오"), ("あり", "なし"),
)  # fmt: skip
YEARS: Final = Words.of(
    "year years yr founded since established built opened jahr jahre gegründet erbaut année annee annees années an año "
    "años ano anos anno anni fundado fondé fondato fundação jaar år rok год 年 年份 年度",
    "year jahr jaar år vuosi 年 年份 年度 年分",
)
MONTHS: Final = Words.of(
    "month months yearmonth yyyymm period monat mois mes mese mês periode période período 年月 月 月份", "年月 月份"
)
DATES: Final = Words.of("date day datum tag fecha data dia jour dob 日期 日", "日期 年月日 日 年月")
TIMES: Final = Words.of(
    "time hour start end from to begin open opens opening close closes closing arrival departure uhrzeit zeit von bis "
    "beginn ende abfahrt ankunft heure heures début fin hora horas inicio ora orario inizio fine tid kl 時間 時刻",
    "time zeit 時間 時刻 時",
)
DURATIONS: Final = Words.of(
    "duration dauer length runtime elapsed durée duree duración duracion durata laufzeit fahrzeit reisezeit traveltime "
    "pace result score ergebnis punktestand résultat resultado 時長 時數 比分",
    "dauer 時長 時數",
)
CODES: Final = Words.of(
    "code codes codice codici código códigos codigo codigos kode kod zip zipcode plz postcode postal postleitzahl cap "
    "postnummer psč phone telephone tel telefon telefono teléfono telefone téléphone mobile móvil fax isbn issn ean "
    "gtin upc iban bic vat siren siret nif cif cnpj cpf nip regon account konto serial version section chapter clause "
    "sku barcode fips iso nuts lau ags istat ine insee passport ssn duns gnd viaf pmid phonenumber phones fon handy "
    "電話 电话 傳真 郵遞區號 代碼 編號 инн",
    "code schlüssel schluessel kennziffer telefonnummer faxnummer kontonummer コード 代碼 代码 代號 編號 编号 番号 "
    "號碼 号码 電話 电话 傳真 區號 邮编 統編",
)
IDENTIFIERS: Final = Words.of("id ids identifier key no nr number num nummer ref reference uid oid fid gid")
QUANTITIES: Final = Words.of(
    "population amount total sum count value area gdp budget revenue cost costs betrag summe anzahl wert einwohner "
    "bevölkerung fläche montant somme valeur importe suma valor importo somma valore população "
    "population 人口 人口數 金額 總計 合計 總數 面積",
    "betrag summe anzahl zahl wert 人口 人口數 人數 金額 總額 數",
)
LISTS: Final = Words.of(
    "codes ids list lists goals sdg sdgs tags themes topics numbers keys refs categories keywords subjects members "
    "authors editors contributors languages synonyms aliases schlagworte schlagwörter stichworte themen kategorien "
    "autoren sprachen mitglieder thèmes catégories équipements auteurs etiquetas palabras temas categorías autores "
    "idiomas parole temi categorie autori schwerpunkte angebote leistungen 標籤 關鍵字 主題 服務項目 營業項目",
)
COORDINATES: Final = Words.of(
    "lat latitude lon lng long longitude x y breite länge latitud longitud 緯度 經度", "緯度 經度"
)
LANGUAGES: Final = _words(
    "ar bg bn cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl no pl pt ro ru sk sl sv th tr uk ur "
    "vi zh"
)
PROSE: Final = _words(
    "name names title titles label labels description descriptions desc text abstract summary comment comments note "
    "notes remark remarks definition caption headline alias"
)
KEYS: Final = _words("id key code identifier no number nr ref uid uuid slug iri uri url")
