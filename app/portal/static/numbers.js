// Numbers as the pages write them: four digits, powers of ten far from one.

const SUPERSCRIPT = { "-": "⁻", "+": "", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

export function number(value, digits = 4) {
  if (!Number.isFinite(value)) return "unknown";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return String(value).replace("-", "−");
  if (size >= 1e-3 && size < 1e4) return String(Number(value.toPrecision(digits))).replace("-", "−");
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)} × 10${[...exponent].map((mark) => SUPERSCRIPT[mark]).join("")}`.replace("-", "−");
}
