# Oracle for ketadash/analyse/power.py: Rscript tests/oracle/power.R, from the repository root.
# Writes tests/oracle/power.json.  The sample's percent of days abstinent (a missing day counts as drinking, tests ignored), people drawn
# anew by R, Welch's t-test of each simulated trial, 100,000 of them a point.
suppressPackageStartupMessages(library(jsonlite))

days <- read.csv("sample_data/days.csv"); people <- read.csv("sample_data/participants.csv")
days <- days[days$day >= 1 & days$day <= 21, ]
days$abstinent <- !is.na(days$drinks) & days$drinks == 0
abstinent <- tapply(days$abstinent, factor(days$participant_id, people$participant_id), sum)
share <- ifelse(is.na(abstinent), 0, abstinent) / 21
control <- share[people$arm == "midazolam"]; active <- share[people$arm == "ketamine"]

power <- function(n, effect, alpha, replicates = 100000) {
  n1 <- round(n * length(active) / length(share)); n0 <- n - n1
  as_treated <- matrix(sample(active, n1 * replicates, TRUE), n1)
  as_control <- matrix(sample(control, n1 * replicates, TRUE), n1)
  x1 <- ifelse(matrix(runif(n1 * replicates), n1) < effect, as_treated, as_control)
  x0 <- matrix(sample(control, n0 * replicates, TRUE), n0)
  v1 <- apply(x1, 2, var) / n1; v0 <- apply(x0, 2, var) / n0
  df <- (v1 + v0)^2 / (v1^2 / (n1 - 1) + v0^2 / (n0 - 1))
  p <- 2 * pt(-abs(colMeans(x1) - colMeans(x0)) / sqrt(v1 + v0), df)
  mean(p <= alpha)
}

set.seed(20261130)
points <- expand.grid(n = c(40, 120), effect = c(0, 0.5, 1), alpha = c(0.05, 0.2))
points$power <- mapply(power, points$n, points$effect, points$alpha)
t <- t.test(active, control)  # one that R's own function makes, to see that ours above is the same
v1 <- var(active) / length(active); v0 <- var(control) / length(control)
stopifnot(abs(t$statistic - (mean(active) - mean(control)) / sqrt(v1 + v0)) < 1e-12)
write(toJSON(list(points = points, replicates = 100000, p = t$p.value, session = capture.output(sessionInfo())),
  digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/oracle/power.json")
