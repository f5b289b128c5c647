# glmer(nAGQ = 25) and an RSPL loop around nlme::lme on the rows that engines.py wrote, timed; prints JSON.
suppressPackageStartupMessages({library(lme4); library(nlme); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
repeats <- as.integer(args[2])
timed <- function(run) {
  seconds <- numeric(repeats)
  for (k in seq_len(repeats)) seconds[k] <- system.time(fit <- run(), gcFirst = TRUE)[["elapsed"]]
  list(seconds = seconds, fit = fit)
}

d <- read.csv(file.path(args[1], "abstinence.csv"))
# scaled, as glmer asks for: in raw units it warns and takes longer
d <- transform(d, t = (day - mean(day)) / 10, b = as.numeric(scale(covariate)))
g <- timed(function() glmer(y ~ t + I(t^2) + arm + t:arm + b + (1 | id), d, binomial, nAGQ = 25,
                            control = glmerControl(optimizer = "bobyqa")))

h <- read.csv(file.path(args[1], "heavy.csv"))
h <- transform(h, id = factor(id), t = (day - mean(day)) / 10, b = as.numeric(scale(covariate)))
rspl <- function() {
  eta <- predict(glm(y ~ t * arm + b, binomial, h)); old <- Inf; rho <- 0.1
  control <- lmeControl(maxIter = 200, msMaxIter = 300, msMaxEval = 2000, tolerance = 1e-10, msTol = 1e-12)
  for (iter in 1:50) {
    mu <- plogis(eta); w <- mu * (1 - mu); h$P <- eta + (h$y - mu) / w; h$invwt <- 1 / w
    fit <- lme(P ~ t * arm + b, h, ~ 1 | id, corAR1(rho, form = ~ day | id), varFixed(~ invwt), method = "REML",
               control = control)
    eta <- as.numeric(fitted(fit))
    rho <- as.numeric(coef(fit$modelStruct$corStruct, unconstrained = FALSE))
    new <- c(fixef(fit), rho, fit$sigma^2)
    if (max(abs(new - old) / (abs(new) + 1e-3)) < 1e-6) break
    old <- new
  }
  list(rho = rho, phi = fit$sigma^2, rounds = iter)
}
r <- tryCatch(timed(rspl), error = function(e) list(error = conditionMessage(e)))

cat(toJSON(list(
  versions = list(R = as.character(getRversion()), lme4 = as.character(packageVersion("lme4")),
                  nlme = as.character(packageVersion("nlme"))),
  glmer = list(seconds = g$seconds, minus2ll = -2 * as.numeric(logLik(g$fit))),
  nlme = if (is.null(r$error)) list(seconds = r$seconds, rho = r$fit$rho, phi = r$fit$phi, rounds = r$fit$rounds) else r
), auto_unbox = TRUE, digits = NA))
