// 北京时间 throughout; the sandbox sends RFC 3339 with +08:00, and wherever the browser stands the page shows that.

const EIGHT_HOURS = 8 * 3600 * 1000;
const WEEKDAYS = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];
const two = (number) => String(number).padStart(2, "0");

// A Date whose UTC members read as Beijing's clock.
const beijing = (milliseconds) => new Date(milliseconds + EIGHT_HOURS);

export const dayOf = (milliseconds) => beijing(milliseconds).toISOString().slice(0, 10);

export function clockFace(milliseconds) {
  const d = beijing(milliseconds);
  return {
    date: `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日 ${WEEKDAYS[d.getUTCDay()]}`,
    time: `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`,
    minute: `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`,
    local: d.toISOString().slice(0, 16),
  };
}

export function stampText(at, now) {
  const face = clockFace(at);
  const days = Math.round((Date.parse(dayOf(now)) - Date.parse(dayOf(at))) / 86400000);
  if (days === 0) return face.minute;
  if (days === 1) return `昨天 ${face.minute}`;
  const d = beijing(at);
  const year = dayOf(at).slice(0, 4) === dayOf(now).slice(0, 4) ? "" : `${d.getUTCFullYear()}年`;
  return `${year}${d.getUTCMonth() + 1}月${d.getUTCDate()}日 ${face.minute}`;
}

export function offsetText(seconds) {
  if (!seconds) return "与真实时间一致";
  const parts = [[86400, "天"], [3600, "小时"], [60, "分钟"]];
  let rest = seconds;
  const words = [];
  for (const [size, name] of parts) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count && words.length < 2) words.push(`${count} ${name}`);
  }
  return `比真实时间快 ${words.join(" ") || `${seconds} 秒`}`;
}
