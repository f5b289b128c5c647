# Oracle for ketadash/stats/effects.py: Rscript tests/oracle/effects.R, from the repository root.
# Writes tests/oracle/effects.json.  Nothing here is typed from the Python: Wilson is prop.test's, the odds and risk
# ratios are glm's (with the risk ratio also written out, for glm cannot sit at a risk of 1), the exact test is R's.
suppressPackageStartupMessages(library(jsonlite))

wilson <- function(x, n, level) as.numeric(suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE)$conf.int))

newcombe <- function(e1, n1, e0, n0, level) {  # Newcombe 1998, Stat Med 17:873, method 10
  i1 <- wilson(e1, n1, level); i0 <- wilson(e0, n0, level); p1 <- e1 / n1; p0 <- e0 / n0
  c(p1 - p0 - sqrt((p1 - i1[1])^2 + (i0[2] - p0)^2), p1 - p0 + sqrt((i1[2] - p1)^2 + (p0 - i0[1])^2))
}

glm_ratio <- function(cells, link, level) {  # cells: events and others, active then control
  y <- matrix(cells, 2, byrow = TRUE); x <- c(1, 0); p <- y[, 1] / rowSums(y)
  link_p <- if (link == "logit") qlogis(p) else log(p)
  fit <- suppressWarnings(glm(y ~ x, family = binomial(link = link), start = c(link_p[2], link_p[1] - link_p[2]),
                              control = glm.control(epsilon = 1e-14, maxit = 100)))
  as.numeric(exp(c(coef(fit)[2], confint.default(fit, level = level)[2, ])))
}

risk_ratio <- function(e1, n1, e0, n0, level) {
  se <- sqrt((1 - e1 / n1) / e1 + (1 - e0 / n0) / e0)
  as.numeric(exp(log((e1 / n1) / (e0 / n0)) + c(0, -1, 1) * qnorm((1 + level) / 2) * se))
}

tables <- rbind(
  c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29),    # Newcombe 1998, table II, (a) to (d)
  c(0, 10, 0, 20), c(0, 10, 0, 10), c(10, 10, 0, 20), c(10, 10, 0, 10),  # (e) to (h)
  c(7, 17, 12, 23), c(12, 23, 7, 17), c(1, 1, 0, 1), c(200, 283, 180, 287), c(20, 20, 11, 20), c(3, 400, 9, 390))
colnames(tables) <- c("e1", "n1", "e0", "n0")

rows <- lapply(seq_len(nrow(tables)), function(i) {
  t <- as.list(tables[i, ])
  lapply(c(0.95, 0.8), function(level) with(t, {
    cells <- c(e1, n1 - e1, e0, n0 - e0)
    or <- rr <- rr_glm <- NULL
    if (e1 + e0 > 0 && e1 + e0 < n1 + n0) or <- glm_ratio(if (any(cells == 0)) cells + 0.5 else cells, "logit", level)
    if (e1 + e0 > 0) {
      add <- if (e1 == 0 || e0 == 0) 0.5 else 0
      rr <- risk_ratio(e1 + add, n1 + 2 * add, e0 + add, n0 + 2 * add, level)
      if (add > 0 || all(cells > 0)) rr_glm <- glm_ratio(cells + add, "log", level)
    }
    list(e1 = e1, n1 = n1, e0 = e0, n0 = n0, confidence = level, wilson_1 = wilson(e1, n1, level),
         wilson_0 = wilson(e0, n0, level), newcombe = newcombe(e1, n1, e0, n0, level), odds_ratio = or,
         risk_ratio = rr, risk_ratio_glm = rr_glm, fisher_p = fisher.test(matrix(cells, 2))$p.value)
  }))
})

write_json(list(script = "tests/oracle/effects.R", session = grep("^BLAS|^LAPACK", capture.output(sessionInfo()), invert = TRUE, value = TRUE), rows = do.call(c, rows)),
           "tests/oracle/effects.json", digits = NA, auto_unbox = TRUE, na = "null", null = "null")
