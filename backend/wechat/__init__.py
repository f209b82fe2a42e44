"""WeChat's protocol as a library (wechat-protocol.md). It alone imports wechatpy, and knows nothing of the bureau.

| module | does |
|---|---|
| `push` | verify, open and seal what WeChat posts to us |
| `inbound`, `parsing` | the typed messages and events, and the table that makes them |
| `replies` | passive reply XML |
| `client`, `transport`, `tokens` | calls to WeChat, their outcome, and the access_token |
| `errors` | one class for each thing a caller can do about a refusal |
| `fields` | the limits of template and subscription fields |

A new event: a class in `inbound`, a line in `parsing.EVENTS`. A new endpoint: a method on `client.WeChatClient`.
"""
