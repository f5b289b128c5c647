# Oracle for ketadash/stats/questionnaire_scores.py and clopper_pearson: Rscript tests/oracle/safety.R, from the repository root.
# Writes tests/oracle/safety.json: kruskal.test (ties), quantile (types 7 and 2), glm (logistic), binom.test (exact).
suppressPackageStartupMessages(library(jsonlite))
set.seed(20261123, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

pairs <- list(
  skewed = list(rpois(23, 5), rpois(17, 20)),                       # like CADSS: many ties low, few high
  zeros = list(c(rep(0, 12), rpois(11, 3)), c(rep(0, 3), rpois(9, 12))),
  spread = list(round(rnorm(11, 40, 9), 2), round(rnorm(30, 46, 12), 2)),
  tiny = list(c(1, 2), c(2, 3, 3)))
ranks <- lapply(names(pairs), function(name) {
  x <- pairs[[name]][[1]]; y <- pairs[[name]][[2]]; k <- kruskal.test(list(x, y))
  # the same without continuity correction, as SAS NPAR1WAY's chi-square: z squared
  z <- suppressWarnings(qnorm(wilcox.test(x, y, exact = FALSE, correct = FALSE)$p.value / 2))
  list(name = name, x = x, y = y, chi2 = unname(k$statistic), p = k$p.value, wilcoxon_z2 = z^2,
       quartiles_x = unname(quantile(x, c(.25, .5, .75))), quartiles_y = unname(quantile(y, c(.25, .5, .75))),
       sas_x = unname(quantile(x, c(.25, .5, .75), type = 2)))
})

logistic <- lapply(c(strong = 0.25, weak = 0.04, shifted = 0.1), function(slope) {
  x <- round(rgamma(40, 1.2, 0.08)); if (slope == 0.1) x <- x + 1000   # a far-off origin must not matter
  y <- rbinom(40, 1, plogis(slope * (x - mean(x))))
  f <- glm(y ~ x, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
  # summary.glm's standard error has the weights of one round earlier; here they are those of the final fit
  b <- unname(coef(f)["x"]); w <- fitted(f) * (1 - fitted(f)); m <- weighted.mean(x, w); se <- 1 / sqrt(sum(w * (x - m)^2))
  stopifnot(abs(se / summary(f)$coefficients["x", 2] - 1) < 1e-6)
  list(x = x, y = y, odds_ratio = exp(b), se = se, p = 2 * pnorm(-abs(b / se)),
       ci_95 = exp(b + c(-1, 1) * qnorm(.975) * se), ci_80 = exp(b + c(-1, 1) * qnorm(.9) * se))
})

exact <- do.call(c, lapply(list(c(6, 8), c(3, 11), c(0, 5), c(5, 5), c(1, 1), c(120, 400)), function(t)
  lapply(c(0.95, 0.8), function(level)
    list(events = t[1], n = t[2], confidence = level, ci = as.numeric(binom.test(t[1], t[2], conf.level = level)$conf.int)))))

write_json(list(script = "tests/oracle/safety.R", session = grep("^BLAS|^LAPACK", capture.output(sessionInfo()), invert = TRUE, value = TRUE), ranks = ranks,
                logistic = logistic, exact = exact),
           "tests/oracle/safety.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
