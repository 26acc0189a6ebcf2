"""Rules and figures of sequence networks. No rule is ever chosen on a fold that it is judged on."""

from functools import lru_cache

import numpy as np
from scipy import stats

from . import backgrounds, data, sed_evaluate, sed_fit, sed_metrics, sed_tune
from .sed_events import SequenceRule
from .sed_network import SequenceNetwork

CHOICE_SNRS_DB = (0, 5, 10, 20)
CHOICE_COUNT, JUDGED_COUNT = 60, 100
"""Mixtures of ten seconds per fold and SNR."""
JUDGED_SCENES_PER_KIND = 165
"""Of a minute each: 4 x 165 are 11 hours."""
FALSE_WEIGHT = 1.0
PAIRS = ((1, 2), (3, 4))
"""The networks of two folds that are trained: with them each judged fold has a rule chosen on a fold that is not its own, at two trainings instead of six."""
LEAST_ON = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
TRADE_SNR_DB = 10


class Judge:
    """Networks of one recipe and seed, judged on mixtures and scenes of one seed."""

    def __init__(self, names: list, recipe: sed_fit.Recipe, seed: int, judged_seed: int = sed_evaluate.JUDGED_SEED):
        self.names, self.recipe, self.seed, self.judged_seed = names, recipe, seed, judged_seed
        self.scored = lru_cache(maxsize=None)(self._scored)

    def network(self, folds: tuple) -> SequenceNetwork:
        return sed_fit.train(folds, self.seed, self.recipe)

    def _scored(self, folds: tuple, held: int):
        """What a network of ``folds`` says of the choice's mixtures of another fold and of the choice's backgrounds."""
        network = self.network(folds)
        made = [one for snr_db in CHOICE_SNRS_DB
                for one in sed_evaluate.judge_mixtures(network, held, snr_db, CHOICE_COUNT, sed_evaluate.CHOICE_SEED)]
        quiet = sed_evaluate.forest_codes(held_out=False) + sed_evaluate.scene_codes(backgrounds.TUNING_HOURS)
        return made, sed_evaluate.scorer(network)(quiet)

    def rule(self, folds: tuple) -> SequenceRule:
        """Chosen on folds among ``folds`` (see ``choices``), each scored by the network of the others."""
        scored = [self.scored(others, held) for others, held in choices(folds)]
        return sed_tune.tune([one for made, _ in scored for one in made], [p for _, quiet in scored for p in quiet], self.names,
                             FALSE_WEIGHT / len(scored))

    def cross_validate(self, folds: tuple) -> dict:
        """Every fold judged by the network of the others under a rule of the others."""
        runs = []
        for held in folds:
            others = tuple(f for f in folds if f != held)
            runs.append(self.judged(self.network(others), self.rule(others), [held]))
            print(f"fold {held}: {summary(runs[-1])}", flush=True)
        snrs = list(runs[0]["bySnrDb"])
        by_snr = {snr: {key: spread([run["bySnrDb"][snr][key] for run in runs]) for key in ("macroF1", "microF1", "psds1")} for snr in snrs}
        per_label = {name: spread([run["perLabelF1"][name] for run in runs]) for name in self.names}
        return {"protocol": f"folds {list(folds)}: network, rule and choices from all but one, judged on that one", "perFold": dict(zip(map(str, folds), runs)),
                "bySnrDb": by_snr, "perLabelF1": per_label, "trade": _trades([run["trade"] for run in runs]),
                "live": {key: spread([run["live"][key] for run in runs]) for key in ("hitShare", "wrongPerMinute", "wrongTimeShare")}}

    def judged(self, network: SequenceNetwork, rule: SequenceRule, held: list) -> dict:
        """Figures on clips of the ``held`` folds: mixtures per SNR, labels and trade at 10 dB, whole clips as a live stream."""
        judged = {snr_db: [one for fold in held for one in
                           sed_evaluate.judge_mixtures(network, fold, snr_db, JUDGED_COUNT, self.judged_seed)] for snr_db in sed_evaluate.SNRS_DB}
        f1 = {snr_db: sed_metrics.event_f1(made, rule, self.names) for snr_db, made in judged.items()}
        quiet = self._quiet(network)
        trade = []
        for least in LEAST_ON:
            raised = sed_tune.with_least(rule, least)
            found = sed_metrics.event_f1(judged[TRADE_SNR_DB], raised, self.names)
            trade.append({"leastOn": least, "macroF1": found["macro"], "microF1": found["micro"],
                          "falsePerHourForest": sed_evaluate.false_events(quiet["forest"], raised, self.names)["perHour"],
                          "falsePerHourScenes": sed_evaluate.false_events(quiet["scenes"], raised, self.names)["perHour"]})
        streams = [one for fold in held for one in sed_evaluate.live(network, fold)]
        return {"folds": held, "rule": rule.manifest_entry(self.names), "events": sum(len(one.reference) for one in judged[TRADE_SNR_DB]),
                "bySnrDb": {str(s): {"macroF1": f1[s]["macro"], "microF1": f1[s]["micro"], "psds1": sed_metrics.psds1(judged[s], self.names)} for s in f1},
                "perLabelF1": f1[TRADE_SNR_DB]["perLabel"], "trade": trade, "live": sed_evaluate.judge_live(streams, rule)}

    def backgrounds(self, network: SequenceNetwork, rule: SequenceRule) -> dict:
        """False events of a network on the held-out half of the forest day and on scenes of the judged seed, with 95 % upper bounds."""
        out = {}
        for kind, answers in self._quiet(network).items():
            found = sed_evaluate.false_events(answers, rule, self.names)
            out[kind] = {**found, "upper95PerHour": float(stats.chi2.ppf(0.95, 2 * found["events"] + 2) / 2 / found["hours"])}
        return out

    def _quiet(self, network: SequenceNetwork) -> dict:
        score = sed_evaluate.scorer(network)
        return {"forest": score(sed_evaluate.forest_codes(held_out=True)),
                "scenes": score(sed_evaluate.scene_codes(backgrounds.Hours(self.judged_seed, JUDGED_SCENES_PER_KIND)))}


def choices(folds: tuple) -> list:
    """[(others, held)]: on which folds a rule for ``folds`` is chosen. Of four or more: each. Of three: those whose others are one of ``PAIRS``."""
    made = [(tuple(f for f in folds if f != held), held) for held in folds]
    return [(others, held) for others, held in made if len(others) > 2 or others in PAIRS]


def networks(folds: tuple) -> list:
    """The folds of every network that a bundle of ``folds`` and its figures need."""
    inner = [others for others, _ in choices(folds)]
    return list(dict.fromkeys([folds, *inner, *(pair for others in inner for pair, _ in choices(others))]))


def spread(values: list) -> dict:
    """{"mean", "stdOverFolds", "perFold"}; None (a label that never came) is left out."""
    known = [v for v in values if v is not None]
    return {"mean": float(np.mean(known)), "stdOverFolds": float(np.std(known, ddof=1)) if len(known) > 1 else 0.0, "perFold": values}


def _trades(runs: list) -> list:
    return [{key: float(np.mean([run[i][key] for run in runs])) for key in runs[0][i]} for i in range(len(runs[0]))]


def summary(figures: dict) -> str:
    """One line of a judged set."""
    ten = figures["bySnrDb"][str(TRADE_SNR_DB)]
    return f"at {TRADE_SNR_DB} dB macro F1 {ten['macroF1']:.3f}, micro F1 {ten['microF1']:.3f}, PSDS1 {ten['psds1']:.3f}; " \
           f"clips hit {figures['live']['hitShare']:.3f}, wrong per minute {figures['live']['wrongPerMinute']:.2f}"
