"""Questions about how well and why: performance, contribution, attribution; and the segments they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, content, names
from argosy.interfaces.book.imports import read_profile
from argosy.interfaces.book.opened import OpenedBook
from argosy.wiring import row_reader

if TYPE_CHECKING:
    from argosy.workflows.attribution import AttributionStatement
    from argosy.workflows.attribution_models import ModelStatement
    from argosy.workflows.composite import CompositeStatement
    from argosy.workflows.import_report import ImportReport
    from argosy.workflows.performance import PerformanceStatement


class AnalysisQuestions(OpenedBook):
    """How well it did, where that came from, and why it differs from a benchmark."""

    def performance(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        firm: bool = False,
        sleeve: NamesLike = (),
        periods: NamesLike = (),
        benchmark: str | None = None,
        currency: str = "",
        basis: str = "net",
        timing: str = "",
        measures: bool | NamesLike = False,
        frequency: str = "",
        periods_per_year: float = 252.0,
        convention: str = "GIPS",
        risk_free: float = 0.0,
        target: float = 0.0,
        confidence: float = 0.95,
        window: int = 0,
        intervals: str = "",
        seed: int | None = None,
        draws: int = 2_000,
        on_missing: str = "raise",
        stored: bool = False,
    ) -> PerformanceStatement:
        """How well it did: money and rates by period; with ``measures`` the measures of risk and reward instead.

        ``periods`` are MTD, QTD, YTD, 1Y, 3Y (any number of years), ITD or ``2021-01-01..2021-06-30``. ``basis`` is
        net, gross (management fees added back), pretax (taxes too) or aftertax (realized gains taxed by the mandate).
        ``measures`` is True for the catalogue, or names; ``window`` makes them rolling; ``intervals`` lo (of the Sharpe
        ratio) or bootstrap (with a ``seed``) gives their confidence intervals. ``risk_free`` and ``target`` are per
        period. The typed results are in ``periods`` and ``measures``. ``stored`` takes what the close stored, as it was
        at ``known_at``.
        """
        from argosy.measures.attribution.book_measures import Rating
        from argosy.measures.performance.periods import PERIODS
        from argosy.workflows.measured import Asked
        from argosy.workflows.performance import performance

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        wanted = () if isinstance(measures, bool) else names(measures)
        rated = bool(measures or window or intervals)
        return performance(
            seen, periods=names(periods) or (("ITD",) if rated else PERIODS), benchmark=benchmark,
            asked=Asked(currency, timing, basis, firm, on_missing, stored, names(sleeve)),
            rating=Rating(
                frequency, periods_per_year, convention, risk_free, target, confidence, wanted, window, intervals, seed,
                draws,
            ),
            measures=rated,
        )  # fmt: skip

    def contribution(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        firm: bool = False,
        sleeve: NamesLike = (),
        periods: NamesLike = ("ITD",),
        by: NamesLike = "security",
        currency: str = "",
        basis: str = "net",
        timing: str = "",
        on_missing: str = "raise",
        stored: bool = False,
    ) -> PerformanceStatement:
        """What each security added to the return; parts sum to it.

        ``by`` is security, lot, transaction, type, currency, any attribute of instruments or imported classification;
        several drill down from the top, as ``["portfolio", "sector", "security", "lot", "transaction"]``.
        Numbers of lots and transactions are those of events: :meth:`explain` tells where they come from.
        """
        from argosy.workflows.measured import Asked
        from argosy.workflows.performance import contribution

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        asked = Asked(currency, timing, basis, firm, on_missing, stored, names(sleeve))
        return contribution(seen, periods=names(periods) or ("ITD",), by=names(by), asked=asked)

    def attribution(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        firm: bool = False,
        sleeve: NamesLike = (),
        periods: NamesLike = ("ITD",),
        by: NamesLike = (),
        benchmark: str | None = None,
        currency: str = "",
        basis: str = "net",
        timing: str = "",
        frequency: str = "",
        method: str = "brinson-fachler",
        interaction: str = "separate",
        linking: str = "carino",
        off_benchmark: str = "selection",
        geometric: bool = False,
        trading: bool = True,
        view: str = "segments",
        on_missing: str = "raise",
        stored: bool = False,
        model: str = "brinson",
        curves: NamesLike = (),
        tenor: float = 5.0,
        factors: str = "",
        exposures: str = "auto",
        days_per_year: float = 252.0,
        risk_free: float = 0.0,
    ) -> AttributionStatement | ModelStatement:
        """Why the return differs from the benchmark's: effects by segment that sum to the active return.

        ``by`` is one level (sector, type, currency, security, any attribute or imported classification) or several from
        the top down. ``benchmark`` is a code or a blend such as ``"60% MSCIW + 40% BONDS @ quarterly"``; None takes the
        mandate's. ``view`` is segments, securities, portfolios (of a group), lots, transactions or periods. The typed
        results are in ``results``.

        ``model`` fixed-income splits the return by what moved its bonds (``curves`` of their currencies, ``tenor`` in
        years of the parallel shift), factors by factor returns (``factors`` by code, ``exposures`` auto, imported or
        regressed), risk shares the tracking error out (``days_per_year``, ``risk_free`` per period).
        """
        from argosy.workflows.attribution_models import Model, explained
        from argosy.workflows.choices import choices
        from argosy.workflows.measured import Asked

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return explained(
            seen, model=Model(model, names(curves), tenor, factors, exposures, days_per_year, risk_free),
            periods=names(periods) or ("ITD",), by=names(by), benchmark=benchmark,
            asked=Asked(currency, timing, basis, firm, on_missing, stored, names(sleeve)),
            choices=choices(
                method=method, interaction=interaction, linking=linking, off_benchmark=off_benchmark,
                geometric=geometric, trading=trading, frequency=frequency,
            ),
            view=view,
        )  # fmt: skip

    def composite(
        self,
        group: str,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        frequency: str = "monthly",
        benchmark: str | None = None,
        currency: str = "",
        basis: str = "net",
        timing: str = "",
        on_missing: str = "raise",
        dispersion: str = "equal",
        carve_out: str = "",
        by: str = "sector",
        cash: str = "pro-rata",
        members: bool = False,
        firm_assets: bool = False,
    ) -> CompositeStatement:
        """Asset-weighted returns of the portfolios of a group, by year and period, each while it was a member.

        ``dispersion`` is equal, asset, range or quartiles. ``carve_out`` names one segment (of the level ``by``) that
        stands for each portfolio, with ``cash`` allocated pro-rata or none. ``members`` adds each portfolio's return
        and weight by period, ``firm_assets`` the part of the assets of all portfolios of the book. The typed result
        is in ``result``.
        """
        from argosy.workflows.composite import CarveOut, composite
        from argosy.workflows.measured import Asked

        seen = self.look(as_of=as_of, known_at=known_at)
        return composite(
            seen, group, frequency=frequency, benchmark=benchmark,
            asked=Asked(currency, timing, basis, on_missing=on_missing),
            carve=CarveOut(carve_out, by, cash) if carve_out else None, kind=dispersion, members=members,
            firm_assets=firm_assets,
        )  # fmt: skip

    def import_segments(
        self,
        given: object,
        *,
        code: str = "",
        currency: str = "",
        frequency: str = "monthly",
        name: str = "",
        profile: str = "",
        source: str = "",
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Weights and returns of a benchmark's segments by period: benchmark, date, segment, weight, return."""
        from argosy.workflows.import_segments import import_segments

        found, label = content(given, name=name)
        return import_segments(
            self._store, row_reader(), content=found, name=label, code=code, currency=currency, frequency=frequency,
            profile=read_profile(profile), source=source, accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip

    def import_classification(
        self,
        given: object,
        *,
        scheme: str = "segment",
        name: str = "",
        profile: str = "",
        source: str = "",
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Which segment each instrument belongs to: instrument, segment, and portfolio where it holds in one only."""
        from argosy.workflows.import_segments import import_classification

        found, label = content(given, name=name)
        return import_classification(
            self._store, row_reader(), content=found, name=label, scheme=scheme, profile=read_profile(profile),
            source=source, accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip
