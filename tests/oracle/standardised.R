# Oracle for the unconditional errors of population-averaged curves (ketadash/stats/marginal.py: Predicted.variance):
# Rscript tests/oracle/standardised.R, from the repository root, after glmm.R and robust.R (seconds).
# Writes tests/oracle/standardised.json.
#
# The logistic random-intercept model at R's own maximum (glmm.json), everyone's scores and their information from
# integrate() and numDeriv (robust.json).  Everyone's probability in either arm on each day by integrate(), its gradient by
# numDeriv.
#   "model":     J V J' and the variance of the mean over other people, var(m) / n.
#   "influence": the stacked estimating equations written out: what participant i adds to the mean is
#                (m_i - mean) / n + J V s_i, and the covariance is the sum of squares (n - 1 for n in the first part only).
# Also "measures": means by week of the visit-measure models (measures.json) with var(m) / n.
suppressPackageStartupMessages({library(numDeriv); library(jsonlite)})
source("tests/oracle/glmm_common.R")
fits <- fromJSON("tests/oracle/glmm.json", simplifyDataFrame = FALSE)$fits
robust <- fromJSON("tests/oracle/robust.json", simplifyDataFrame = FALSE)$likelihood

chance <- function(eta, sigma) integrate(function(z) plogis(eta + sigma * z) * dnorm(z), -12, 12, rel.tol = 1e-11,
                                         subdivisions = 500)$value
curves <- lapply(list(c("trial40", "linear"), c("trial40", "quadratic"), c("unbalanced", "linear")), function(which) {
  own <- function(list) Filter(function(f) f$dataset == which[1] && f$model == which[2], list)[[1]]
  fit <- own(fits); errors <- own(robust); d <- read_days(which[1])
  scores <- errors$scores; V <- errors$covariance
  base <- d$base[!duplicated(d$id)]; stopifnot(!is.unsorted(unique(d$id)))  # people in the order of the scores
  theta <- c(unlist(fit$estimates), fit$sigma); p <- length(theta) - 1; n <- length(base)
  days <- range(d$day)
  people <- function(theta, day, arm) {
    X <- design(data.frame(day = day, arm = arm, base = base), which[2])
    vapply(drop(X %*% theta[1:p]), chance, 0, sigma = theta[p + 1])
  }
  what <- list(control = c(0), active = c(1), difference = c(1, 0))
  rows <- lapply(days, function(day) lapply(what, function(arms) {
    m <- function(theta) { v <- people(theta, day, arms[1]); if (length(arms) > 1) v - people(theta, day, arms[2]) else v }
    own <- m(theta); J <- drop(jacobian(function(t) mean(m(t)), theta, method.args = list(d = 1e-3, zero.tol = 0)))
    phi <- (own - mean(own)) / sqrt(n * (n - 1)) + drop(scores %*% V %*% J)
    list(mean = mean(own), fixed = sqrt(drop(J %*% V %*% J)), model = sqrt(drop(J %*% V %*% J) + var(own) / n),
         influence = sqrt(sum(phi^2)))
  }))
  list(dataset = which[1], model = which[2], day = days, rows = rows)
})

d <- read_days("measures")
measures <- lapply(fromJSON("tests/oracle/measures.json", simplifyDataFrame = FALSE)$fits, function(f) {
  base <- d[[paste0("base_", f$link)]][!duplicated(d$id)]; beta <- unlist(f$beta)
  cov <- f$cov; week <- 4; arm <- 1
  people <- function(b) {
    eta <- drop(cbind(1, week, arm, week * arm, base) %*% b); if (f$link == "log") exp(eta + f$sigma_b^2 / 2) else eta
  }
  J <- drop(jacobian(function(b) mean(people(b)), beta))
  list(link = f$link, week = week, mean = mean(people(beta)), se = sqrt(drop(J %*% cov %*% J) + var(people(beta)) / length(base)))
})
write_oracle(list(script = "tests/oracle/standardised.R", curves = curves, measures = measures), "standardised.json")
