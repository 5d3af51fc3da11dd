"""PIX codes: the manual's examples, what others got wrong, and every way to spoil one."""

import dataclasses
from decimal import Decimal

import pytest

from bot.domain import pix
from bot.domain.errors import Invalid

from .published import cases

EVP = "123e4567-e12b-12d1-a456-426655440000"
MANUAL = next(p.values[0]["input"] for p in cases("pix_codes") if p.id == "pix-01")

FIELDS = {
    "00": "01",
    "26": "0014br.gov.bcb.pix011152998224725",
    "52": "0000",
    "53": "986",
    "58": "BR",
    "59": "Fulano de Tal",
    "60": "BRASILIA",
    "62": "0503***",
}


def signed(body):
    """A body with its checksum, right."""
    return f"{body}6304{pix._crc(body + '6304')}"


def written(**changes):
    """A small valid code with some fields changed, added or (None) left out, rightly signed."""
    fields = FIELDS | {tag.lstrip("f"): value for tag, value in changes.items()}
    return signed("".join(f"{t}{len(v):02}{v}" for t, v in sorted(fields.items()) if v is not None))


def account(*pairs):
    """The inside of a PIX template."""
    return "".join(f"{t}{len(v):02}{v}" for t, v in (("00", "br.gov.bcb.pix"), *pairs))


def refusal(read, *args, **kwargs):
    with pytest.raises(Invalid) as caught:
        read(*args, **kwargs)
    return caught.value.code


class TestPublished:
    @pytest.mark.parametrize("case", cases("pix_codes"))
    def test_a_published_code_is_read_or_refused(self, case):
        if case["expected"] is None:
            refusal(pix.decode, case["input"])
            assert pix.find(f"pay this: {case['input']} thanks") is None
            return
        read = pix.decode(case["input"])
        expected = dict(case["expected"])
        amount = expected.pop("amount", None)
        assert read.amount == (None if amount is None else Decimal(amount))
        assert {name: getattr(read, name) for name in expected} == expected
        assert pix.find(f"pay this: {case['input']} thanks") == read
        assert pix.looks_like_pix(case["input"])

    @pytest.mark.parametrize("case", cases("pix_written"))
    def test_a_published_code_is_written_or_refused(self, case):
        given = dict(case["input"])
        write = pix.encode_dynamic if "url" in given else pix.encode
        if "amount" in given:
            given["amount"] = Decimal(given["amount"])
        if "expected_key" in case:
            assert pix.decode(write(**given)).key == case["expected_key"]
        elif case["expected"] is None:
            refusal(write, **given)
        else:
            assert write(**given) == case["expected"]

    def test_the_checksum_is_ccitt_false_and_keeps_its_zeros(self):
        assert pix._crc("123456789") == "29B1"
        codes = [pix.encode(EVP, f"Shop {n}", "BRASILIA") for n in range(400)]
        padded = [code for code in codes if code[-4] == "0"]
        assert padded
        assert all(pix.decode(code).key == EVP for code in padded)


class TestWriting:
    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("529.982.247-25", "52998224725"),
            (" 00.038.166/0001-05 ", "00038166000105"),
            ("12.abc.345/01de-35", "12ABC34501DE35"),
            ("12abc34501de35", "12ABC34501DE35"),
            ("(11) 90000-0012", "+5511900000012"),
            ("+55 (11) 90000-0012", "+5511900000012"),
            ("+55 11 90000 0012", "+5511900000012"),
            (" Fulano@Example.COM ", "fulano@example.com"),
            (EVP.upper(), EVP),
            ("51998259765", "51998259765"),  # a CPF and a mobile at once: bare, it is the CPF
            ("+5551998259765", "+5551998259765"),
        ],
    )
    def test_a_masked_key_is_written_as_the_directory_stores_it(self, typed, stored):
        assert pix.parse_key(typed) == stored
        assert pix.decode(pix.encode(typed, "Fulano", "Joao Pessoa")).key == stored

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "any key",
            "529.982.247-24",
            "83988112233",  # eleven bare digits are a CPF, and this is none
            "(83) 3234-5678",  # a landline
            "+14155552671",
            "fulano@example",
            "joão@example.com",
            "\u212aelvin@example.com",  # the Kelvin sign, which lower() makes a k
            "00.038.166/0001-06",
            EVP.replace("-", ""),
            EVP[:-1],
            "0800 729 0722",
        ],
    )
    def test_a_key_that_nobody_could_have_is_refused(self, key):
        assert refusal(pix.encode, key, "Fulano", "Joao Pessoa") == "key"

    def test_names_lose_accents_and_keep_letters(self):
        read = pix.decode(
            pix.encode(EVP, "Jørgen  Ångström Œuvre", "São  José", description="Café ☕ – nº 4")
        )
        assert (read.name, read.city) == ("Jorgen Angstrom OEuvre", "Sao Jose")
        assert read.description == "Cafe - no 4"
        assert pix.decode(pix.encode(EVP, "João", "Brasi\u0301lia")).city == "Brasilia"
        assert pix.decode(pix.encode(EVP, "João\u2028Silva", "Rio\tClaro")).name == "Joao Silva"

    def test_a_name_that_would_lose_letters_is_refused(self):
        assert refusal(pix.encode, EVP, "Иван", "BRASILIA") == "characters"
        assert refusal(pix.encode, EVP, "Fulano", "東京") == "characters"
        assert refusal(pix.encode, EVP, "\U0001f4b8", "BRASILIA") == "empty"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"name": "N" * 26}, "too_long"),
            ({"city": "C" * 16}, "too_long"),
            ({"name": "ﬀ" * 13}, "too_long"),  # thirteen ligatures, twenty-six letters
            ({"key": "k" * 78}, "too_long"),
            ({"description": "d" * 80}, "too_long"),
            ({"name": " "}, "empty"),
            ({"city": "\n"}, "empty"),
            ({"txid": ""}, "txid"),
            ({"txid": "nota-4813"}, "txid"),
            ({"txid": "A" * 26}, "txid"),
            ({"txid": "**"}, "txid"),
            ({"txid": "ção"}, "txid"),
            ({"txid": "A1\n"}, "txid"),
            ({"amount": Decimal(0)}, "amount"),
            ({"amount": Decimal("-1")}, "amount"),
            ({"amount": Decimal("NaN")}, "amount"),
            ({"amount": Decimal("Infinity")}, "amount"),
            ({"amount": Decimal("1E+30")}, "amount"),
            ({"amount": Decimal("1E+999999")}, "amount"),
            ({"amount": Decimal("10000000000.00")}, "amount"),
            ({"amount": Decimal("1.005")}, "sub_cent"),
            ({"amount": Decimal("0.001")}, "sub_cent"),
            ({"amount": 1.5}, "amount"),
        ],
    )
    def test_what_does_not_fit_is_refused_never_cut(self, changes, code):
        valid = {"key": EVP, "name": "Fulano", "city": "BRASILIA"}
        assert refusal(pix.encode, **(valid | changes)) == code

    def test_the_limits_themselves_fit(self):
        code = pix.encode(EVP, "N" * 25, "C" * 15, Decimal("9999999999.99"), "a" * 25, "d" * 37)
        assert "54139999999999.99" in code
        assert pix.decode(code).description == "d" * 37
        assert refusal(pix.encode, EVP, "N", "C", description="d" * 38) == "too_long"

    def test_amounts_have_two_places_and_no_exponent(self):
        assert "540510.00" in pix.encode(EVP, "N", "C", Decimal(10))
        assert "540510.10" in pix.encode(EVP, "N", "C", Decimal("10.1"))
        assert "54071000.00" in pix.encode(EVP, "N", "C", Decimal("1E+3"))
        assert "5404" not in pix.encode(EVP, "N", "C")

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("", "url"),
            ("https://pix.example.com/x", "url"),
            ("pix example.com/x", "url"),
            ("pix.example.com/x y", "url"),
            ("localhost/x", "url"),
            ("pix.example.com/<x>", "url"),
            ("pix.example.com/100%", "url"),
            ("-pix.example.com/x", "url"),
            ("pix.example.com/é", "url"),
            ("pix.example.com/x\n", "url"),
            (f"pix.example.com/{'a' * 62}", "too_long"),
        ],
    )
    def test_a_url_that_no_bank_could_fetch_is_refused(self, url, code):
        assert refusal(pix.encode_dynamic, url, "Fulano", "BRASILIA") == code

    def test_the_longest_url_fits(self):
        url = f"pix.example.com/{'a' * 61}"
        read = pix.decode(pix.encode_dynamic(url, "Fulano", "BRASILIA"))
        assert (read.kind, read.url, read.single_use) == ("dynamic", url, True)


class TestReading:
    def test_a_code_is_a_frozen_value(self):
        read = pix.decode(MANUAL)
        assert read == pix.decode(MANUAL)
        with pytest.raises(dataclasses.FrozenInstanceError):
            read.key = "another"

    def test_white_space_around_is_forgiven_and_nothing_else(self):
        assert pix.decode(f" \t{MANUAL}\n ").key == EVP
        assert refusal(pix.decode, MANUAL + "x") == "crc"
        assert refusal(pix.decode, MANUAL + "00") == "crc"
        assert refusal(pix.decode, "x" + MANUAL) == "crc"
        assert refusal(pix.decode, MANUAL[:60] + "\n" + MANUAL[60:]) == "characters"
        assert refusal(pix.decode, MANUAL[:60] + "\u200b" + MANUAL[60:]) == "characters"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("", "empty"),
            ("pix copia e cola", "crc"),
            (MANUAL[:-4] + "1d3d", "crc"),  # the standard wants upper case
            (MANUAL.replace("Fulano", "Fulana"), "crc"),
            (MANUAL[:-8], "crc"),
            (signed("000201"), "missing"),
            (signed("0" * 600), "too_long"),
            (written().replace("Fulano", "Fuláno"), "characters"),
            (signed("00020126"), "structure"),
            (signed("000201XX02ab"), "structure"),
            (signed("0002015299ab"), "structure"),  # runs over the end, and over the checksum
            (signed("00020100020152040000"), "structure"),  # version twice
            (signed("5204000000020153039865802BR"), "structure"),  # version not first
            (signed(written()[:-8] + "6304ABCD"), "structure"),  # two checksums
        ],
    )
    def test_damage_is_refused_with_its_reason(self, code, reason):
        assert refusal(pix.decode, code) == reason

    @pytest.mark.parametrize("tag", ["52", "53", "58", "59", "60", "62"])
    def test_a_missing_or_empty_mandatory_field_is_refused(self, tag):
        assert refusal(pix.decode, written(**{f"f{tag}": None})) == "missing"
        assert refusal(pix.decode, written(**{f"f{tag}": ""})) == "missing"

    def test_a_code_without_version_or_checksum_is_refused(self):
        assert refusal(pix.decode, written(f00=None)) == "structure"
        assert refusal(pix.decode, written()[:-8]) == "crc"

    @pytest.mark.parametrize("tag", sorted(FIELDS))
    def test_a_field_that_comes_twice_is_refused(self, tag):
        field = f"{tag}{len(FIELDS[tag]):02}{FIELDS[tag]}"
        assert refusal(pix.decode, signed(written()[:-8] + field)) == "structure"

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"f00": "02"}, "value"),
            ({"f01": "13"}, "value"),
            ({"f52": "abcd"}, "value"),
            ({"f52": "00000"}, "value"),
            ({"f53": "840"}, "value"),
            ({"f58": "US"}, "value"),
            ({"f59": "N" * 26}, "too_long"),
            ({"f60": "C" * 16}, "too_long"),
            ({"f59": "   "}, "missing"),
            ({"f54": "0.00"}, "amount"),
            ({"f54": "0"}, "amount"),
            ({"f54": "-1.00"}, "amount"),
            ({"f54": "+1.00"}, "amount"),
            ({"f54": "1,00"}, "amount"),
            ({"f54": "1.234"}, "amount"),
            ({"f54": "1e3"}, "amount"),
            ({"f54": ".5"}, "amount"),
            ({"f54": " 1.00"}, "amount"),
            ({"f54": ""}, "amount"),
            ({"f54": "99999999999.99"}, "amount"),
            ({"f62": "9"}, "structure"),
            ({"f62": "0103***"}, "missing"),
            ({"f62": "0500"}, "txid"),
            ({"f62": "0502**"}, "txid"),
            ({"f62": "0504a b1"}, "txid"),
            ({"f62": f"0526{'a' * 26}"}, "txid"),
            ({"f62": "0503***0503***"}, "structure"),
            ({"f26": None}, "not_pix"),
            ({"f26": "XY"}, "structure"),
            ({"f26": "0014br.gov.bcb.xyz011152998224725"}, "not_pix"),
            ({"f26": "011152998224725"}, "not_pix"),
            ({"f26": account()}, "target"),
            ({"f26": account(("01", ""))}, "key"),
            ({"f26": account(("01", "a key"))}, "key"),
            ({"f26": account(("01", "k" * 78))}, "structure"),  # 77 fill the template
            ({"f26": account(("25", ""))}, "url"),
            ({"f26": account(("25", "https://pix.example.com/x"))}, "url"),
            ({"f26": account(("25", "localhost/x"))}, "url"),
            ({"f26": account(("01", EVP), ("25", "pix.example.com/x"))}, "target"),
            ({"f26": account(("01", EVP), ("01", EVP))}, "structure"),
            ({"f27": account(("01", EVP))}, "structure"),  # two PIX templates
            ({"f26": account(("01", EVP), ("03", "1234567"))}, "value"),
            ({"f26": account(("03", "12345678"), ("25", "pix.example.com/x"))}, "value"),
            ({"f80": account(("25", "https://pix.example.com/rec"))}, "url"),
        ],
    )
    def test_a_signed_code_that_means_nothing_is_refused(self, changes, reason):
        assert refusal(pix.decode, written(**changes)) == reason

    @pytest.mark.parametrize(
        ("text", "amount"),
        [("100", "100.00"), ("98.", "98.00"), ("98.7", "98.70"), ("9999999999.99",) * 2],
    )
    def test_every_spelling_of_an_amount_that_emv_knows(self, text, amount):
        assert str(pix.decode(written(f54=text)).amount) == amount

    @pytest.mark.parametrize("tag", ["27", "39", "51"])
    def test_the_pix_template_may_sit_in_any_account_field(self, tag):
        read = pix.decode(written(**{"f26": None, f"f{tag}": FIELDS["26"]}))
        assert read.key == "52998224725"

    def test_outside_the_account_fields_it_is_not_looked_for(self):
        assert refusal(pix.decode, written(f26=None, f25=FIELDS["26"])) == "not_pix"
        assert refusal(pix.decode, written(f26=None, f80=FIELDS["26"])) == "not_pix"

    def test_a_dynamic_code_says_nothing_about_the_amount(self):
        dynamic = account(("25", "pix.example.com/qr/v2/1234"))
        for text in ("1.00", "0.00"):
            read = pix.decode(written(f26=dynamic, f54=text))
            assert (read.kind, read.amount) == ("dynamic", None)
        assert pix.decode(written(f01="11", f26=dynamic)).single_use is False

    def test_a_withdrawal_may_leave_the_amount_open(self):
        cash = account(("01", "52998224725"), ("03", "12345678"))
        assert pix.decode(written(f26=cash, f54="0.00")).amount == 0
        assert pix.decode(written(f26=cash)).amount is None


class TestFinding:
    def test_a_code_inside_a_message_is_found(self):
        text = f"Pix copia e cola: {MANUAL}\nValor R$ 10,00, ref 000201 of today"
        assert pix.find(text) == pix.decode(MANUAL)
        assert pix.find(f"000201 then {MANUAL}") == pix.decode(MANUAL)

    def test_a_damaged_code_still_looks_like_one(self):
        damaged = MANUAL.replace("Fulano", "Fulana")
        assert pix.find(damaged) is None
        assert pix.looks_like_pix(damaged)
        assert pix.looks_like_pix(damaged.upper())

    def test_ordinary_words_do_not(self):
        assert not pix.looks_like_pix("quero pagar por pix")
        assert pix.find("quero pagar por pix") is None
