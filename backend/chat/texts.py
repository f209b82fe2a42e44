"""Sentences of the entrance about what it holds, for how long, and where the privacy rules stand."""

from backend.files import Refusal

TITLE = "服务号聊天"
CONVERSATION = "聊天"
KEPT_CONVERSATION = "没办完的最多保存47小时，聊天记号保存到注销账号为止"

L_WECHAT = "微信标识"
L_PRODUCT = "微信应用"
L_MATTER = "正在办的事"
L_UPDATED = "最近一次"
L_EXPIRES = "填的内容最晚清除"
NOTHING_UNDER_WAY = "没有"

RULE_STRANGERS = "取消关注、又没办过事的微信"
SINCE_LEFT = "取消关注"
BASIS_STRANGERS = "没有要保存的事；办过事的，按那件事的期限保存"

RULE_PUSHES = "处理过的微信推送"
SINCE_RECEIVED = "收到"
BASIS_PUSHES = "微信重发时给出同样的答复"

# Once per person and version, under the first reply (PIPL 17).
NOTICE_LINE = "您的信息怎么用、怎么管：{url}"

LATE = "晚到的答复"
KEPT_LATE = "没办完时加密保存您发的那一句，办完就删；答复保存7天"
L_RECEIVED = "收到"
L_SETTLED = "答复"
RULE_LATE = "晚到的答复"
SINCE_SETTLED = "答复"
BASIS_LATE = "微信只等五秒，来不及的答复随后发出"

# user_authorization_revoke, RevokeInfo (wechat-protocol §1.4); codes that are not listed are named as they are.
WITHDREW_ALL = "用户在微信注销了授权，请删除能删的全部信息。"
WITHDREW = "用户在微信撤回了授权：{items}。请删除由此得到的信息。"
WITHDRAWN_ITEMS = {
    "1": "车牌号",
    "2": "地址",
    "3": "发票",
    "4": "蓝牙",
    "5": "麦克风",
    "6": "昵称和头像",
    "7": "摄像头",
    "8": "手机号",
    "12": "微信运动步数",
    "13": "位置",
    "14": "选中的照片或视频",
    "15": "选中的文件",
    "16": "邮箱",
}
AND = "、"
MOST_NAMED = 300

PICTURE_REFUSED = {
    Refusal.GONE: "刚才的照片没有取到。",
    Refusal.EMPTY: "刚才的照片是空的。",
    Refusal.TOO_LARGE: "刚才的照片太大，超过了10MB。",
    Refusal.WRONG_TYPE: "刚才发的不是照片，或者是打不开的格式。",
    Refusal.DAMAGED: "刚才的照片不完整，打不开。",
    Refusal.TOO_MANY_PIXELS: "刚才的照片尺寸太大。",
    Refusal.INFECTED: "刚才的文件没有通过安全检查。",
}
