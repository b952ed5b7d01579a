/**
 * Logarithms of the normal distribution function and of its differences, accurate however far out.
 *
 * The complementary error function is fdlibm's (Sun Microsystems, 1993; s_erf.c, freely distributable): rational
 * approximations in four ranges with an error below one unit in the last place. Its tails are taken here in logarithms,
 * so they do not underflow.
 */

const LOG_2 = Math.LN2;

/** Natural logarithm of the chance that a standard normal variate is at most z. */
export function logNormalCdf(z: number): number {
  if (z < 0) return logErfc(-z * Math.SQRT1_2) - LOG_2;
  return Math.log1p(-Math.exp(logErfc(z * Math.SQRT1_2) - LOG_2));
}

/** Natural logarithm of the chance that a standard normal variate lies between a and b, a < b. */
export function logNormalBetween(a: number, b: number): number {
  if (a > 0) return logNormalBetween(-b, -a);
  if (b > 0) {
    // Both tails are at most a half each, so nothing cancels.
    const outside = Math.exp(logErfc(-a * Math.SQRT1_2) - LOG_2) + Math.exp(logErfc(b * Math.SQRT1_2) - LOG_2);
    if (outside < 0.5) return Math.log1p(-outside);
    return Math.log(erf(b * Math.SQRT1_2) + erf(-a * Math.SQRT1_2)) - LOG_2;
  }
  const upper = logNormalCdf(b);
  const lower = logNormalCdf(a);
  return upper + Math.log1p(-Math.exp(lower - upper));
}

const TINY_X = 2 ** -28;
const PP = [
  0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -0.000023763016656650163,
];
const QQ = [
  1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -0.000003960228278775368,
];
const ERX = 0.8450629115104675;
const PA = [
  -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668,
  0.035478304325618236, -0.002166375594868791,
];
const QA = [
  1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
  0.011984499846799107,
];
const RA = [
  -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
  -184.60509290671104, -81.2874355063066, -9.814329344169145,
];
const SA = [
  1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
  108.63500554177944, 6.570249770319282, -0.0604244152148581,
];
const RB = [
  -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
  -1025.0951316110772, -483.5191916086514,
];
const SB = [
  1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
  474.52854120695537, -22.44095244658582,
];

function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x < TINY_X) return x + PP0 * x;
  if (x < 0.84375) {
    const z = x * x;
    return x + x * (polynomial(PP, z) / polynomial(QQ, z));
  }
  return 1 - Math.exp(logErfc(x));
}

const PP0 = PP[0] ?? 0;

/** Natural logarithm of erfc(x), x >= 0. */
function logErfc(x: number): number {
  if (x < 0.84375) return Math.log1p(-erf(x));
  if (x < 1.25) {
    const s = x - 1;
    return Math.log(1 - ERX - polynomial(PA, s) / polynomial(QA, s));
  }
  if (x > 28) return logErfcFarOut(x);
  const s = 1 / (x * x);
  const ratio = x < 1 / 0.35 ? polynomial(RA, s) / polynomial(SA, s) : polynomial(RB, s) / polynomial(SB, s);
  return -x * x - 0.5625 + ratio - Math.log(x);
}

/** The asymptotic series; at x > 28 its fourth term is below one unit in the last place. */
function logErfcFarOut(x: number): number {
  const t = 1 / (2 * x * x);
  return -x * x - Math.log(x * Math.sqrt(Math.PI)) + Math.log1p(t * (-1 + t * (3 - 15 * t)));
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + (coefficients[i] ?? 0);
  return sum;
}
