"""The operator's side of WeChat: what is published there, whether it is still what we think, and what was used.

| module | does |
|---|---|
| `connect` | makes the clients as the settings say |
| `menu` | the menu we publish |
| `template_sync` | enters WeChat's templates for our notices |
| `checks` | the steps of connecting a real account, one finding each (docs/wechat.md) |
| `commands` | `flask wechat …` |
"""
