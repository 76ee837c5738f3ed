"""What is printed on invented documents: phrases of the trade, and sentences of invented words."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.names import invent_name

_COMMON = (
    "the of and to in is that for it as with be by on this are or from at an which you your we our "
    "shall may any all such not upon under account payment agreement party date herein between "
    "notice letter please enclosed regarding terms amount company office order received term law"
).split()
_CYRILLIC = (
    "договор сторона оплата счет дата подпись общество настоящий согласно сумма порядок и в на "
    "по для не что с от обязуется срок работ услуг печать директор город улица номер"
).split()
_GREEK = "και του της το ποσό λογαριασμός ημερομηνία υπογραφή συμφωνία όροι με από στην για".split()
_ARABIC = "في من على العقد الطرف المبلغ التاريخ التوقيع الشركة الحساب رقم هذا بين شهر سنة إلى".split()
_WORDS = {"cyrillic": _CYRILLIC, "greek": _GREEK, "arabic": _ARABIC}

CLOSINGS = ("Sincerely,", "Sincerely yours,", "Yours truly,", "Very truly yours,", "Best regards,",
            "Cordially,", "Respectfully,", "Kind regards", "Mit freundlichen Grüßen",
            "Veuillez agréer,", "Atentamente,", "С уважением,", "Cordiali saluti", "")  # fmt: skip
CAPTIONS = ("Signature", "Signature of applicant", "Authorised signatory", "Sign here", "Signed",
            "(Signature)", "Unterschrift", "Firma", "Podpis", "Handtekening", "Signed for and on behalf of",
            "Director", "Witness", "Customer signature", "Received by", "Name and signature", "By:",
            "Tenant", "Landlord", "Seller", "Buyer", "For the Company", "Assinatura", "Signature du client",
            "İmza", "Tanda tangan", "Chữ ký")  # fmt: skip
ROLES = ("Manager", "Vice President", "Director", "President", "Chief Financial Officer", "Secretary",
         "Attorney", "Sales Manager", "Professor", "Treasurer", "General Counsel", "Partner")  # fmt: skip
LABELS = ("Name", "Address", "Date of birth", "Account No.", "City", "Telephone", "Nationality",
          "Postcode", "Amount", "Reference", "Date", "Place", "Occupation", "Passport No.", "E-mail",
          "Father's name", "Branch", "Employer", "Item", "Quantity", "Price", "Nom", "Vorname", "Dirección",
          "Tax ID", "Remarks", "Delivered to", "Order No.")  # fmt: skip
STAMPED = ("PAID", "RECEIVED", "COPY", "APPROVED", "REGISTERED", "ORIGINAL", "CONFIDENTIAL", "NOTARY",
           "CANCELLED", "FILED", "ENTERED", "URGENT", "CERTIFIED")  # fmt: skip


def name(rng: np.random.Generator) -> str:
    """Of a person."""
    middle = f" {rng.choice(list('ABCDEFGHJKLMNPRSTVW'))}." if rng.random() < 0.5 else ""
    return f"{invent_name(rng, 2)}{middle} {invent_name(rng)}"


def company(rng: np.random.Generator) -> str:
    kind = rng.choice(["Ltd.", "Inc.", "& Sons", "Company", "Bank", "GmbH", "S.A.", "Insurance", "Group"])
    return f"{invent_name(rng)} {kind}"


def number(rng: np.random.Generator, digits: int) -> str:
    return "".join(str(d) for d in rng.integers(0, 10, digits))


def date(rng: np.random.Generator) -> str:
    day, month, year = int(rng.integers(1, 29)), int(rng.integers(1, 13)), int(rng.integers(1960, 2027))
    return str(rng.choice([f"{day}/{month}/{year}", f"{day:02}-{month:02}-{year % 100:02}",
                           f"{day}.{month}.{year}"]))  # fmt: skip


def word(rng: np.random.Generator, script: str = "latin") -> str:
    if script in _WORDS:
        return str(_WORDS[script][int(rng.integers(len(_WORDS[script])))])
    if rng.random() < 0.6:
        return _COMMON[int(rng.integers(len(_COMMON)))]
    return invent_name(rng).lower()


def sentence(rng: np.random.Generator, script: str = "latin", words: int = 0) -> str:
    """So many words, or 6 to 22, with a capital and a full stop."""
    text = " ".join(word(rng, script) for _ in range(words or int(rng.integers(6, 23))))
    return text[:1].upper() + text[1:] + "."
