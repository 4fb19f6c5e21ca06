// Texts and numbers in the page's language.

export class Format {
  constructor(language, texts) {
    this.texts = texts;
    this.numbers = new Intl.NumberFormat(language);
    this.percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
    this.time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
  }

  text(name, values = {}) {
    return this.texts[name].replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  }

  number(value) {
    return this.numbers.format(value);
  }

  // Decimal text as the server has it, with separators: "12345.60" is 12,345.60.
  money(text) {
    const [whole, cents = ""] = text.split(".");
    return this.number(BigInt(whole)) + (cents && `.${cents}`);
  }

  minute(minute) {
    return this.time.format(new Date(minute * 60000));
  }
}
