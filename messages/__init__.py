"""What we say and how it leaves. Services speak through the names below; `delivery` and `channels` are for the jobs.

| module | does |
|---|---|
| `notices`, `catalogue` | what can be said: wording, fields, channels |
| `outbox` | `post` writes a row in the caller's transaction; states and their moves |
| `reminders` | rows that are due later and follow their subject |
| `silence` | nothing more is sent to somebody who has died, and again when that was a mistake |
| `credits`, `templates` | permission to write to people, and WeChat's templates |
| `receipts` | pushes that tell what became of a message |
| `attention` | what is left for people |
| `ways`, `outcomes`, `pauses`, `recording`, `delivery`, `channels` | claim, choose a way, send, record |
"""

from messages import catalogue
from messages.attention import Attention, AttentionPage, needing_attention, send_again, settle
from messages.credits import (
    Interaction,
    attach_address,
    note_followed,
    note_interaction,
    note_messages,
    note_subscription,
    note_unfollowed,
)
from messages.models import Channel, OutboxState, Product
from messages.outbox import Subject, cancel_for, post
from messages.receipts import note_subscription_sent, note_template_finished
from messages.reminders import ReminderPlan, add_reminders, cancel_reminders, leave_alone, set_reminders
from messages.templates import map_template, template_for

__all__ = [
    "Attention",
    "AttentionPage",
    "Channel",
    "Interaction",
    "OutboxState",
    "Product",
    "ReminderPlan",
    "Subject",
    "add_reminders",
    "attach_address",
    "cancel_for",
    "cancel_reminders",
    "catalogue",
    "leave_alone",
    "map_template",
    "needing_attention",
    "note_followed",
    "note_interaction",
    "note_messages",
    "note_subscription",
    "note_subscription_sent",
    "note_template_finished",
    "note_unfollowed",
    "post",
    "send_again",
    "set_reminders",
    "settle",
    "template_for",
]
