"""Tests of `backend.wechat`: the vectors of wechat-protocol.md, damage of every kind, and real Redis and HTTP."""
