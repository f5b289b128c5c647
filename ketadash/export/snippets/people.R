# The parts of the R programs of the Code tabs that are about a value of each participant (ketadash/export/code_r_people.py).

#@ before
before <- d[d$day >= <<from>> & d$day <= <<to>> & d$etg_overrides != 2, ]  # known amounts before treatment
before <- tapply(before$amount, before$participant_id, mean, na.rm = TRUE)

#@ abstinent days
y <- as.numeric(!d$use)  # abstinent
<<rule>>
d$abstinent <- y == 1

#@ heavy days
y <- as.numeric(d$heavy)
<<rule>>
d$heavy <- y == 1

#@ amounts
d$unmeasured <- d$use & d$amount == 0  # use of an amount that nobody knows
y <- ifelse(d$unmeasured, -1, d$amount)  # -1 stands for it; Inf is use of which nobody says how much
<<rule>>
d$unmeasured <- y %in% -1; d$amount <- ifelse(d$unmeasured, NA, y)

#@ value
value <- sapply(split(d, d$id), function(d) {  # of each participant; NA where it is not known
<<days>>  <<r>>
})
value <- as.numeric(value); value[is.nan(value)] <- NA

#@ days forgiven
  d <- d[d$day >= first + <<grace>>, ]  # days of grace

#@ days assessed
  d <- tail(d, <<assessed>>)  # the days assessed

#@ levels
grams <- <<grams>>  # of alcohol in one of what amounts count
limits_of <- function(d) if (d$sex[1] %in% "F") c(0, 20, 40, 60) else c(0, 40, 60, 100)  # grams a day
level <- function(g, limits) sum(g > limits * (1 + 1e-9))

#@ days of levels
  limits <- limits_of(d); level <- function(g) sum(g > limits * (1 + 1e-9))
  grams_before <- grams * before[[d$participant_id[1]]]

#@ able
levels_before <- sapply(split(d, d$id), function(d) level(grams * before[[d$participant_id[1]]], limits_of(d)))
value[levels_before %in% 0:<<most>>] <- <<instead>>  # too low before to come down so far

#@ means
test <- t.test(value[people$active == 1], value[people$active == 0], conf.level = <<level>>)  # Welch's
answer <- c(difference = test$estimate[[1]] - test$estimate[[2]], low = test$conf.int[1], high = test$conf.int[2])

#@ ends of shares
answer[2:3] <- pmin(pmax(answer[2:3], -1), 1)  # no difference of shares is beyond 100 points

#@ with p
answer <- c(answer, p = test$p.value)

#@ shares
n <- tapply(!is.na(value), people$active, sum); share <- tapply(value, people$active, mean, na.rm = TRUE)
wilson <- function(p, n, z) (p + z^2 / (2 * n) + c(-1, 1) * z * sqrt((p * (1 - p) + z^2 / (4 * n)) / n)) / (1 + z^2 / n)
limits <- function(z) {  # Newcombe 1998, method 10
  a <- wilson(share[["1"]], n[["1"]], z); b <- wilson(share[["0"]], n[["0"]], z); p <- share
  gap + c(-1, 1) * sqrt(c((p[["1"]] - a[1])^2 + (b[2] - p[["0"]])^2, (a[2] - p[["1"]])^2 + (p[["0"]] - b[1])^2))
}
gap <- share[["1"]] - share[["0"]]; ends <- limits(qnorm((1 + <<level>>) / 2))
near <- function(z) if (gap > 0) limits(z)[1] else -limits(z)[2]  # p: of the level at which the interval reaches 0
p <- if (gap == 0) 1 else 2 * pnorm(-uniroot(near, c(1e-9, 40), tol = 1e-14)$root)
answer <- c(difference = gap, low = max(ends[1], -1), high = min(ends[2], 1), p = p)

#@ rates
# Negative binomial with an offset. MASS::glm.nb finds theta in steps that can run away; here it is the likelihood's maximum.
known <- sapply(split(d, d$id), function(d) sum(is.finite(d$amount))); used <- known > 0
y <- value[used]; days <- known[used]; arm <- people$active[used]
at <- function(theta) suppressWarnings(glm(y ~ arm + offset(log(days)), MASS::negative.binomial(theta),
  start = c(log(sum(y) / sum(days)), 0), control = glm.control(epsilon = 1e-14, maxit = 500)))
log_likelihood <- function(log_theta) {
  t <- exp(log_theta); m <- fitted(at(t))
  sum(lgamma(y + t) - lgamma(t) + t * log(t / (t + m)) + ifelse(y > 0, y * log(m / (t + m)), 0))
}
theta <- exp(optimize(log_likelihood, c(-6, 10), maximum = TRUE, tol = 1e-9)$maximum); m <- fitted(at(theta))
X <- cbind(1, arm); w <- 1 / (1 + m / theta); bread <- solve(t(X) %*% (X * m * w)); n <- length(y)
V <- bread %*% crossprod(X * (y - m) * w) %*% bread * n / (n - 2)  # as sandwich::vcovHC(fit, type = "HC1")
b <- log(m[arm == 1][1] / days[arm == 1][1] * days[arm == 0][1] / m[arm == 0][1]); se <- sqrt(V[2, 2])
half <- qt((1 + <<level>>) / 2, n - 2) * se
answer <- c(ratio = exp(b), low = exp(b - half), high = exp(b + half), p = 2 * pt(-abs(b / se), n - 2))

#@ rung
reached <- reached | value == 1  # this rung, or one above it

#@ rungs
value <- as.numeric(reached)

#@ shift
value[is.na(value)] <- <<worst>>  # whoever has no value counts as the worst
x <- value[people$active == 1]; y <- value[people$active == 0]; m <- length(x); n <- length(y)
gaps <- outer(x, y, "-"); gaps[is.nan(gaps)] <- 0; gaps <- sort(gaps)
ties <- sum(sapply(list(x, y), function(v) sum(table(v)^3 - table(v))))
sigma <- sqrt(m * n / 12 * (m + n + 1 - ties / ((m + n) * (m + n - 1))))
place <- floor(m * n / 2 + 0.5 + qnorm((1 + <<level>>) / 2) * sigma)  # wilcox.test(x, y, conf.int = TRUE) searches for
answer <- c(shift = median(gaps), low = gaps[m * n - place], high = gaps[place + 1])  # these ends, to some 1e-4
answer[is.infinite(answer)] <- NA

#@ event
value <- as.numeric(status == 1)  # had it by the last day

#@ known
known <- !is.na(value); y <- value[known]; arm <- people$active[known]

#@ within shares
# Mantel-Haenszel's difference, Sato's variance (1989), the test of Cochran and Mantel and Haenszel: the last is
# mantelhaen.test(table(arm, y, stratum), correct = FALSE) on the strata with both arms
by <- function(v) tapply(v, factor(people$stratum[known]), sum)
n1 <- by(arm); n0 <- by(1 - arm); both <- n1 > 0 & n0 > 0
e1 <- by(y * arm)[both]; e0 <- by(y * (1 - arm))[both]; n1 <- n1[both]; n0 <- n0[both]; n <- n1 + n0; e <- e1 + e0
gap <- sum((e1 * n0 - e0 * n1) / n) / sum(n1 * n0 / n)
P <- sum((n1^2 * e0 - n0^2 * e1 + n1 * n0 * (n0 - n1) / 2) / n^2); Q <- sum((e1 * (n0 - e0) + e0 * (n1 - e1)) / (2 * n))
half <- qnorm((1 + <<level>>) / 2) * sqrt(gap * P + Q) / sum(n1 * n0 / n)
chi2 <- sum(e1 - e * n1 / n)^2 / sum(n1 * n0 * e * (n - e) / (n^2 * pmax(n - 1, 1)))
answer <- c(difference = gap, low = max(gap - half, -1), high = min(gap + half, 1),
            p = pchisq(chi2, 1, lower.tail = FALSE))

#@ within ranks
# van Elteren 1960: rank sums within strata, weighted by 1 / (N + 1)
each <- sapply(split(seq_along(y), people$stratum[known]), function(i) {
  n <- length(i); n1 <- sum(arm[i]); if (n1 == 0 || n1 == n) return(c(0, 0))
  r <- rank(y[i]) - (n + 1) / 2
  c(sum(r[arm[i] == 1]) / (n + 1), n1 * (n - n1) / (n * (n - 1)) * sum(r^2) / (n + 1)^2)
})
z <- sum(each[1, ]) / sqrt(sum(each[2, ])); answer <- c(z = z, p = pchisq(z^2, 1, lower.tail = FALSE))

#@ standardised
# The regression averaged over everybody in either arm in turn (g-computation); the variance is that of other people too
Z <- cbind(1, <<x>>)[known, , drop = FALSE]
q <- qr(Z, tol = 1e-9); n <- length(y)  # a column that repeats others counts once
X <- cbind(arm, Z[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE]); p <- ncol(X)
fit <- glm.fit(X, y, family = <<family>>, control = glm.control(epsilon = 1e-14, maxit = 100))
link <- <<family>>; slope <- function(X) link$mu.eta(drop(X %*% coef(fit)))
scores <- solve(crossprod(X, X * slope(X)) / n, t(X * (y - fitted(fit))))
one <- function(k) {  # everybody's mean in arm k, and what each participant adds to it
  X[, 1] <- k; mu <- link$linkinv(drop(X %*% coef(fit)))
  list(mean = mean(mu), adds = mu - mean(mu) + drop(colMeans(X * slope(X)) %*% scores))
}
gap <- one(1)$mean - one(0)$mean; se <- sqrt(sum((one(1)$adds - one(0)$adds)^2) / n^2 * n / (n - p))
half <- qt((1 + <<level>>) / 2, n - p) * se; ends <- c(gap - half, gap + half)
<<clip>>answer <- c(difference = gap, low = ends[1], high = ends[2], p = 2 * pt(-abs(gap / se), n - p))

#@ shares end
ends <- pmin(pmax(ends, -1), 1)

#@ adjusted hazard
fit <- coxph(Surv(time, status == 1) ~ arm + <<x>><<strata>>, ties = "efron",
             control = coxph.control(eps = 1e-12, iter.max = 100))
row <- summary(fit, conf.int = <<level>>)
answer <- c(hr = row$conf.int["arm", 1], low = row$conf.int["arm", 3], high = row$conf.int["arm", 4],
            p = row$coefficients["arm", "Pr(>|z|)"])

#@ every arm
everybody <- d
p_of <- function(other) {  # one arm against the control
  d <- everybody[everybody$arm %in% c(<<control>>, other), ]
  d$active <- as.numeric(d$arm == other); d <- d[order(d$active, d$participant_id, d$day), ]
  d$id <- match(d$participant_id, unique(d$participant_id)); people <- d[!duplicated(d$id), ]
<<each>>
}
others <- c(<<others>>)
answer <- p.adjust(sapply(others, p_of), "holm")[others == <<arm>>]  # for so many comparisons with the control

#@ p of days
share <- tapply(d$abstinent, d$id, mean, na.rm = TRUE); share[is.nan(share)] <- NA
t.test(share[people$active == 1], share[people$active == 0])$p.value

#@ p of relapse
pchisq(survdiff(Surv(time, status == 1) ~ arm<<strata>>)$chisq, 1, lower.tail = FALSE)

#@ p of relapse competing
cmprsk::cuminc(time, status, arm<<strata>>)$Tests[1, "pv"]  # Gray's

#@ subgroup days
value[!(as.character(people$subgroup) %in% <<of_level>>)] <- NA

#@ subgroup days test
# Welch's F (1951) of the differences in the levels of which each arm has five people or more
group <- as.character(people$subgroup); levels_shown <- Filter(function(one) {
  all(tapply(!is.na(value) & group %in% one, people$active, sum) >= 5)
}, sort(unique(group)))
each <- sapply(levels_shown, function(one) {
  arms <- split(value[group %in% one], people$active[group %in% one]); arms <- lapply(arms, function(v) v[!is.na(v)])
  part <- sapply(arms, function(v) var(v) / length(v)); n <- lengths(arms); v <- sum(part)
  c(gap = mean(arms[["1"]]) - mean(arms[["0"]]), v = v, df = v^2 / sum(part^2 / (n - 1)))
})
each <- each[, each["v", ] > 0, drop = FALSE]; k <- ncol(each); w <- 1 / each["v", ]
spread <- sum(w * (each["gap", ] - sum(w * each["gap", ]) / sum(w))^2) / (k - 1)
lack <- sum((1 - w / sum(w))^2 / each["df", ])
f <- spread / (1 + 2 * (k - 2) / (k^2 - 1) * lack)
answer <- c(f = f, p = pf(f, k - 1, (k^2 - 1) / (3 * lack), lower.tail = FALSE))
