# lme4's and survival's fits of the days that real_size.py wrote to a folder: name, seconds by the clock, of processor.
folder <- commandArgs(TRUE)[1]
told <- function(name, took) cat(name, took[["elapsed"]], took[["user.self"]] + took[["sys.self"]], sep = "\t", fill = FALSE)
timed <- function(name, fit) {
  told(name, system.time(fit()))
  cat("\n")
}
if (requireNamespace("survival", quietly = TRUE)) {
  library(survival)
  r <- read.csv(file.path(folder, "relapse.csv"))
  timed("R survival: curves, log-rank, Cox", function() {
    survfit(Surv(time, event) ~ arm, r)
    survdiff(Surv(time, event) ~ arm, r)
    coxph(Surv(time, event) ~ arm, r)
  })
}
if (requireNamespace("lme4", quietly = TRUE)) {
  library(lme4)
  d <- read.csv(file.path(folder, "days.csv"))
  d$t <- d$day / max(d$day)
  timed("R lme4::glmer, 25 nodes", function() {
    suppressWarnings(glmer(y ~ (t + I(t^2)) * arm + covariate + (1 | id), d, binomial, nAGQ = 25))
  })
}
