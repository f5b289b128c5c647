# Re-randomisation by brute force: for each allocation written by make_shuffles (see below) every statistic from scratch.
#   python tests/oracle/make_shuffles.py && Rscript tests/oracle/randomisation.R
# Model: logit P(abstinent) = b0 + b1 day + b2 arm + b3 day:arm + sigma z, by plain Gauss-Hermite quadrature with 60 nodes,
# maximised by nlm and polished by Newton steps on numerical derivatives; clustered by participant with CR1, G / (G - 1).
library(jsonlite)
library(survival)
args <- commandArgs(FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
given <- fromJSON(file.path(here, "randomisation_shuffles.json"))
amount <- given$amount
G <- nrow(amount); T <- ncol(amount); day <- seq_len(T)

# nodes of the rule for exp(-x^2), by Golub and Welsch
k <- 60
J <- diag(0, k); off <- sqrt(seq_len(k - 1) / 2)
J[cbind(1:(k - 1), 2:k)] <- off; J[cbind(2:k, 1:(k - 1))] <- off
e <- eigen(J, symmetric = TRUE)
z <- e$values * sqrt(2); w <- e$vectors[1, ]^2

y <- (amount == 0) * 1
each <- function(th, a) {            # log integral of each participant
  sapply(seq_len(G), function(i) {
    eta <- th[1] + th[2] * day + th[3] * a[i] + th[4] * day * a[i]
    p <- plogis((2 * y[i, ] - 1) * outer(eta, th[5] * z, "+"), log.p = TRUE)
    s <- colSums(p) + log(pmax(w, 1e-300)); m <- max(s); m + log(sum(exp(s - m)))
  })
}
scores <- function(th, a, h = 1e-4) sapply(seq_along(th), function(j) {
  d <- replace(numeric(length(th)), j, h); (each(th + d, a) - each(th - d, a)) / (2 * h)
})
hessian <- function(th, a, h = 1e-3) {
  H <- sapply(seq_along(th), function(j) {
    d <- replace(numeric(length(th)), j, h); (colSums(scores(th + d, a)) - colSums(scores(th - d, a))) / (2 * h)
  })
  (H + t(H)) / 2
}
share <- function(th, a) mean(plogis(th[1] + th[2] * T + a * (th[3] + th[4] * T) + th[5] * z2) * 1)
z2 <- qnorm((seq_len(20001) - 0.5) / 20001)
model <- function(a) {
  th <- nlm(function(t) -sum(each(t, a)), c(0, 0, 0, 0, 1))$estimate
  for (r in 1:4) th <- th - solve(hessian(th, a), colSums(scores(th, a)))
  V <- solve(-hessian(th, a)); S <- scores(th, a)
  R <- G / (G - 1) * V %*% crossprod(S) %*% V
  gap <- function(t) share(t, 1) - share(t, 0)
  g <- sapply(1:5, function(j) { d <- replace(numeric(5), j, 1e-4); (gap(th + d) - gap(th - d)) / 2e-4 })
  c(th[4] / sqrt(R[4, 4]), gap(th) / sqrt(drop(t(g) %*% R %*% g)))
}
heavy <- amount > 4
statistics <- function(a) {
  a <- as.numeric(a)
  pda <- rowMeans(y); used <- 1 - apply(y, 1, min)
  welch <- function(v) unname(t.test(v[a == 1], v[a == 0])$statistic)
  first <- apply(heavy, 1, function(h) if (any(h)) which(h)[1] else T)
  lr <- survdiff(Surv(first, apply(heavy, 1, any)) ~ a)
  m <- model(a)
  c("day:arm" = m[1], last_day_difference = m[2], percent_days_abstinent = welch(pda), any_use = welch(used),
    relapse_logrank = (lr$obs[2] - lr$exp[2]) / sqrt(lr$var[2, 2]))
}
observed <- statistics(given$active)
draws <- t(apply(given$draws, 1, statistics))
contrasts <- lapply(names(observed), function(n) list(
  statistic = observed[[n]], draws = draws[, n],
  p = (1 + sum(abs(draws[, n]) >= abs(observed[[n]]) * (1 - 1e-6) - 1e-6)) / (1 + nrow(draws))))
names(contrasts) <- names(observed)
write(toJSON(c(given, list(contrasts = contrasts, session = capture.output(sessionInfo()))), auto_unbox = TRUE, digits = 12),
      file.path(here, "randomisation.json"))
