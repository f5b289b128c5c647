# References for the logistic random-intercept model: tests/oracle/glmm.json.
# Run from the repository root: Rscript tests/oracle/glmm.R  (about two minutes)
#
# Two engines. "direct": the marginal likelihood by the trapezoid rule on z over [-12, 12], whose
# error falls like exp(-2 pi^2 / (sigma h)) because the logistic function's nearest poles are at
# u = sigma z = +-i pi; with sigma h <= 0.3 that is < 1e-28, so what remains is rounding. Maximised
# with its analytic gradient, then polished by Newton steps. "glmer": lme4 with nAGQ 25, 51, 75, 99
# until -2LL settles within 1e-4. The row reported is direct's; glmer's stands beside it.

suppressPackageStartupMessages({library(lme4); library(numDeriv)})
source(file.path("tests", "oracle", "glmm_common.R"))

# ---- the marginal log-likelihood and its gradient -------------------------------------------------

# par = (gamma, sigma), gamma the coefficients on Q. Returns log L and its gradient.
marginal <- function(par, Q, y, group, h) {
  z <- seq(-12, 12, by = h)
  p <- ncol(Q); sigma <- par[p + 1]
  sign <- 2 * y - 1
  row_ll <- plogis(sign * (drop(Q %*% par[1:p]) + outer(rep(1, length(y)), sigma * z)), log.p = TRUE)
  group_ll <- rowsum(row_ll, group) + rep(dnorm(z, log = TRUE) + log(h), each = max(group))
  top <- apply(group_ll, 1, max)
  weight <- exp(group_ll - top)
  total <- rowSums(weight)
  weight <- weight / total                              # posterior of z on the grid, per group
  residual <- sign * (1 - exp(row_ll)) * weight[group, ]  # (y - mu) times that posterior
  list(value = sum(top + log(total)),
       gradient = c(drop(crossprod(Q, rowSums(residual))), sum(residual %*% z)))
}

# The same log-likelihood through stats::integrate, one group at a time: slow, and independent.
marginal_integrate <- function(par, Q, y, group) {
  p <- ncol(Q); eta <- drop(Q %*% par[1:p]); sigma <- par[p + 1]
  sum(vapply(split(seq_along(y), group), function(rows) {
    log_f <- function(z) vapply(z, function(v)
      sum(plogis((2 * y[rows] - 1) * (eta[rows] + sigma * v), log.p = TRUE)) + dnorm(v, log = TRUE), 0)
    mode <- optimize(log_f, c(-12, 12), maximum = TRUE, tol = 1e-8)
    f <- function(z) exp(log_f(z) - mode$objective)
    pieces <- c(-12, mode$maximum - 1, mode$maximum, mode$maximum + 1, 12)
    area <- sum(mapply(function(a, b) integrate(f, a, b, rel.tol = 1e-11, subdivisions = 500)$value,
                       pieces[-5], pieces[-1]))
    mode$objective + log(area)
  }, 0))
}

# ---- maximising it --------------------------------------------------------------------------------

# Penalty on (gamma, sigma) as a quadratic form: sum_k (beta_k 2 sd_k)^2 / (2 2.5^2) + sigma^2 / (2 5^2),
# sd_k the population SD over rows of column k in raw units, intercept free.
penalty_matrix <- function(X, R) {
  sd_k <- apply(X, 2, function(x) sqrt(mean((x - mean(x))^2)))
  A <- diag(2 * sd_k) %*% solve(R)
  P <- matrix(0, ncol(X) + 1, ncol(X) + 1)
  P[seq_len(ncol(X)), seq_len(ncol(X))] <- crossprod(A) / 2.5^2
  P[ncol(X) + 1, ncol(X) + 1] <- 1 / 5^2
  P
}

maximise <- function(X, y, group, h, penalised = FALSE) {
  basis <- orthonormal(X); p <- ncol(X)
  P <- if (penalised) penalty_matrix(X, basis$R) else matrix(0, p + 1, p + 1)
  cache <- list(par = NULL)
  at <- function(par) {                                  # nlminb asks for value and gradient in turn
    if (!identical(par, cache$par)) cache <<- c(list(par = par), marginal(par, basis$Q, y, group, h))
    cache
  }
  value <- function(par) -at(par)$value + sum(par * (P %*% par)) / 2
  gradient <- function(par) -at(par)$gradient + drop(P %*% par)
  start <- c(suppressWarnings(coef(glm(y ~ 0 + basis$Q, family = binomial, control = list(maxit = 4)))), 1)
  best <- nlminb(start, value, gradient, lower = c(rep(-Inf, p), 0),
                 control = list(rel.tol = 1e-14, x.tol = 1e-12, eval.max = 2000, iter.max = 1000))
  par <- unname(best$par)
  if (par[p + 1] < 1e-4) return(at_boundary(par, value, gradient, X, y, basis, p))
  H <- jacobian(gradient, par); H <- (H + t(H)) / 2
  for (step in 1:3) par <- par - solve(H, gradient(par))  # Newton polish; H is exact enough not to renew
  H <- jacobian(gradient, par); H <- (H + t(H)) / 2
  list(par = par, cov = solve(H), value = value(par), loglik = at(par)$value,
       gradient_norm = sqrt(sum(gradient(par)^2)), basis = basis, boundary = FALSE,
       gradient_check = if (length(y) < 1000)            # the analytic gradient against the value's own
         max(abs(grad(value, par + 0.05) - gradient(par + 0.05))) else NULL)
}

# sigma = 0: the likelihood is even in sigma, so the cross derivatives vanish and the beta block is
# the ordinary logistic one. d2 is minus the second derivative of log L in sigma: positive = a maximum.
at_boundary <- function(par, value, gradient, X, y, basis, p) {
  fit <- glm(y ~ 0 + basis$Q, family = binomial, control = list(epsilon = 1e-15, maxit = 100))
  par <- c(unname(coef(fit)), 0)
  cov <- matrix(NA_real_, p + 1, p + 1)
  mu <- fitted(fit)
  cov[1:p, 1:p] <- solve(crossprod(basis$Q, basis$Q * (mu * (1 - mu))))
  # Not only a stationary point: the profile over sigma must rise on every side of it.
  profile <- vapply(c(0.1, 0.3, 1), function(s)
    nlminb(par[1:p], function(g) value(c(g, s)), function(g) gradient(c(g, s))[1:p])$objective, 0)
  e <- 1e-3
  list(par = par, cov = cov, value = value(par), loglik = -value(par), basis = basis, boundary = TRUE,
       gradient_norm = sqrt(sum(gradient(par)[1:p]^2)),
       d2_sigma = (value(par + c(rep(0, p), e)) - value(par)) * 2 / e^2,
       profile_rise = profile - value(par))
}

# ---- to raw units ---------------------------------------------------------------------------------

raw_units <- function(fit, X) {
  p <- ncol(X)
  T_ <- diag(p + 1); T_[1:p, 1:p] <- solve(fit$basis$R)
  cov <- fit$cov
  if (fit$boundary) cov[p + 1, ] <- cov[, p + 1] <- 0
  cov <- T_ %*% cov %*% t(T_)
  list(beta = drop(T_ %*% fit$par)[1:p], sigma = fit$par[p + 1], cov = cov, se = sqrt(diag(cov)))
}

report <- function(fit, X) {
  raw <- raw_units(fit, X); p <- ncol(X)
  out <- list(estimates = named(raw$beta, colnames(X)), se = named(raw$se[1:p], colnames(X)),
              sigma = raw$sigma, se_sigma = if (fit$boundary) NA else raw$se[p + 1],
              minus2ll = -2 * fit$loglik, gradient_norm = fit$gradient_norm, boundary = fit$boundary)
  if (fit$boundary) out <- c(out, list(minus_d2_loglik_sigma = fit$d2_sigma,
                                       minus_loglik_rise_at_sigma_0.1_0.3_1 = fit$profile_rise))
  if (!is.null(fit$gradient_check)) out$gradient_check <- fit$gradient_check
  out
}

# ---- glmer beside it ------------------------------------------------------------------------------

glmer_report <- function(X, y, group, last = 99) {
  basis <- orthonormal(X); p <- ncol(X)
  d <- data.frame(y = y, group = factor(group)); d$Q <- basis$Q
  settled <- FALSE; trail <- list()
  for (n_quad in c(25, 51, 75, 99)) {
    notes <- character()
    fit <- tryCatch(withCallingHandlers(
      glmer(y ~ 0 + Q + (1 | group), data = d, family = binomial, nAGQ = n_quad,
            control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12, check.rankX = "ignore",
                                   check.scaleX = "ignore",
                                   optCtrl = list(rhobeg = 2e-2, rhoend = 2e-9, maxfun = 1e5))),
      warning = function(w) { notes <<- c(notes, conditionMessage(w)); invokeRestart("muffleWarning") },
      message = function(m) { notes <<- c(notes, conditionMessage(m)); invokeRestart("muffleMessage") }),
      error = function(e) { notes <<- c(notes, conditionMessage(e)); NULL })
    m2ll <- if (is.null(fit)) NA else -2 * as.numeric(logLik(fit))
    settled <- length(trail) > 0 && isTRUE(abs(m2ll - trail[[length(trail)]]$minus2ll) < 1e-4)
    trail <- c(trail, list(list(n_quad = n_quad, minus2ll = m2ll, messages = as.list(trimws(notes)))))
    if (settled || is.null(fit)) break
  }
  if (is.null(fit)) return(list(trail = trail, settled = FALSE))
  to_raw <- solve(basis$R)
  se <- function(V) named(sqrt(diag(to_raw %*% as.matrix(V) %*% t(to_raw))), colnames(X))
  v_hess <- tryCatch(suppressWarnings(vcov(fit, use.hessian = TRUE)), error = function(e) NULL)
  list(estimates = named(to_raw %*% fixef(fit), colnames(X)), sigma = unname(attr(VarCorr(fit)$group, "stddev")),
       minus2ll = m2ll, n_quad = n_quad, settled = settled,
       se_hessian = if (!is.null(v_hess)) se(v_hess), se_rx = se(vcov(fit, use.hessian = FALSE)), trail = trail)
}

# ---- population-averaged probabilities (standardised over participants' baseline) ----------------------

population_averaged <- function(fit, X, d) {
  raw <- raw_units(fit, X)
  base <- d$base[!duplicated(d$id)]                     # one value a participant, all participants, both arms
  days <- sort(unique(d$day))
  z <- seq(-12, 12, by = 0.1); weight <- dnorm(z) * 0.1
  one <- function(par, day, arm) {
    new <- design(data.frame(day = day, arm = arm, base = base), "quadratic")
    eta <- drop(new %*% par[1:6])
    mean(plogis(outer(eta, par[7] * z, `+`)) %*% weight)
  }
  both <- function(par) c(vapply(days, function(t) one(par, t, 1), 0), vapply(days, function(t) one(par, t, 0), 0))
  par <- c(raw$beta, raw$sigma); n <- length(days)
  J <- jacobian(both, par, method.args = list(d = 1e-3, zero.tol = 0))
  value <- both(par)
  J_diff <- J[1:n, ] - J[n + 1:n, ]
  spread <- function(J) sqrt(rowSums((J %*% raw$cov) * J))
  list(day = days, active = value[1:n], se_active = spread(J)[1:n], control = value[n + 1:n],
       se_control = spread(J)[n + 1:n], difference = value[1:n] - value[n + 1:n], se_difference = spread(J_diff))
}

# ---- every data set and model ---------------------------------------------------------------------

# h keeps sigma h <= 0.3 up to sigma 3 (0.1) or 6 (0.05).
STEP <- c(trial40 = 0.1, small_sigma = 0.1, large_sigma = 0.05, unbalanced = 0.1, near_separated = 0.1,
          hundreds = 0.1, zero_sigma = 0.1, separated = 0.05, negative_rho = 0.1, serial = 0.1, outlying_baseline = 0.1)

fits <- list(); penalised <- list(); averaged <- NULL
for (name in names(STEP)) for (model in c("linear", "quadratic")) {
  if (name == "outlying_baseline" && model == "quadratic") next   # two days
  d <- read_days(name); X <- design(d, model); group <- match(d$id, unique(d$id)); h <- STEP[[name]]
  shape <- list(dataset = name, model = model, n_rows = nrow(d), n_groups = max(group))
  if (name != "separated") {
    fit <- maximise(X, d$y, group, h)
    direct <- report(fit, X)
    direct$minus2ll_integrate <- -2 * marginal_integrate(fit$par, fit$basis$Q, d$y, group)
    direct$minus2ll_half_step <- -2 * marginal(fit$par, fit$basis$Q, d$y, group, h / 2)$value
    fits <- c(fits, list(c(shape, list(source = "direct"), direct, list(glmer = glmer_report(X, d$y, group)))))
    if (name == "trial40" && model == "quadratic") averaged <- population_averaged(fit, X, d)
  }
  if (name %in% c("separated", "near_separated")) {
    fit <- maximise(X, d$y, group, h, penalised = TRUE)
    penalised <- c(penalised, list(c(shape, list(source = "direct"), report(fit, X),
                                     list(penalised_loglik = -fit$value))))
  }
}

write_oracle(list(
  about = "Logistic random-intercept references; see README.md. Coefficients in raw units.",
  fits = fits, penalised = penalised,
  population_averaged = c(list(dataset = "trial40", model = "quadratic"), averaged)), "glmm.json")
