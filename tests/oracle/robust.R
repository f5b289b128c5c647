# Oracle for ketadash/stats/robust.py: Rscript tests/oracle/robust.R, from the repository root (about a minute).
# Writes tests/oracle/robust.json.
#
# "likelihood": the logistic random-intercept model at R's own maximum (glmm.json).  Each participant's log-integral by
#   integrate(), its gradient and Hessian by numDeriv (Richardson); then the sandwich and its corrections as their papers
#   have them, in matrices that are not symmetric: (I - A_i V)^-1 (Mancl & DeRouen 2001; Fay & Graubard 2001),
#   (I - A_i V)^-1/2 (Kauermann & Carroll 2001), MBN as SAS/STAT's GLIMMIX documents it (d = 2, r = 1).
# "linear": lme with AR(1) by REML, clustered by clubSandwich: CR0 and CR3 (Mancl & DeRouen's).  Its CR2 is another root
#   of the same condition than Kauermann & Carroll's (by Cholesky factors), and differs in the third digit.
# "independent": a logistic regression of one day a person, by sandwich: HC0, HC2, HC3.
suppressPackageStartupMessages({library(nlme); library(numDeriv); library(sandwich); library(clubSandwich); library(jsonlite)})
source("tests/oracle/glmm_common.R")

log_integral <- function(theta, y, Q) {
  p <- ncol(Q); eta <- drop(Q %*% theta[1:p]); sigma <- theta[p + 1]
  l <- function(z) vapply(z, function(one) sum(plogis((2 * y - 1) * (eta + sigma * one), log.p = TRUE)) + dnorm(one, log = TRUE), 0)
  m <- optimize(l, c(-12, 12), maximum = TRUE, tol = 1e-8); top <- m$objective; at <- m$maximum
  w <- 1 / sqrt(1 + sigma^2 * sum(dlogis(eta + sigma * at)))
  cuts <- at + w * c(-14, -5, -2, 0, 2, 5, 14)
  pieces <- vapply(seq_len(6), function(k) integrate(function(z) exp(l(z) - top), cuts[k], cuts[k + 1], rel.tol = 1e-12, abs.tol = 0)$value, 0)
  top + log(sum(pieces))
}
power <- function(M, by) { e <- eigen(M); Re(e$vectors %*% diag(e$values^by) %*% solve(e$vectors)) }
corrected <- function(scores, infos, V, n_rows) {
  G <- nrow(scores); k <- ncol(scores); I <- diag(k)
  meat <- function(how) { s <- t(vapply(seq_len(G), function(i) drop(how(i) %*% scores[i, ]), numeric(k))); crossprod(s) }
  CR0 <- V %*% crossprod(scores) %*% V
  M <- (n_rows - 1) / (n_rows - k) * G / (G - 1) * crossprod(scores)
  delta <- if (G > 3 * k) k / (G - k) else 1 / 2
  list(CR0 = CR0, CR1 = G / (G - 1) * CR0,
       `Kauermann-Carroll` = V %*% meat(function(i) power(I - infos[[i]] %*% V, -0.5)) %*% V,
       `Mancl-DeRouen` = V %*% meat(function(i) solve(I - infos[[i]] %*% V)) %*% V,
       MBN = V %*% M %*% V + delta * max(1, sum(diag(V %*% M)) / k) * V)
}
reference <- fromJSON("tests/oracle/glmm.json", simplifyDataFrame = FALSE)$fits
likelihood <- lapply(list(c("trial40", "linear"), c("trial40", "quadratic"), c("unbalanced", "linear")), function(which) {
  row <- Filter(function(f) f$dataset == which[1] && f$model == which[2], reference)[[1]]
  d <- read_days(which[1]); o <- orthonormal(design(d, which[2])); Q <- o$Q
  theta <- c(drop(o$R %*% unlist(row$estimates)), row$sigma); p <- ncol(Q)
  people <- split(seq_len(nrow(d)), d$id)
  one <- function(rows) function(t) log_integral(t, d$y[rows], Q[rows, , drop = FALSE])
  scores <- t(vapply(people, function(rows) grad(one(rows), theta), theta))
  infos <- lapply(people, function(rows) -hessian(one(rows), theta))
  back <- diag(p + 1); back[1:p, 1:p] <- solve(o$R); forth <- solve(back)
  scores <- scores %*% forth; infos <- lapply(infos, function(A) t(forth) %*% A %*% forth)
  V <- solve(Reduce(`+`, infos))
  cat(which, "scores add up to", max(abs(colSums(scores) * sqrt(diag(V)))), "\n")
  list(dataset = which[1], model = which[2], scores = unname(scores), covariance = unname(V),
       robust = lapply(corrected(scores, infos, V, nrow(d)), unname))
})

d <- read_days("measures"); d$y <- d$y_identity; d$base <- d$base_identity
f <- lme(y ~ week * arm + base, random = ~ 1 | id, correlation = corAR1(form = ~ week | id), data = d, method = "REML",
         control = lmeControl(tolerance = 1e-12, msTol = 1e-14, msMaxIter = 500, maxIter = 500, niterEM = 60))
order <- c("(Intercept)", "week", "arm", "week:arm", "base")
kinds <- c(CR0 = "CR0", `Mancl-DeRouen` = "CR3")
linear <- lapply(kinds, function(type) unname(as.matrix(vcovCR(f, type = type))[order, order]))

d <- read_days("hundreds"); d <- d[d$day == 14, ]
g <- glm(y ~ arm + base, binomial, d, epsilon = 1e-14)
kinds <- c(CR0 = "HC0", `Kauermann-Carroll` = "HC2", `Mancl-DeRouen` = "HC3")
independent <- lapply(kinds, function(type) unname(vcovHC(g, type = type)))

write_oracle(list(script = "tests/oracle/robust.R", likelihood = likelihood, linear = linear,
                  independent = list(dataset = "hundreds", day = 14, beta = unname(coef(g)), robust = independent)), "robust.json")
