package io.faultline.cli.report;

import tools.jackson.databind.node.ObjectNode;

/** Numbers as results show them: with three decimals. */
final class JsonNumbers {
  private static final double NANOS_PER_MS = 1e6;
  private static final double NANOS_PER_US = 1e3;

  private JsonNumbers() {}

  /** Adds a time in milliseconds, unless it is negative, which means unknown. */
  static void putMs(ObjectNode json, String key, long nanos) {
    if (nanos >= 0) {
      json.put(key, millis(nanos));
    }
  }

  /** Adds a time in microseconds. */
  static void putUs(ObjectNode json, String key, long nanos) {
    json.put(key, round(nanos / NANOS_PER_US));
  }

  static double millis(long nanos) {
    return round(nanos / NANOS_PER_MS);
  }

  static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
