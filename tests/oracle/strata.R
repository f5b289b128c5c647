# Oracle for strata and further covariates: Rscript tests/oracle/strata.R, from the repository root.
# Writes tests/oracle/datasets/strata_people.csv (seeded, nobody's) and tests/oracle/strata.json.
suppressPackageStartupMessages({library(survival); library(jsonlite); library(lme4)})

set.seed(11)
n <- 120
p <- data.frame(id = 1:n, active = rep(0:1, n / 2), site = sample(1:5, n, replace = TRUE), age = round(rnorm(n, 40, 11)))
p$active[p$site == 5] <- 1  # a stratum of one arm
p$sex <- ifelse(runif(n) < 0.4, "F", "M")
lp <- -0.5 + 0.7 * p$active + 0.4 * (p$site == 2) - 0.6 * (p$site == 3) + 0.03 * (p$age - 40)
p$good <- as.integer(runif(n) < plogis(lp))
p$time <- pmin(ceiling(rexp(n, 0.08 * exp(-0.5 * p$active + 0.3 * (p$site == 3)))), 28)
p$event <- as.integer(p$time < 28 & runif(n) < 0.85)
p$share <- round(plogis(lp + rnorm(n)) * 28) / 28  # of days: many ties
write.csv(p, "tests/oracle/datasets/strata_people.csv", row.names = FALSE, quote = FALSE)

sd1 <- survdiff(Surv(time, event) ~ active + strata(site), p)
cox <- function(ties) {
  f <- coxph(Surv(time, event) ~ active + strata(site), p, ties = ties, control = coxph.control(eps = 1e-12))
  s <- summary(f, conf.int = 0.9)
  list(log_hr = unname(coef(f)), se = sqrt(vcov(f)[1]), low = s$conf.int[3], high = s$conf.int[4],
       p = s$coefficients[1, "Pr(>|z|)"])
}

# Cochran-Mantel-Haenszel: the test by mantelhaen.test, the risk difference and Sato's variance written out
both <- p[p$site != 5, ]  # mantelhaen.test refuses a stratum of one arm, which tells nothing
mh <- mantelhaen.test(table(both$active, both$good, both$site), correct = FALSE)
parts <- sapply(split(both, both$site), function(s) {
  a <- sum(s$good[s$active == 1]); n1 <- sum(s$active == 1); c <- sum(s$good[s$active == 0]); n0 <- sum(s$active == 0)
  N <- n1 + n0
  c(top = (a * n0 - c * n1) / N, w = n1 * n0 / N,
    P = (n1^2 * c - n0^2 * a + n1 * n0 * (n0 - n1) / 2) / N^2, Q = (a * (n0 - c) + c * (n1 - a)) / (2 * N))
})
rd <- sum(parts["top", ]) / sum(parts["w", ])
sato <- (rd * sum(parts["P", ]) + sum(parts["Q", ])) / sum(parts["w", ])^2

# van Elteren: Wilcoxon's rank sum within strata, each weighted by 1 / (N + 1), ties by mid-ranks
elteren <- rowSums(sapply(split(both, both$site), function(s) {
  N <- nrow(s); n1 <- sum(s$active); r <- rank(s$share)
  c(score = (sum(r[s$active == 1]) - n1 * (N + 1) / 2) / (N + 1),
    variance = n1 * (N - n1) / (N * (N - 1)) * sum((r - (N + 1) / 2)^2) / (N + 1)^2)
}))

# g-computation: a logistic regression, everybody in either arm in turn, and the variance of the stacked estimating
# equations, whose derivative is numerical
standardised <- function(formula) {
  X <- function(a) model.matrix(formula, transform(p, active = a)); Z <- model.matrix(formula, p)
  b <- coef(glm(update(formula, good ~ .), binomial, p, control = list(epsilon = 1e-14)))
  f <- function(t) {
    beta <- t[-(1:2)]
    cbind(plogis(drop(X(0) %*% beta)) - t[1], plogis(drop(X(1) %*% beta)) - t[2],
          Z * (p$good - plogis(drop(Z %*% beta))))
  }
  at <- c(mean(plogis(drop(X(0) %*% b))), mean(plogis(drop(X(1) %*% b))), b)
  A <- solve(numDeriv::jacobian(function(t) colMeans(f(t)), at)); B <- crossprod(f(at)) / n
  V <- A %*% B %*% t(A) / n; g <- c(-1, 1)
  list(control = at[1], active = at[2], difference = at[2] - at[1], se = sqrt(drop(g %*% V[1:2, 1:2] %*% g)),
       se_active = sqrt(V[2, 2]), coefficients = unname(b))
}

# the mixed model with a class and a number beside the baseline
d <- read.csv("tests/oracle/datasets/trial40.csv")
d$site <- factor(d$id %% 3); d$x <- (d$id * 7) %% 11
m <- glmer(y ~ day * arm + base + site + x + (1 | id), d, family = binomial, nAGQ = 25,
           control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12, optCtrl = list(maxfun = 1e6)))

write_json(list(
  logrank = list(chi2 = sd1$chisq, p = pchisq(sd1$chisq, 1, lower.tail = FALSE)),
  cox = cox("efron"),
  cmh = list(chi2 = unname(mh$statistic), p = mh$p.value, difference = rd, se = sqrt(sato)),
  elteren = list(z = elteren[["score"]] / sqrt(elteren[["variance"]])),
  standardised = list(alone = standardised(~ active), site_age = standardised(~ active + factor(site) + age),
                      all = standardised(~ active + factor(site) + age + sex)),
  glmer = list(terms = names(fixef(m)), estimates = unname(fixef(m)), sigma = unname(getME(m, "theta")),
               minus2ll = -2 * as.numeric(logLik(m))),
  session = capture.output(sessionInfo())
), "tests/oracle/strata.json", auto_unbox = TRUE, digits = 15, pretty = TRUE)
