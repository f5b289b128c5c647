# Oracle for ketadash/stats/adjusted_hazard.py: Rscript tests/oracle/adjusted_hazard.R, from the repository root (seconds).
# Writes tests/oracle/adjusted_hazard.json: coxph with covariates, Efron's ties, with and without strata(), on the 120
# made-up people of strata.R.
suppressPackageStartupMessages({library(survival); library(jsonlite)})
source("tests/oracle/glmm_common.R")
d <- read.csv("tests/oracle/datasets/strata_people.csv", stringsAsFactors = FALSE)
fits <- list(
  list(name = "age", formula = Surv(time, event) ~ active + age, strata = FALSE, columns = "age"),
  list(name = "age and sex within sites", formula = Surv(time, event) ~ active + age + sex + strata(site), strata = TRUE,
       columns = c("age", "sex")),
  list(name = "sites as a covariate", formula = Surv(time, event) ~ active + factor(site) + sex, strata = FALSE,
       columns = c("site", "sex")))
answers <- lapply(fits, function(one) {
  f <- coxph(one$formula, d, ties = "efron", control = coxph.control(eps = 1e-13, iter.max = 100))
  s <- summary(f, conf.int = 0.9)
  list(name = one$name, columns = I(one$columns), strata = one$strata, log_hr = unname(coef(f)[1]), se = sqrt(vcov(f)[1]),
       low = s$conf.int[1, 3], high = s$conf.int[1, 4], p = s$coefficients[1, "Pr(>|z|)"])
})
# a level without events: coxph warns that its coefficient may be infinite, and the arms' converges
d$rare <- as.integer(d$id %in% d$id[d$event == 0][1:6])
f <- suppressWarnings(coxph(Surv(time, event) ~ active + rare, d, ties = "efron", control = coxph.control(eps = 1e-13, iter.max = 100)))
write_oracle(list(script = "tests/oracle/adjusted_hazard.R", fits = answers,
                  rare = list(log_hr = unname(coef(f)[1]), se = sqrt(vcov(f)[1]))), "adjusted_hazard.json")
