"""Sentences about files: what residents and officers read."""

from backend.files.rules import Refusal

UNKNOWN = "没有这份文件，或者不能看。"
NOT_YET = "照片还在接收和检查，请过一会儿再看。"
UNFIT = {
    Refusal.GONE: "照片没有收到，请再发一次。",
    Refusal.EMPTY: "照片是空的，请换一张。",
    Refusal.TOO_LARGE: "照片太大，请选“压缩”后再发，或者换一张。",
    Refusal.WRONG_TYPE: "只收 JPG 或 PNG 照片，请换一张。",
    Refusal.DAMAGED: "照片不完整，打不开，请再发一次或者换一张。",
    Refusal.TOO_MANY_PIXELS: "照片尺寸太大，请换一张。",
    Refusal.INFECTED: "这个文件没有通过安全检查，请换一张照片。",
}
SCANNER_AWAY = "照片暂时没法检查，请过几分钟再发。"
GONE = "这份文件没有保存下来，请本人重新发一次。"

TITLE = "照片和文件"
SECTION = "发来的照片和文件"
KEPT = "没有用到的保存30天；办事用到的随那件事保存"
L_PURPOSE = "用途"
L_RECEIVED = "收到"
L_STATE = "情况"
L_SIZE = "大小"
SIZE = "{size}KB"
STATE_NAMES = {"owed": "接收中", "fetched": "已保存", "refused": "没有保存", "deleted": "已删除"}

RULE_LOOSE = "没有用到的照片和文件"
RULE_ENDED = "已删除文件的空记录"
SINCE_CREATED = "收到"
SINCE_ENDED = "删除"
BASIS_LOOSE = "为办事收取，没有用到就不再需要"
BASIS_ENDED = "只剩编号和时间，供核对删除"
