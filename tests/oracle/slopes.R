# References for the logistic model with a random intercept and slope of day: tests/oracle/slopes.json.
# Run from the repository root: Rscript tests/oracle/slopes.R  (some minutes)
#
# Two engines. "direct": the double integral over each participant's (z1, z2) by the trapezoid rule on a square grid,
# whose error falls like exp(-2 pi^2 / (s h)) with s the largest SD of a predictor and h the step; maximised with its
# analytic gradient and polished by Newton steps. "laplace": lme4's glmer with (1 + t | id), nAGQ = 1, the only one that
# it has for two random effects.

suppressPackageStartupMessages({library(lme4); library(numDeriv)})
source(file.path("tests", "oracle", "glmm_common.R"))

# par = (gamma, l11, l21, l22): coefficients on Q, and the root of the covariance of intercept and slope of t.
marginal <- function(par, Q, y, t, group, grid) {
  p <- ncol(Q); l <- par[p + 1:3]; sign <- 2 * y - 1
  u <- rbind(l[1] * grid$z1, l[2] * grid$z1 + l[3] * grid$z2)
  row_ll <- plogis(sign * (drop(Q %*% par[1:p]) + cbind(1, t) %*% u), log.p = TRUE)
  group_ll <- rowsum(row_ll, group) + rep(grid$log_weight, each = max(group))
  top <- apply(group_ll, 1, max); weight <- exp(group_ll - top); total <- rowSums(weight); weight <- weight / total
  residual <- sign * (1 - exp(row_ll)) * weight[group, ]
  r1 <- colSums(residual); rt <- colSums(residual * t)
  list(value = sum(top + log(total)),
       gradient = c(drop(crossprod(Q, rowSums(residual))), sum(r1 * grid$z1), sum(rt * grid$z1), sum(rt * grid$z2)))
}

square_grid <- function(h, reach = 7) {
  z <- seq(-reach, reach, by = h); g <- expand.grid(z1 = z, z2 = z)
  g <- g[g$z1^2 + g$z2^2 <= reach^2, ]
  g$log_weight <- dnorm(g$z1, log = TRUE) + dnorm(g$z2, log = TRUE) + 2 * log(h)
  g
}

maximise <- function(start, Q, y, t, group, grid) {
  last <- list()
  at <- function(par) {
    if (!identical(par, last$par)) last <<- c(list(par = par), marginal(par, Q, y, t, group, grid))
    last
  }
  par <- optim(start, function(par) -at(par)$value, function(par) -at(par)$gradient, method = "BFGS",
               control = list(reltol = 1e-11, maxit = 200))$par
  hessian <- function(par) jacobian(function(x) at(x)$gradient, par, method = "simple", method.args = list(eps = 1e-5))
  for (k in 1:3) par <- par - solve(hessian(par), at(par)$gradient)
  H <- jacobian(function(x) at(x)$gradient, par)  # Richardson's
  list(par = par, value = at(par)$value, gradient = max(abs(at(par)$gradient)), V = solve(-(H + t(H)) / 2))
}

# Sigma of (intercept on day 0, slope per day), and the Jacobian-free delta method for its SDs and correlation.
in_days <- function(l, centre, scale) {
  A <- matrix(c(1, 0, -centre / scale, 1 / scale), 2) %*% matrix(c(l[1], l[2], 0, l[3]), 2)
  S <- A %*% t(A)
  c(intercept_sd = sqrt(S[1, 1]), slope_sd = sqrt(S[2, 2]), correlation = S[1, 2] / sqrt(S[1, 1] * S[2, 2]))
}

run <- function(name, model, h = 0.15) {
  d <- read_days(name); X <- design(d, model); basis <- orthonormal(X); p <- ncol(X)
  group <- match(d$id, unique(d$id)); centre <- mean(d$day); scale <- sd(d$day); t <- (d$day - centre) / scale
  d$Q <- basis$Q; d$t <- t
  m <- glmer(y ~ 0 + Q + (1 + t | id), d, family = binomial, nAGQ = 1,
             control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12, optCtrl = list(maxfun = 1e5, rhoend = 1e-9)))
  laplace <- c(fixef(m), getME(m, "theta")); names(laplace) <- NULL
  f <- maximise(laplace, basis$Q, d$y, t, group, square_grid(h))
  finer <- marginal(f$par, basis$Q, d$y, t, group, square_grid(h * 2 / 3))$value
  back <- diag(p + 3); back[1:p, 1:p] <- solve(basis$R)
  V <- back %*% f$V %*% base::t(back); names <- colnames(X)
  raw <- function(par) drop(back[1:p, 1:p] %*% par[1:p])
  report <- in_days(f$par[p + 1:3], centre, scale)
  J <- jacobian(function(l) in_days(l, centre, scale), f$par[p + 1:3])
  report_se <- sqrt(diag(J %*% V[p + 1:3, p + 1:3] %*% base::t(J)))
  message(sprintf("%s %s: -2LL %.6f (finer grid %+.1e), gradient %.1e; Laplace %.6f", name, model, -2 * f$value,
                  finer - f$value, f$gradient, -2 * as.numeric(logLik(m))))
  list(dataset = name, model = model, estimates = named(raw(f$par), names), se = named(sqrt(diag(V)[1:p]), names),
       random = as.list(report), random_se = named(report_se, names(report)),
       minus2ll = -2 * f$value, finer_grid = finer - f$value, gradient = f$gradient,
       laplace = list(estimates = named(raw(laplace), names), random = as.list(in_days(laplace[p + 1:3], centre, scale)),
                      minus2ll = -2 * as.numeric(logLik(m)), lme4_singular = isSingular(m)))
}

write_oracle(list(fits = list(run("own_slopes", "linear"), run("own_slopes", "quadratic"), run("serial", "linear"))),
             "slopes.json")
