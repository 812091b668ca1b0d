// Numbers as the service writes them (lithoscope/wording.py): four digits, thousands parted, powers of ten far from one.

const SUPERSCRIPT = { "-": "⁻", "+": "", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const THIN = "\u202f";
const MOST_WHOLE = 1e7;

export function number(value, digits = 4) {
  if (value === Infinity || value === -Infinity) return value > 0 ? "∞" : "−∞";
  if (!Number.isFinite(value)) return "unknown";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < MOST_WHOLE) return grouped(String(value));
  if (size >= 1e-3 && size < 1e4) return grouped(String(Number(value.toPrecision(digits))));
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)} × 10${[...exponent].map((mark) => SUPERSCRIPT[mark]).join("")}`.replace("-", "−");
}

// Numbers of five digits and more have their thousands parted.
function grouped(text) {
  const [whole, ...rest] = text.replace("-", "").split(".");
  const figures = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN) : whole;
  return (text.startsWith("-") ? "−" : "") + [figures, ...rest].join(".");
}
