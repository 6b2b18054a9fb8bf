"""The door of ``exchange``: links to other systems, the outbox, what comes in, certificates by reference."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.exchange.actions import (
        Taken,
        drop_endpoint,
        forget_numbers,
        give_up,
        look_at_number,
        send_again,
        set_endpoint,
        take_in,
    )
    from tongxin.exchange.models import Certificate, Endpoint, Message, Received
    from tongxin.exchange.queries import (
        AboutCase,
        LinkState,
        about_run,
        count_stuck,
        list_links,
        list_messages,
        next_due,
    )
    from tongxin.exchange.rules import signature
    from tongxin.exchange.sending import post, send_due
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "AboutCase", "Certificate", "Endpoint", "LinkState", "Message", "Received", "Taken", "about_run", "count_stuck", "drop_endpoint",
    "forget_numbers", "give_up", "list_links", "list_messages", "look_at_number", "next_due", "post", "send_again", "send_due",
    "set_endpoint", "signature", "take_in",
]  # fmt: skip
