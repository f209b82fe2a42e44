"""Sentences of the exports."""

from __future__ import annotations

from backend.console.exports.rules import ExportState, Failure, Format, ReasonKind
from backend.parameters import Words

REASONS = {
    ReasonKind.STATISTICS: "统计上报",
    ReasonKind.CHECKING: "核对数据",
    ReasonKind.INSPECTION: "检查、审计",
    ReasonKind.ARCHIVE: "归档移交",
    ReasonKind.ARRANGING: "安排窗口和人手",
    ReasonKind.OTHER: "其他",
}
FORMATS = {Format.XLSX: "Excel 表格（XLSX）", Format.CSV: "纯文本表格（CSV）"}
STATES = {
    ExportState.WAITING: "等第二个人同意",
    ExportState.QUEUED: "排队中",
    ExportState.BUILDING: "正在生成",
    ExportState.READY: "可以下载",
    ExportState.DOWNLOADED: "已下载",
    ExportState.EXPIRED: "已过期删除",
    ExportState.FAILED: "没有做成",
}
DECLINED = "没有同意"
WITHDRAWN = "已撤回"
LAPSED = "无人答复，已失效"

FAILURES = {
    Failure.NOT_PERMITTED: "您已没有导出这张表的权限，文件没有生成。",
    Failure.GROWN: "生成时行数超过了准许的数目，文件没有生成。请重新申请。",
    Failure.GAVE_UP: "试了几次都没有做成，系统已记录。请稍后重新申请；若仍不行，请告诉系统管理员。",
}

REASON_KIND_MISSING = "请选一项用途。"
REASON_LONG = "请写得短一些，最多 {most} 个字。"
COLUMNS_MISSING = "请至少选一列。"
FORMAT_MISSING = "请选文件格式。"
PLACE_MISSING = "请选要导出哪个单位的记录。"
FORM_FAULTY = "还差几处没有填好，请看下面标出的地方。"
NOTHING_THERE = "现在没有符合条件的记录，不用导出。"
TOO_MANY_ROWS = "一次最多导出 {most} 行，请缩小范围再导出。"
TOO_MANY_UNFINISHED = "您还有 {most} 个导出没有做完，请等它们做完再申请。"
ASKED_ALONE = "已开始生成，做好后在这一页下载。"
ASKED_SECOND = "已提交，等第二个人同意后自动生成。"
GONE = "文件已经下载过或已过期删除。还需要的话，请重新申请导出。"

APPROVAL_TITLE = "导出“{title}”：{filter}，约 {rows} 行，{columns}"
PERSONAL_COLUMNS = "含个人信息（{columns}）"
NO_PERSONAL_COLUMNS = "不含个人信息"
REASON = "{kind}：{reason}"

SHEET_ABOUT = "说明"
SHEET_ROWS = "数据"
ABOUT_LIST = "内容"
ABOUT_FILTER = "范围"
ABOUT_PLACE = "单位"
ABOUT_ASKER = "导出人"
ABOUT_SECOND = "同意人"
ABOUT_TIME = "导出时间"
ABOUT_REASON = "用途"
ABOUT_ROWS = "行数"
ABOUT_NOTE = "注意"
NOTE_PERSONAL = "含个人信息，只能用于上面写的用途，不得转发，用后请删除。"
NOTE_PLAIN = "内部资料，只能用于上面写的用途。"
FILE_NAME = "{title}-{moment:%Y%m%d-%H%M}.{extension}"

WAITING_MATTER = "导出"
WAITING_TITLE = "{title}做好了，请下载"
ENDS_IN_COLUMNS = "、"

# What the bureau may set.
PARAMETERS_TITLE = "导出"
PARAMETERS = {
    "exports.alone_rows": Words("多少行以内可以一个人导出", "含姓名、证件号、电话的，不论多少都要另一位同意。", "行"),
}
