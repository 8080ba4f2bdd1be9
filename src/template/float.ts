/** Decimal digits without leading or trailing zeros: the value is 0.d₁d₂d₃… × 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * A float64 as Go's strconv.FormatFloat writes it: `verb` is e, f or g; `precision` counts digits behind the point
 * (e, f) or significant digits (g), and -1 asks for the shortest text that reads back as the same number. Unlike
 * toFixed and toExponential, exact ties round to even.
 */
export function formatFloat(value: number, verb: 'e' | 'f' | 'g', precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const shortest = precision < 0;
  const decimal = shortest ? shortestDecimal(Math.abs(value)) : exactDecimal(Math.abs(value));
  if (verb === 'e') {
    const rounded = shortest ? decimal : round(decimal, precision + 1);
    return sign + exponential(rounded, shortest ? Math.max(rounded.digits.length - 1, 0) : precision);
  }
  if (verb === 'f') {
    const rounded = shortest ? decimal : round(decimal, decimal.point + precision);
    return sign + fixed(rounded, shortest ? Math.max(rounded.digits.length - rounded.point, 0) : precision);
  }
  return sign + general(decimal, precision);
}

function general(decimal: Decimal, precision: number): string {
  const significant = precision === 0 ? 1 : precision;
  const rounded = precision < 0 ? decimal : round(decimal, significant);
  const { digits, point } = rounded;
  // strconv: the shortest form switches to an exponent at 6 places, the others at their precision.
  let limit = precision < 0 ? 6 : significant;
  if (precision >= 0 && limit > digits.length && digits.length >= point) limit = digits.length;
  const exponent = digits === '' ? 0 : point - 1;
  if (exponent < -4 || exponent >= limit) return exponential(rounded, Math.max(digits.length - 1, 0));
  return fixed(rounded, Math.max(digits.length - point, 0));
}

function exponential({ digits, point }: Decimal, places: number): string {
  const exponent = digits === '' ? 0 : point - 1;
  const padded = digits.padEnd(places + 1, '0');
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${padded.charAt(0)}${places > 0 ? `.${padded.slice(1)}` : ''}e${exponent < 0 ? '-' : '+'}${power}`;
}

function fixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = '0'.repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0));
  return places > 0 ? `${whole}.${fraction.slice(0, places).padEnd(places, '0')}` : whole;
}

function normal(digits: string, point: number): Decimal {
  const stripped = digits.replace(/^0+/, '');
  const significant = stripped.replace(/0+$/, '');
  return { digits: significant, point: significant === '' ? 1 : point - (digits.length - stripped.length) };
}

function shortestDecimal(value: number): Decimal {
  // JavaScript's shortest digits are those of Go: the fewest that read back, nearest to the value.
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return normal(mantissa.replace('.', ''), Number(exponent) + 1);
}

/** All decimal digits of a binary fraction: m × 2^-k is m × 5^k / 10^k. */
function exactDecimal(value: number): Decimal {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & (2n ** 52n - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (2n ** 52n);
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  if (exponent >= 0) {
    const digits = (mantissa << BigInt(exponent)).toString();
    return normal(digits, digits.length);
  }
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString();
  return normal(digits, digits.length + exponent);
}

/** Rounded half to even at `count` digits. */
function round({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return normal('', 1);
  const rest = digits.slice(count);
  const kept = digits.slice(0, count);
  const odd = Number(kept.at(-1) ?? '0') % 2 === 1;
  const up = rest.charAt(0) > '5' || (rest.startsWith('5') && (rest.length > 1 || odd));
  if (!up) return normal(kept, point);
  const raised = (BigInt(`0${kept}`) + 1n).toString().padStart(count, '0');
  return normal(raised, point + raised.length - count);
}
