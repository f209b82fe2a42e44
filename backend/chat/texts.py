"""Sentences of the entrance about what it holds, for how long, and where the privacy rules stand."""

TITLE = "服务号聊天"
CONVERSATION = "聊天"
KEPT_CONVERSATION = "没办完的最多保存47小时，聊天记号保存到注销账号为止"

L_WECHAT = "微信标识"
L_PRODUCT = "微信应用"
L_MATTER = "正在办的事"
L_UPDATED = "最近一次"
L_EXPIRES = "填的内容最晚清除"
NOTHING_UNDER_WAY = "没有"

RULE_PUSHES = "处理过的微信推送"
SINCE_RECEIVED = "收到"
BASIS_PUSHES = "微信重发时给出同样的答复"

# Once per person and version, under the first reply (PIPL 17).
NOTICE_LINE = "您的信息怎么用、怎么管：{url}"
