package io.faultline.tests.dashboard;

/**
 * A query of a panel.
 *
 * @param query as Prometheus gets it from Grafana, for all nodes
 * @param legend the name of each series, with label names in double braces
 */
record Target(String query, String legend) {}
