"""`coldchain corrections`, `leads`, `risks`: what must be put right, who did it, who looked at it again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from coldchain.cli.change_app import LANG, SERVER, Lang
from coldchain.cli.lots_app import Server

corrections_app = typer.Typer(no_args_is_help=True, help="整改: corrective action after alarms, leads and risks.")
leads_app = typer.Typer(no_args_is_help=True, help="线索: supervision, sampling, media, complaints, employees.")
risks_app = typer.Typer(no_args_is_help=True, help="风险报告: reports of potential risks, to whom, and the receipt.")

About = Annotated[str, typer.Argument(metavar="ALARM", help="Id of an alarm, or lead:ID, or risk:ID.")]
Who = Annotated[str, typer.Option(help="Who says it.")]
Why = Annotated[str, typer.Option(help="Kept with it; of what is sent back the reason.")]
At = Annotated[str | None, typer.Option("--due", help="Until when, RFC 3339 with offset.")]
Ends = Annotated[str, typer.Option(help="What it comes to: correction, recall or unfounded.")]
GradeOption = Annotated[str, typer.Option("--grade", help="Of the corrective action: minor, serious, severe.")]
RecallOption = Annotated[str, typer.Option("--recall", help="Id of the recall that it ends in.")]
SiteOption = Annotated[str, typer.Option("--site", help="Id of the site.")]
State = Annotated[str, typer.Option(help="open, correcting, closed; all without it.")]

LEADS, RISKS = "/api/v1/leads", "/api/v1/risk-reports"


@corrections_app.command("list")
def list_(
    state: Annotated[
        str, typer.Option(help="todo, open, overdue, to-verify, to-check, closed, void, all.")
    ] = "todo",
    site: SiteOption = "", grade: GradeOption = "", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """List corrective actions, the oldest first, from a running server."""
    from coldchain.cli.corrections import print_corrections

    print_corrections(server, state, site, grade, lang)


@corrections_app.command("show")
def show(about: About, server: Server = SERVER, lang: Lang = LANG) -> None:
    """Show one with everything that was ever said about it."""
    from coldchain.cli.corrections import print_correction

    print_correction(server, about, lang)


@corrections_app.command("say")
def say(
    about: About, who: Who,
    cause: Annotated[str, typer.Option(help="door-open, restocking, broken, power, defrost, probe …")] = "",
    action: Annotated[str, typer.Option(help="What was done.")] = "",
    photo: Annotated[list[Path] | None, typer.Option(help="A picture; may be given several times.")] = None,
    evidence: Annotated[str, typer.Option(help="What else proves it, such as the number of a repair slip.")] = "",
    responsible: Annotated[str, typer.Option(help="Who answers for it.")] = "",
    due: At = None,
    disposition: Annotated[str, typer.Option(help="Of the goods: released, re-inspected, downgraded, destroyed.")] = "",
    going_on: Annotated[bool, typer.Option("--going-on", help="It is not done yet.")] = False,
    why: Why = "整改", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """整改: say what was done; all of it anew each time."""
    from coldchain.cli.corrections import ms_of, new_id, now_ms, sent_photos, tell

    entry = {
        "put": "correction", "id": new_id("c"), "about": about, "at_ms": now_ms(), "cause": cause, "action": action,
        "evidence": evidence, "responsible": responsible, "due_ms": ms_of(due, "--due"), "disposition": disposition,
        "done": not going_on, "photos": sent_photos(server, photo or []),
    }  # fmt: skip
    tell(server, who, why, [entry], lang)


@corrections_app.command("verify")
def verify(
    about: Annotated[list[str], typer.Argument(metavar="ALARM…", help="One or several.")], who: Who,
    send_back: Annotated[bool, typer.Option("--send-back", help="It is not good enough; --why says why.")] = False,
    why: Why = "复核", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """复核: a second person looked at what was said last, of one or of many."""
    from coldchain.cli.corrections import last_said, now_ms, tell

    at_ms = now_ms()
    entries = [
        {"put": "correction-verified", "about": one, "correction": last_said(server, one), "at_ms": at_ms,
         "accepted": not send_back}
        for one in about
    ]  # fmt: skip
    tell(server, who, why, entries, lang)


@corrections_app.command("measure")
def measure(
    celsius: Annotated[float, typer.Argument(help="What the hand thermometer shows inside of a pack, °C.")], who: Who,
    alarm: Annotated[str, typer.Option(help="The alarm that asked for it.")] = "",
    asset: Annotated[str, typer.Option(help="Where the pack lay; that of the alarm without it.")] = "",
    lot: Annotated[str, typer.Option(help="Which lot the pack is of.")] = "",
    instrument: Annotated[str, typer.Option(help="Number of the thermometer.")] = "",
    why: Why = "测中心温度", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """中心温度: above the limit the lots there are held, else they may be sold."""
    from coldchain.cli.corrections import new_id, now_ms, tell

    entry = {"put": "core-temperature", "id": new_id("t"), "about": alarm, "asset": asset, "celsius": celsius,
             "at_ms": now_ms(), "instrument": instrument, "lot": lot}  # fmt: skip
    tell(server, who, why, [entry], lang)


@leads_app.command("list")
def list_leads(state: State = "", server: Server = SERVER, lang: Lang = LANG) -> None:
    """List leads, the newest first."""
    from coldchain.cli.corrections import print_matters

    print_matters(server, LEADS, state, lang)


@leads_app.command("show")
def show_lead(name: Annotated[str, typer.Argument(metavar="LEAD")], server: Server = SERVER, lang: Lang = LANG) -> None:
    """Show a lead with everything that was ever said about it."""
    from coldchain.cli.corrections import print_matter

    print_matter(server, LEADS, name, lang)


@leads_app.command("add")
def add_lead(
    source: Annotated[str, typer.Argument(help="supervision, sampling, media, complaint, employee.")],
    what: Annotated[str, typer.Argument(help="What it is about.")],
    who: Who, site: SiteOption = "",
    asset: Annotated[str, typer.Option(help="Id of the asset.")] = "",
    lot: Annotated[list[str] | None, typer.Option(help="A lot; may be given several times.")] = None,
    due: At = None, why: Why = "线索", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """Write a lead down."""
    from coldchain.cli.corrections import ms_of, new_id, now_ms, tell

    entry = {"put": "lead", "id": new_id("l"), "source": source, "what": what, "at_ms": now_ms(), "site": site,
             "asset": asset, "lots": lot or [], "due_ms": ms_of(due, "--due")}  # fmt: skip
    tell(server, who, why, [entry], lang)
    typer.echo(entry["id"])


@leads_app.command("conclude")
def conclude(
    name: Annotated[str, typer.Argument(metavar="LEAD")], ends: Ends, who: Who,
    conclusion: Annotated[str, typer.Option(help="What was found.")],
    grade: GradeOption = "serious", recall: RecallOption = "",
    why: Why = "线索结论", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """Say what a lead comes to."""
    from coldchain.cli.corrections import content_of, tell

    said = {"conclusion": conclusion, "ends": ends, "grade": grade, "recall": recall}
    tell(server, who, why, [content_of(server, LEADS, name) | said], lang)


@risks_app.command("list")
def list_risks(state: State = "", server: Server = SERVER, lang: Lang = LANG) -> None:
    """List risk reports, the newest first."""
    from coldchain.cli.corrections import print_matters

    print_matters(server, RISKS, state, lang)


@risks_app.command("show")
def show_risk(
    name: Annotated[str, typer.Argument(metavar="REPORT")], server: Server = SERVER, lang: Lang = LANG
) -> None:
    """Show a risk report with everything that was ever said about it."""
    from coldchain.cli.corrections import print_matter

    print_matter(server, RISKS, name, lang)


@risks_app.command("add")
def add_risk(
    what: Annotated[str, typer.Argument(help="The potential risk.")], who: Who,
    source: Annotated[str, typer.Option(help="An alarm's id, lead:ID, or words.")] = "",
    site: SiteOption = "",
    lot: Annotated[list[str] | None, typer.Option(help="A lot; may be given several times.")] = None,
    measures: Annotated[str, typer.Option(help="What was done about it.")] = "",
    why: Why = "风险报告", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """Draw a risk report up."""
    from coldchain.cli.corrections import new_id, now_ms, tell

    entry: dict[str, Any] = {"put": "risk-report", "id": new_id("r"), "source": source, "what": what,
                             "at_ms": now_ms(), "site": site, "lots": lot or [], "measures": measures}  # fmt: skip
    tell(server, who, why, [entry], lang)
    typer.echo(entry["id"])


@risks_app.command("sent")
def sent(
    name: Annotated[str, typer.Argument(metavar="REPORT")], who: Who,
    to: Annotated[str, typer.Option(help="To whom it went.")] = "",
    receipt: Annotated[str, typer.Option(help="Number or words of the receipt.")] = "",
    at: Annotated[str | None, typer.Option("--at", help="When, RFC 3339 with offset; default: now.")] = None,
    why: Why = "报送", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """Say that a risk report went out, or that its receipt came."""
    from coldchain.cli.corrections import content_of, ms_of, now_ms, tell

    before = content_of(server, RISKS, name)
    said = {
        "to": to or before["to"],
        "receipt": receipt or before["receipt"],
        "sent_ms": ms_of(at, "--at") or before["sent_ms"] or now_ms(),
    }
    tell(server, who, why, [before | said], lang)


@risks_app.command("conclude")
def conclude_risk(
    name: Annotated[str, typer.Argument(metavar="REPORT")], ends: Ends, who: Who,
    grade: GradeOption = "serious", recall: RecallOption = "",
    why: Why = "风险处置", server: Server = SERVER, lang: Lang = LANG,
) -> None:  # fmt: skip
    """Say what a risk comes to."""
    from coldchain.cli.corrections import content_of, tell

    said = {"ends": ends, "grade": grade, "recall": recall}
    tell(server, who, why, [content_of(server, RISKS, name) | said], lang)
