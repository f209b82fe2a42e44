// 扫一扫: the QR codes the product has made, to be pointed at with a tap.

import { $, element } from "./dom.js";

function remaining(code, now) {
  if (code.expires_at === null) return "长期有效";
  const seconds = Math.max(0, Math.round(code.expires_at - now / 1000));
  if (seconds < 90) return `还有 ${seconds} 秒`;
  return seconds < 7200 ? `还有 ${Math.round(seconds / 60)} 分钟` : `还有 ${Math.round(seconds / 3600)} 小时`;
}

export class Scanner {
  constructor(scan) {
    this.scan = scan;
    this.shown = null;
    $("open-scanner").addEventListener("click", () => $("scanner").showModal());
    $("close-scanner").addEventListener("click", () => $("scanner").close());
  }

  update(codes, now) {
    const key = JSON.stringify(codes.map((code) => code.ticket));
    if (key !== this.shown) {
      this.shown = key;
      $("qr-codes").replaceChildren(...codes.map((code) => this.line(code)));
      $("no-qr-codes").hidden = codes.length > 0;
    }
    for (const [index, code] of codes.entries()) {
      $("qr-codes").children[index].querySelector(".left").textContent = remaining(code, now);
    }
  }

  line(code) {
    const picture = `/cgi-bin/showqrcode?${new URLSearchParams({ ticket: code.ticket })}`;
    return element("li", {}, element("button", { type: "button", onclick: () => this.point(code) },
      element("img", { src: picture, alt: "", width: 116, height: 116 }),
      element("span", { className: "scene", textContent: code.scene }),
      element("span", { className: "soft left" })));
  }

  point(code) {
    $("scanner").close();
    return this.scan(code);
  }
}
