# The parts of the R programs of the Code tabs (ketadash/export/code_r.py): #@ begins one, <<…>> is filled in.

#@ read
# R, <<packages>>. <<file>> has a row for each participant and day, before any rule.
d <- read.csv("<<file>>", na.strings = "", encoding = "UTF-8",
              colClasses = c(participant_id = "character", arm = "character", sex = "character"<<classes>>))
<<before>>first <- <<first>>; last <- <<last>>  # the window
d <- d[d$day >= first & d$day <= last<<arms>>, ]
d$active <- as.numeric(d$arm == <<active>>)  # the control arm: <<control>>
d <- d[order(d$active, d$participant_id, d$day), ]
d$id <- match(d$participant_id, unique(d$participant_id))
d$missing <- is.na(d$amount)
d$use <- !d$missing & <<use>>
limit <- ifelse(d$sex %in% "F", <<women>>, <<men>>)  # a heavy day has more; unknown sex as men
d$heavy <- !d$missing & d$amount > limit
people <- d[!duplicated(d$id), ]  # everyone randomised

#@ fill
people$<<column>>[is.na(people$<<column>>)] <- mean(people$<<column>>, na.rm = TRUE)  # unknown: the others' mean
d$<<column>> <- people$<<column>>[d$id]

#@ abstinence
y <- as.numeric(!d$use)  # abstinent

#@ heavy
y <- as.numeric(d$heavy)  # a heavy day

#@ sandwich
# Errors clustered by participant: V (sum of s s') V from everyone's score s and information A, each score lengthened by
# (I - A V)^-1 (Mancl and DeRouen 2001) on the axes of V, where 1 - leverage counts as 0.05 at least: a column each.
sandwich <- function(parts, V) {
  e <- eigen(V, symmetric = TRUE); root <- e$vectors %*% diag(sqrt(e$values), length(e$values))
  seen <- sapply(parts, function(one) {
    h <- eigen(t(root) %*% one$information %*% root, symmetric = TRUE)
    h$vectors %*% (t(h$vectors) %*% (t(root) %*% one$score) / pmax(1 - h$values, 0.05))
  })
  root %*% seen
}

#@ sandwich likelihood
  z <- seq(-9, 9, by = 0.1)  # everyone's log-integral over the random intercept, with its slope and curvature
  parts <- lapply(split(seq_along(frame$y), frame$id), function(i) {
    log_integral <- function(t) {
      eta <- outer(drop(frame$Q[i, , drop = FALSE] %*% t[-1]), t[1] * z, "+")
      l <- colSums(matrix(plogis((2 * frame$y[i] - 1) * eta, log.p = TRUE), length(i))) + dnorm(z, log = TRUE)
      max(l) + log(sum(exp(l - max(l))))
    }
    list(score = numDeriv::grad(log_integral, at), information = -numDeriv::hessian(log_integral, at))
  })
  adds <- sandwich(parts, V); V <- tcrossprod(adds)

#@ sandwich pseudo ar1
  g <- frame$id; Q <- frame$Q; P <- frame$P; day <- frame$day

#@ sandwich pseudo independent
  beta <- m$beta; phi <- 1; rho <- 0; day <- seq_along(y)

#@ sandwich pseudo
  parts <- lapply(split(seq_along(y), g), function(i) {  # X'V^-1 e and X'V^-1 X of the last linearised days
    S <- s^2 + phi * rho^abs(outer(day[i], day[i], "-")) / sqrt(outer(w[i], w[i])); Q_i <- Q[i, , drop = FALSE]
    list(score = drop(t(Q_i) %*% solve(S, (P - drop(Q %*% beta))[i])), information = t(Q_i) %*% solve(S, Q_i))
  })
  adds <- sandwich(parts, C); C <- tcrossprod(adds)

#@ clusters df
used <- !is.na(<<y>>)  # between participants: people less coefficients, or Welch's for the arms' sizes if fewer
n <- tapply(d$id[used], d$active[used], function(id) length(unique(id)))
df <- min(sum(n) - ncol(design(d$day, d$active, covariate)), floor(sum(1 / n)^2 / sum(1 / n^2 / (n - 1)) + 1e-9))

#@ likelihood
library(lme4)
# The columns are made orthonormal for the fit and turned back: the same model, numerically at ease.
# ketadash adds quadrature nodes until -2 log L settles; lme4 keeps to nAGQ: 25 are enough unless sigma is above 4.
<<name>> <- function(y) {
  use <- !is.na(y); q <- qr(design(d$day, d$active, covariate)[use, ])
  frame <- data.frame(y = y[use], id = factor(d$id[use])); frame$Q <- qr.Q(q)
  m <- glmer(y ~ 0 + Q + (1 | id), frame, family = binomial, nAGQ = <<nodes>>,
             control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-10, optCtrl = list(maxfun = 1e5)))
  deviance <- update(m, devFunOnly = TRUE)  # -2 log L of (sigma, coefficients), up to a constant
  at <- c(getME(m, "theta"), fixef(m)); k <- length(at)
  V <- solve(numDeriv::hessian(deviance, at) / 2)  # observed information of all, sigma too (vcov(m) is not)
<<sandwich>>  turn <- diag(k); turn[-1, -1] <- solve(qr.R(q))
  list(theta = drop(turn %*% at), V = turn %*% V %*% t(turn), minus2ll = -2 * as.numeric(logLik(m))<<adds>>)
}

#@ pseudo ar1
library(nlme)
# GLIMMIX's RSPL: the outcome is linearised about the current fit, a weighted linear mixed model with AR(1) days
# and a scale is fitted to it by REML, and so on. (MASS::glmmPQL does the same with ML, so its answer differs.)
fit <- function(y) {
  use <- !is.na(y); q <- qr(design(d$day, d$active, covariate)[use, ])
  frame <- data.frame(id = factor(d$id[use]), day = as.integer(d$day[use])); frame$Q <- qr.Q(q); y <- y[use]
  eta <- qlogis((y + 0.5) / 2)
  for (round in 1:200) {
    mu <- plogis(eta); w <- mu * (1 - mu); frame$P <- eta + (y - mu) / w; frame$v <- 1 / w
    m <- lme(P ~ 0 + Q, frame, random = ~ 1 | id, correlation = corAR1(form = ~ day | id),
             weights = varFixed(~ v), control = lmeControl(msTol = 1e-12, tolerance = 1e-10, returnObject = TRUE))
    old <- eta; eta <- as.numeric(fitted(m, level = 1))
    if (max(abs(eta - old)) < 1e-6) break
  }
  s <- as.numeric(VarCorr(m)[1, 2]); phi <- m$sigma^2; beta <- fixef(m); C <- vcov(m)
  rho <- as.numeric(coef(m$modelStruct$corStruct, unconstrained = FALSE))
<<sandwich>>  p <- ncol(frame$Q); turn <- solve(qr.R(q)); V <- matrix(0, p + 1, p + 1)  # sigma is taken as known
  V[-1, -1] <- turn %*% C %*% t(turn)
  list(theta = c(s, turn %*% beta), V = V, scale = phi, rho = rho<<adds>>)
}

#@ pseudo
# GLIMMIX's RSPL with the scale at 1: the outcome is linearised about the current fit, a linear mixed model with
# known weights is fitted to it by REML, and so on. (MASS::glmmPQL frees the scale and uses ML; lme with a fixed
# sigma and REML is wrong. So the REML of a random intercept is written out.)
fit <- function(y) {
  use <- !is.na(y); X <- design(d$day, d$active, covariate)[use, ]; y <- y[use]
  g <- match(d$id[use], unique(d$id[use])); q <- qr(X); Q <- qr.Q(q)
  reml <- function(s, P, w) {  # s the random intercept's SD; V^-1 person by person
    k <- s^2 / (1 + s^2 * drop(rowsum(w, g)))
    QwQ <- crossprod(Q, w * Q) - crossprod(sqrt(k) * rowsum(w * Q, g))
    QwP <- crossprod(Q, w * P) - crossprod(k * rowsum(w * Q, g), rowsum(w * P, g))
    b <- solve(QwQ, QwP); r <- P - drop(Q %*% b)
    value <- sum(w * r^2) - sum(k * rowsum(w * r, g)^2) + sum(log1p(s^2 * rowsum(w, g))) + log(det(QwQ))
    list(value = value, beta = drop(b), V = solve(QwQ), intercepts = drop(k * rowsum(w * r, g)))
  }
  eta <- qlogis((y + 0.5) / 2)
  for (round in 1:500) {
    mu <- plogis(eta); w <- mu * (1 - mu); P <- eta + (y - mu) / w
    s <- optimize(function(s) reml(s, P, w)$value, c(0, 30), tol = 1e-10)$minimum
    m <- reml(s, P, w); old <- eta; eta <- drop(Q %*% m$beta) + m$intercepts[g]
    if (max(abs(eta - old)) < 1e-8) break
  }
  C <- m$V
<<sandwich>>  p <- ncol(X); turn <- solve(qr.R(q)); V <- matrix(0, p + 1, p + 1)  # sigma is taken as known
  V[-1, -1] <- turn %*% C %*% t(turn)
  list(theta = c(s, turn %*% m$beta), V = V<<adds>>)
}

#@ population
z <- seq(-9, 9, by = 0.02); weight <- dnorm(z) / sum(dnorm(z))  # the random intercept is integrated out
each <- function(theta, arm, day) {  # everyone randomised, had all been in one arm
  eta <- design(rep(day, nrow(people)), arm, <<x>>) %*% theta[-1]
  drop(plogis(outer(drop(eta), theta[1] * z, "+")) %*% weight)
}

#@ typical
each <- function(theta, arm, day)  # a participant with random intercept 0, mean baseline
  plogis(sum(design(day, arm, <<x>>) * theta[-1]))

#@ gap
one <- function(m) {  # estimate and variance from one fit
  f <- function(theta) each(theta, 1, last) - each(theta, 0, last)
  slope <- numDeriv::grad(function(theta) mean(f(theta)), m$theta); own <- f(m$theta); n <- length(own)
<<variance>>
  c(mean(own), variance)
}

#@ variance typical
  variance <- slope %*% m$V %*% slope

#@ variance
  variance <- slope %*% m$V %*% slope + var(own) / n  # other people might have been in the trial

#@ variance clustered
  adds <- numeric(n); adds[m$who] <- slope %*% m$adds  # of each: to the model, and as other people might have been in it
  variance <- sum((adds + (own - mean(own)) / sqrt(n * (n - 1)))^2)

#@ adds likelihood
, adds = turn %*% adds, who = sort(unique(d$id[use]))

#@ adds pseudo
, adds = rbind(0, turn %*% adds), who = sort(unique(d$id[use]))

#@ slope
contrast <- <<contrast>>  # on <<columns>>
one <- function(m) c(sum(contrast * m$theta[-1]), contrast %*% m$V[-1, -1] %*% contrast)

#@ df
used <- !is.na(<<y>>)  # containment: rows less the rank of [X Z]
df <- sum(used) - qr(cbind(design(d$day, d$active, covariate), model.matrix(~ 0 + factor(d$id)))[used, ])$rank

#@ pool
pool <- function(each, complete) {  # Rubin's rules, Barnard and Rubin's degrees of freedom
  m <- nrow(each); B <- if (m > 1) var(each[, 1]) else 0; total <- mean(each[, 2]) + (1 + 1 / m) * B
  share <- (1 + 1 / m) * B / total
  df <- if (share < 1e-24) complete else (m - 1) / share^2
  if (share >= 1e-24 && is.finite(complete)) {
    seen <- (complete + 1) / (complete + 3) * complete * (1 - share); df <- df * seen / (df + seen)
  }
  list(estimate = mean(each[, 1]), se = sqrt(total), df = df)
}
r <- pool(t(sapply(sets, function(y) one(fit(y)))), df)

#@ single
r <- one(fit(y)); r <- list(estimate = r[1], se = sqrt(r[2]), df = df)

#@ half
half <- qt(1 - (1 - <<level>>) / 2, r$df) * r$se
p <- 2 * pt(-abs(r$estimate / r$se), r$df)

#@ fit
m <- fit(y); n <- length(unique(d$id[!is.na(y)])); k <- <<k>>
answer <- c(minus2ll = m$minus2ll, aic = m$minus2ll + 2 * k, bic = m$minus2ll + k * log(n))

#@ residual
m <- fit(y)
answer <- c(rho = m$rho, scale = m$scale)

#@ residual drawn
answer <- rowMeans(sapply(lapply(sets, fit), function(m) c(rho = m$rho, scale = m$scale)))

#@ answer difference
answer <- c(estimate = r$estimate, low = max(r$estimate - half, -1), high = min(r$estimate + half, 1))

#@ answer modelled nnt
answer <- c(difference = r$estimate, low = max(r$estimate - half, -1), high = min(r$estimate + half, 1),
            nnt = 1 / r$estimate)

#@ answer coefficient
answer <- c(estimate = r$estimate, se = r$se, p = p, df = r$df)

#@ answer test
answer <- c(F = (r$estimate / r$se)^2, df = r$df, p = p)

#@ answer odds ratio
answer <- c(estimate = exp(r$estimate), low = exp(r$estimate - half), high = exp(r$estimate + half), p = p)

#@ draws
# Missing days are drawn <<m>> times from the model of the known days. R's random numbers are not ketadash's: the
# answers agree within Monte Carlo error, the closer the more imputations there are.
set.seed(<<seed>>); m <- <<m>>
known <- known_fit(y); sigma <- known$theta[1]; k <- length(known$theta)
shift <- ifelse(d$active == 1, <<shift_active>>, <<shift_control>>)  # log informative-missingness odds ratio
gone <- ave(ifelse(d$missing, -Inf, d$day), d$id, FUN = max) < d$day  # days after dropout
read <- <<read>>  # the arm in which a record is read
drawn <- <<drawn>>  # the arm in which missing days are drawn
near_zero <- sqrt(known$V[1, 1]) > sigma / 2  # then sigma is drawn as its square, else as its logarithm
scale <- c(if (near_zero) 2 * sigma else 1 / sigma, rep(1, k - 1))
root <- t(chol(known$V * outer(scale, scale))); grid <- seq(-8, 8, by = 0.02)
sets <- lapply(seq_len(m), function(i) {
  at <- c(if (near_zero) sigma^2 else log(sigma), known$theta[-1]) + drop(root %*% rnorm(k))
  s <- if (near_zero) sqrt(abs(at[1])) else exp(at[1])
  eta <- function(arm) drop(design(d$day, arm, covariate) %*% at[-1])
  record <- eta(read); there <- eta(drawn) + shift
  for (j in unique(d$id[d$missing])) {  # the random intercept, from its posterior given the own record
    log_density <- dnorm(grid, log = TRUE)
    for (l in which(d$id == j & !d$missing))
      log_density <- log_density + plogis((2 * y[l] - 1) * (record[l] + s * grid), log.p = TRUE)
    z <- sample(grid, 1, prob = exp(log_density - max(log_density)))
    fill <- d$id == j & d$missing
    y[fill] <- as.numeric(runif(sum(fill)) < plogis(there[fill] + s * z))
  }
  y
})

#@ throughout
tapply(y, d$id, function(v) if (any(v == 0, na.rm = TRUE)) 0 else if (anyNA(v)) NA else 1)

#@ last day
y[d$day == last]

#@ newcombe
wilson <- function(x, n) prop.test(x, n, conf.level = <<level>>, correct = FALSE)$conf.int
arm <- people$active; known <- !is.na(status)
e1 <- sum(status[known & arm == 1]); n1 <- sum(known & arm == 1)
e0 <- sum(status[known & arm == 0]); n0 <- sum(known & arm == 0)
p1 <- e1 / n1; p0 <- e0 / n0; w1 <- wilson(e1, n1); w0 <- wilson(e0, n0); gap <- p1 - p0
answer <- c(difference = gap, low = gap - sqrt((p1 - w1[1])^2 + (w0[2] - p0)^2),  # Newcombe 1998, method 10
            high = gap + sqrt((w1[2] - p1)^2 + (p0 - w0[1])^2), nnt = 1 / gap)
# DescTools::BinomDiffCI(e1, n1, e0, n0, conf.level = <<level>>, method = "score") gives the same interval

#@ pooled newcombe
# Wilson's limits pooled over the imputations (Lott & Reiter 2020), then Newcombe's square-and-add
wilson <- function(p, n) {
  m <- length(p); B <- if (m > 1) var(p) else 0; W <- mean(p * (1 - p)) / n
  share <- (1 + 1 / m) * B / (W + (1 + 1 / m) * B)
  t <- if (B == 0) qnorm(1 - (1 - <<level>>) / 2) else qt(1 - (1 - <<level>>) / 2, (m - 1) / share^2)
  c <- t^2 * (1 + if (B == 0) 0 else (1 + 1 / m) * B / W) / n; p <- mean(p)
  centre <- (2 * p + c) / (2 * (1 + c))
  centre + c(-1, 1) * sqrt(pmax(centre^2 - p^2 / (1 + c), 0))
}
status <- sapply(sets, function(y) <<status>>)
p1 <- colMeans(status[people$active == 1, , drop = FALSE]); n1 <- sum(people$active == 1)
p0 <- colMeans(status[people$active == 0, , drop = FALSE]); n0 <- sum(people$active == 0)
w1 <- wilson(p1, n1); w0 <- wilson(p0, n0); p1 <- mean(p1); p0 <- mean(p0); gap <- p1 - p0
answer <- c(difference = gap, low = max(gap - sqrt((p1 - w1[1])^2 + (w0[2] - p0)^2), -1),
            high = min(gap + sqrt((w1[2] - p1)^2 + (p0 - w0[1])^2), 1), nnt = 1 / gap)

#@ strip
failed <- is.na(status) | status == 0  # unknown counted as not
counts <- table(factor(people$active, 1:0), factor(!failed, c(TRUE, FALSE)))

#@ strip difference
answer <- c(difference = counts[1, 1] / sum(counts[1, ]) - counts[2, 1] / sum(counts[2, ]))

#@ strip p
answer <- c(p = fisher.test(counts)$p.value)

#@ completed
tail_known <- !d$missing[d$day == last]
answer <- c(completed = sum(tail_known[people$active == <<arm>>]), n = sum(people$active == <<arm>>))

#@ days in
days_in <- function(x, k, m) {  # such days that begin m days with at least k of them
  n <- ave(as.numeric(x), d$id, FUN = function(v) {
    s <- c(0, cumsum(v)); i <- seq_along(v); s[pmin(i + m, length(v) + 1)] - s[i]
  })
  x & n >= k
}

#@ weeks
weeks_of_use <- function(k) {  # the days that begin k weeks in a row with any use; weeks of 7 days from the first
  n <- (last - first + 1) %/% 7; week <- (d$day - first) %/% 7 + 1; whole <- week <= n
  in_week <- function(x) as.vector(tapply(x[whole], list(week[whole], d$id[whole]), any))
  used <- in_week(d$use | <<positive>>); told <- in_week(<<informed>>)
  w <- data.frame(id = rep(seq_len(nrow(people)), each = n), week = seq_len(n), missing = !used & !told)
  w$active <- people$active[w$id]
  y <- local({
    d <- w; y <- as.numeric(used)
    <<rule>>
    y
  })
  run <- ave(as.numeric(y %in% 1), w$id, FUN = function(v) {
    s <- c(0, cumsum(v)); i <- seq_len(n); ifelse(i + k <= n + 1, s[pmin(i + k, n + 1)] - s[i], 0)
  })
  begins <- w[run >= k, ]
  paste(d$id, d$day) %in% paste(begins$id, first + 7 * (begins$week - 1))
}

#@ times
library(survival)
d$event_day <- <<event_day>>
first_of <- function(x) if (length(x)) min(x) else NA
by_person <- function(rows) split(d$day[rows], factor(d$id[rows], people$id))
hit <- sapply(by_person(d$event_day), first_of)
known <- sapply(by_person(!d$missing), function(x) if (length(x)) max(x) else first - 1)  # the last known day
<<rule>>
time <- day - (first - 1); arm <- people$active

#@ curves
curve <- function(k)
  survfit(Surv(time, status == 1) ~ 1, subset = arm == k, conf.type = "log-log", conf.int = <<level>>)

#@ states
curve <- function(k)  # Aalen-Johansen: relapse, with dropout as another state
  survfit(Surv(time, factor(status, 0:2)) ~ 1, subset = arm == k, influence = TRUE)

#@ logrank
test <- survdiff(Surv(time, status == 1) ~ arm<<strata>>)
answer <- c(chi2 = test$chisq, p = pchisq(test$chisq, 1, lower.tail = FALSE))

#@ logrank competing
test <- cmprsk::cuminc(time, status, arm<<strata>>)$Tests[1, ]  # Gray's test of relapse
answer <- c(chi2 = test[["stat"]], p = test[["pv"]])

#@ cox
fit <- coxph(Surv(time, status == 1) ~ arm<<strata>>, ties = "efron",
             control = coxph.control(eps = 1e-12))
row <- summary(fit, conf.int = <<level>>)
answer <- c(hr = row$conf.int[1], low = row$conf.int[3], high = row$conf.int[4],
            p = row$coefficients[1, "Pr(>|z|)"])

#@ zph
fit <- coxph(Surv(time, status == 1) ~ arm<<strata>>, ties = "efron",
             control = coxph.control(eps = 1e-12))
answer <- cox.zph(fit, transform = "km")$table["arm", c("chisq", "p")]

#@ subgroup
relapsed <- as.numeric(status == 1); group <- as.character(people$subgroup); inside <- group %in% <<level>>
cells <- c(sum(relapsed[inside & arm == 1]), sum(1 - relapsed[inside & arm == 1]),
           sum(relapsed[inside & arm == 0]), sum(1 - relapsed[inside & arm == 0]))

#@ subgroup ratio
if (any(cells == 0)) cells <- cells + 0.5
log_ratio <- log(cells[1] * cells[4] / (cells[2] * cells[3]))
answer <- exp(log_ratio + c(ratio = 0, low = -1, high = 1) * qnorm((1 + <<confidence>>) / 2) * sqrt(sum(1 / cells)))

#@ subgroup difference
wilson <- function(e, n) as.numeric(suppressWarnings(prop.test(e, n, conf.level = <<confidence>>, correct = FALSE))$conf.int)
a <- wilson(cells[1], sum(cells[1:2])); b <- wilson(cells[3], sum(cells[3:4]))
p1 <- cells[1] / sum(cells[1:2]); p0 <- cells[3] / sum(cells[3:4])
answer <- c(difference = p1 - p0, low = p1 - p0 - sqrt((p1 - a[1])^2 + (b[2] - p0)^2),
            high = p1 - p0 + sqrt((a[2] - p1)^2 + (p0 - b[1])^2))

#@ subgroup test
relapsed <- as.numeric(status == 1); group <- as.character(people$subgroup)
share <- tapply(relapsed, group, mean); enough <- apply(table(group, arm) >= 5, 1, all)
used <- group %in% names(share)[share > 0 & share < 1 & enough[names(share)]]  # levels that tell of a ratio
fit <- function(f) glm(f, binomial, subset = used, control = glm.control(epsilon = 1e-14, maxit = 100))
a <- anova(fit(relapsed ~ group + arm), fit(relapsed ~ group * arm), test = "LRT")
answer <- c(chi2 = a$Deviance[2], p = a[["Pr(>Chi)"]][2])

#@ rmst
mean_of <- function(k) summary(curve(k), rmean = <<tau>> - (first - 1))$table[c("rmean", "se(rmean)")]
a <- mean_of(1); b <- mean_of(0); gap <- a[[1]] - b[[1]]; se <- sqrt(a[[2]]^2 + b[[2]]^2)

#@ rmst competing
mean_of <- function(k) {  # the area under 1 - incidence, by hand
  f <- curve(k); tau <- <<tau>> - (first - 1)
  t <- c(0, f$time[f$time > 0 & f$time < tau]); at <- findInterval(t, f$time)
  cif <- c(0, f$pstate[, 2])[at + 1]; width <- diff(c(t, tau))
  u <- f$influence.pstate[, at + 1, 2]  # its first row is time 0
  c(tau - sum(cif * width), sqrt(sum(drop(u %*% width)^2)))
}
a <- mean_of(1); b <- mean_of(0); gap <- a[1] - b[1]; se <- sqrt(a[2]^2 + b[2]^2)

#@ incidence
at_last <- function(k) {
  s <- summary(curve(k), times = last - (first - 1), extend = TRUE); c(1 - s$surv, s$std.err)
}
a <- at_last(1); b <- at_last(0)

#@ incidence competing
at_last <- function(k) {
  s <- summary(curve(k), times = last - (first - 1), extend = TRUE); c(s$pstate[2], s$std.err[2])
}
a <- at_last(1); b <- at_last(0)

#@ square and add
# Newcombe 1998, method 10; an arm counts for as many participants as its standard error is worth
worth <- function(f, k) if (isTRUE(f[2] > 0)) f[1] * (1 - f[1]) / f[2]^2 else
  sum(people$active == k) - sum(people$active == k & status == 0 & time < last - (first - 1))
wilson <- function(p, n) {
  z2 <- qnorm(1 - (1 - <<level>>) / 2)^2 / n; (p + z2 / 2 + c(-1, 1) * sqrt(z2 * (p * (1 - p) + z2 / 4))) / (1 + z2)
}
wa <- wilson(a[1], worth(a, 1)); wb <- wilson(b[1], worth(b, 0)); gap <- a[1] - b[1]
answer <- c(estimate = gap, low = gap - sqrt((a[1] - wa[1])^2 + (wb[2] - b[1])^2),
            high = gap + sqrt((wa[2] - a[1])^2 + (b[1] - wb[1])^2))

#@ median
answer <- c(median = summary(curve(<<arm>>))$table[["median"]] + (first - 1))

#@ median competing
f <- curve(<<arm>>); answer <- c(median = f$time[f$pstate[, 2] >= 0.5][1] + (first - 1))

#@ normal
half <- qnorm(1 - (1 - <<level>>) / 2) * se
answer <- c(estimate = gap, low = gap - half, high = gap + half<<p>>)

#@ shuffled all
shuffle <- sample

#@ shuffled within
shuffle <- function(a) {  # within each stratum
  for (own in split(seq_along(a), people$stratum)) a[own] <- a[own][sample.int(length(own))]
  a
}

#@ shuffled
share <- tapply(y, d$id, mean, na.rm = TRUE); share[is.nan(share)] <- NA  # each participant's share of days
active <- people$active
t_of <- function(a) unname(t.test(share[a == 1], share[a == 0])$statistic)  # Welch's t
<<shuffle>>
set.seed(<<seed>>)  # R's shuffles are others than ketadash's: p agrees within its Monte Carlo error
drawn <- replicate(<<shuffles>>, t_of(shuffle(active)))
observed <- t_of(active)
p <- (1 + sum(abs(drawn) >= abs(observed) * (1 - 1e-6))) / (1 + length(drawn))
answer <- c(statistic = observed, p = p, se = sqrt(p * (1 - p) / length(drawn)))
