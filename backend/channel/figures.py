"""Figures of the way to WeChat for `/metrics`: calls of the day, closed endpoints, alarms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily

from backend.wechat.client import WeChatClient
from messages.alarms import open_alarms


class ChannelCollector:
    """Read when asked; one row per app and endpoint that was used today."""

    def __init__(self, clients: Sequence[WeChatClient]) -> None:
        self._clients = clients

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a figure."""
        labels = ["app", "path"]
        calls = GaugeMetricFamily("nuanmin_wechat_calls", "Calls to WeChat today", labels=labels)
        share = GaugeMetricFamily("nuanmin_wechat_quota_used", "Part of the day's quota that is used", labels=labels)
        closed = GaugeMetricFamily("nuanmin_wechat_closed", "1 while an endpoint is closed by a 45009", labels=labels)
        for client in self._clients:
            for one in client.quotas.usage():
                if one.used or one.closed_until:
                    name = [client.app_id, one.path]
                    calls.add_metric(name, one.used)
                    share.add_metric(name, one.used / one.per_day if one.per_day else 0)
                    closed.add_metric(name, int(one.closed_until is not None))
        yield from (calls, share, closed)
        alarms = GaugeMetricFamily("nuanmin_channel_alarms", "What has to be mended before messages go out")
        alarms.add_metric([], len(open_alarms()))
        yield alarms
