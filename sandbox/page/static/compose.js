// 发别的: a form for every kind of push that WeChat knows, drawn from what the sandbox says it needs.

import { $, element, get } from "./dom.js";

const TOO_BIG = 10 * 1024 * 1024;

function readFile(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done({ name: file.name, data: reader.result.split(",")[1] ?? "" });
    reader.onerror = () => failed(new Error("读不出这个文件。"));
    reader.readAsDataURL(file);
  });
}

function control(input) {
  if (input.kind === "choice") {
    return element("select", {}, ...input.options.map(([value, textContent]) => element("option", { value, textContent, selected: value === input.default })));
  }
  if (input.kind === "long") return element("textarea", { rows: 2, value: input.default });
  if (input.kind === "file") return element("input", { type: "file" });
  return element("input", { value: input.default, autocomplete: "off", ...(input.kind === "number" ? { inputMode: "decimal" } : {}) });
}

export class Composer {
  constructor(send) {
    this.send = send;
    this.forms = [];
    $("open-compose").addEventListener("click", () => this.open("image"));
    $("close-compose").addEventListener("click", () => $("compose").close());
    $("compose-kind").addEventListener("change", () => this.draw());
    $("compose-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  // `known` are values that the menu already gives, such as the key of the button.
  async open(kind, known = {}) {
    if (!this.forms.length) await this.load();
    $("compose-kind").value = kind;
    this.draw(known);
    $("compose").showModal();
  }

  async load() {
    this.forms = (await get("/sandbox/forms")).items;
    const groups = Map.groupBy ? Map.groupBy(this.forms, (form) => form.group) : this.grouped();
    $("compose-kind").replaceChildren(...[...groups].map(([label, forms]) => element("optgroup", { label },
      ...forms.map((form) => element("option", { value: form.kind, textContent: form.title })))));
  }

  grouped() {
    const groups = new Map();
    for (const form of this.forms) groups.set(form.group, [...(groups.get(form.group) ?? []), form]);
    return groups;
  }

  get form() {
    return this.forms.find((one) => one.kind === $("compose-kind").value);
  }

  draw(known = {}) {
    const { products, inputs } = this.form;
    for (const option of $("compose-product").options) option.disabled = !products.includes(option.value);
    if (!products.includes($("compose-product").value)) $("compose-product").value = products[0];
    $("compose-product-field").hidden = products.length === 1;
    this.controls = inputs.map((input) => {
      const box = control(input);
      if (input.name in known) box.value = known[input.name];
      return box;
    });
    $("compose-inputs").replaceChildren(...inputs.map((input, index) => element("label", { className: "field" }, input.label, this.controls[index])));
    this.tell("");
  }

  tell(problem) {
    $("compose-problem").textContent = problem;
    $("compose-problem").hidden = !problem;
  }

  async submit() {
    try {
      const body = { kind: this.form.kind, product: $("compose-product").value, values: await this.values() };
      $("compose").close();
      // What the sandbox refuses stands in the form again, so that nothing is typed twice.
      const problem = await this.send(body);
      if (problem) {
        $("compose").showModal();
        this.tell(problem);
      }
    } catch (error) {
      this.tell(error.message);
    }
  }

  async values() {
    const values = {};
    for (const [index, input] of this.form.inputs.entries()) {
      const box = this.controls[index];
      if (input.kind !== "file") values[input.name] = box.value;
      else if (box.files[0]) {
        if (box.files[0].size > TOO_BIG) throw new Error("文件太大，最多 10 MB。");
        values[input.name] = await readFile(box.files[0]);
      }
    }
    return values;
  }
}
