# Oracle for the visit measures (ketadash/analyse/measures.py): Rscript tests/oracle/measures.R, from the repository root.
# Writes tests/oracle/measures.json and datasets/measures.csv (simulated here, weeks missing on purpose).
#
#   measure ~ week + arm + week:arm + baseline, random intercept, AR(1) residual by week, REML
#   identity: a linear mixed model.  log: E(y) = exp(eta), Var(y | b) = phi mu^2 R, by restricted pseudo-likelihood
#   (GLIMMIX METHOD=RSPL): P = eta + (y - mu) / mu, weight mu^2 / mu^2 = 1, refitted until the parameters stand still.
#
# Two engines for each: "nlme" (lme with corAR1, as a reader of the literature would write it) and "direct" (V_i
# written out, -2 restricted log-likelihood minimised over log sigma_b^2, log phi, atanh rho, polished by Newton).
suppressPackageStartupMessages({library(nlme); library(numDeriv); library(jsonlite)})
set.seed(20261123, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

# ---- data: 40 people, up to 4 weeks; y_log is right-skewed with an SD proportional to its mean -----------------------
people <- 40; weeks <- 4
d <- expand.grid(week = 1:weeks, id = 1:people)[, 2:1]
d$arm <- as.integer(d$id > 23)
serial <- function(sd, rho) as.numeric(replicate(people, {
  e <- rnorm(weeks); for (t in 2:weeks) e[t] <- rho * e[t - 1] + sqrt(1 - rho^2) * e[t]; sd * e }))
d$base_identity <- round(rnorm(people, 54, 17), 1)[d$id]
d$base_log <- round(rgamma(people, shape = 3, scale = 12), 1)[d$id]
d$y_identity <- round(20 + 0.6 * d$base_identity + 1.5 * d$week - 2 * d$arm + 0.8 * d$week * d$arm +
                        rnorm(people, 0, 7)[d$id] + serial(6, 0.5), 2)
mu <- exp(2.4 + 0.012 * d$base_log - 0.18 * d$week - 0.1 * d$arm - 0.05 * d$week * d$arm + rnorm(people, 0, 0.45)[d$id])
d$y_log <- round(mu * qgamma(pnorm(serial(1, 0.4)), shape = 6, rate = 6), 2)
keep <- runif(nrow(d)) > 0.12                       # weeks missed here and there, ...
gone <- d$id %in% c(3, 9, 20) & d$week > 1          # ... three people leave after week 1, ...
d <- d[keep & !gone & d$id != 12, ]                 # ... one never comes
write.csv(d, "tests/oracle/datasets/measures.csv", row.names = FALSE, quote = FALSE)

# ---- direct REML -----------------------------------------------------------------------------------------------------
reml <- function(theta, P, X, d) {
  sb2 <- exp(theta[1]); phi <- exp(theta[2]); rho <- tanh(theta[3]); p <- ncol(X); A <- matrix(0, p + 1, p + 1); logdet <- 0
  for (rows in split(seq_along(P), d$id)) {
    V <- sb2 + phi * rho^abs(outer(d$week[rows], d$week[rows], `-`))
    L <- chol(V); Z <- backsolve(L, cbind(X[rows, , drop = FALSE], P[rows]), transpose = TRUE)
    A <- A + crossprod(Z); logdet <- logdet + 2 * sum(log(diag(L)))
  }
  beta <- solve(A[1:p, 1:p], A[1:p, p + 1])
  list(value = logdet + as.numeric(determinant(A[1:p, 1:p])$modulus) + A[p + 1, p + 1] - sum(A[1:p, p + 1] * beta),
       beta = beta, cov = solve(A[1:p, 1:p]), sb2 = sb2, phi = phi, rho = rho)
}
minimise <- function(theta, P, X, d) {
  f <- function(t) reml(t, P, X, d)$value
  theta <- nlminb(theta, f, control = list(rel.tol = 1e-13))$par
  for (i in 1:4) theta <- theta - solve(hessian(f, theta), grad(f, theta))
  stopifnot(max(abs(grad(f, theta))) < 1e-6, all(eigen(hessian(f, theta))$values > 0))
  theta
}
intercepts <- function(fit, P, X, d) {              # BLUP: sigma_b^2 1' V^-1 (P - X beta)
  b <- numeric(length(P)); r <- P - drop(X %*% fit$beta)
  for (rows in split(seq_along(P), d$id)) {
    V <- fit$sb2 + fit$phi * fit$rho^abs(outer(d$week[rows], d$week[rows], `-`))
    b[rows] <- fit$sb2 * sum(solve(V, r[rows]))
  }
  b
}
direct <- function(y, X, d, link) {
  theta <- c(log(var(y) / 3), log(var(y) / 2), 0.3)
  if (link == "identity") return(reml(minimise(theta, y, X, d), y, X, d))
  theta <- c(log(0.2), log(0.2), 0.3); eta <- rep(log(mean(y)), length(y)); old <- Inf
  for (i in 1:200) {
    m <- exp(eta); P <- eta + (y - m) / m
    theta <- minimise(theta, P, X, d); fit <- reml(theta, P, X, d)
    eta <- drop(X %*% fit$beta) + intercepts(fit, P, X, d)
    now <- c(fit$beta, fit$sb2, fit$phi, fit$rho); change <- max(abs(now - old)); old <- now
    if (change < 1e-9) break
  }
  stopifnot(change < 1e-9)
  c(fit, n_iter = i)
}

# ---- nlme ------------------------------------------------------------------------------------------------------------
control <- lmeControl(tolerance = 1e-12, msTol = 1e-14, msMaxIter = 500, maxIter = 500, niterEM = 60)
by_nlme <- function(d, link) {
  one <- function(P) { d$P <- P
    lme(P ~ week * arm + base, random = ~ 1 | id, correlation = corAR1(form = ~ week | id), data = d, method = "REML",
        control = control) }
  if (link == "identity") return(one(d$y))
  eta <- rep(log(mean(d$y)), nrow(d)); old <- Inf
  for (i in 1:200) {
    m <- exp(eta); f <- one(eta + (d$y - m) / m); eta <- as.numeric(fitted(f, level = 1))
    change <- max(abs(fixef(f) - old)); old <- fixef(f)
    if (change < 1e-10) break
  }
  f
}

fits <- lapply(c("identity", "log"), function(link) {
  e <- transform(d, y = d[[paste0("y_", link)]], base = d[[paste0("base_", link)]])
  X <- with(e, cbind(intercept = 1, week = week, arm = arm, `week:arm` = week * arm, baseline = base))
  f <- direct(e$y, X, e, link); n <- by_nlme(e, link)
  order <- c("(Intercept)", "week", "arm", "week:arm", "base")
  nrho <- as.numeric(coef(n$modelStruct$corStruct, unconstrained = FALSE))
  list(link = link, n = nrow(e), n_people = length(unique(e$id)), beta = f$beta, se = sqrt(diag(f$cov)), cov = unname(f$cov),
       sigma_b = sqrt(f$sb2), phi = f$phi, rho = f$rho, n_iter = if (is.null(f$n_iter)) 1 else f$n_iter,
       # containment: n - rank [X Z], Z the people
       df = nrow(e) - qr(cbind(X, model.matrix(~ factor(id) - 1, e)))$rank,
       nlme = list(beta = unname(fixef(n)[order]), se = unname(sqrt(diag(vcov(n)))[order]),
                   sigma_b = as.numeric(sqrt(diag(getVarCov(n)))), phi = n$sigma^2, rho = nrho))
})
for (f in fits) cat(f$link, "nlme against direct, in SEs:", max(abs(f$nlme$beta - f$beta) / f$se), " rho", f$nlme$rho - f$rho, "\n")
write_json(list(script = "tests/oracle/measures.R", session = grep("^BLAS|^LAPACK", capture.output(sessionInfo()), invert = TRUE, value = TRUE), fits = fits),
           "tests/oracle/measures.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
