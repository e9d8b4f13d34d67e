package io.faultline.cli.report.page;

import io.faultline.dest.recording.FaultKind;
import io.faultline.dest.recording.Way;
import java.util.Locale;

/** Names of ways and of kinds of faults, and the classes of their colours. */
final class Ways {
  private Ways() {}

  static String style(Way way) {
    return way.toString().toLowerCase(Locale.ROOT);
  }

  static String style(FaultKind kind) {
    return kind.toString().toLowerCase(Locale.ROOT);
  }

  /** What it means, for the legend. */
  static String explain(Way way) {
    return switch (way) {
      case PRECOPY -> "in a precopy round, and current at the switchover";
      case BACKGROUND -> "in the background stream, after the switchover";
      case URGENT -> "on the urgent connection, after a fault on it was read";
      case PREFETCHED -> "on the urgent connection, before any fault on it";
      case ZERO -> "as zero pages, without data";
      case CURRENT -> "no data was needed: the page was current already";
    };
  }

  /** What it means, for the legend. */
  static String explain(FaultKind kind) {
    return switch (kind) {
      case URGENT -> "the source sent the page in answer to the request";
      case PREFETCHED ->
          "the page was on its way already, in the background stream or in a longer urgent run";
      case LOCAL -> "the content was here and only had to be mapped";
      case UNKNOWN -> "not resolved, or the record of its page was overwritten";
    };
  }
}
