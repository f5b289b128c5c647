# What R's packages take for the rows that engines.py wrote; prints JSON.
#   Rscript engines.R FOLDER NAME=REPEATS …     FOLDER/NAME_binary.csv, NAME_rspl.csv, NAME_relapse.csv where they exist
suppressPackageStartupMessages({library(lme4); library(nlme); library(survival); library(jsonlite)})
has_ordinal <- suppressPackageStartupMessages(requireNamespace("ordinal", quietly = TRUE))
args <- commandArgs(trailingOnly = TRUE)

timed <- function(data, peer, repeats, run, say) {
  seconds <- cpu <- numeric(repeats)
  found <- tryCatch({
    for (k in seq_len(repeats)) {
      took <- system.time(fit <- run(), gcFirst = TRUE)
      seconds[k] <- took[["elapsed"]]; cpu[k] <- took[["user.self"]] + took[["sys.self"]]
    }
    c(list(seconds = as.list(seconds), cpu = as.list(cpu)), say(fit))
  }, error = function(e) list(error = conditionMessage(e)))
  c(list(data = data, peer = peer), found)
}
# scaled, as glmer asks for: in raw units it warns and takes longer
scaled <- function(file) transform(read.csv(file), id = factor(id), t = (day - mean(day)) / 10,
                                   b = as.numeric(scale(covariate)))

binary <- function(name, repeats, d) {
  say <- function(f) list(minus2ll = -2 * as.numeric(logLik(f)))
  rows <- list(timed(name, "lme4::glmer, nAGQ = 25", repeats, function()
    glmer(y ~ t + I(t^2) + arm + t:arm + b + (1 | id), d, binomial, nAGQ = 25,
          control = glmerControl(optimizer = "bobyqa")), say))
  if (has_ordinal && nrow(d) < 2000) rows <- c(rows, list(timed(name, "ordinal::clmm, nAGQ = 25", repeats, function()
    ordinal::clmm(factor(y) ~ t + I(t^2) + arm + t:arm + b + (1 | id), data = d, nAGQ = 25), say)))
  rows
}

rspl <- function(h) {
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

relapse <- function(name, repeats, d) timed(name, "survival: survfit, survdiff, coxph", 10 * repeats, function() {
  survfit(Surv(time, event) ~ arm, d, conf.type = "log-log")
  survdiff(Surv(time, event) ~ arm, d)
  coxph(Surv(time, event) ~ arm, d)
}, function(f) list(log_hazard_ratio = as.numeric(coef(f))))

rows <- list()
for (asked in strsplit(args[-1], "=")) {
  name <- asked[1]; repeats <- as.integer(asked[2])
  file <- function(what) file.path(args[1], paste0(name, "_", what, ".csv"))
  if (file.exists(file("binary"))) rows <- c(rows, binary(name, repeats, scaled(file("binary"))))
  if (file.exists(file("rspl")))
    rows <- c(rows, list(timed(name, "loop around nlme::lme", repeats, local({h <- scaled(file("rspl")); function() rspl(h)}),
                               identity)))
  if (file.exists(file("relapse"))) rows <- c(rows, list(relapse(name, repeats, read.csv(file("relapse")))))
}
version <- function(package) as.character(packageVersion(package))
packages <- c("lme4", "nlme", "survival", if (has_ordinal) "ordinal")
cat(toJSON(list(versions = c(list(R = as.character(getRversion())), lapply(setNames(nm = packages), version)),
                rows = rows), auto_unbox = TRUE, digits = NA))
