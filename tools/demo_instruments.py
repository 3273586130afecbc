"""Reference data of the demo book's instruments: public facts typed in, and terms made up."""

from __future__ import annotations

from tools.demo_market import BOND, FUND

INSTRUMENT_COLUMNS = (
    "code", "name", "type", "currency", "quote_unit", "isin", "ticker", "coupon", "frequency", "day_count",
    "issue_date", "first_coupon", "maturity", "sector", "constructed",
)  # fmt: skip

NAMES = {
    "AAPL": ("Apple Inc.", "US0378331005", "Information Technology"),
    "AMD": ("Advanced Micro Devices, Inc.", "US0079031078", "Information Technology"),
    "BAC": ("Bank of America Corporation", "US0605051046", "Financials"),
    "BBY": ("Best Buy Co., Inc.", "US0865161014", "Consumer Discretionary"),
    "CVX": ("Chevron Corporation", "US1667641005", "Energy"),
    "GE": ("General Electric Company", "US3696043013", "Industrials"),
    "HD": ("The Home Depot, Inc.", "US4370761029", "Consumer Discretionary"),
    "JNJ": ("Johnson & Johnson", "US4781601046", "Health Care"),
    "JPM": ("JPMorgan Chase & Co.", "US46625H1005", "Financials"),
    "KO": ("The Coca-Cola Company", "US1912161007", "Consumer Staples"),
    "LLY": ("Eli Lilly and Company", "US5324571083", "Health Care"),
    "MRK": ("Merck & Co., Inc.", "US58933Y1055", "Health Care"),
    "MSFT": ("Microsoft Corporation", "US5949181045", "Information Technology"),
    "PEP": ("PepsiCo, Inc.", "US7134481081", "Consumer Staples"),
    "PFE": ("Pfizer Inc.", "US7170811035", "Health Care"),
    "PG": ("The Procter & Gamble Company", "US7427181091", "Consumer Staples"),
    "RRC": ("Range Resources Corporation", "US75281A1097", "Energy"),
    "UNH": ("UnitedHealth Group Incorporated", "US91324P1021", "Health Care"),
    "WMT": ("Walmart Inc.", "US9311421039", "Consumer Staples"),
    "XOM": ("Exxon Mobil Corporation", "US30231G1022", "Energy"),
}


def instrument_rows(names: list[str]) -> list[list[str]]:
    """The 20 names, the constructed bond and the constructed fund."""
    cells = [
        {"code": name, "name": NAMES[name][0], "type": "equity", "currency": "USD", "isin": NAMES[name][1],
         "ticker": name, "sector": NAMES[name][2]} for name in names
    ]  # fmt: skip
    cells.append({
        "code": BOND, "name": "Harbor Bridge 4.25% 2020 (CONSTRUCTED)", "type": "bond", "currency": "USD",
        "coupon": "0.0425", "frequency": "2", "day_count": "30/360", "issue_date": "2010-06-15",
        "first_coupon": "2010-12-15", "maturity": "2020-06-15", "constructed": "yes",
    })  # fmt: skip
    cells.append({
        "code": FUND, "name": "Meridian Income Fund (CONSTRUCTED)", "type": "fund", "currency": "GBP",
        "quote_unit": "GBp", "constructed": "yes",
    })  # fmt: skip
    return [[cell.get(column, "") for column in INSTRUMENT_COLUMNS] for cell in cells]
