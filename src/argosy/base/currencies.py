"""The currencies of ISO 4217, so that a mistyped one is noticed.

Money that is not listed here (a token, a historic currency) is made known to a book by a currency fact.
"""

from __future__ import annotations

from argosy.base.money import CRYPTO

_LISTED = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CLF CLP CNH CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
    QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XCD XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG
    ATS BEF CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE ROL SIT SKK TRL
"""

ISO_4217 = frozenset(_LISTED.split())
"""Active codes (and CNH, the offshore yuan, which every source uses), metals, and currencies that became the euro."""

QUOTE_UNITS = {
    "GBp": ("GBP", -2), "GBX": ("GBP", -2), "GBx": ("GBP", -2), "ZAc": ("ZAR", -2), "ZAC": ("ZAR", -2),
    "ILA": ("ILS", -2), "ILa": ("ILS", -2), "USX": ("USD", -2), "USc": ("USD", -2), "EUX": ("EUR", -2),
}  # fmt: skip
"""Units in which exchanges quote that are not money: (currency, power of ten to get there). 100 GBp = 1 GBP."""


def is_known_currency(code: str) -> bool:
    """Whether ISO 4217 or the listed tokens know the code.

    Examples
    --------
    >>> is_known_currency("USD"), is_known_currency("USDD"), is_known_currency("BTC")
    (True, False, True)
    """
    return code in ISO_4217 or code in CRYPTO
