"""The kinds of business besides marriage registration as conversations speak of them: quietly (stories.md 2).

What people type may be blunt; what we answer can be read over their shoulder, so it never is.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.chat.flows.marriage.counselling_words import asks_counselling
from workflows.chat.ports import MARRIAGE
from workflows.chat.understanding import normalise, read_crisis, says

DIVORCE, WITHDRAWAL, DIVORCE_PAPER = "divorce_application", "divorce_withdrawal", "divorce_certificate"
REISSUE, DIVORCE_REISSUE = "marriage_certificate_reissue", "divorce_certificate_reissue"
ARCHIVE, REVOCATION = "archive_query", "registration_revocation"
CEREMONY = "ceremony"


@dataclass(frozen=True)
class Matter:
    """How one kind is spoken of. `label` in lists, `opening` before the first question, `declares` what the summary has
    them agree to, `quiet` without cheer and with a telephone for whoever needs one.
    """

    kind: str
    label: str
    opening: str = ""
    declares: str = ""
    quiet: bool = False


MARRYING = Matter(
    MARRIAGE,
    "结婚登记",
    declares="双方自愿、均无配偶、无直系血亲和三代以内旁系血亲关系，届时双方亲自到场。",
)
_COMING = "届时本人亲自到场。"
LISTED = (
    Matter(
        DIVORCE,
        "双方协议分开，预约申请",
        "好，您慢慢来，这里说的只有您自己看得到。双方都要到场。",
        "双方自愿，孩子、财产、债务都已谈好；当初在内地登记；双方都能自己作主，届时亲自到场。",
        quiet=True,
    ),
    Matter(
        DIVORCE_PAPER,
        "申请过了，约双方一起领证",
        "要在回执单写明的日期以内，双方一起到原来受理的登记处。",
        "双方自愿，届时亲自到场。",
        quiet=True,
    ),
    Matter(WITHDRAWAL, "申请过了，想撤回", quiet=True),
    Matter(REISSUE, "补领结婚证", declares=_COMING),
    Matter(DIVORCE_REISSUE, "补领双方分开时发的证", declares=_COMING, quiet=True),
    Matter(
        ARCHIVE,
        "约时间查婚姻登记档案",
        "还没找过档案的，先回“查档案”，找到了再来不白跑；已经找过的接着约。",
        declares="届时本人到场，或请人带公证过的委托书到场。",
    ),
    Matter(
        REVOCATION,
        "身份被冒用登记了，申请撤销",
        "这里受理身份被冒用、弄虚作假的登记。被胁迫结婚的，请在一年内向人民法院申请。",
        _COMING,
        quiet=True,
    ),
)
_BY_KIND = {matter.kind: matter for matter in (MARRYING, *LISTED)}

WITHDRAWAL_TOLD = (
    "撤回不用预约：任何一方带身份证和受理回执单，在回执单写明的日期以内、登记处上班时间，到原来受理的窗口就能办，"
    "不用对方同意。\n{phones}"
)
CEREMONY_TOLD = "颁证仪式在约好结婚登记以后安排，登记处会问您的意思。先约登记，请回“结婚登记”。"
SAFETY = (
    "您的安全最要紧。正在发生危险，请马上打110。\n"
    "想找人说说，打12338（妇女维权热线）或12356（心理援助热线）。还可以向人民法院申请人身安全保护令，不收费，社区和派出所也能代您申请。\n"
    "想约人当面聊，回“婚姻辅导”；要办的事什么时候接着说都行。"
)
QUIET_LINE = "想找人说说话，可以打12338。"


def matter_of(kind: str) -> Matter:
    """The words for a kind."""
    return _BY_KIND[kind]


def asked_kind(text: str) -> str | None:
    """Which kind a sentence plainly asks for; None where it does not, or where it only asks what to bring."""
    said = normalise(text)
    if says(said, "离婚协议怎么写") or asks_counselling(text):
        return None
    for kind, phrases in _ASKED:
        if says(said, *phrases):
            return kind
    return None


# In this order: who takes an application back also says what it was.
_ASKED = (
    (WITHDRAWAL, ("撤回离婚", "撤销离婚申请", "撤回申请", "不离了", "不想离了", "不离婚了", "取消离婚")),
    (DIVORCE_REISSUE, ("补领离婚证", "补办离婚证", "补离婚证", "离婚证丢", "离婚证不见", "离婚证坏", "离婚证找不到")),
    (DIVORCE_PAPER, ("领离婚证", "拿离婚证", "取离婚证", "发离婚证")),
    (DIVORCE, ("离婚", "离异登记", "协议分开")),
    (
        REISSUE,
        ("补领结婚证", "补办结婚证", "补结婚证", "结婚证丢", "结婚证不见", "结婚证坏", "结婚证找不到"),
    ),
    (REVOCATION, ("被结婚", "冒名登记", "冒用身份", "身份被冒", "撤销婚姻", "撤销结婚", "撤销登记", "假结婚证")),
    (ARCHIVE, ("查档", "档案", "婚姻登记记录", "婚姻记录", "婚姻证明", "单身证明", "无婚姻", "未婚证明")),
    (CEREMONY, ("颁证仪式", "户外颁证", "集体颁证", "云颁证", "集体婚礼")),
)


def says_harm(text: str) -> bool:
    """Whether a sentence hints at violence or force (domain-rules §2.4 E9), or at not wanting to live."""
    return read_crisis(text) is not None or says(normalise(text), "需要帮助")


def asks_reissue(text: str) -> bool:
    """补领 or 补办 without saying of what."""
    return says(normalise(text), "补领", "补办", "证丢了", "证不见了")


def asks_standing(text: str) -> bool:
    """Whether a sentence asks how an application of one's own stands, rather than for a time."""
    said = normalise(text)
    return says(said, "我的离婚", "离婚申请", "离婚进度", "离婚办到哪") and not says(
        said, "预约", "约个", "约号", "撤回"
    )
