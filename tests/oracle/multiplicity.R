# Oracle for ketadash/stats/multiplicity.py: Rscript tests/oracle/multiplicity.R, from the repository root.
# Writes tests/oracle/multiplicity.json: R's p.adjust(method = "holm").
suppressPackageStartupMessages(library(jsonlite))
set.seed(20261201)
sets <- list(c(0.01, 0.04), c(0.03, 0.03, 0.5), c(0.2, 0.001, 0.04, 0.04), c(0.9, 0.8), 0.03, round(runif(12)^2, 4))
write(toJSON(list(cases = lapply(sets, function(p) list(p = I(p), holm = I(p.adjust(p, "holm")))),
                  session = capture.output(sessionInfo())), digits = NA, auto_unbox = TRUE, pretty = TRUE),
      "tests/oracle/multiplicity.json")
