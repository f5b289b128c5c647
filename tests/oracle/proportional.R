# Oracle for ketadash/stats/proportional_hazards.py: Rscript tests/oracle/proportional.R, from the repository root.
# Writes tests/oracle/proportional.json: cox.zph (survival), Kaplan-Meier times, on the data sets of survival.R.
suppressPackageStartupMessages({library(survival); library(jsonlite)})
names <- c("forty_by_21", "heavy_ties", "five_hundred", "censored_at_0", "uncensored", "six_mp")
one <- function(d, formula) {
  z <- cox.zph(coxph(formula, d, ties = "efron", eps = 1e-14, iter.max = 100), transform = "km", terms = FALSE)$table
  list(chi2 = z["active", "chisq"], p = z["active", "p"])
}
right <- lapply(setNames(names, names), function(name) {
  d <- read.csv(file.path("tests/oracle/datasets", paste0("surv_", name, ".csv")))
  d$stratum <- seq_len(nrow(d)) %% 3
  list(whole = one(d, Surv(time, event) ~ active), strata = one(d, Surv(time, event) ~ active + strata(stratum)))
})
# curves that cross: the hazard ratio turns round half way
set.seed(7); n <- 300; active <- rep(0:1, n / 2); early <- rexp(n, 0.03 * ifelse(active == 1, 0.4, 1))
late <- 20 + rexp(n, 0.03 * ifelse(active == 1, 2.5, 1)); t <- ceiling(ifelse(early < 20, early, late))
d <- data.frame(time = pmin(t, 84), event = as.integer(t <= 84), active = active)
right$crossing <- list(data = d, whole = one(d, Surv(time, event) ~ active))
write(toJSON(list(right = right, session = capture.output(sessionInfo())), digits = NA, auto_unbox = TRUE, pretty = TRUE),
      "tests/oracle/proportional.json")
