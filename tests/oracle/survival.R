# Oracle for ketadash/stats/survival.py: Rscript tests/oracle/survival.R, from the repository root.
# Writes tests/oracle/datasets/surv_*.csv (seeded, but for the published 6-MP trial) and tests/oracle/survival.json.
suppressPackageStartupMessages({library(survival); library(jsonlite)})

save_set <- function(name, time, event, active) {
  d <- data.frame(time = time, event = as.integer(event), active = as.integer(active))
  write.csv(d, file.path("tests/oracle/datasets", paste0("surv_", name, ".csv")), row.names = FALSE, quote = FALSE)
  d
}

# Weibull times in whole days (hence ties), uniform dropout, the rest censored at the last day of the window.
simulate <- function(seed, n, hazard, hr, shape, last, dropout) {
  set.seed(seed)
  active <- rep(0:1, length.out = n)
  t <- ceiling((-log(runif(n)) / (hazard * hr^active))^(1 / shape))
  leave <- ifelse(runif(n) < dropout, sample(0:last, n, replace = TRUE), last)
  list(time = pmin(t, leave), event = t <= leave, active = active)
}
named <- function(name, s) save_set(name, s$time, s$event, s$active)

sets <- list()
sets$forty_by_21 <- list(data = named("forty_by_21", simulate(1, 40, 0.06, 0.4, 1, 21, 0.2)), tau = c(21, 10))
sets$heavy_ties  <- list(data = named("heavy_ties", simulate(2, 60, 0.5, 0.6, 1, 5, 0.3)), tau = c(5, 3))
sets$five_hundred <- list(data = named("five_hundred", simulate(3, 500, 0.01, 0.75, 1.3, 168, 0.35)), tau = c(168, 28))
# dropout on day 0 in both arms: at risk at time 0 only
z <- simulate(4, 50, 0.08, 0.7, 1, 28, 0.3)
z$time[1:7] <- 0; z$event[1:7] <- FALSE
sets$censored_at_0 <- list(data = named("censored_at_0", z), tau = c(28, 14))
# no event at all among the active: monotone likelihood
m <- simulate(5, 30, 0.1, 1, 1, 21, 0.2)
m$event[m$active == 1] <- FALSE
sets$monotone <- list(data = named("monotone", m), tau = c(21, 10))
# no censoring, even numbers: survival is exactly one half for a while in both arms
set.seed(6)
u <- list(time = sample(1:40, 24, replace = TRUE), event = rep(TRUE, 24), active = rep(0:1, 12))
sets$uncensored <- list(data = named("uncensored", u), tau = c(40, 15))
# Freireich et al. 1963 (Blood 21:699), weeks in remission, as printed in Cox 1972; active = 6-mercaptopurine
# (day 36 lies beyond the last follow-up of 6-MP, whose curve is above 0 there: not identified)
sets$six_mp <- list(tau = c(23, 10, 36), data = save_set("six_mp",
  c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23,
    6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35),
  c(rep(1, 21), 1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0),
  rep(0:1, each = 21)))

curve_of <- function(d, level, at, taus) {
  f <- survfit(Surv(time, event) ~ 1, data = d, conf.type = "log-log", conf.int = level)
  s <- summary(f, times = at, extend = TRUE)
  q <- summary(f)$table
  limit <- if (tail(f$surv, 1) == 0) Inf else max(d$time)
  list(
    time = f$time, at_risk = f$n.risk, events = f$n.event, censored = f$n.censor,
    survival = f$surv, ci_low = f$lower, ci_high = f$upper,
    median = q[["median"]], median_ci = unname(q[grepl("CL$", names(q))]),
    at = list(time = at, at_risk = s$n.risk, events = cumsum(s$n.event), censored = cumsum(s$n.censor)),
    rmst = lapply(taus, function(tau) {
      # The restricted mean and Greenwood's variance, written out (Klein & Moeschberger 2003, 4.5.1 and 4.5.2) ...
      i <- which(f$time < tau)
      starts <- c(0, f$time[i]); ends <- c(f$time[i], tau); height <- c(1, f$surv[i])
      area <- sum(height * (ends - starts))
      after <- vapply(f$time[i], function(t0) sum((height * (ends - starts))[starts >= t0]), 0)
      term <- after^2 * f$n.event[i] / (f$n.risk[i] * (f$n.risk[i] - f$n.event[i]))
      term[f$n.risk[i] == f$n.event[i]] <- 0
      # ... and as survfit gives them
      table <- summary(f, rmean = tau)$table
      list(tau = tau, identified = tau <= limit, estimate = area, se = sqrt(sum(term)),
           survfit = table[["rmean"]], survfit_se = table[["se(rmean)"]])
    }))
}

results <- lapply(sets, function(s) {
  d <- s$data
  test <- survdiff(Surv(time, event) ~ active, data = d)
  fit <- suppressWarnings(coxph(Surv(time, event) ~ active, data = d, ties = "efron",
                                control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)))
  se <- sqrt(fit$var[1, 1])
  at <- seq(0, max(d$time), length.out = 5) |> round()
  list(
    logrank = list(chi2 = unname(test$chisq), p = pchisq(test$chisq, 1, lower.tail = FALSE)),
    cox = list(log_hr = unname(coef(fit)), se = se, p = 2 * pnorm(-abs(coef(fit)[[1]] / se)),
               ci = lapply(c(0.95, 0.9), function(l) unname(exp(confint(fit, level = l)[1, ])))),
    confidence = c(0.95, 0.9),
    arms = lapply(list(control = 0, active = 1), function(a)
      lapply(c(0.95, 0.9), function(l) curve_of(d[d$active == a, ], l, at, s$tau))))
})

write_json(list(script = "tests/oracle/survival.R", session = grep("^BLAS|^LAPACK", capture.output(sessionInfo()), invert = TRUE, value = TRUE),
                packages = list(survival = as.character(packageVersion("survival"))), sets = results),
           "tests/oracle/survival.json", digits = NA, auto_unbox = TRUE, na = "null", null = "null", pretty = FALSE)
