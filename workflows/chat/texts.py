"""Sentences of the router."""

ANYTIME = "回复数字，或直接说要办的事。随时可回：返回、取消、人工。"
NOT_UNDERSTOOD = "没太明白您的意思。我能帮您办这些："
NOTHING_TO_LEAVE = "现在没有在办的事。我能帮您办这些："
STILL_HERE = "刚才的事还没办完，接着回答就行。要办别的："
NOT_AT_ALL = "不客气。"
AT_YOUR_SERVICE = "有事随时叫我，回“菜单”看能办什么。"
ENOUGH = "好。"
LEFT = "好，先到这里。要办事再叫我，回“菜单”看能办什么。"
HANDED_OVER = "正在为您转人工，请稍等。"
OUTDATED = "刚才的办理步骤有更新，我们重新来。"
BACK_TO = "接着刚才的："
FAULT = "刚才没有办成，不是您的问题，请过一会儿再发一次。急事请打电话或回“人工”。"
WELCOME = "感谢关注！"
WELCOME_BACK = "欢迎回来！"
PENDING = "您{when}在{place}有预约{more}，回“我的预约”可以看。\n"
PENDING_MORE = "（一共{count}个）"
CODE_UNKNOWN = "这个码已经过期，或不是我们的码。有事直接告诉我就行，我能帮您办这些："
LATE = "收到了，正在为您办，办好马上告诉您，不用再发。"
SAY_AGAIN = "刚才有一句没来得及看。还要办的话，请再说一遍。"
HAND_OVER_LATE = "人工刚才没接上，请再回一次“人工”。"

# What has no words in it (wechat-protocol §1.3); then what is awaited, in the words of the step.
UNREADABLE = {
    "voice": "语音我还听不懂，请打字。",
    "image": "这里用不上照片。",
    "video": "视频我看不了。",
    "shortvideo": "视频我看不了。",
    "location": "这里用不上位置。",
    "link": "链接我打不开。",
    "sticker": "表情我看不懂。",
}
UNREADABLE_OTHER = "这个我看不懂。"
TYPE_INSTEAD = "请打字告诉我要办的事，或回“人工”。"
# What WeChat writes in place of a sticker, and of all else it does not push.
NOT_PUSHED = "【收到不支持的消息类型，暂无法显示】"
