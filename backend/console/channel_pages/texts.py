"""Words of the page on the way to WeChat."""

NAV = "微信通道"
MATTER = "微信通道"
WAITING = "{channel}发不出去：{failure}"
PRODUCTS = {"account": "公众号", "miniprogram": "小程序"}
CHANNELS = {"template": "模板消息", "subscribe": "订阅消息", "customer_service": "客服消息", "desk": "窗口"}
FAILURES = {
    "token_rejected": "令牌反复被拒",
    "bad_content": "内容或模板字段不被接受",
    "misconfigured": "设置与微信不符",
    "banned": "能力或模板被停用",
    "unknown_error": "微信回了没有见过的错误码",
}
NEXT_STEPS = {
    "token_rejected": "请系统管理员查一查，是不是别的系统也在用同一个 AppSecret。",
    "bad_content": "请打开“消息模板”，对照微信那边的模板核对字段。",
    "misconfigured": "请系统管理员运行 doctor 检查，照提示改设置。",
    "banned": "请登录 mp.weixin.qq.com 看站内信，按要求处理。",
    "unknown_error": "请把错误码和编号发给系统管理员。",
}
ENDPOINTS = {
    "/cgi-bin/message/template/send": "模板消息",
    "/cgi-bin/message/subscribe/send": "小程序订阅消息",
    "/cgi-bin/message/subscribe/bizsend": "公众号订阅消息",
    "/cgi-bin/message/custom/send": "客服消息",
    "/cgi-bin/stable_token": "取令牌",
    "/cgi-bin/token": "取令牌",
    "/cgi-bin/media/get": "下载图片",
    "/cgi-bin/media/upload": "上传图片",
    "/cgi-bin/qrcode/create": "生成二维码",
    "/wxa/msg_sec_check": "文字检查",
    "/wxa/media_check_async": "图片检查",
}
