# Oracle for ketadash/analyse/table_one.py and ketadash/stats/balance.py: Rscript tests/oracle/table1.R, from the root.
# Writes tests/oracle/datasets/table1_people.csv and tests/oracle/table1.json.  Base R only; every formula is written
# out: means and SDs by mean() and sd(), quartiles by quantile(type = 7), standardised differences as Austin (2009)
# prints them for means and proportions and, for several levels, with solve() on the pooled multinomial covariance
# (Yang & Dalton 2012), once for each level left out, which must not matter.
suppressPackageStartupMessages(library(jsonlite))

set.seed(20261123)
n <- 61
d <- data.frame(
  participant_id = sprintf("P%03d", 1:n), arm = ifelse(runif(n) < 0.55, "placebo", "drug"),
  sex = sample(c("F", "M"), n, TRUE), age = round(rnorm(n, 50, 10), 1),
  race = sample(c("asian", "black", "white", "other"), n, TRUE, c(0.05, 0.25, 0.6, 0.1)),
  employed = sample(c("yes", "no"), n, TRUE, c(0.7, 0.3)), treated_before = rbinom(n, 1, 0.4),
  baseline_drinks = round(rgamma(n, 3, 0.07)), scale_score = round(rnorm(n, 20, 6), 2), stringsAsFactors = FALSE)
d$race[d$arm == "drug" & d$race == "asian"] <- "white"         # a level that one arm lacks
d$race[which(d$arm == "placebo")[1:2]] <- "asian"
for (v in c("race", "employed", "scale_score", "age")) d[sample(n, 4), v] <- NA
days <- merge(d, data.frame(day = 1:3), by = NULL)
days$drinks <- rpois(nrow(days), 2)
days <- days[order(days$participant_id, days$day), ]
write.csv(days, "tests/oracle/datasets/table1_people.csv", row.names = FALSE, na = "", quote = FALSE)

act <- d$arm == "drug"
moments <- function(x) {
  x <- x[!is.na(x)]; q <- quantile(x, c(.25, .5, .75), type = 7, names = FALSE)
  list(n = length(x), mean = mean(x), sd = sd(x), q1 = q[1], median = q[2], q3 = q[3])
}
number <- function(name) {
  x <- d[[name]]
  gap <- mean(x[act], na.rm = TRUE) - mean(x[!act], na.rm = TRUE)
  list(name = name, total = moments(x), control = moments(x[!act]), active = moments(x[act]),
       difference = gap / sqrt((var(x[act], na.rm = TRUE) + var(x[!act], na.rm = TRUE)) / 2))
}
choice <- function(name, levels) {
  x <- factor(d[[name]], levels = levels)
  p <- prop.table(table(x[act])); q <- prop.table(table(x[!act]))
  if (length(levels) == 2) {
    p1 <- p[[1]]; q1 <- q[[1]]
    smd <- (p1 - q1) / sqrt((p1 * (1 - p1) + q1 * (1 - q1)) / 2)
  } else {
    without <- sapply(seq_along(levels), function(k) {
      a <- as.numeric(p)[-k]; b <- as.numeric(q)[-k]
      S <- ((diag(a) - a %o% a) + (diag(b) - b %o% b)) / 2
      sqrt(drop(t(a - b) %*% solve(S) %*% (a - b)))
    })
    stopifnot(diff(range(without)) < 1e-12)
    smd <- without[1]
  }
  list(name = name, levels = levels, control = as.integer(table(x[!act])), active = as.integer(table(x[act])),
       difference = smd)
}

write_json(list(
  script = "tests/oracle/table1.R", session = grep("^BLAS|^LAPACK", capture.output(sessionInfo()), invert = TRUE, value = TRUE),
  numbers = lapply(c("age", "baseline_drinks", "scale_score"), number),
  choices = list(choice("sex", c("F", "M")), choice("race", c("asian", "black", "other", "white")),
                 choice("employed", c("yes", "no")), choice("treated_before", c("1", "0"))),
  by_chance = qnorm(0.975) * sqrt(1 / sum(act) + 1 / sum(!act))
), "tests/oracle/table1.json", digits = NA, auto_unbox = TRUE, na = "null", null = "null")
