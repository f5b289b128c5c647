# Oracle for ketadash/stats/interaction.py: Rscript tests/oracle/subgroups.R, from the repository root.
# Writes tests/oracle/subgroups.json.  The likelihood-ratio test of arm x level by glm, the odds ratio of each level by
# glm (Wald, as Woolf's), and Welch's F of independent differences: two levels by Satterthwaite's contrast of four means,
# several by the formula of Welch (1951) written out.
suppressPackageStartupMessages(library(jsonlite))

counts <- list(
  large = list(e = rbind(c(50, 31), c(113, 154)), n = rbind(c(71, 60), c(216, 223))),
  three = list(e = rbind(c(7, 2), c(5, 1), c(9, 6)), n = rbind(c(14, 7), c(9, 10), c(12, 15))),
  empty_cell = list(e = rbind(c(4, 0), c(5, 3), c(2, 6)), n = rbind(c(10, 8), c(9, 10), c(12, 15))),
  none_with_control = list(e = rbind(c(0, 3), c(0, 4)), n = rbind(c(10, 8), c(9, 10))))
of_counts <- lapply(counts, function(x) {
  k <- nrow(x$e); level <- factor(rep(seq_len(k), 2)); arm <- rep(0:1, each = k)
  e <- c(x$e); n <- c(x$n); control <- glm.control(epsilon = 1e-14, maxit = 100)
  fit <- function(f) suppressWarnings(glm(f, binomial, control = control))
  a <- anova(fit(cbind(e, n - e) ~ level + arm), fit(cbind(e, n - e) ~ level * arm), test = "LRT")
  ratios <- lapply(seq_len(k), function(i) {
    if (any(x$e[i, ] %in% c(0, x$n[i, ]))) return(NULL)
    s <- summary(fit(cbind(e, n - e)[level == i, ] ~ arm[level == i]))$coefficients[2, 1:2]
    unname(exp(s[1] + c(0, -1, 1) * qnorm(0.975) * s[2]))
  })
  list(events = x$e, n = x$n, chi2 = a$Deviance[2], df = a$Df[2], p = a[["Pr(>Chi)"]][2], odds_ratio = ratios)
})

set.seed(20261130)
of_means <- lapply(list(two = rbind(c(14, 7), c(9, 10)), three = rbind(c(20, 11), c(6, 9), c(15, 30))), function(sizes) {
  k <- nrow(sizes)
  values <- lapply(seq_len(k), function(i) lapply(1:2, function(j) round(rbeta(sizes[i, j], 1.5, 0.4 + 0.3 * i * j), 3)))
  v <- sapply(values, function(p) sapply(p, function(x) var(x) / length(x)))      # 2 x k
  m <- sapply(values, function(p) sapply(p, mean)); f <- t(sizes) - 1
  d <- m[2, ] - m[1, ]; var_d <- colSums(v); df_d <- var_d^2 / colSums(v^2 / f)
  if (k == 2) {  # the contrast of four means
    se2 <- sum(v); t <- (d[2] - d[1]) / sqrt(se2); df <- se2^2 / sum(v^2 / f)
    right <- list(f = t^2, df = 1, df_den = df, p = 2 * pt(-abs(t), df))
  } else {
    w <- 1 / var_d; mean_w <- sum(w * d) / sum(w); lack <- sum((1 - w / sum(w))^2 / df_d)
    stat <- (sum(w * (d - mean_w)^2) / (k - 1)) / (1 + 2 * (k - 2) / (k^2 - 1) * lack); df <- (k^2 - 1) / (3 * lack)
    right <- list(f = stat, df = k - 1, df_den = df, p = pf(stat, k - 1, df, lower.tail = FALSE))
  }
  list(values = values, right = right)
})
# Welch's F of single means is R's oneway.test: the same function, with variances of means for those of differences
x <- list(c(1.2, 3.4, 2.2, 5.1), c(2.5, 2.9, 3.8, 4.4, 1.9), c(6.1, 4.2, 5.5))
o <- oneway.test(unlist(x) ~ factor(rep(1:3, lengths(x))))
oneway <- list(values = x, f = unname(o$statistic), df_den = unname(o$parameter[2]), p = o$p.value)
write(toJSON(list(counts = of_counts, means = of_means, oneway = oneway, session = capture.output(sessionInfo())),
             digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/oracle/subgroups.json")
