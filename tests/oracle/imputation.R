# References for multiple imputation and its pooling: tests/oracle/imputation.json and datasets/imp_trial40.csv.
# Run from the repository root: Rscript tests/oracle/imputation.R  (about seven minutes)
#
# pooling     mice::pool.scalar (rubin1987, Barnard-Rubin degrees of freedom).  mice raises the share of variance
#             that is between imputations to at least 1e-4; every case here stays above that.
# proportions Lott & Reiter's Wilson interval after imputation, and Newcombe's difference on it, by hand: the closed
#             form, and beside it the roots of the score equation found numerically.
# imputation  one trial with gaps, imputed as mice or jomo would, by hand: parameters, participants' intercepts and days
#             drawn with R's own random numbers, each completed trial fitted, the fits pooled.
# posterior   participants' intercepts at given parameters by integrate and uniroot.

suppressPackageStartupMessages({library(lme4); library(numDeriv); library(mice); library(jsonlite)})
source(file.path("tests", "oracle", "glmm_common.R"))

# The likelihood engine of glmm.R: its functions, without running it.
for (e in parse(file.path("tests", "oracle", "glmm.R")))
  if (is.call(e) && identical(e[[1]], as.name("<-")) && is.call(e[[3]]) && identical(e[[3]][[1]], as.name("function")))
    eval(e)

# ---- Rubin's rules ------------------------------------------------------------------------------------

pooling_case <- function(seed, m, dfcom, spread) {
  set.seed(seed)
  Q <- 0.3 + spread * rnorm(m)
  U <- 0.04 * rchisq(m, 30) / 30
  p <- pool.scalar(Q, U, n = dfcom + 1, k = 1, rule = "rubin1987")
  stopifnot((1 + 1 / m) * p$b / p$t > 1e-3)             # far from where mice clamps
  list(m = m, dfcom = if (is.infinite(dfcom)) "Inf" else dfcom, estimates = Q, variances = U,
       qbar = p$qbar, ubar = p$ubar, b = p$b, t = p$t, df = p$df)
}

grid <- expand.grid(m = c(2, 3, 5, 20, 100), dfcom = c(3, 38, 797, Inf), spread = c(0.02, 0.2, 2))
pooling <- lapply(seq_len(nrow(grid)), function(i) pooling_case(i, grid$m[i], grid$dfcom[i], grid$spread[i]))

# ---- proportions ----------------------------------------------------------------------------------------

# Lott & Reiter (2020): with Q the mean of the proportions, r = (1 + 1/m) B / U and t on (m - 1)(1 + 1/r)^2 degrees of
# freedom, the limits are the roots q of (Q - q)^2 = t^2 (1 + r) q (1 - q) / n.
wilson_mi <- function(p, n, level) {
  m <- length(p); Q <- mean(p); U <- mean(p * (1 - p) / n); B <- if (m > 1) var(p) else 0
  r <- if (B > 0) (1 + 1 / m) * B / U else 0
  t <- if (B > 0) qt((1 + level) / 2, (m - 1) * (1 + 1 / r)^2) else qnorm((1 + level) / 2)
  a <- t^2 / n; b <- t^2 * r / n
  middle <- (2 * Q + a + b) / (2 * (1 + a + b))
  half <- sqrt((2 * Q + a + b)^2 / (4 * (1 + a + b)^2) - Q^2 / (1 + a + b))
  limits <- c(middle - half, middle + half)
  score <- function(q) (Q - q)^2 - t^2 * (1 + r) * q * (1 - q) / n
  if (Q > 0) stopifnot(abs(uniroot(score, c(0, Q - 1e-9), tol = 1e-14)$root - limits[1]) < 1e-9)
  if (Q < 1) stopifnot(abs(uniroot(score, c(Q + 1e-9, 1), tol = 1e-14)$root - limits[2]) < 1e-9)
  if (Q == 0) limits[1] <- 0                             # the root is 0, the closed form has rounding
  if (Q == 1) limits[2] <- 1
  if (B == 0) {                                          # then it is Wilson's own
    plain <- suppressWarnings(prop.test(round(Q * n), n, conf.level = level, correct = FALSE))$conf.int
    stopifnot(abs(plain - limits) < 1e-12)
  }
  list(p = Q, low = limits[1], high = limits[2])
}

newcombe_mi <- function(events1, n1, events0, n0, level) {
  one <- wilson_mi(events1 / n1, n1, level); nought <- wilson_mi(events0 / n0, n0, level)
  d <- one$p - nought$p
  list(events1 = I(events1), n1 = n1, events0 = I(events0), n0 = n0, level = level, one = one, nought = nought,
       difference = d, low = d - sqrt((one$p - one$low)^2 + (nought$high - nought$p)^2),
       high = d + sqrt((one$high - one$p)^2 + (nought$p - nought$low)^2))
}

set.seed(1)
some <- function(m, n, p) rbinom(m, n, p)
proportions <- list(
  newcombe_mi(some(20, 20, 0.6), 20, some(20, 19, 0.3), 19, 0.95),
  newcombe_mi(some(5, 200, 0.1), 200, some(5, 180, 0.12), 180, 0.9),
  newcombe_mi(c(18, 19, 20), 20, c(0, 1, 0), 20, 0.95),          # near the ends
  newcombe_mi(c(3, 9), 12, c(2, 8), 12, 0.95),                   # two imputations that disagree: t on few degrees
  newcombe_mi(rep(14, 10), 20, some(10, 20, 0.4), 20, 0.95),     # one arm has nothing imputed
  newcombe_mi(rep(14, 10), 20, rep(6, 10), 20, 0.99),            # nor the other: Newcombe's own
  newcombe_mi(rep(0, 4), 15, rep(15, 4), 15, 0.95),              # no event, and nothing but events
  newcombe_mi(11, 17, 4, 16, 0.95),                              # a single imputation
  newcombe_mi(some(400, 40, 0.5), 40, some(400, 40, 0.5), 40, 0.95))

# ---- a trial with gaps ----------------------------------------------------------------------------------

# trial40 with dropout likelier after a drinking day (missing at random), a few single days lost, and one participant
# of each arm without any report.
gaps <- function(d) {
  set.seed(20261124)
  lost <- runif(nrow(d)) < 0.03
  for (i in unique(d$id)) {
    own <- which(d$id == i)
    for (j in 3:length(own)) if (runif(1) < ifelse(d$y[own[j - 1]] == 0, 0.06, 0.02)) {
      lost[own[j:length(own)]] <- TRUE
      break
    }
  }
  for (arm in 0:1) lost[d$id == max(d$id[d$arm == arm])] <- TRUE
  d$y[lost] <- NA
  d
}

d <- gaps(read_days("trial40"))
write.csv(d, file.path(DATASETS, "imp_trial40.csv"), row.names = FALSE, quote = FALSE, na = "")
X <- design(d, "linear"); p <- ncol(X); known <- !is.na(d$y)
group <- match(d$id, unique(d$id))

# ---- the model of the known days, its parameters in (beta, log sigma) ---------------------------------------

fit_known <- maximise(X[known, ], d$y[known], match(d$id[known], unique(d$id[known])), 0.1)
raw <- raw_units(fit_known, X)
# minus log L in (gamma, log sigma) on the same orthonormal columns; beta = R^-1 gamma
score_log <- function(par) {
  g <- marginal(c(par[1:p], exp(par[p + 1])), fit_known$basis$Q, d$y[known],
                match(d$id[known], unique(d$id[known])), 0.1)$gradient
  -c(g[1:p], g[p + 1] * exp(par[p + 1]))
}
H <- jacobian(score_log, c(fit_known$par[1:p], log(raw$sigma))); H <- (H + t(H)) / 2
to_raw <- diag(p + 1); to_raw[1:p, 1:p] <- solve(fit_known$basis$R)
covariance <- to_raw %*% solve(H) %*% t(to_raw)
centre <- c(raw$beta, log(raw$sigma))
by_glmer <- glmer_report(X[known, ], d$y[known], d$id[known])
stopifnot(abs(unlist(by_glmer$estimates) - raw$beta) < 1e-4 * raw$se[1:p])

# ---- imputations --------------------------------------------------------------------------------------------

M <- 400
set.seed(31)
draws <- matrix(rnorm(M * (p + 1)), M) %*% chol(covariance) + rep(centre, each = M)

# z of one participant given the known days: the posterior on a fine grid, a point by its weight, a place in its cell.
Z <- seq(-8, 8, by = 0.01)
draw_z <- function(y, eta, sigma) {
  log_f <- dnorm(Z, log = TRUE)
  if (length(y)) log_f <- log_f + colSums(plogis((2 * y - 1) * outer(eta, sigma * Z, `+`), log.p = TRUE))
  sample(Z, 1, prob = exp(log_f - max(log_f))) + runif(1, -0.005, 0.005)
}

gone <- which(!known)
log_odds <- matrix(0, M, length(gone))
for (k in seq_len(M)) {
  beta <- draws[k, 1:p]; sigma <- exp(draws[k, p + 1]); eta <- drop(X %*% beta)
  z <- vapply(seq_len(max(group)), function(i) {
    own <- group == i
    if (all(known[own])) return(NA_real_)
    draw_z(d$y[own & known], eta[own & known], sigma)
  }, 0)
  log_odds[k, ] <- eta[gone] + sigma * z[group[gone]]
}

# One completed trial: quasi-Newton from the known days' fit, and Newton's last step; checked below against glmm.R's own
# maximisation and lme4.
basis <- orthonormal(X); back <- diag(p + 1); back[1:p, 1:p] <- solve(basis$R)
begin <- c(drop(basis$R %*% raw$beta), raw$sigma)
fit_completed <- function(y) {
  cache <- list(par = NULL)
  at <- function(par) {
    if (!identical(par, cache$par)) cache <<- c(list(par = par), marginal(par, basis$Q, y, group, 0.1))
    cache
  }
  gradient <- function(par) -at(par)$gradient
  par <- nlminb(begin, function(par) -at(par)$value, gradient, lower = c(rep(-Inf, p), 0),
                control = list(rel.tol = 1e-12))$par
  J <- vapply(seq_along(par), function(k) {
    e <- 1e-4 * (seq_along(par) == k)
    (gradient(par + e) - gradient(par - e)) / 2e-4
  }, par)
  V <- solve((J + t(J)) / 2)
  step <- drop(V %*% gradient(par))
  stopifnot(abs(step) < 1e-3 * sqrt(diag(V)))
  list(estimate = drop(back %*% (par - step)), variance = diag(back %*% V %*% t(back)))
}

TERMS <- c(colnames(X), "sigma")
scenario <- function(control, active) {
  set.seed(77)
  delta <- ifelse(d$arm[gone] == 1, active, control)
  found <- lapply(seq_len(M), function(k) {
    y <- d$y
    y[gone] <- as.numeric(runif(length(gone)) < plogis(log_odds[k, ] + delta))
    c(fit_completed(y), list(drawn = y[gone], y = y))
  })
  for (k in 1:2) {                                       # the fits themselves
    again <- raw_units(maximise(X, found[[k]]$y, group, 0.1), X)
    stopifnot(abs(found[[k]]$estimate - c(again$beta, again$sigma)) < 1e-5 * again$se,
              abs(sqrt(found[[k]]$variance) / again$se - 1) < 1e-5)
    lme4s <- glmer_report(X, found[[k]]$y, d$id)
    stopifnot(abs(found[[k]]$estimate[1:p] - unlist(lme4s$estimates)) < 1e-3 * again$se[1:p])
  }
  Q <- t(vapply(found, function(f) f$estimate, begin)); U <- t(vapply(found, function(f) f$variance, begin))
  pooled <- lapply(seq_along(TERMS), function(j) pool.scalar(Q[, j], U[, j], n = Inf))
  of <- function(name) named(vapply(pooled, function(r) r[[name]], 0), TERMS)
  drawn <- t(vapply(found, function(f) f$drawn, delta))
  cell <- split(seq_along(gone), list(d$day[gone], d$arm[gone]), drop = TRUE)
  share <- lapply(cell, function(i) rowMeans(drawn[, i, drop = FALSE]))
  list(delta = list(control = control, active = active), m = M,
       estimate = of("qbar"), within = of("ubar"), between = of("b"), total = of("t"), df = of("df"),
       within_sd = named(apply(U, 2, sd), TERMS),          # between imputations, of the variances
       imputed = lapply(seq_along(cell), function(j) list(
         arm = d$arm[gone][cell[[j]][1]], day = d$day[gone][cell[[j]][1]], n = length(cell[[j]]),
         share = mean(share[[j]]), sd = sd(share[[j]]))),
       overall = lapply(0:1, function(a) {
         of_arm <- rowMeans(drawn[, d$arm[gone] == a])
         list(arm = a, share = mean(of_arm), sd = sd(of_arm))
       }))
}

imputation <- list(
  dataset = "imp_trial40", model = "linear",
  n_missing = list(control = sum(!known & d$arm == 0), active = sum(!known & d$arm == 1)),
  known = list(estimates = named(raw$beta, colnames(X)), sigma = raw$sigma, minus2ll = -2 * fit_known$loglik,
               covariance_log_sigma = covariance, glmer = by_glmer[c("estimates", "sigma", "minus2ll", "n_quad")]),
  scenarios = list(scenario(0, 0), scenario(log(0.2), 0), scenario(log(5), log(5))))

# ---- participants' intercepts at given parameters -----------------------------------------------------------

LEVELS <- c(0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
exact <- function(label, y, eta, sigma) {
  log_f <- function(z) vapply(z, function(v) dnorm(v, log = TRUE) +
    sum(plogis((2 * y - 1) * (eta + sigma * v), log.p = TRUE)), 0)
  mode <- optimize(log_f, c(-9, 9), maximum = TRUE, tol = 1e-9)
  f <- function(z) exp(log_f(z) - mode$objective)
  width <- 1 / sqrt(1 + sigma^2 * sum(dlogis(eta + sigma * mode$maximum)))
  # in pieces of the width of the peak, so that integrate cannot step over it
  area <- function(g, to) {
    ends <- unique(pmin(c(-12, mode$maximum + width * (-12:12), 12), to))
    ends <- sort(ends[ends >= -12])
    sum(mapply(function(a, b) integrate(g, a, b, rel.tol = 1e-11, abs.tol = 1e-13, subdivisions = 500)$value,
               ends[-length(ends)], ends[-1]))
  }
  total <- area(f, 12)
  mean <- area(function(z) z * f(z), 12) / total
  sd <- sqrt(area(function(z) (z - mean)^2 * f(z), 12) / total)
  quantile <- vapply(LEVELS, function(u)
    uniroot(function(z) area(f, z) / total - u, c(mean - 9 * sd, mean + 9 * sd), tol = 1e-11)$root, 0)
  list(label = label, y = I(y), eta = I(eta), sigma = sigma, mean = mean, sd = sd, level = LEVELS, quantile = quantile)
}

of_id <- function(i) { own <- d$id == i & known; list(y = d$y[own], eta = drop(X[own, , drop = FALSE] %*% raw$beta)) }
mixed <- Filter(function(i) with(of_id(i), length(y) > 8 && mean(y) > 0.2 && mean(y) < 0.8), unique(d$id))[1]
posterior <- list(
  exact("of trial40, some days of each kind", of_id(mixed)$y, of_id(mixed)$eta, raw$sigma),
  exact("one day", 1, -0.5, raw$sigma),
  exact("no day known: the prior", numeric(0), numeric(0), raw$sigma),
  exact("always abstinent", rep(1, 21), seq(1, -1, length.out = 21), 2.5),
  exact("never abstinent, people very unlike", rep(0, 21), seq(1, -1, length.out = 21), 6),
  exact("half, people very unlike", rep(0:1, 15), seq(0, 1, length.out = 30), 6),
  exact("people alike", rep(c(1, 0, 0), 7), rep(-0.4, 21), 0.4),
  exact("against all expectation", rep(1, 10), rep(-12, 10), 2))

session <- capture.output(sessionInfo())
session <- session[!grepl("^(Matrix products|BLAS|LAPACK|locale| *\\[ *[0-9]+\\] LC_|Running under)", session)]
write_json(list(about = "Multiple imputation; see the head of imputation.R.", pooling = pooling,
                proportions = proportions, imputation = imputation, posterior = posterior, session_info = session),
           file.path("tests", "oracle", "imputation.json"), digits = NA, auto_unbox = TRUE, null = "null", na = "null")
