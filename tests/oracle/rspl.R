# References for GLIMMIX METHOD=RSPL (residual subject-specific pseudo-likelihood, Wolfinger and
# O'Connell 1993): tests/oracle/rspl.json. Run from the repository root: Rscript tests/oracle/rspl.R
#
# Pseudo-response P = eta + (y - mu) / w, w = mu (1 - mu), eta with the BLUP of the random intercept;
#   Var(P) = V = sigma_b^2 1 1' + phi W^-1/2 C(rho) W^-1/2,  C[s, t] = rho^|day_s - day_t|.
# REML on P, new eta, and round again until the parameters stand still.
#
# Two engines. "direct": below, phi profiled out, C inverted through its own recursion, so that the
# inner problem has two parameters; checked at the end against explicit V_i, all three parameters
# free. "nlme": a loop around lme(), as a reader of the SAS and R literature would write it.

suppressPackageStartupMessages({library(nlme); library(numDeriv)})
source(file.path("tests", "oracle", "glmm_common.R"))

# ---- one REML problem, closed form ----------------------------------------------------------------

# Rows sorted by person and day. gap: days since the same person's previous row (0 on the first).
layout <- function(d) {
  group <- match(d$id, unique(d$id))
  first <- !duplicated(group)
  list(group = group, first = first, gap = ifelse(first, 0, c(0, diff(d$day))), n_groups = max(group))
}

# Everything REML says about pseudo-data (P, w) at lambda = sigma_b^2 / phi and rho.
# phi_fixed: NULL to profile it out, else its value.
reml <- function(lambda, rho, P, w, Q, lay, phi_fixed) {
  n <- length(P); p <- ncol(Q); s <- sqrt(w)
  r <- ifelse(lay$first, 0, rho^lay$gap)
  v <- 1 - r^2
  before <- c(1, seq_len(n - 1))
  whiten <- function(M) (M - r * M[before, , drop = FALSE]) / sqrt(v)   # r = 0 on first rows
  Z <- whiten(cbind(s * Q, s * P, s))
  a <- Z[, p + 2]
  aa <- rowsum(a^2, lay$group)[, 1]
  az <- rowsum(a * Z[, 1:(p + 1)], lay$group)                           # groups x (p + 1)
  shrink <- lambda / (1 + lambda * aa)
  A <- crossprod(Z[, 1:(p + 1)]) - crossprod(az, shrink * az)           # [Q P]' M^-1 [Q P]
  U <- chol(A[1:p, 1:p])
  beta <- backsolve(U, forwardsolve(t(U), A[1:p, p + 1]))
  rss <- A[p + 1, p + 1] - sum(A[1:p, p + 1] * beta)
  phi <- if (is.null(phi_fixed)) rss / (n - p) else phi_fixed
  b <- shrink * (az[, p + 1] - drop(az[, 1:p] %*% beta))                # BLUP of the intercepts
  logs <- sum(log(v)) + sum(log1p(lambda * aa)) - sum(log(w)) + 2 * sum(log(diag(U)))
  list(criterion = logs + (n - p) * log(phi) + rss / phi + (n - p) * log(2 * pi),   # -2 restricted log L
       beta = beta, b = b, phi = phi, cov = phi * chol2inv(U))
}

# First and second derivatives by central differences on two steps, extrapolated: error O(h^6), O(h^4).
derivatives <- function(f, x, h = 0.02) {
  k <- length(x); unit <- diag(k)
  g <- vapply(seq_len(k), function(i) {
    one <- function(h) (8 * (f(x + h * unit[i, ]) - f(x - h * unit[i, ])) -
                          (f(x + 2 * h * unit[i, ]) - f(x - 2 * h * unit[i, ]))) / (12 * h)
    (16 * one(h / 2) - one(h)) / 15
  }, 0)
  H <- matrix(0, k, k)
  for (i in seq_len(k)) for (j in seq_len(i))
    H[i, j] <- H[j, i] <- (f(x + h * (unit[i, ] + unit[j, ])) - f(x + h * (unit[i, ] - unit[j, ])) -
                             f(x - h * (unit[i, ] - unit[j, ])) + f(x - h * (unit[i, ] + unit[j, ]))) / (4 * h^2)
  list(g = g, H = H)
}

# ---- the inner problem: x = (log lambda, atanh rho) -------------------------------------------------

LOG_LAMBDA <- c(-40, 8)     # the lower end is sigma_b = 0
ATANH_RHO <- c(-7, 7)       # |rho| <= 0.9999983; at the end of the range: rho is called 1

# f: the -2 restricted log-likelihood as a function of x (x[2] absent when there is no AR(1)).
inner <- function(f, x, polish_only) {
  lower <- c(LOG_LAMBDA[1], ATANH_RHO[1])[seq_along(x)]; upper <- c(LOG_LAMBDA[2], ATANH_RHO[2])[seq_along(x)]
  search <- function(x, free) {
    part <- function(u) f(replace(x, free, u))
    replace(x, free, nlminb(x[free], part, lower = lower[free], upper = upper[free],
                            control = list(rel.tol = 1e-13))$par)
  }
  tiny <- replace(x, 1, log(1e-4)); zero <- replace(x, 1, LOG_LAMBDA[1])
  if (x[1] <= LOG_LAMBDA[1] && f(tiny) < f(zero)) { x <- tiny; polish_only <- FALSE }   # leave the boundary
  if (!polish_only && x[1] > LOG_LAMBDA[1]) x <- search(x, seq_along(x))
  # In log lambda the slope dies out towards 0: ask instead whether lambda = 0 itself is lower.
  if (x[1] < log(1e-4) && f(replace(x, 1, LOG_LAMBDA[1])) < f(replace(x, 1, log(1e-4)))) {
    x[1] <- LOG_LAMBDA[1]
    if (length(x) > 1 && !polish_only) x <- search(x, 2)
  }
  newton(f, x, x > lower + 1e-6 & x < upper - 1e-6, lower, upper)
}

newton <- function(f, x, free, lower, upper) {
  if (!any(free)) return(x)
  part <- derivatives(function(u) f(replace(x, free, u)), x[free])
  step <- tryCatch(-solve(part$H, part$g), error = function(e) 0)
  if (all(is.finite(step)) && max(abs(step)) < 0.5) x[free] <- x[free] + step
  pmin(pmax(x, lower), upper)
}

inner_from_grid <- function(f, ar1) {
  grid <- if (ar1) as.matrix(expand.grid(log(c(1e-3, 0.1, 1, 8)), atanh(c(-0.4, 0.05, 0.5, 0.93))))
          else matrix(log(c(0.01, 0.3, 3)), ncol = 1)
  fits <- apply(grid, 1, function(x) inner(f, unname(x), FALSE), simplify = FALSE)
  fits[[which.min(vapply(fits, f, 0))]]
}

# ---- the outer loop ---------------------------------------------------------------------------------

pseudo <- function(eta, y) {
  mu <- plogis(eta); w <- mu * plogis(-eta)
  list(P = eta + (y - mu) / w, w = w)
}

# start: list(eta, x); x NULL takes the best of a grid on the first pseudo-data.
rspl <- function(y, Q, lay, ar1, phi_fixed, start, max_iter = 500, tol = 1e-10) {
  at <- function(x, ps) reml(exp(x[1]), if (ar1) tanh(x[2]) else 0, ps$P, ps$w, Q, lay, phi_fixed)
  eta <- start$eta; x <- start$x; old <- NULL; change <- Inf; status <- "not converged"
  trail <- numeric(); fit <- NULL
  for (iter in seq_len(max_iter)) {
    ps <- pseudo(eta, y)
    if (!all(is.finite(ps$P)) || min(ps$w) < 1e-10) { status <- "diverged: fitted probabilities at 0 or 1"; break }
    f <- function(x) tryCatch(at(x, ps)$criterion, error = function(e) 1e10)
    x <- if (is.null(x)) inner_from_grid(f, ar1) else inner(f, x, polish_only = change < 1e-3)
    fit <- at(x, ps)
    eta <- drop(Q %*% fit$beta) + fit$b[lay$group]
    new <- c(fit$beta, sqrt(exp(x[1]) * fit$phi), if (ar1) tanh(x[2]), fit$phi)
    if (!is.null(old)) change <- max(abs(new - old) / (abs(old) + 1e-3))
    trail <- c(trail, change)
    old <- new
    if (change < tol) { status <- "converged"; break }
  }
  list(status = status, n_iter = iter, change = change, fit = fit, x = x, ps = ps, new = new,
       # was the last inner optimum the best there is for its own pseudo-data?
       inner_gap = if (status == "converged") fit$criterion - f(inner_from_grid(f, ar1)) else NA,
       rate = if (length(trail) > 8) (change / trail[length(trail) - 5])^(1 / 5) else NA)
}

# ---- explicit V_i: the check ------------------------------------------------------------------------

# -2 restricted log-likelihood with V_i written out; theta = (sigma_b^2, phi, rho) as far as they are free.
dense_reml <- function(sigma_b2, phi, rho, P, w, Q, d, lay) {
  p <- ncol(Q); A <- matrix(0, p + 1, p + 1); logdet <- 0
  for (rows in split(seq_along(P), lay$group)) {
    C <- rho^abs(outer(d$day[rows], d$day[rows], `-`))
    V <- sigma_b2 + phi * C / sqrt(outer(w[rows], w[rows]))
    L <- chol(V)
    Z <- backsolve(L, cbind(Q[rows, , drop = FALSE], P[rows]), transpose = TRUE)
    A <- A + crossprod(Z); logdet <- logdet + 2 * sum(log(diag(L)))
  }
  beta <- solve(A[1:p, 1:p], A[1:p, p + 1])
  list(criterion = logdet + as.numeric(determinant(A[1:p, 1:p])$modulus) + A[p + 1, p + 1] -
         sum(A[1:p, p + 1] * beta) + (length(P) - p) * log(2 * pi), beta = beta, cov = solve(A[1:p, 1:p]))
}

dense_check <- function(run, d, Q, lay, ar1, phi_fixed) {
  at_zero <- run$x[1] <= LOG_LAMBDA[1]
  theta <- c(if (at_zero) 0 else exp(run$x[1]) * run$fit$phi, run$fit$phi, if (ar1) tanh(run$x[2]) else 0)
  free <- c(!at_zero, is.null(phi_fixed), ar1)
  value <- function(t) dense_reml(t[1], t[2], t[3], run$ps$P, run$ps$w, Q, d, lay)
  at <- value(theta)
  f <- function(u) {                              # u: steps in log sigma_b^2, log phi, atanh rho
    step <- replace(numeric(3), free, u)
    value(c(theta[1:2] * exp(step[1:2]), tanh(atanh(theta[3]) + step[3])))$criterion
  }
  part <- if (any(free)) derivatives(f, numeric(sum(free)), h = 0.01) else list(g = 0, H = diag(1))
  c(list(minus2_res_loglik_difference = at$criterion - run$fit$criterion,
         beta_difference_in_se = max(abs(at$beta - run$fit$beta) / sqrt(diag(run$fit$cov))),
         se_ratio_minus_1 = max(abs(sqrt(diag(at$cov) / diag(run$fit$cov)) - 1)),
         newton_step = max(abs(solve(part$H, part$g))),                 # how far REML's optimum still is
         hessian_positive = all(eigen(part$H, only.values = TRUE)$values > 0)),
    if (at_zero) list(rise_at_sigma_b_0.1 = value(replace(theta, 1, 0.1^2))$criterion - at$criterion))
}

# ---- the nlme loop ----------------------------------------------------------------------------------

nlme_loop <- function(d, Q, eta, ar1, phi_fixed, max_iter = 25, tol = 1e-6) {
  frame <- data.frame(day = d$day, id = factor(d$id, unique(d$id)))
  for (k in seq_len(ncol(Q))) frame[[paste0("q", k)]] <- Q[, k]
  formula <- reformulate(c("0", paste0("q", seq_len(ncol(Q)))), "P")
  control <- lmeControl(opt = "nlminb", maxIter = 200, msMaxIter = 300, msMaxEval = 2000, tolerance = 1e-10,
                        msTol = 1e-12, returnObject = TRUE, sigma = phi_fixed)
  old <- NULL; change <- Inf; rho <- 0.1; status <- "not converged"
  for (iter in seq_len(max_iter)) {
    ps <- pseudo(eta, d$y); frame$P <- ps$P; frame$invwt <- 1 / ps$w
    if (min(ps$w) < 1e-10) { status <- "diverged: fitted probabilities at 0 or 1"; break }
    fit <- tryCatch(suppressWarnings(do.call(lme, list(
      fixed = formula, data = frame, random = ~ 1 | id, method = "REML", weights = varFixed(~ invwt),
      correlation = if (ar1) corAR1(rho, form = ~ day | id), control = control))), error = conditionMessage)
    if (is.character(fit)) { status <- paste("lme stopped:", fit); break }
    eta <- unname(fitted(fit))
    if (ar1) rho <- as.numeric(coef(fit$modelStruct$corStruct, unconstrained = FALSE))
    sigma_b <- sqrt(as.matrix(fit$modelStruct$reStruct$id)[1, 1]) * fit$sigma
    new <- c(unname(fixef(fit)), sigma_b, if (ar1) rho, fit$sigma^2)
    if (!is.null(old)) change <- max(abs(new - old) / (abs(old) + 1e-3))
    old <- new
    if (change < tol) { status <- "converged"; break }
  }
  if (is.null(old)) return(list(status = status, n_iter = iter))
  list(status = status, n_iter = iter, change = change, beta = old[seq_len(ncol(Q))], cov = fit$varFix,
       sigma_b = old[ncol(Q) + 1], rho = if (ar1) old[ncol(Q) + 2] else 0, phi = old[length(old)],
       minus2_res_loglik = if (is.character(fit)) NA else -2 * as.numeric(logLik(fit)))
}

# lme() with sigma fixed maximises something else than the restricted likelihood (see README.md); with
# method = "ML" it is right, and then it checks the same V on the same pseudo-data.
nlme_ml_check <- function(run, d, Q, lay) {
  frame <- data.frame(P = run$ps$P, invwt = 1 / run$ps$w, id = factor(d$id, unique(d$id)), Q)
  formula <- reformulate(c("0", names(frame)[-(1:3)]), "P")
  fit <- do.call(lme, list(fixed = formula, data = frame, random = ~ 1 | id, method = "ML",
                           weights = varFixed(~ invwt), control = lmeControl(sigma = 1, msTol = 1e-12)))
  minus2 <- function(x) {                                               # restricted, less its extra determinant
    at <- reml(exp(x), 0, run$ps$P, run$ps$w, Q, lay, 1)
    at$criterion + as.numeric(determinant(at$cov)$modulus) + ncol(Q) * log(2 * pi)
  }
  here <- optimize(minus2, c(-20, 8), tol = 1e-10)
  list(sigma_b_nlme = sqrt(as.matrix(fit$modelStruct$reStruct$id)[1, 1]), sigma_b_direct = exp(here$minimum / 2),
       minus2ll_nlme = -2 * as.numeric(logLik(fit)), minus2ll_direct = here$objective)
}

# ---- reports in raw units ---------------------------------------------------------------------------

coefficients_report <- function(beta, cov, R, names) {
  to_raw <- solve(R)
  estimate <- drop(to_raw %*% beta); se <- sqrt(diag(to_raw %*% cov %*% t(to_raw)))
  list(estimates = named(estimate, names), se = named(se, names), F = named((estimate / se)^2, names)[-1])
}

direct_report <- function(run, basis, X, d, lay, ar1, phi_fixed) {
  if (run$status != "converged") return(run[c("status", "n_iter", "change")])
  rho <- if (ar1) tanh(run$x[2]) else 0
  notes <- c(if (run$x[1] <= LOG_LAMBDA[1]) "sigma_b at 0", if (abs(rho) > 0.99) "rho near 1 or -1")
  check <- dense_check(run, d, basis$Q, lay, ar1, phi_fixed)
  sigma_b <- if ("sigma_b at 0" %in% notes) 0 else sqrt(exp(run$x[1]) * run$fit$phi)
  c(list(status = run$status, notes = as.list(notes), n_iter = run$n_iter, last_change = run$change,
         rate = run$rate),
    coefficients_report(run$fit$beta, run$fit$cov, basis$R, colnames(X)),
    list(sigma_b = sigma_b, rho = rho, phi = run$fit$phi, minus2_res_loglik = run$fit$criterion,
         inner_gap = run$inner_gap, dense_check = check))
}

nlme_report <- function(fit, basis, X, run) {
  if (is.null(fit$beta) || startsWith(fit$status, "diverged") || run$status != "converged")
    return(fit[c("status", "n_iter")])
  se <- sqrt(diag(run$fit$cov))
  c(list(status = fit$status, n_iter = fit$n_iter, last_change = fit$change),
    coefficients_report(fit$beta, fit$cov, basis$R, colnames(X)),
    list(sigma_b = fit$sigma_b, rho = fit$rho, phi = fit$phi, minus2_res_loglik = fit$minus2_res_loglik,
         difference = list(
           beta_in_se = max(abs(fit$beta - run$fit$beta) / se),
           se_ratio_minus_1 = max(abs(sqrt(diag(fit$cov)) / se - 1)),
           sigma_b = fit$sigma_b - sqrt(exp(run$x[1]) * run$fit$phi),
           rho = fit$rho - (if (length(run$x) > 1) tanh(run$x[2]) else 0), phi = fit$phi - run$fit$phi)))
}

# ---- every data set and model -------------------------------------------------------------------------

reference <- function(name, model, ar1) {
  d <- read_days(name); X <- design(d, model); lay <- layout(d); basis <- orthonormal(X)
  phi_fixed <- if (ar1) NULL else 1
  glm_eta <- unname(predict(suppressWarnings(glm(d$y ~ 0 + basis$Q, family = binomial))))
  half_eta <- qlogis((d$y + 0.5) / 2)
  starts <- list(glm = list(eta = glm_eta), half = list(eta = half_eta))
  if (ar1) starts <- c(starts, list(glm_rho_high = list(eta = glm_eta, x = c(log(0.01), atanh(0.9))),
                                    glm_intercept_high = list(eta = glm_eta, x = c(log(5), 0.05))))
  runs <- lapply(starts, function(s) rspl(d$y, basis$Q, lay, ar1, phi_fixed, s))
  beside <- nlme_loop(d, basis$Q, glm_eta, ar1, phi_fixed)
  good <- Find(function(run) run$status == "converged", runs)
  list(dataset = name, model = model, ar1 = ar1, phi_fixed = phi_fixed, n_rows = nrow(d), n_groups = lay$n_groups,
       starts = lapply(runs, function(run) direct_report(run, basis, X, d, lay, ar1, phi_fixed)),
       nlme = nlme_report(beside, basis, X, if (is.null(good)) runs$glm else good),
       nlme_ml = if (!ar1 && !is.null(good)) nlme_ml_check(good, d, basis$Q, lay))
}

SETS <- c("trial40", "small_sigma", "large_sigma", "unbalanced", "near_separated", "hundreds", "negative_rho",
          "serial", "zero_sigma")
HARD <- c("spells", "spells_no_intercept", "hard_start", "separated", "three_days_a_week",
          "every_other_day")
jobs <- rbind(data.frame(name = c(SETS, HARD), model = "linear", ar1 = TRUE),
              data.frame(name = c("trial40", "unbalanced", "serial"), model = "quadratic", ar1 = TRUE),
              data.frame(name = SETS, model = "linear", ar1 = FALSE),
              data.frame(name = SETS, model = "quadratic", ar1 = FALSE))
only <- commandArgs(trailingOnly = TRUE)                 # Rscript rspl.R trial40: that set, printed, nothing written
if (length(only) && only[1] == "--add") {                # Rscript rspl.R --add trial40: that set written beside the others
  known <- jsonlite::read_json(file.path("tests", "oracle", "rspl.json"))
  others <- Filter(function(fit) !(fit$dataset %in% only[-1] && fit$ar1 && fit$model == "linear"), known$fits)
  write_oracle(list(about = known$about, fits = c(others, unname(Map(reference, only[-1], "linear", TRUE)))), "rspl.json")
  quit()
}
if (length(only)) {
  print(jsonlite::toJSON(Map(reference, only, "linear", TRUE), digits = 8, auto_unbox = TRUE, null = "null"))
  quit()
}
write_oracle(list(
  about = "GLIMMIX METHOD=RSPL references; see README.md. Coefficients in raw units.",
  fits = unname(Map(reference, jobs$name, jobs$model, jobs$ar1))), "rspl.json")
