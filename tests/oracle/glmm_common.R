# Reading the data sets and building the design: shared by glmm.R and rspl.R.
# Run by itself (make oracle runs every *.R here) it only defines functions.

DATASETS <- file.path("tests", "oracle", "datasets")

read_days <- function(name) read.csv(file.path(DATASETS, paste0(name, ".csv")))

# Columns in raw units, in the order and with the names that are reported.
design <- function(d, model) {
  X <- cbind(intercept = 1, day = d$day, arm = d$arm, `day:arm` = d$day * d$arm, baseline = d$base)
  if (model == "quadratic") X <- cbind(X[, 1:2], `day^2` = d$day^2, X[, 3:5])
  X
}

# X = Q %*% R with columns of Q orthogonal and of mean square 1: every fit is done on Q, where the
# problem is well conditioned, and reported as beta = R^-1 gamma, cov = R^-1 cov_gamma R^-T.
orthonormal <- function(X) {
  qr_ <- qr(X, LAPACK = FALSE)
  stopifnot(qr_$rank == ncol(X), identical(qr_$pivot, seq_len(ncol(X))))
  scale <- sqrt(nrow(X))
  list(Q = qr.Q(qr_) * scale, R = qr.R(qr_) / scale)
}

# A named list becomes a JSON object with the names kept in order.
named <- function(values, names) as.list(setNames(as.numeric(values), names))

write_oracle <- function(content, file) {
  content$session_info <- capture.output(sessionInfo())
  # No BLAS/LAPACK paths or locale: they describe the machine, not the result.
  keep <- !grepl("^(Matrix products|BLAS|LAPACK|locale| *\\[ *[0-9]+\\] LC_|Running under)", content$session_info)
  content$session_info <- content$session_info[keep]
  jsonlite::write_json(content, file.path("tests", "oracle", file), digits = NA, auto_unbox = TRUE,
                       pretty = TRUE, null = "null", na = "null")
}
