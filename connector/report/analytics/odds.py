"""What reports call the kinds of probability."""

from connector.metrics.forecasting.odds import Kind

KIND_TITLES = {
    Kind.CONFIGURED: "Configured",
    Kind.DEAL: "Deal's own",
    Kind.OVERALL: "Overall",
    Kind.EVIDENCE: "Evidence",
}
