"""The command that serves the sample shop."""

import click


@click.command("sample-shop")
@click.option(
    "--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free port."
)
@click.option(
    "--print-registry", is_flag=True, help="Print the path of the shop's licence registry, and exit."
)
def sample_shop(port: int, print_registry: bool) -> None:
    """Serve the sample shop on loopback until Ctrl-C; its address is the first line printed."""
    import signal
    from threading import Event

    from crawler.sample_shop.catalogue import registry_path
    from crawler.sample_shop.server import serve

    if print_registry:
        click.echo(registry_path())
        return
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with serve(port) as shop:
            click.echo(shop.url)
            stop.wait()
    except OSError as error:
        raise click.ClickException(
            f"port {port} cannot be opened ({error.strerror}): choose another with --port, or leave it out"
        ) from error
