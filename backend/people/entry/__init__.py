"""How residents come in by WeChat: codes used once, logins, one person behind several openids (wechat-protocol §3, §4).

| module | does |
|---|---|
| `codes` | one exchange of a login code with WeChat, however often the code arrives |
| `session_keys` | the mini-program's session_key, which never leaves the server |
| `linking` | the mini-program's eight digits, typed in the account's chat |
| `unionids` | asks WeChat who a new follower is, outside the turn |
"""
