# Oracle for each participant's endpoints: Rscript tests/oracle/endpoints.R, from the repository root.
# Writes tests/oracle/endpoints.json.  `sample`: every endpoint read off the sample trial's files here, person by person,
# with missing days as use and left out; t.test, Newcombe from prop.test's Wilson limits, Cohen's h by the formula of
# pwr::ES.h, negative binomial regression with sandwich::vcovHC(HC1), ecdf for the responder curve and wilcox.test for its
# test and shift.
# `rates`, `ranks`: the kernels on data made here.
suppressPackageStartupMessages({library(jsonlite); library(MASS); library(sandwich)})
set.seed(20261129)

es_h <- function(p1, p0) 2 * asin(sqrt(p1)) - 2 * asin(sqrt(p0))
wilson <- function(e, n) suppressWarnings(prop.test(e, n, correct = FALSE)$conf.int)
newcombe <- function(e1, n1, e0, n0) {
  p1 <- e1 / n1; p0 <- e0 / n0; a <- wilson(e1, n1); b <- wilson(e0, n0); d <- p1 - p0
  c(d, d - sqrt((p1 - a[1])^2 + (b[2] - p0)^2), d + sqrt((a[2] - p1)^2 + (p0 - b[1])^2))
}
# On the sample's totals glm.nb's own iteration runs away (theta 3e16, NaN warnings, log-likelihood 0), so theta is found
# by optimize on the profile likelihood and the rest by glm at that theta; where glm.nb converges the two agree, as checked.
rate_ratio <- function(y, days, active) {
  at <- function(theta) suppressWarnings(glm(y ~ active + offset(log(days)), family = negative.binomial(theta),
    control = glm.control(epsilon = 1e-14, maxit = 500), start = c(log(sum(y) / sum(days)), 0)))
  loglik <- function(lt) { t <- exp(lt); m <- fitted(at(t))
    sum(lgamma(y + t) - lgamma(t) + t * log(t / (t + m)) + ifelse(y > 0, y * log(m / (t + m)), 0)) }
  theta <- exp(optimize(loglik, c(-6, 10), maximum = TRUE, tol = 1e-9)$maximum); f <- at(theta)
  own <- try(suppressWarnings(glm.nb(y ~ active + offset(log(days)), control = glm.control(maxit = 500))), silent = TRUE)
  if (!inherits(own, "try-error") && own$theta < 1e6)
    stopifnot(abs(own$theta / theta - 1) < 1e-3, abs(coef(own) - coef(f)) < 1e-4)
  se <- sqrt(diag(vcovHC(f, type = "HC1")))[["active"]]; b <- coef(f)[["active"]]; half <- qt(.975, length(y) - 2) * se
  list(estimate = exp(b), low = exp(b - half), high = exp(b + half), p = 2 * pt(-abs(b / se), length(y) - 2),
       theta = theta, se = se, by_glm_nb = !inherits(own, "try-error") && own$theta < 1e6)
}
rank_test <- function(x, y) {
  w <- suppressWarnings(wilcox.test(x, y, exact = FALSE, conf.int = TRUE))
  list(statistic = unname(w$statistic), p = w$p.value, median = median(outer(x, y, `-`)), low = w$conf.int[1],
       high = w$conf.int[2])
}

# --- the sample ------------------------------------------------------------------------------------------------------
days <- read.csv("sample_data/days.csv"); people <- read.csv("sample_data/participants.csv")
visits <- read.csv("sample_data/visits.csv")
measures <- setdiff(names(visits), c("participant_id", "day"))
visits <- visits[rowSums(!is.na(visits[measures])) > 0, c("participant_id", "day", "etg_positive")]
visits <- rbind(visits, days[!is.na(days$etg_positive), c("participant_id", "day", "etg_positive")])
visits <- aggregate(list(positive = visits$etg_positive %in% 1), visits[c("participant_id", "day")], any)
window <- 1:21; limits <- list(M = c(0, 40, 60, 100), F = c(0, 20, 40, 60)); level <- function(g, l) sum(g > l)
decides <- function(bad) if (any(bad, na.rm = TRUE)) 0 else if (anyNA(bad)) NA else 1  # bad: NA where open

one <- function(id, rule) {
  who <- people[people$participant_id == id, ]; own <- days[days$participant_id == id, ]
  amount <- own$drinks[match(window, own$day)]; missing <- is.na(amount)
  visit <- visits[visits$participant_id == id, ]; visit <- visit[order(visit$day), ]
  since <- c(-Inf, head(visit$day, -1)); tested <- rep(FALSE, length(window))
  for (k in which(visit$positive)) tested <- tested | (window > since[k] & window <= visit$day[k])
  unmeasured <- tested & !missing & amount == 0
  abstinent <- !missing & amount == 0 & !unmeasured
  heavy <- !missing & amount > ifelse(who$sex == "F", 3, 4)
  fill <- if (rule == "nonabstinent") c(FALSE, TRUE) else c(NA, NA)
  abstinent[missing] <- fill[1]; heavy[missing] <- fill[2]; known <- amount[!missing & !unmeasured]
  before <- mean(own$drinks[own$day < 0], na.rm = TRUE)
  grams <- if (rule == "nonabstinent" && any(missing)) Inf else 14 * mean(known)
  after <- if (is.nan(grams)) NA else level(grams, limits[[who$sex]])
  if (!is.na(after) && after == 0 && any(unmeasured)) after <- 1
  runs <- rle(abstinent %in% TRUE); longest <- max(0, runs$lengths[runs$values])
  if (all(is.na(abstinent))) longest <- NA
  first <- level(14 * before, limits[[who$sex]])
  last <- function(k) decides(!tail(abstinent, k))
  data.frame(id = id, active = as.numeric(who$arm == "ketamine"), percent_days_abstinent = mean(abstinent, na.rm = TRUE),
    percent_heavy_days = mean(heavy, na.rm = TRUE), drinks_per_day = mean(known),
    drinks_per_drinking_day = mean(known[known > 0]), total_drinks = if (length(known)) sum(known) else NA,
    no_heavy_day = decides(heavy), abstinent_all_days = decides(!abstinent), abstinent_last_7_days = last(7),
    longest_abstinence = longest, who_reduction_1 = if (first < 1) -1 else as.numeric(first - after >= 1),
    who_reduction_2 = if (first < 2) -1 else as.numeric(first - after >= 2), known = length(known), before = first,
    after = after)
}
counts <- c("no_heavy_day", "abstinent_all_days", "abstinent_last_7_days", "who_reduction_1", "who_reduction_2")
means <- c("percent_days_abstinent", "percent_heavy_days", "drinks_per_day", "drinks_per_drinking_day",
           "longest_abstinence")
of_rule <- function(rule) {
  d <- do.call(rbind, lapply(people$participant_id, one, rule = rule))
  d[] <- lapply(d, function(x) { x[is.nan(x)] <- NA; x })
  arm <- function(x, a) x[d$active == a]
  result <- list()
  for (key in means) {
    x <- arm(d[[key]], 1); y <- arm(d[[key]], 0); unknown <- c(sum(is.na(y)), sum(is.na(x)))
    x <- x[!is.na(x)]; y <- y[!is.na(y)]; t <- t.test(x, y)
    s <- sqrt(((length(x) - 1) * var(x) + (length(y) - 1) * var(y)) / (length(x) + length(y) - 2))
    result[[key]] <- list(n = c(length(y), length(x)), unknown = unknown, value = c(mean(y), mean(x)), sd = c(sd(y), sd(x)),
      estimate = mean(x) - mean(y), low = t$conf.int[1], high = t$conf.int[2], p = t$p.value, d = (mean(x) - mean(y)) / s)
  }
  for (key in counts) {
    x <- arm(d[[key]], 1); y <- arm(d[[key]], 0)
    not_eligible <- c(sum(y %in% -1), sum(x %in% -1)); x <- x[!(x %in% -1)]; y <- y[!(y %in% -1)]
    unknown <- c(sum(is.na(y)), sum(is.na(x))); x <- x[!is.na(x)]; y <- y[!is.na(y)]
    gap <- newcombe(sum(x), length(x), sum(y), length(y))
    result[[key]] <- list(n = c(length(y), length(x)), unknown = unknown, not_eligible = not_eligible,
      events = c(sum(y), sum(x)), value = c(mean(y), mean(x)), estimate = gap[1], low = gap[2], high = gap[3],
      h = es_h(mean(x), mean(y)))
  }
  k <- d$known > 0
  result$total_drinks <- c(list(n = c(sum(k & d$active == 0), sum(k & d$active == 1)),
    value = c(mean(arm(d$total_drinks, 0), na.rm = TRUE), mean(arm(d$total_drinks, 1), na.rm = TRUE))),
    rate_ratio(d$total_drinks[k], d$known[k], d$active[k]))
  curve <- function(key, worst) {
    v <- ifelse(is.na(d[[key]]), worst, d[[key]]); at <- sort(unique(c(v, 0, 1)))
    c(list(cut = at, control = ecdf(arm(v, 0))(at), active = ecdf(arm(v, 1))(at)), rank_test(arm(v, 1), arm(v, 0)))
  }
  flow <- function(a) { x <- d[d$active == a, ]
    unclass(table(factor(x$before, 0:4), factor(ifelse(is.na(x$after), 5, x$after), 0:5))) }
  reached <- function(keys) apply(sapply(keys, function(key) d[[key]] %in% 1), 1, any)
  open <- function(keys) apply(sapply(keys, function(key) is.na(d[[key]])), 1, any)
  rungs <- c("abstinent_all_days", "no_heavy_day", "who_reduction_2", "who_reduction_1")
  ladder <- lapply(seq_along(rungs), function(j) { r <- reached(rungs[1:j]); known <- r | !open(rungs[1:j])
    list(key = rungs[j], n = c(sum(known & d$active == 0), sum(known & d$active == 1)),
         events = c(sum(r & d$active == 0), sum(r & d$active == 1))) })
  list(endpoints = result, curve = curve("percent_heavy_days", 1), flow = list(control = flow(0), active = flow(1)),
       ladder = ladder)
}

# --- the kernels -----------------------------------------------------------------------------------------------------
made <- lapply(list(c(17, 23, 0.8), c(40, 38, 3), c(200, 190, 0.4), c(6, 9, 1.5)), function(k) {
  active <- rep(1:0, k[1:2]); days <- sample(3:28, length(active), TRUE)
  y <- round(rnbinom(length(active), size = k[3], mu = days * ifelse(active == 1, 1, 2)) + 0.1 * runif(length(active)), 2)
  list(y = y, days = days, active = active, right = rate_ratio(y, days, active))
})
ranked <- lapply(list(c(17, 23, 21), c(60, 55, 28), c(9, 12, 1e6)), function(k) {
  x <- round(rbeta(k[1], 1, 2) * k[3]) / k[3]; y <- round(rbeta(k[2], 2, 1) * k[3]) / k[3]
  list(x = x, y = y, right = rank_test(x, y))
})
write(toJSON(list(sample = list(nonabstinent = of_rule("nonabstinent"), missing = of_rule("missing")), rates = made,
  ranks = ranked, session = capture.output(sessionInfo())), digits = NA, auto_unbox = TRUE, pretty = TRUE),
  "tests/oracle/endpoints.json")
