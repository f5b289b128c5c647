# Oracle for ketadash/stats/welch.py: Rscript tests/oracle/welch.R, from the repository root.
# Writes tests/oracle/welch.json.  One data set: R's t.test; several imputations: mice's pool.scalar on t.test's parts.
suppressPackageStartupMessages({library(jsonlite); library(mice)})

one <- function(active, control, level) {
  t <- t.test(active, control, conf.level = level)
  list(estimate = unname(t$estimate[1] - t$estimate[2]), se = t$stderr, df = unname(t$parameter),
       low = t$conf.int[1], high = t$conf.int[2], p = t$p.value)
}

pooled <- function(active, control, level) {  # a row an imputation
  each <- lapply(seq_len(nrow(active)), function(k) one(active[k, ], control[k, ], level))
  q <- sapply(each, `[[`, "estimate"); u <- sapply(each, `[[`, "se")^2; complete <- mean(sapply(each, `[[`, "df"))
  s <- pool.scalar(q, u, n = complete + 1, k = 1, rule = "rubin1987"); half <- qt((1 + level) / 2, s$df) * sqrt(s$t)
  list(estimate = s$qbar, se = sqrt(s$t), df = s$df, low = s$qbar - half, high = s$qbar + half,
       p = 2 * pt(-abs(s$qbar) / sqrt(s$t), s$df))
}

set.seed(20261129)
shares <- function(n, m) matrix(round(rbeta(n * m, 1.2, 0.6) * 21) / 21, m)
cases <- lapply(list(c(17, 23, 1, 0.95), c(2, 3, 1, 0.9), c(285, 283, 1, 0.99), c(17, 23, 20, 0.95), c(8, 40, 5, 0.8)),
  function(k) {
    active <- shares(k[1], k[3]); control <- shares(k[2], k[3])
    if (k[3] > 1) {  # imputations share most of their days
      active <- sweep(0.1 * active, 2, 0.9 * active[1, ], `+`); control <- sweep(0.1 * control, 2, 0.9 * control[1, ], `+`)
    }
    right <- if (k[3] == 1) one(active[1, ], control[1, ], k[4]) else pooled(active, control, k[4])
    list(active = active, control = control, confidence = k[4], right = right)
  })
# arms that scatter alike: the number of degrees of freedom that follows from their sizes alone (stats/robust.py)
alike <- lapply(list(c(23, 17), c(20, 20), c(37, 3), c(147, 3), c(145, 5), c(4, 5), c(2, 38), c(328, 242)), function(n)
  list(sizes = n, df = unname(t.test(scale(seq_len(n[1])), scale(seq_len(n[2])))$parameter)))
write(toJSON(list(cases = cases, alike = alike, session = capture.output(sessionInfo())), digits = NA, auto_unbox = TRUE, pretty = TRUE),
      "tests/oracle/welch.json")
