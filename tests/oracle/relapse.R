# Relapse by rules of several kinds on the public trial in examples/xbot, day by day and person by person, by hand;
# then Cox (Efron), log-rank and medians by the package survival.  Rscript tests/oracle/relapse.R
suppressPackageStartupMessages(library(survival))
args <- commandArgs(FALSE)
here <- dirname(sub("^--file=", "", args[grep("^--file=", args)]))
xbot <- file.path(here, "..", "..", "examples", "xbot")
days <- read.csv(gzfile(file.path(xbot, "days.csv.gz")), na.strings = "")
people <- read.csv(file.path(xbot, "participants.csv"))
LAST <- 168
days <- days[days$day >= 1 & days$day <= LAST, ]

person <- function(id) {
  one <- days[days$participant_id == id, ]
  use <- test <- rep(NA_real_, LAST)
  use[one$day] <- one$opioid
  test[one$day] <- c(negative = 0, positive = 1)[one$urine_opioid]
  list(use = use, test = test)
}
everyone <- lapply(people$participant_id, person)

k_in_m <- function(use, k, m, from) {
  for (d in from:LAST) if (use[d] %in% 1 && sum(use[d:min(d + m - 1, LAST)], na.rm = TRUE) >= k) return(d)
  NA
}
k_weeks <- function(one, k, from, tested, unknown) {
  state <- sapply(1:(LAST %/% 7), function(w) {
    i <- (7 * w - 6):(7 * w)
    if (any(one$use[i] %in% 1) || any(one$test[i] %in% 1)) return(1)
    told <- if (tested) any(!is.na(one$test[i])) else any(!is.na(one$use[i])) || any(!is.na(one$test[i]))
    if (told) 0 else unknown
  })
  for (w in seq_along(state)) {
    if (7 * w - 6 < from || w + k - 1 > length(state)) next
    if (all(state[w:(w + k - 1)] %in% 1)) return(7 * w - 6)
  }
  NA
}
first_of <- function(...) { x <- c(...); if (all(is.na(x))) NA else min(x, na.rm = TRUE) }

result <- function(name, event_of) {
  hit <- sapply(everyone, event_of)
  known <- sapply(everyone, function(one) if (all(is.na(one$use))) 0 else max(which(!is.na(one$use))))
  status <- as.numeric(!is.na(hit)); time <- ifelse(is.na(hit), known, hit)
  arm <- as.numeric(people$arm == "XR-NTX")
  fit <- summary(coxph(Surv(time, status) ~ arm, ties = "efron", control = coxph.control(eps = 1e-12)))
  test <- survdiff(Surv(time, status) ~ arm)
  median <- sapply(0:1, function(k) summary(survfit(Surv(time, status) ~ 1, subset = arm == k))$table[["median"]])
  number <- function(x) ifelse(is.na(x), "null", format(x, digits = 15, trim = TRUE))
  sprintf('  "%s": {"events": [%d, %d], "time": %d, "hr": %s, "ci": [%s, %s], "chi2": %s, "median": [%s, %s]}', name,
          sum(status[arm == 0]), sum(status[arm == 1]), sum(time), number(fit$conf.int[1]), number(fit$conf.int[3]),
          number(fit$conf.int[4]), number(test$chisq), number(median[1]), number(median[2]))
}
published <- function(one, unknown, tested)
  first_of(k_weeks(one, 4, 21, tested, unknown), k_in_m(one$use, 7, 7, 21))
rows <- c(
  result("first-use", function(one) k_in_m(one$use, 1, 1, 1)),
  result("first-use from 21", function(one) k_in_m(one$use, 1, 1, 21)),
  result("use:2in7", function(one) k_in_m(one$use, 2, 7, 1)),
  result("use:7in7 from 21", function(one) k_in_m(one$use, 7, 7, 21)),
  result("weeks:4 required nonabstinent", function(one) k_weeks(one, 4, 1, TRUE, 1)),
  result("weeks:2 week missing", function(one) k_weeks(one, 2, 1, FALSE, NA)),
  result("weeks:3 week nonabstinent from 30", function(one) k_weeks(one, 3, 30, FALSE, 1)),
  result("weeks:4+use:7in7 required nonabstinent from 21", function(one) published(one, 1, TRUE)),
  result("weeks:4+use:7in7 required missing from 21", function(one) published(one, NA, TRUE)))
cat("{\n", paste(rows, collapse = ",\n"), "\n}\n", sep = "", file = file.path(here, "relapse.json"))
