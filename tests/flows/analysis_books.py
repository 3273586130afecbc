"""Small books with everything that can trouble a return: currencies, settlement, splits, bonds, transfers, forwards."""

from __future__ import annotations

from pathlib import Path

import argosy

INSTRUMENTS = b"""code,name,type,currency,quote_unit,quantity_scale,multiplier,margined,coupon,frequency,\
day_count,issue_date,first_coupon,maturity,sector
ACME,Acme,equity,USD,,8,,,,,,,,,Tech
BOLT,Bolt,equity,USD,,8,,,,,,,,,Tools
PENNY,Penny plc,equity,GBP,GBX,8,,,,,,,,,Tools
BOND,Bond 6%,bond,USD,percent,2,,,0.06,2,30/360,2023-07-15,2024-01-15,2030-07-15,Rates
FUT,Future,future,USD,,0,50,yes,,,,,,,Rates
STAKE,Private fund,private_fund,EUR,,0,,,,,,,,,Private
"""
PRICES = b"""date,instrument,price
2024-01-02,ACME,100
2024-01-03,ACME,102
2024-01-04,ACME,52
2024-01-05,ACME,51.5
2024-01-08,ACME,53
2024-01-09,ACME,54
2024-01-02,BOLT,20
2024-01-03,BOLT,20.4
2024-01-04,BOLT,19.9
2024-01-05,BOLT,21
2024-01-08,BOLT,21.3
2024-01-09,BOLT,20.8
2024-01-02,PENNY,1250
2024-01-04,PENNY,1275
2024-01-08,PENNY,1240
2024-01-02,BOND,99.5
2024-01-05,BOND,99.9
2024-01-09,BOND,100.2
2024-01-02,FUT,4000
2024-01-03,FUT,4010
2024-01-04,FUT,3990
2024-01-05,FUT,4020
2024-01-08,FUT,4025
2024-01-09,FUT,4015
2024-01-03,STAKE,1000
2024-01-08,STAKE,1450
"""
RATES = b"""date,base,quote,rate
2024-01-02,EUR,USD,1.10
2024-01-02,EUR,GBP,0.86
2024-01-03,EUR,USD,1.11
2024-01-04,EUR,USD,1.105
2024-01-05,EUR,USD,1.10
2024-01-05,EUR,GBP,0.865
2024-01-08,EUR,USD,1.12
2024-01-09,EUR,USD,1.115
2024-01-09,EUR,GBP,0.855
"""
EVENTS = b"""date,type,portfolio,instrument,quantity,price,gross,fee,tax,net,currency,counter_currency,\
counter_amount,settle_date,ratio,value,to_portfolio,reference
2024-01-02,deposit,WORLD,,,,,,,100000,USD,,,,,,,W1
2024-01-02,buy,WORLD,ACME,100,100,10000,5,,-10005,USD,,,2024-01-04,,,,W2
2024-01-02,fx,WORLD,,,,,,,-20000,USD,GBP,15700,2024-01-02,,,,W3
2024-01-03,buy,WORLD,PENNY,500,1252,6260,3,31.30,-6294.30,GBP,,,2024-01-05,,,,W4
2024-01-03,buy,WORLD,BOND,20000,99.6,19920,,,-19920,USD,,,2024-01-05,,,,W5
2024-01-03,fx,WORLD,,,,,,,-5000,USD,EUR,4500,2024-01-03,,,,W5B
2024-01-03,capital_call,WORLD,STAKE,1,,,,,-1000,EUR,,,,,,,W5C
2024-01-04,split,WORLD,ACME,,,,,,,,,,,2:1,,,W6
2024-01-04,dividend,WORLD,PENNY,,,60,,9,51,GBP,,,2024-01-20,,,,W7
2024-01-05,sell,WORLD,ACME,-80,51.7,4136,4,,4132,USD,,,2024-01-09,,,,W8
2024-01-05,capital_call,WORLD,STAKE,,,,,,-500,EUR,,,,,,,W8B
2024-01-06,deposit,WORLD,,,,,,,3000,EUR,,,,,,,W9
2024-01-08,fee,WORLD,,,,,,,-120,USD,,,,,,,W10
2024-01-08,delivery_in,WORLD,BOLT,50,,,,,,USD,,,,,1060,,W11
2024-01-08,distribution,WORLD,STAKE,,,,,,150,EUR,,,,,,,W11B
2024-01-08,fx_forward_settlement,WORLD,,,,,,,-40,USD,,,,,,,W12
2024-01-09,coupon,WORLD,BOND,,,600,,,600,USD,,,,,,,W13
2024-01-09,withdrawal,WORLD,,,,,,,-2500,USD,,,,,,,W14
2024-01-09,tax,WORLD,,,,,,,-11,USD,,,,,,,W15
2024-01-02,deposit,LOCAL,,,,,,,30000,EUR,,,,,,,L1
2024-01-02,fx,LOCAL,,,,,,,-10000,EUR,USD,10990,,,,,L2
2024-01-03,buy,LOCAL,BOLT,300,20.3,6090,6,,-6096,USD,,,2024-01-05,,,,L3
2024-01-05,interest,LOCAL,,,,4,,1,3,EUR,,,,,,,L4
2024-01-08,transfer,LOCAL,BOLT,100,,,,,,USD,,,,,,WORLD,L5
"""
MANDATE = '[portfolio]\nbase_currency = "{currency}"\n[cash]\nview = "{view}"\n[flows]\ntiming = "{timing}"\n'


def world_book(
    url: str, folder: Path, *, view: str = "trade", timing: str = "end", events: bytes = EVENTS, extra: str = ""
) -> argosy.Book:
    """Two portfolios, WORLD in dollars and LOCAL in euros, and a group BOTH."""
    book = argosy.create(url)
    for code, currency in (("WORLD", "USD"), ("LOCAL", "EUR")):
        text = MANDATE.format(currency=currency, view=view, timing=timing) + extra
        path = folder / f"{code}.toml"
        path.write_text(text)
        book.create_portfolio(code, currency=currency, mandate=str(path))
    book.create_group("BOTH", members=["WORLD", "LOCAL"])
    for report in (
        book.import_instruments(INSTRUMENTS, name="instruments.csv"), book.import_prices(PRICES, name="prices.csv"),
        book.import_fx(RATES, name="fx.csv", source="ecb"), book.import_transactions(events, name="events.csv"),
    ):  # fmt: skip
        assert report.written, str(report.table())
    return book
