package io.faultline.dest.recording;

import java.util.ArrayList;
import java.util.List;

/**
 * The first {@value #MAX} outages of the connection. Written by the control loop; others read after
 * it has ended.
 */
public final class OutageLog {
  static final int MAX = 500;

  private final List<Outage> outages = new ArrayList<>();
  private long startNanos;
  private String reason = "";
  private long unrecorded;

  /**
   * An outage.
   *
   * @param startNanos when the connection was lost
   * @param endNanos when the migration continued; 0 if it did not
   * @param reason why the connection was lost, human-readable
   */
  public record Outage(long startNanos, long endNanos, String reason) {}

  /** The connection was lost. */
  public void lost(String why, long nowNanos) {
    startNanos = nowNanos;
    reason = why;
  }

  /** The migration continues. */
  public void recovered(long nowNanos) {
    add(nowNanos);
    startNanos = 0;
  }

  /** The outages, including one that has not ended. */
  List<Outage> outages() {
    List<Outage> all = new ArrayList<>(outages);
    if (startNanos != 0) {
      all.add(new Outage(startNanos, 0, reason));
    }
    return all;
  }

  /** Outages that were not recorded, since there were too many. */
  long unrecorded() {
    return unrecorded;
  }

  private void add(long nowNanos) {
    if (outages.size() < MAX) {
      outages.add(new Outage(startNanos, nowNanos, reason));
    } else {
      unrecorded++;
    }
  }
}
