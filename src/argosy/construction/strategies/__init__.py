"""How several strategies share one portfolio: capital, trades against each other, fills, risk, alarms and careers.

Takes histories or forecasts of strategies, their orders, holdings, permissions and evidence; gives capital weights, the
trades that go to the market, who gets what of them, and whether a strategy may be promoted.
Refuses budgets and caps that do not fit, crosses nobody permitted, fills beyond orders and promotions without evidence.
"""
