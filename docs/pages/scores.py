"""Targets, scores and roll-up in prose: what the keys of the language mean together."""

from __future__ import annotations

TEXT = """\
## Targets and scores

A **score** places a KPI's value on the scale of `scorecard.yaml`. By default it lies on the straight line through the
anchors in force: `floor` earns 0, `target` earns 100, and so does every further anchor that `scale.anchors` names.
The line goes on beyond its ends (`raw_score`); `score` is the same, clamped to `lowest` and `highest`. A value
exactly at an anchor earns exactly its score. Anchors must run strictly one way, that of the KPI's `direction`.

A higher score is the better one: the target's score lies above the floor's. Marks of which 1 is the best are mirrored,
6 less the mark on a scale from 1 to 5. Scores are shown with as many decimals as the scale needs: three where it is at
most 2 wide (from 0 to 1), one up to 20 (from 0 to 10), else none; changes, contributions and ranges with as many, and
one at least. What is computed and published in tables is never rounded.

    # scorecard.yaml: 0 to 10, with a red flag and a goal inside
    scale: {anchors: {red_flag: 3.33, target: 6.67}, lowest: 0, highest: 10}

Which row of `targets.csv` holds, and which of `weights.csv`, follows one rule: a row for the scorecard wins over one
for all scorecards; then the unit's own over that of the nearest unit above over one without a unit; then the latest
that was in force on the last day of the month. An earlier month is scored by what held then, and a KPI between the
dates of its `frequency` by the targets of the month that its value is of. Rows come before the
formulas under `anchors` of a KPI. With `target_roll_up: sum`, a unit without a row of its own gets the sum over the
units directly below where the KPI applies (each with its own row or such a sum; on this scorecard or another); where
one of them has none, there is no sum, and the unit inherits as usual.

**Direction within.** A range has anchors for each side, `lower_floor`, `lower_target`, `upper_target`, `upper_floor`,
in this order; `target` alone serves both sides. A side without anchors is open. The worse side counts; inside the
range the score is the target's, never more.

**`scoring`** says how else a value becomes a score. One of:

| key | the score |
| --- | --- |
| `scale: log` | on the line through logarithms: equal ratios earn equal points. Zero and less have no score. |
| `texts: {poor: 0, fair: 60, good: 100}` | that of the text, for a KPI whose value is one: best last (`lower`: first) |
| `steps` | of the first step whose `when` holds; the last may lack `when`. A step may name a `band` of its own. |
| `formula` | what the SQL gives. |
| `relative: {to: …, by: …}` | the place among `siblings`, the units of a `level`, or the KPI's own `history`. |

With `measured_in: yes/no` the value is 1 or 0: yes earns the target's score, no the lowest (the reverse where `lower`
is better), and no target is needed. With `scored: false` a KPI is shown without a score and counts nowhere: it has no
weight, and is not missing.

Steps and formulas know `value`, `numerator`, `denominator`, `previous` (the value one period of the KPI's `frequency`
before), `last_year`, every anchor, and every name in `scale.references`. References stand in `targets.csv`, or under
`anchors` of a KPI, like anchors, but have no score. What is not there is NULL: `GREATEST`, `LEAST` and `COALESCE`
leave it out, a comparison with it does not hold, and a formula that comes to NULL gives no score (`no_score`). A
missing value is never scored. Points for achievement or improvement, whichever are more, from thresholds in
`targets.csv` and each unit's own baseline a year ago:

    # scorecard.yaml
    scale: {anchors: {floor: 0, target: 10}, references: [threshold, benchmark, baseline], lowest: 0, highest: 10}

    # kpis/*.yaml
    survival:
      inputs:
        now: {measure: survival_rate}
        before: {measure: survival_rate, offset: 1 year}
      value: now
      direction: higher
      anchors: {baseline: before}
      scoring:
        formula: |
          CASE WHEN value >= benchmark THEN 10
               ELSE GREATEST(
                 CASE WHEN value >= threshold
                      THEN ROUND(9 * (value - threshold) / (benchmark - threshold) + 0.5) ELSE 0 END,
                 CASE WHEN value > baseline
                      THEN LEAST(9, ROUND(10 * (value - baseline) / (benchmark - baseline) - 0.5)) ELSE 0 END)
          END

Where lower is better turn the three comparisons round; the quotients stay.

`relative` compares with the values that are there, the unit's own among them; with fewer than `at_least` there is no
score (`too_few_to_compare`). `siblings` have the same unit above them in the month's tree; they, and the units of a
`level`, count where the KPI applies on the same scorecard. 0 stands for the scale's `lowest`, 100 for the target's
score: `min-max` is 0 for the worst and 100 for the best; `z-score` is 50 at the mean and 10 more for each
(population) standard deviation; `percentile rank` is the share of the others that are worse, those equal counting
half. Where all values are equal, each is in the middle.

A **band** is the highest whose `at_least` the unrounded score reaches; a billionth less is taken to reach it.

## Roll-up

Scores combine from KPIs to objectives, perspectives and the scorecard. An objective that is `part_of` another counts
into that one beside its KPIs, to any depth. `roll_up` in `scorecard.yaml` says how for all nodes, `roll_up` of a
scorecard, perspective or objective for that one.

| method | the score of the node |
| --- | --- |
| `weighted mean` | the mean of its parts by their weights |
| `geometric mean`, `harmonic mean` | the same means by weights; 0 where a part has 0 or less |
| `worst` | the lowest of its parts |
| `share on target` | the share of weight whose score reaches the target's; of all of it, the target's score |
| `self-standing` | that of its own `kpi`, which stands below it; the other parts stand by |

Weights are relative. What does not apply to a unit is left out; what is missing gives its weight to the others
(`missing: renormalise`), or makes the node missing (`strict`). Below `minimum_coverage` (the share of the weight with
data, in parts that have a score themselves) or with fewer scored parts than `minimum_parts`, a node has no score, and
its own weight goes to its neighbours. So a programme in which a domain needs two measures, and the total three
domains, is `minimum_parts: {objective: 2, scorecard: 3}` with `minimum_coverage: {perspective: 0%, scorecard: 0%}`; a
domain that has one measure only says `roll_up: {minimum_parts: 1}` itself. Too few cases: `value: CASE WHEN cases >=
25 THEN rate END` makes the value missing (`formula_gives_nothing`); write the same for the baseline under `anchors`.
On a scale from 0 to 10, the mean of a domain's points is a tenth of what its measures have earned over the most that
they could, in percent.

A programme whose points are added up: weight each KPI with its points, each objective and perspective with the sum of
those below; with `scale: {anchors: {floor: 0, target: <all points>}, highest: <all points>}` the overall score is the
points.

There is no best-of, cap or rounding of nodes: write them in one KPI's `formula`, with the other figure as a reference
under `anchors`. For letter grades, `{id: a, name: A}`, put the bands at 59.5, 69.5 and so on, where the publication
rounds.

Beside every combined score stand the `coverage`, how many KPIs below are in a band of which status, how many are
scored and how many apply, and the mean scores of the leading and of the lagging ones by what they really weigh. This
`coverage` is the share of all weight that has data; `minimum_coverage` is compared with as much of it as lies in parts
that have a score, so that a node may have no score with a `coverage` above the minimum. A KPI stands once on a
scorecard."""
