/**
 * Area under the ROC curve of scores of `negatives` and `positives`; ties count half. 0.5: no better than chance. NaN when one is empty.
 * `maxFpr` < 1: the part up to that false-positive rate, standardised after McClish so that chance is 0.5 and perfect 1
 * (scikit-learn's `roc_auc_score(..., max_fpr=)`).
 */
export const areaUnderRoc = (negatives: readonly number[], positives: readonly number[], maxFpr = 1): number => {
  if (negatives.length === 0 || positives.length === 0) return NaN;
  const all = [...negatives.map((score) => ({ score, hit: 0 })), ...positives.map((score) => ({ score, hit: 1 }))];
  all.sort((a, b) => b.score - a.score);
  let area = 0;
  let [fpr, tpr] = [0, 0];
  for (let at = 0; at < all.length;) {
    let [ups, rights] = [0, 0];
    const { score } = all[at] ?? { score: 0 };
    for (; at < all.length && all[at]?.score === score; at += 1) {
      if (all[at]?.hit === 1) ups += 1;
      else rights += 1;
    }
    const nextFpr = fpr + rights / negatives.length;
    const nextTpr = tpr + ups / positives.length;
    if (nextFpr >= maxFpr) {
      const share = nextFpr === fpr ? 0 : (maxFpr - fpr) / (nextFpr - fpr);
      area += ((maxFpr - fpr) * (tpr + tpr + share * (nextTpr - tpr))) / 2;
      fpr = maxFpr;
      break;
    }
    area += ((nextFpr - fpr) * (tpr + nextTpr)) / 2;
    [fpr, tpr] = [nextFpr, nextTpr];
  }
  if (maxFpr >= 1) return area;
  const least = (maxFpr * maxFpr) / 2;
  return 0.5 * (1 + (area - least) / (maxFpr - least));
};
