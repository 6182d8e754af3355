"""The drill itself; `tests.drill` runs it in a folder of its own."""

import argparse
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from leads.models import Account, Lead
from tests.drill.clients import Client
from tests.drill.facts import SENDERS, Fact
from tests.drill.tally import doubled_leads, seen_in, tally
from tests.drill.victims import Database, Killer, server, worker
from tests.timeline.inbox import SECRET, address_of
from timeline import inbox
from timeline.inbox_models import Delivery, ProviderChannel

SETTLE_SECONDS = 120

_NUMBER_ID = "106540352242922"
_PLURAL = {"server": "servers", "worker": "workers", "database": "databases"}


def main() -> int:
    options = _options()
    channel = _prepare()
    stop = threading.Event()
    ports = [_free_port() for _ in range(options.servers)]
    processes = [*map(server, ports), worker(ports[0])]
    killer = Killer(processes, Database(settings.VAR_DIR / "postgres"), options.seed)
    crowd = [
        Client(n, seed=options.seed, path=address_of(channel), ports=ports, stop=stop)
        for n in range(options.clients)
    ]
    try:
        _let_them_fight(crowd, killer, stop, options.seconds)
        replayed = _settle()
    finally:
        for process in processes:
            process.kill()
    return report(channel.account, crowd, killer, replayed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of delivering (default: 60)")
    parser.add_argument("--clients", type=int, default=4, help="who deliver (default: 4)")
    parser.add_argument("--servers", type=int, default=2, help="who take in (default: 2)")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10_000), help="to see the same again"
    )
    return parser.parse_args()


def _prepare() -> ProviderChannel:
    """Make the database, and half of the senders leads; return the channel."""
    call_command("migrate", interactive=False, verbosity=0)
    account = Account.objects.create(name="Drill", region="CL")
    for sender in SENDERS[::2]:
        Lead.objects.create(account=account, first_name="Ana", phone=f"+{sender}")
    channel = ProviderChannel(
        account=account, provider="whatsapp", name="Drill", address=_NUMBER_ID
    )
    channel.secrets = {"app_secret": SECRET, "verify_token": "drill"}
    channel.save()
    connection.close()
    return channel


def _let_them_fight(
    crowd: Sequence[Client], killer: Killer, stop: threading.Event, seconds: float
) -> None:
    """Have the clients deliver among deaths; then, among none, what they have begun."""
    for client in crowd:
        client.start()
    killer.start()
    time.sleep(seconds)
    killer.end()
    stop.set()
    for client in crowd:
        client.give_up_at = time.monotonic() + SETTLE_SECONDS
    for client in crowd:
        client.join()


def _settle() -> int:
    """Wait until all is processed; return how many we failed on, which are not waited for."""
    replayed = 0
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        failed = Delivery.objects.filter(state=Delivery.State.FAILED)
        replayed += inbox.replay(failed)
        inbox.process_due(1_000)
        if not Delivery.objects.exclude(next_attempt_at=None).exists():
            break
        time.sleep(0.1)
    return replayed


def report(account: Account, crowd: Sequence[Client], killer: Killer, replayed: int) -> int:
    """Print what happened; return the exit status: 0 if nothing is lost and nothing doubled.

    It is 1 if nothing was killed, or nothing told: that nothing is lost then proves nothing.
    """
    told = set().union(*(client.facts for client in crowd))
    result = tally(told, list(seen_in(account)))
    doubled = result.doubled + doubled_leads(account)
    abandoned = sum(client.abandoned for client in crowd)
    left = Delivery.objects.exclude(state=Delivery.State.DONE).count()
    killed = killer.killed
    print(f"sent          {sum(client.sent for client in crowd):>8,}")
    print(f"acknowledged  {sum(client.acknowledged for client in crowd):>8,}", _told(told))
    print(f"killed        {killed.total():>8,} ({_named(killed) or 'nothing'})")
    print(f"tried again   {replayed:>8,}")
    print(f"unfinished    {left + abandoned:>8,}")
    print(f"lost          {result.lost:>8,}")
    print(f"doubled       {doubled:>8,}")
    is_well = told and killed and not (result.lost or doubled or left or abandoned)
    return 0 if is_well else 1


def _told(told: set[Fact]) -> str:
    messages = sum(not fact.state for fact in told)
    return f"(which told of {messages:,} messages, and {len(told) - messages:,} statuses)"


def _named(killed: Counter[str]) -> str:
    return ", ".join(f"{number} {_PLURAL[name]}" for name, number in sorted(killed.items()))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
