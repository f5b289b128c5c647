# The peer of benchmarks/toggle.py: a minimal Shiny app with the same toggle, as one writes it with lme4 and ggplot2.
# Rscript app.R PORT
suppressPackageStartupMessages({ library(shiny); library(lme4); library(ggplot2) })

days <- read.csv("../sample_data/days.csv")
people <- read.csv("../sample_data/participants.csv")
days <- merge(days[days$day >= 1, ], people[, c("participant_id", "baseline_drinks")], by = "participant_id")
days$t <- days$day / 21

fitted_curves <- function(rule) {
  rows <- days
  rows$abstinent <- ifelse(is.na(rows$drinks), if (rule == "drinking") 0 else NA, rows$drinks == 0)
  rows <- rows[!is.na(rows$abstinent), ]
  fit <- suppressWarnings(glmer(abstinent ~ arm * (t + I(t^2)) + scale(baseline_drinks) + (1 | participant_id),
                                data = rows, family = binomial, nAGQ = 25))
  rows$p <- predict(fit, type = "response")
  list(points = aggregate(abstinent ~ arm + day, rows, mean), lines = aggregate(p ~ arm + day, rows, mean))
}

ui <- fluidPage(
  radioButtons("rule", "Missing days are", c("drinking", "missing")),
  plotOutput("curve")
)
server <- function(input, output) {
  output$curve <- renderPlot({
    found <- fitted_curves(input$rule)
    ggplot(found$points, aes(day, abstinent, colour = arm)) + geom_point() + geom_line(aes(y = p), data = found$lines)
  })
}
runApp(shinyApp(ui, server), port = as.integer(commandArgs(TRUE)[1]), host = "127.0.0.1", launch.browser = FALSE)
