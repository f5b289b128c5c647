"""The literature that the methods paragraph cites, and how citations are numbered."""

from __future__ import annotations

import re

REFERENCES = {
    "hallgren": "Hallgren KA, Witkiewitz K. Missing data in alcohol clinical trials: a comparison of methods. Alcohol "
    "Clin Exp Res 2013;37:2152-60.",
    "white_thompson": "White IR, Thompson SG. Adjusting for partially missing baseline measurements in randomized "
    "trials. Stat Med 2005;24:993-1007.",
    "pinheiro": "Pinheiro JC, Bates DM. Approximations to the log-likelihood function in the nonlinear mixed-effects "
    "model. J Comput Graph Stat 1995;4:12-35.",
    "wolfinger": "Wolfinger R, O'Connell M. Generalized linear mixed models: a pseudo-likelihood approach. J Stat "
    "Comput Simul 1993;48:233-43.",
    "gelman": "Gelman A, Jakulin A, Pittau MG, Su YS. A weakly informative default prior distribution for logistic and "
    "other regression models. Ann Appl Stat 2008;2:1360-83.",
    "schaalje": "Schaalje GB, McBride JB, Fellingham GW. Adequacy of approximations to distributions of test "
    "statistics "
    "in complex mixed linear models. J Agric Biol Environ Stat 2002;7:512-24.",
    "liang": "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika "
    "1986;73:13-22.",
    "mancl": "Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample properties. Biometrics "
    "2001;57:126-34.",
    "zeger": "Zeger SL, Liang KY, Albert PS. Models for longitudinal data: a generalized estimating equation approach. "
    "Biometrics 1988;44:1049-60.",
    "ye": "Ye T, Shao J, Yi Y, Zhao Q. Toward better practice of covariate adjustment in analyzing randomized clinical "
    "trials. J Am Stat Assoc 2023;118:2370-82.",
    "rubin": "Rubin DB. Multiple Imputation for Nonresponse in Surveys. New York: Wiley, 1987.",
    "barnard": "Barnard J, Rubin DB. Small-sample degrees of freedom with multiple imputation. Biometrika "
    "1999;86:948-55.",
    "imor": "White IR, Higgins JPT, Wood AM. Allowing for uncertainty due to missing data in meta-analysis, part 1: "
    "two-stage methods. Stat Med 2008;27:711-27.",
    "carpenter": "Carpenter JR, Roger JH, Kenward MG. Analysis of longitudinal trials with protocol deviation: a "
    "framework for relevant, accessible assumptions, and inference via multiple imputation. J Biopharm Stat "
    "2013;23:1352-71.",
    "lott": "Lott A, Reiter JP. Wilson confidence intervals for binomial proportions with multiple imputation for "
    "missing data. Am Stat 2020;74:109-15.",
    "newcombe": "Newcombe RG. Interval estimation for the difference between independent proportions: comparison of "
    "eleven methods. Stat Med 1998;17:873-90.",
    "altman": "Altman DG. Confidence intervals for the number needed to treat. BMJ 1998;317:1309-12.",
    "kaplan": "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat Assoc "
    "1958;53:457-81.",
    "mantel": "Mantel N. Evaluation of survival data and two new rank order statistics arising in its consideration. "
    "Cancer Chemother Rep 1966;50:163-70.",
    "aalen": "Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov chains based on censored "
    "observations. Scand J Stat 1978;5:141-50.",
    "gray": "Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a competing risk. Ann Stat "
    "1988;16:1141-54.",
    "efron": "Efron B. The efficiency of Cox's likelihood function for censored data. J Am Stat Assoc 1977;72:557-65.",
    "royston": "Royston P, Parmar MKB. Restricted mean survival time: an alternative to the hazard ratio for the "
    "design "
    "and analysis of randomized trials with a time-to-event outcome. BMC Med Res Methodol 2013;13:152.",
    "austin": "Austin PC. Balance diagnostics for comparing the distribution of baseline covariates between treatment "
    "groups in propensity-score matched samples. Stat Med 2009;28:3083-107.",
    "harms": "Junqueira DR, Zorzela L, Golder S, et al. CONSORT Harms 2022 statement, explanation, and elaboration. "
    "BMJ "
    "2023;381:e073725.",
    "welch": "Welch BL. The generalization of 'Student's' problem when several different population variances are "
    "involved. Biometrika 1947;34:28-35.",
    "phipson": "Phipson B, Smyth GK. Permutation p-values should never be zero: calculating exact p-values when "
    "permutations are randomly drawn. Stat Appl Genet Mol Biol 2010;9:39.",
    "cohen": "Cohen J. Statistical Power Analysis for the Behavioral Sciences. 2nd ed. Hillsdale: Erlbaum, 1988.",
    "white_robust": "White H. Maximum likelihood estimation of misspecified models. Econometrica 1982;50:1-25.",
    "falk_ladder": "Falk DE, O'Malley SS, Witkiewitz K, et al. Evaluation of drinking risk levels as outcomes in "
    "alcohol pharmacotherapy trials: a secondary analysis of 3 randomized clinical trials. JAMA Psychiatry "
    "2019;76:374-81.",
    "falk_curve": "Falk DE, Litten RZ, Anton RF, et al. Cumulative proportion of responders analysis (CPRA) as a tool "
    "to assess treatment outcome in alcohol clinical trials. J Stud Alcohol Drugs 2014;75:335-46.",
    "hodges": "Hodges JL, Lehmann EL. Estimates of location based on rank tests. Ann Math Stat 1963;34:598-611.",
    "clopper": "Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of the "
    "binomial. Biometrika 1934;26:404-13.",
}
_MARK = re.compile(r"\{([a-z_,]+)\}")


def numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """Text whose ``{key}`` marks become numbers in the order of their first mention, and the list of references."""
    order: list[str] = []

    def number(match: re.Match[str]) -> str:
        places = []
        for key in match[1].split(","):
            if key not in order:
                order.append(key)
            places.append(order.index(key) + 1)
        return f"({', '.join(str(n) for n in sorted(places))})"

    with_numbers = _MARK.sub(number, text)
    return with_numbers, tuple(REFERENCES[key] for key in order)
