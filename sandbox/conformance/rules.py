"""Every rule the report knows: where the protocol file says it, and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["reply", "call", "page"]
Level = Literal["must", "should"]

SIDES: dict[Side, str] = {"reply": "对推送的回复", "call": "调用微信接口", "page": "网页"}


@dataclass(frozen=True)
class Rule:
    """`must`: breaking it fails at WeChat. `should`: it works, but wastes quota or shows ignorance."""

    id: str
    section: str
    level: Level
    sentence: str

    @property
    def side(self) -> Side:
        """Which part of the product it is about."""
        head = self.id.partition(".")[0]
        return "call" if head == "call" else "page" if head == "page" else "reply"


RULES: tuple[Rule, ...] = (
    Rule("verify.echo", "§1.1", "must", "验证服务器地址时，签名正确就原样返回 echostr，不多一个字。"),
    Rule("verify.refuse", "§1.1", "must", "验证服务器地址时，签名不对就拒绝，不返回 echostr。"),
    Rule("push.forged", "§1.1", "must", "签名不对的推送一律拒绝（4xx），不处理。"),
    Rule("push.no_5xx", "§1.2", "must", "推送内容再怪，也不回 5xx。"),
    Rule("reply.in_time", "§1.6", "must", "5 秒之内答复。"),
    Rule("reply.status", "§1.6", "must", "答复的 HTTP 状态码是 200。"),
    Rule("reply.success", "§1.6", "must", "无话可说时只回 success 或空包，前后没有引号、换行、空格。"),
    Rule("reply.well_formed", "§1.6", "must", "回复是合法的 XML（小程序用 JSON 时是合法的 JSON）。"),
    Rule("reply.encrypted", "§1.1", "must", "安全模式下，回复要加密。"),
    Rule("reply.plain", "§1.1", "must", "明文模式下，回复不加密。"),
    Rule("reply.signature", "§1.2", "must", "加密的回复带正确的 MsgSignature、TimeStamp、Nonce。"),
    Rule("reply.decryptable", "§1.2", "must", "加密的回复解得开：base64、32 字节块的填充、长度、末尾的 AppID 都对。"),
    Rule("reply.to", "§1.5", "must", "ToUserName 是用户的 openid。"),
    Rule("reply.from", "§1.5", "must", "FromUserName 是账号的原始 ID。"),
    Rule("reply.create_time", "§1.5", "must", "CreateTime 是整数秒。"),
    Rule("reply.msg_type", "§1.5", "must", "MsgType 是微信认识的一种。"),
    Rule("reply.elements", "§1.5", "must", "没有多余的元素（用户的话里有 ]]> 时要拆开）。"),
    Rule("reply.text_empty", "§1.6", "must", "文字回复不为空；无话可说时回 success。"),
    Rule("reply.text_length", "§1.5", "must", "文字回复不超过 2048 字节。"),
    Rule("reply.articles", "§1.5", "must", "图文的 ArticleCount 与条数一致，每条都有标题。"),
    Rule("reply.article_limit", "§1.5", "must", "答复消息时图文只有 1 条，答复事件时最多 8 条。"),
    Rule("reply.media", "§1.5", "must", "图片、语音、视频回复用的是上传过、没过期的 MediaId。"),
    Rule("reply.unsubscribe", "§1.4", "must", "取消关注不能答复，只回 success。"),
    Rule("reply.server_event", "§1.4", "should", "通知结果这类事件用户看不到答复，只回 success。"),
    Rule("reply.miniprogram", "§1.7", "should", "小程序的推送只回 success 或转人工，真正的答复走客服消息。"),
    Rule("reply.same_again", "§1.6", "must", "同一条推送送来几次，答复都一样（或还没办完时回 success）。"),
    Rule("reply.content_type", "§1.6", "should", "XML 回复的 Content-Type 是 application/xml。"),
    Rule("call.address", "§0", "must", "只调用存在的接口。"),
    Rule("call.method", "§0.1", "must", "GET、POST 用对。"),
    Rule("call.json", "§0", "must", "请求体是 UTF-8 的 JSON，中文不写成 \\uXXXX。"),
    Rule("call.token_given", "§0", "must", "带上 access_token，写在地址里而不是请求体里。"),
    Rule("call.token_formed", "§0.1", "must", "access_token 没有被截断或改坏。"),
    Rule("call.credentials", "§2", "must", "AppID、AppSecret、grant_type 正确。"),
    Rule("call.product", "§10", "must", "公众号和小程序的令牌不混用。"),
    Rule("call.openid", "§0", "must", "openid 属于这个 AppID。"),
    Rule("call.secret_place", "§3.2", "must", "AppSecret 只给要它的接口，session_key 哪里都不传。"),
    Rule("call.token_retry", "§2.3", "must", "令牌被拒后，同一次调用最多再试一次。"),
    Rule("call.force_refresh", "§2.2", "must", "强制刷新令牌至少隔 30 秒，一天不超过 20 次。"),
    Rule("call.one_refresher", "§2.3", "should", "普通令牌还没到期，不重新取。"),
    Rule("call.stop_at_quota", "§0.1", "must", "配额用完（45009、45011）就停下，等到零点或下一分钟。"),
    Rule("call.quota", "§5.6", "should", "自己数着用量，不碰到配额上限。"),
    Rule("call.final", "§0.1", "must", "不会变好的错误（如 43101、40003、47003）不重发。"),
    Rule("call.template", "§5.1", "must", "模板 ID 属于这个账号，是这种消息的模板。"),
    Rule("call.fields", "§5.3", "must", "模板的每个字段都填了，长短和字符合乎类型。"),
    Rule("call.first_remark", "§5.1", "should", "不再传 first、remark，它们不会显示。"),
    Rule("call.credit", "§5.2", "should", "用户没有授权，就不发订阅通知。"),
    Rule("call.follower", "§5.1", "should", "没有关注的人，不发模板消息。"),
    Rule("call.gone", "§1.4", "must", "取消关注以后，公众号不再发任何消息。"),
    Rule("call.window", "§5.4", "should", "客服消息只在可发的时间和条数之内发。"),
    Rule("call.one_at_a_time", "§5.3", "must", "同一个人的订阅消息一条一条发。"),
    Rule("call.code", "§3.1", "must", "登录码、授权码、手机号码只用一次，不混用。"),
    Rule("call.arguments", "§5.6", "must", "其他参数合乎文档。"),
    Rule("call.menu", "§6.1", "must", "菜单合乎规定：个数、名字长短、类型、链接。"),
    Rule("call.miniprogram_page", "§6.3", "must", "小程序码和链接的页面、参数、期限合乎规定。"),
    Rule("call.media", "§6.5", "must", "上传的文件类型、大小正确，取用的 media_id 没有过期。"),
    Rule("call.check_version", "§6.6", "must", "内容检查用第 2 版（version=2），带 openid 和 scene。"),
    Rule("call.check_active", "§6.6", "should", "内容检查时，用户两小时内用过小程序。"),
    Rule("page.oauth_order", "§4.1", "must", "网页授权链接的参数按规定的顺序写全。"),
    Rule("page.oauth_domain", "§4.1", "must", "回调地址的域名就是配置的网页授权域名。"),
    Rule("page.oauth_state", "§4.1", "must", "每次网页授权带一个新的 state。"),
    Rule("page.js_signature", "§2.4", "must", "JS-SDK 的签名正确，网址在自己的域名下。"),
)
BY_ID = {rule.id: rule for rule in RULES}
