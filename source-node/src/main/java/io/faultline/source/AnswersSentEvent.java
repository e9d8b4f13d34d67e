package io.faultline.source;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR event: the page requests of one read were answered. Times are from {@link System#nanoTime},
 * which on Linux is one clock for all processes of a machine (CLOCK_MONOTONIC). So the events of
 * source and destination form one timeline if both run on the same machine. Off by default.
 */
@Name("faultline.AnswersSent")
@Label("Answers Sent")
@Description("Page requests were answered from guest memory")
@Category("Faultline")
@StackTrace(false)
@Enabled(false)
final class AnswersSentEvent extends Event {
  /** Used to check whether the event is recorded, without allocating one. */
  private static final AnswersSentEvent PROBE = new AnswersSentEvent();

  @Label("Arrived")
  @Description("When the first request was decoded, in ns of System.nanoTime")
  long arrivedNanos;

  @Label("Ready")
  @Description("When all answers were ready to be written to the socket")
  long readyNanos;

  @Label("Sent")
  @Description("When the answers were written to the socket")
  long sentNanos;

  /** The current time; 0 if the event is not recorded. */
  static long now() {
    return PROBE.isEnabled() ? System.nanoTime() : 0;
  }

  static void commit(long arrivedNanos, long readyNanos) {
    AnswersSentEvent event = new AnswersSentEvent();
    event.arrivedNanos = arrivedNanos;
    event.readyNanos = readyNanos;
    event.sentNanos = System.nanoTime();
    event.commit();
  }
}
