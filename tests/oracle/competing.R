# Oracle for ketadash/stats/competing_risks.py: Rscript tests/oracle/competing.R, from the repository root.
# Writes tests/oracle/datasets/comp_*.csv (seeded) and tests/oracle/competing.json.  cause: 0 censored, 1 relapse,
# 2 dropout.  Aalen–Johansen, its standard error and the mean time in relapse: survival; Gray's test: cmprsk.
suppressPackageStartupMessages({library(survival); library(cmprsk); library(jsonlite)})

named <- function(name, d) {
  d <- data.frame(time = d$time, cause = as.integer(d$cause), active = as.integer(d$active))
  write.csv(d, file.path("tests/oracle/datasets", paste0("comp_", name, ".csv")), row.names = FALSE, quote = FALSE)
  d
}

# Two exponential hazards in whole days (hence ties), uniform early ends, the rest censored at the last day.
simulate <- function(seed, n, relapse, dropout, hr, last, ends) {
  set.seed(seed)
  active <- rep(0:1, length.out = n)
  both <- relapse * hr^active + dropout
  t <- ceiling(rexp(n) / both)
  cause <- ifelse(runif(n) < dropout / both, 2, 1)
  end <- ifelse(runif(n) < ends, sample(0:last, n, replace = TRUE), last)
  data.frame(time = pmin(t, end), cause = ifelse(t <= end, cause, 0), active = active)
}

sets <- list()
sets$forty_by_21 <- list(d = simulate(1, 40, 0.06, 0.03, 0.4, 21, 0.2), at = c(21, 10))
sets$heavy_ties <- list(d = simulate(2, 60, 0.35, 0.15, 0.6, 5, 0.3), at = c(5, 3, 1))
sets$five_hundred <- list(d = simulate(3, 500, 0.006, 0.004, 0.7, 168, 0.3), at = c(168, 28))
sets$no_competing <- list(d = simulate(4, 40, 0.06, 0, 0.5, 21, 0.2), at = c(21, 7))
# every time its own: nothing for the corrections for ties to do
z <- simulate(5, 60, 0.05, 0.03, 0.5, 28, 0.3)
z$time <- rank(z$time, ties.method = "first")
sets$untied <- list(d = z, at = c(55, 20))
# the active arm drops out and never relapses
z <- simulate(6, 40, 0.1, 0.05, 1, 21, 0.2)
z$cause[z$active == 1 & z$cause == 1] <- 2
sets$no_relapse_in_active <- list(d = z, at = c(21, 10))
# everyone drops out: no relapse at all, so no test
z <- simulate(7, 30, 0, 0.2, 1, 60, 0)
z$cause <- 2
sets$everyone_drops_out <- list(d = z, at = c(14, 3))
# nothing happens to the controls
z <- simulate(8, 30, 0.1, 0.05, 1, 21, 0.2)
z$cause[z$active == 0] <- 0
sets$events_in_active_alone <- list(d = z, at = c(21, 10))
# nobody is censored: both curves are known for ever
sets$uncensored <- list(d = simulate(9, 36, 0.1, 0.1, 0.5, 1000, 0), at = c(100, 8))
# leaving on day 0, at risk at time 0 only
z <- simulate(10, 50, 0.08, 0.05, 0.7, 28, 0.3)
z$time[1:7] <- 0; z$cause[1:7] <- 0
sets$censored_at_0 <- list(d = z, at = c(28, 14))

states <- c("censored", "relapse", "dropout")
curve_of <- function(d, at) {
  at <- sort(at)  # summary(times) gives wrong rows for times that fall
  f <- survfit(Surv(time, factor(cause, 0:2, states)) ~ 1, data = d, influence = TRUE)
  # survfit's own log-log limits are for the incidence; ours are for the share without it, as for Kaplan-Meier
  free <- 1 - f$pstate[, 2]
  free[free > 1 - 1e-12 | free < 1e-12] <- NA  # no interval there
  limits <- lapply(c(0.95, 0.9), function(level) {
    ci <- survival:::survfit_confint(free, f$std.err[, 2], logse = FALSE, "log-log", level)
    list(low = 1 - ci$upper, high = 1 - ci$lower)
  })
  known <- if (all(d$cause[d$time == max(d$time)] > 0)) Inf else max(d$time)
  by <- summary(survfit(Surv(time, factor(cause, 0:2, states)) ~ 1, data = d), times = at, extend = TRUE)
  list(time = f$time, at_risk = f$n.risk[, 1], events = f$n.event[, 2], competing = f$n.event[, 3],
       censored = f$n.censor, incidence = f$pstate[, 2], incidence_competing = f$pstate[, 3], se = f$std.err[, 2],
       ci = limits,
       at = lapply(seq_along(at), function(i) list(
         day = at[i], known = at[i] <= known, incidence = by$pstate[i, 2], se = by$std.err[i, 2])),
       rmean = lapply(at, function(tau) {
         # Mean time in relapse and its infinitesimal jackknife, from the participants' influence on the curve ...
         inside <- f$time < tau
         days <- diff(c(f$time[inside], tau))
         influence <- f$influence.pstate[, -1, 2][, inside, drop = FALSE] %*% days
         mine <- c(sum(days * f$pstate[inside, 2]), sqrt(sum(influence^2)))
         # ... and as summary gives them, but for a time of 0 in the data: the influence has two rows for it then, the
         # curve one, and se(rmean) multiplies the wrong ones (R warns of differing lengths; survival 3.5-3)
         if (f$time[1] > 0) {
           table <- summary(f, rmean = tau)$table["relapse", c("rmean", "se(rmean)")]
           stopifnot(all.equal(unname(table), mine, tolerance = 1e-13))
         }
         list(tau = tau, known = tau <= known, free = tau - mine[1], se = mine[2])
       }))
}

results <- lapply(names(sets), function(name) {
  d <- named(name, sets[[name]]$d)
  tests <- cuminc(d$time, d$cause, d$active)$Tests
  chi2 <- if ("1" %in% rownames(tests)) tests["1", "stat"] else NA
  list(confidence = c(0.95, 0.9),
       gray = list(chi2 = chi2, p = pchisq(chi2, 1, lower.tail = FALSE)),  # cuminc's own p is 1 - pchisq
       arms = lapply(list(control = 0, active = 1), function(a) curve_of(d[d$active == a, ], sets[[name]]$at)))
})
names(results) <- names(sets)

write_json(list(script = "tests/oracle/competing.R", session = grep("^BLAS|^LAPACK", capture.output(sessionInfo()), invert = TRUE, value = TRUE),
                packages = list(survival = as.character(packageVersion("survival")),
                                cmprsk = as.character(packageVersion("cmprsk"))), sets = results),
           "tests/oracle/competing.json", digits = NA, auto_unbox = TRUE, na = "null", null = "null", pretty = FALSE)
