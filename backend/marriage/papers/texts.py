"""The wording of the checklist (domain-rules §2.3). Never a 户口簿: nobody has to bring one since 2025-05-10."""

from __future__ import annotations

from collections.abc import Sequence

from backend.marriage.kinds import Kind
from backend.marriage.papers.checklist import Form, Line, Paper, PaperRules, Who

PAPERS = {
    Paper.IDENTITY_CARD: "居民身份证（在有效期内，临时身份证也可以）",
    Paper.HMT_IDENTITY: "有效的港澳台居民居住证，或来往内地（大陆）通行证，加当地身份证",
    Paper.OVERSEAS_PASSPORT: "有效的中国护照",
    Paper.FOREIGN_IDENTITY: "有效护照或国际旅行证件，或外国人永久居留身份证",
    Paper.NO_SPOUSE_HMT: "当地公证机构出具的无配偶、和对方没有近亲关系的声明（{months}个月内）",
    Paper.NO_SPOUSE_OVERSEAS: (
        "居住国公证机构或有权机关出具、经我国驻该国使领馆认证的无配偶证明，或由我国使领馆出具（{months}个月内；"
        "按国际公约可用附加证明书代替认证）"
    ),
    Paper.NO_SPOUSE_FOREIGN: (
        "本国公证机构或有权机关出具、经认证的无配偶证明，或由该国驻华使领馆出具（{months}个月内；"
        "按国际公约可用附加证明书代替认证）"
    ),
    Paper.TRANSLATION: "外文材料的中文译本",
    Paper.DECLARATION_TO_MARRY: "《申请结婚登记声明书》",
    Paper.DIVORCE_PROOF: "离婚证，或生效的法院判决书、调解书（核查有出入时要看，有就带上）",
    Paper.DEATH_PROOF: "原配偶的死亡证明和原结婚证（核查有出入时要看，有就带上）",
    Paper.MARRIAGE_CERTIFICATE: "本人的结婚证",
    Paper.LOSS_STATEMENT: "结婚证丢失的书面声明",
    Paper.ARCHIVE_COPY: "婚姻登记档案复印件，盖有档案保管单位的章（登记处能查到的不用带）",
    Paper.DIVORCE_DECLARATION: "登记申请书",
    Paper.AGREEMENT: "双方写好的协议书{count}份，写明自愿以及孩子、财产、债务怎么安排",
    Paper.RECEIPT: "受理回执单",
    Paper.WITHDRAWAL_FORM: "撤回申请书",
    Paper.PHOTOS_TOGETHER: "双方2寸近期半身免冠{background}合影{count}张{on_site}",
    Paper.PHOTOS_SINGLE: "本人2寸近期半身免冠照片{count}张{on_site}",
    Paper.REISSUE_FORM: "补领证件的声明书",
    Paper.NOTARISED_AUTHORITY: "经公证的委托书",
    Paper.PROXY_IDENTITY: "代办人的居民身份证",
    Paper.QUERY_FORM: "查询登记表",
    Paper.REVOCATION_FORM: "撤销申请书",
    Paper.REVOCATION_EVIDENCE: "公安机关、人民法院或检察院出具的证明被冒名、弄虚作假的材料",
}
FORMS = {Form.ORIGINAL: "原件", Form.COPY: "复印件", Form.ON_SITE: "现场填写"}
WHO = {
    Who.BOTH: "双方都带",
    Who.FIRST: "第一位带",
    Who.SECOND: "第二位带",
    Who.APPLICANT: "本人带",
    Who.REPRESENTATIVE: "代办人带",
}
WHO_FILLS = {
    Who.BOTH: "双方到场填",
    Who.FIRST: "第一位到场填",
    Who.SECOND: "第二位到场填",
    Who.APPLICANT: "本人到场填",
    Who.REPRESENTATIVE: "代办人到场填",
}
ON_SITE = "（现场可免费拍）"

# What people still bring although nobody asks for it.
NOT_NEEDED = "不用户口簿，不收费。"
ATTENDANCE = {
    Kind.MARRIAGE_REGISTRATION: "双方要一起到场。",
    Kind.DIVORCE_APPLICATION: "双方要一起到场。",
    Kind.DIVORCE_WITHDRAWAL: "任何一方来就能办，不用预约。",
    Kind.DIVORCE_CERTIFICATE: "双方要一起到场，并且在回执单写明的日期以内。",
    Kind.MARRIAGE_CERTIFICATE_REISSUE: "双方一起到场；要不要都来，可以先打电话问登记处。",
    Kind.DIVORCE_CERTIFICATE_REISSUE: "本人到场。",
    Kind.ARCHIVE_QUERY: "本人到场，或请人带公证过的委托书来。",
    Kind.REGISTRATION_REVOCATION: "本人到场。被胁迫结婚的，请在一年内向人民法院申请撤销。",
    Kind.CEREMONY: "双方要一起到场。",
    Kind.CLOUD_CEREMONY: "双方要一起到场。",
    Kind.COUNSELLING: "一位或两位来都可以。",
}
# E9: told quietly, never a reason to refuse (反家庭暴力法 art 23: protection orders).
SAFETY_KINDS = frozenset({Kind.MARRIAGE_REGISTRATION, Kind.DIVORCE_APPLICATION, Kind.REGISTRATION_REVOCATION})
SAFETY = "如果有人强迫您，或对您动手：危险时打110，想找人说说打12338，也可以向人民法院申请人身安全保护令。"

TITLE = "{matter}要带什么"
SIGNED_ON_SITE = "现场填写并签名"
PAGE_TITLE = "要带什么"
COPY_OF = "{paper}复印件"
SPOKEN_CARD = "居民身份证原件（在有效期内，临时身份证也可以）"


def wording(line: Line, rules: PaperRules) -> str:
    """A line without who brings it."""
    return PAPERS[line.paper].format(
        count=line.count,
        months=rules.foreign_paper_months,
        background=rules.photo_background,
        on_site=ON_SITE if rules.photo_on_site else "",
    )


def who_and_form(line: Line) -> tuple[str, str]:
    """Who brings it, and in what form."""
    who = WHO_FILLS if line.form is Form.ON_SITE else WHO
    return who[line.who], FORMS[line.form]


def in_chat(lines: Sequence[Line], rules: PaperRules) -> list[str]:
    """The list as a conversation says it, one short line each."""
    return [_spoken(line, wording(line, rules)) for line in lines]


def _spoken(line: Line, paper: str) -> str:
    if line.form is Form.ON_SITE:
        return f"{paper}{SIGNED_ON_SITE}"
    if line.form is Form.COPY and line.paper is not Paper.ARCHIVE_COPY:
        return COPY_OF.format(paper=paper)
    if line.paper is Paper.IDENTITY_CARD:
        paper = SPOKEN_CARD
    mark = {Who.BOTH: "双方", Who.FIRST: "第一位的", Who.SECOND: "第二位的"}.get(line.who, "")
    return paper if line.paper in _TOGETHER else f"{mark}{paper}"


_TOGETHER = (Paper.PHOTOS_TOGETHER, Paper.AGREEMENT, Paper.RECEIPT, Paper.ARCHIVE_COPY)
