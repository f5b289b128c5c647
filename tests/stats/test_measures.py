"""The visit measures' mixed model, identity and log link, against R; and the means it implies."""

import numpy as np
import pytest
from mixed import days, oracle, swapped

from ketadash.stats import means, pql
from ketadash.stats.glm_families import IDENTITY, LOG
from ketadash.stats.wald import containment_df

R = {f["link"]: f for f in oracle("measures")["fits"]}
FAMILIES = {"identity": IDENTITY, "log": LOG}
PEOPLE = 39
LINKS = pytest.mark.parametrize("link", FAMILIES)


def laid_out(link, d=None):
    d = days("measures") if d is None else d
    arm, base = d.arm.to_numpy(float), d[f"base_{link}"]
    X = np.column_stack([np.ones(len(d)), d.week, arm, d.week * arm, base]).astype(float)
    return d[f"y_{link}"].to_numpy(float), X, d.id.to_numpy(), d.week.to_numpy(float)


def fitted(link, d=None):
    return pql.fit(*laid_out(link, d), family=FAMILIES[link])


@LINKS
def test_the_fit_is_that_of_r(link):
    row, f = R[link], fitted(link)
    assert f.convergence.ok and not f.convergence.messages
    # R's direct optimum is polished to a gradient of 1e-6, ours to a decrement of 1e-14: 1e-7 of a standard error
    assert np.abs(f.beta - row["beta"]) / row["se"] == pytest.approx(0, abs=1e-7)
    assert np.sqrt(np.diag(f.covariance)) == pytest.approx(row["se"], rel=1e-7)
    assert f.covariance == pytest.approx(np.array(row["cov"]), rel=1e-6, abs=1e-12)
    assert (f.sigma, f.scale, f.rho) == pytest.approx((row["sigma_b"], row["phi"], row["rho"]), rel=2e-6)


@LINKS
def test_the_fit_is_that_of_nlme(link):
    row, f = R[link]["nlme"], fitted(link)
    # lme's inner optimiser stops at about 1e-6 in ρ; coefficients hardly feel it
    assert np.abs(f.beta - row["beta"]) / row["se"] == pytest.approx(0, abs=1e-6)
    assert np.sqrt(np.diag(f.covariance)) == pytest.approx(row["se"], rel=1e-5)
    assert (f.sigma, f.scale, f.rho) == pytest.approx((row["sigma_b"], row["phi"], row["rho"]), rel=1e-5)


@LINKS
def test_containment_is_n_minus_the_rank_of_both_designs(link):
    _, X, group, _ = laid_out(link)
    assert containment_df(X, np.unique(group, return_inverse=True)[1]) == R[link]["df"]


@LINKS
def test_swapping_the_arms_swaps_the_coefficients(link):
    d = days("measures")
    there, back = fitted(link, d), fitted(link, d.assign(arm=1 - d.arm))
    # (intercept, week, arm, week:arm, baseline) as in `swapped`; rounding of one fixed point reached twice
    assert back.beta == pytest.approx(swapped(there.beta), rel=1e-6, abs=1e-9)
    assert (back.sigma, back.rho, back.scale) == pytest.approx((there.sigma, there.rho, there.scale), rel=1e-6)


@LINKS
def test_the_order_of_rows_does_not_matter(link):
    d = days("measures")
    assert fitted(link, d.sample(frac=1, random_state=2)).beta == pytest.approx(fitted(link, d).beta, rel=1e-9)


@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_units_scale_what_they_should_and_nothing_else(factor):
    d = days("measures")
    identity, scaled = fitted("identity", d), fitted("identity", d.assign(y_identity=factor * d.y_identity))
    assert scaled.beta == pytest.approx(factor * identity.beta, rel=1e-6)
    assert scaled.rho == pytest.approx(identity.rho, rel=1e-5)
    log, shifted = fitted("log", d), fitted("log", d.assign(y_log=factor * d.y_log))
    assert shifted.beta[1:] == pytest.approx(log.beta[1:], rel=1e-6, abs=1e-9)  # ratios have no unit
    assert shifted.beta[0] == pytest.approx(log.beta[0] + np.log(factor), rel=1e-6)


def _averaged(link, typical=False, confidence=0.95):
    _, X, _, _ = laid_out(link)
    f = fitted(link)
    base, n_each = np.unique(X[:, 4], return_counts=True)
    settings = np.array([[[1.0, w, a, w * a, b] for b in base] for a in (0, 1) for w in (1, 2, 3, 4)])
    weight = n_each / n_each.sum()
    if typical:
        settings, weight = (settings * weight[None, :, None]).sum(axis=1, keepdims=True), np.ones(1)
    return (
        f,
        settings,
        weight,
        means.modelled(
            f.beta,
            f.covariance,
            f.sigma,
            settings,
            weight,
            PEOPLE,
            log=link == "log",
            typical=typical,
            confidence=confidence,
        ),
    )


@LINKS
def test_standard_errors_of_means_are_the_delta_method_s(link):
    f, settings, weight, m = _averaged(link)
    step = 1e-6 * np.sqrt(np.diag(f.covariance))
    gradient = np.empty((len(settings), len(f.beta)))
    for k in range(len(f.beta)):
        nudge = np.eye(len(f.beta))[k] * step[k]
        up, down = (
            means.modelled(
                b, f.covariance, f.sigma, settings, weight, PEOPLE, log=link == "log", typical=False, confidence=0.95
            ).mean
            for b in (f.beta + nudge, f.beta - nudge)
        )
        gradient[:, k] = (up - down) / (2 * step[k])
    scale = np.exp(f.sigma**2 / 2) if link == "log" else 1.0
    each = scale * (np.exp(settings @ f.beta) if link == "log" else settings @ f.beta)
    others = ((each - m.mean[:, None]) ** 2 @ weight) / (PEOPLE - 1)
    expected = np.sqrt(np.einsum("dp,pq,dq->d", gradient, f.covariance, gradient) + others)
    assert m.se == pytest.approx(expected, rel=1e-6)  # central differences are good to about 1e-8


@pytest.mark.parametrize("row", oracle("standardised")["measures"], ids=lambda r: r["link"])
def test_errors_of_means_are_for_other_people_too_as_r_has_them(row):
    d, f = days("measures"), fitted(row["link"])
    base = d.groupby("id")[f"base_{row['link']}"].first().to_numpy(float)
    X = np.array([[[1.0, row["week"], 1.0, row["week"], b] for b in base]])
    share = np.full(len(base), 1 / len(base))
    m = means.modelled(
        f.beta,
        f.covariance,
        f.sigma,
        X,
        share,
        len(base),
        log=row["link"] == "log",
        typical=False,
        confidence=0.95,
    )
    assert [m.mean[0], m.se[0]] == pytest.approx([row["mean"], row["se"]], rel=1e-5)


def test_a_log_mean_integrates_the_intercept_out():
    f, settings, weight, m = _averaged("log")
    b = np.random.default_rng(1).normal(0, f.sigma, 400_000)
    simulated = np.exp((settings[0] @ f.beta)[:, None] + b[None, :]).mean(axis=1) @ weight
    # Monte Carlo error: the SD of exp(b) / √400,000 is about 0.1%
    assert m.mean[0] == pytest.approx(simulated, rel=0.004)
    assert (m.low > 0).all() and (m.low < m.mean).all() and (m.mean < m.high).all()


def test_with_an_identity_link_the_typical_participant_is_the_average_one():
    assert _averaged("identity", typical=True)[3].mean == pytest.approx(_averaged("identity")[3].mean, rel=1e-12)
    assert (_averaged("log", typical=True)[3].mean < _averaged("log")[3].mean).all()


@LINKS
def test_a_higher_level_is_a_wider_interval(link):
    narrow, wide = _averaged(link, confidence=0.8)[3], _averaged(link, confidence=0.99)[3]
    assert (wide.low < narrow.low).all() and (narrow.high < wide.high).all()
