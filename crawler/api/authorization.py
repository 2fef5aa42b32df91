"""Stores a shop's authorization code; the next crawl exchanges it for tokens."""

from urllib.parse import parse_qs, urlsplit

import click

from crawler.api.grants import Grant, GrantFile, GrantsUnusable

_CODE = "code, or the whole address that the shop was sent back to"
_ASKED = {"shopee": _CODE, "lazada": _CODE, "tiktok_shop": _CODE, "line_shopping": "API key"}


def authorize(named: str, *, refresh_token: bool) -> None:
    """Prompt for the shop's code and store it; nothing is shown, and the platform is not contacted."""
    source, _, shop = named.partition(":")
    if source not in _ASKED or not shop.strip():
        raise click.UsageError(
            f"--authorize takes SOURCE:SHOP as a plan names them, such as shopee:600001; "
            f"sources are {', '.join(_ASKED)}"
        )
    asked = "refresh token" if refresh_token and source != "line_shopping" else _ASKED[source]
    given = click.prompt(asked, hide_input=True).strip()
    if source == "line_shopping":
        grant = Grant(access_token=given)
    elif refresh_token:
        grant = Grant(refresh_token=given)
    else:
        grant = Grant(code=_code_of(given))
    file = GrantFile()
    try:
        with file.held():
            file.write(source, shop.strip(), grant)
    except (OSError, GrantsUnusable) as error:
        raise click.ClickException(str(error)) from error
    again = "" if source == "line_shopping" or refresh_token else " soon: a code lasts some minutes"
    click.echo(f"stored in {file.path}; now crawl the plan{again}")


def _code_of(given: str) -> str:
    """Return the code itself, or the one in the pasted URL."""
    if "://" not in given:
        return given
    code = parse_qs(urlsplit(given).query).get("code", [""])[0].strip()
    if not code:
        raise click.UsageError("the address holds no code=…: take the one that the shop was sent back to")
    return code
