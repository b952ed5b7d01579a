export { type AucDifference, type AucEstimate, aucDeLong, aucDifference } from './auc.ts';
export {
  bootstrapInterval,
  type Interval,
  meanDifference,
  meanInterval,
  moments,
  quantileOfSorted,
  wilson,
} from './intervals.ts';
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
