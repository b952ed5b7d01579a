export { aucDeLong, aucDifference } from './auc.ts';
export { chiSquared, jensenShannon, largestGap, poolRare, psi, psiParts } from './binned.ts';
export {
  bootstrapInterval,
  meanDifference,
  meanInterval,
  moments,
  quantileOfSorted,
  wilson,
} from './intervals.ts';
export { kolmogorovSmirnovTail, kolmogorovTail } from './kolmogorov.ts';
export { benjaminiHochberg } from './multiple-testing.ts';
export { brier, logLoss, logLossOf } from './scores.ts';
export {
  betaTail,
  chiSquaredTail,
  fTail,
  gammaTail,
  normalCdf,
  normalQuantile,
  normalTail,
  normalTwoSided,
  studentTwoSided,
} from './tails.ts';
export { kolmogorovSmirnov, wasserstein } from './two-sample.ts';
